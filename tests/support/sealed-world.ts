/** A vault's signed objects without a vault: manifest, wraps, a sealed record, and jobs about them. */
import { challengeOf } from '../../shared/audit/tap.ts'
import { manifestHash } from '../../shared/audit/manifest.ts'
import { custodiansOf } from '../../shared/audit/manifest-signers.ts'
import { sealedRecordHash } from '../../shared/audit/records.ts'
import { fromBase64Url, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { toTimestamp } from '../../shared/clock.ts'
import type { EnteredField } from '../../shared/contracts/seal.ts'
import type { JobOf, SignedManifest } from '../../shared/contracts/strongroom.ts'
import { wrapSuite, type SealedRecord, type Wrap } from '../../shared/domain/credential.ts'
import type { Manifest, SafePolicy } from '../../shared/domain/manifest.ts'
import type { ActStatement, RequestStatement } from '../../shared/domain/statements.ts'
import { rpId, windowOrigin, type Tap } from '../../shared/domain/tap.ts'
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import { loadSodium, randomBytes } from '../../electron/platform/sodium.ts'
import { sealRecord } from '../../electron/strongroom/crypto/record.ts'
import { makeKeyRing } from '../../electron/strongroom/crypto/key-ring.ts'
import { sealWrap } from '../../electron/strongroom/crypto/wrap.ts'
import { indexEntered } from '../../electron/strongroom/fields/entered.ts'
import { holdersOf } from '../../electron/strongroom/trust/manifests.ts'
import { newId } from './node-app.ts'
import { createSoftwareKey, type SoftwareKey } from './software-key.ts'

const sodium = await loadSodium()

export interface WorldPerson {
  readonly id: string
  readonly name: string
  readonly keys: readonly SoftwareKey[]
}

export interface World {
  readonly vault: string
  readonly station: string
  readonly safe: string
  readonly manifests: SignedManifest[]
  readonly manifest: Manifest
  readonly manifestHash: string
  readonly custodians: readonly WorldPerson[]
  /** Asks only; in no safe. */
  readonly requester: WorldPerson
  readonly wraps: Wrap[]
  /** As an acknowledgement takes them. */
  readonly rings: JobOf<'acknowledge'>['rings']
}

export interface WorldOptions {
  readonly n?: number
  readonly k?: number
  /** Who must sign a change of the manifest; as many as k by default. */
  readonly quorum?: number
  readonly policy?: Partial<SafePolicy>
  /** Keys of the first custodian. */
  readonly firstKeys?: number
  /** Keys of every other custodian. */
  readonly otherKeys?: number
}

export const now = Date.parse('2026-11-23T02:59:00.000Z')
const timestamp = toTimestamp(now)
export const id32 = (): string => toBase64Url(randomBytes(32))

/** One touch over `challenge`, as it is kept. */
export function tapBy(person: WorldPerson, challenge: Uint8Array, key = keyOf(person)): Tap {
  const made = key.assert({ challenge, origin: windowOrigin, rpId })
  return {
    person: person.id,
    key: key.credentialId,
    assertion: {
      authenticatorData: toBase64Url(made.authenticatorData),
      clientDataJSON: toBase64Url(made.clientDataJSON),
      signature: toBase64Url(made.signature),
    },
  }
}

export function keyOf(person: WorldPerson, at = 0): SoftwareKey {
  const key = person.keys[at]
  if (key === undefined) throw new Error('no such key')
  return key
}

export const prfOf = (key: SoftwareKey, salt: Uint8Array): Uint8Array => {
  const [value] = key.assert({ challenge: new Uint8Array(32), origin: windowOrigin, rpId, prf: [salt] }).prf
  if (value === undefined) throw new Error('this key has no PRF')
  return value
}

/** A manifest with one safe of n custodians, signed by all of them, and their wraps. */
export function createWorld(options: WorldOptions = {}): World {
  const { n = 5, k = 3, quorum = k, policy = {}, firstKeys = 2, otherKeys = 1 } = options
  const [vault, station, safe] = [newId(), newId(), newId()]
  const person = (name: string, keys: number, alg: 'ES256' | 'EdDSA'): WorldPerson => ({
    id: newId(),
    name,
    keys: Array.from({ length: keys }, () => createSoftwareKey({ alg })),
  })
  const custodians = Array.from({ length: n }, (_, at) =>
    person(`Custodian ${at + 1}`, at === 0 ? firstKeys : otherKeys, at % 2 === 0 ? 'ES256' : 'EdDSA'),
  )
  const requester = person('Rita Request', 1, 'ES256')
  const pairs = new Map(custodians.map(({ id }) => [id, sodium.crypto_box_keypair()]))
  const pairOf = (id: string): { publicKey: Uint8Array; privateKey: Uint8Array } => {
    const pair = pairs.get(id)
    if (pair === undefined) throw new Error('no pair')
    return pair
  }
  const listKeys = (one: WorldPerson): Manifest['persons'][number]['keys'] =>
    one.keys.map((key, at) => ({
      credentialId: key.credentialId,
      label: `Key ${at + 1}`,
      publicKey: key.publicKey,
      aaguid: '00000000-0000-0000-0000-000000000000',
      transports: ['usb'],
      enrolledAt: timestamp,
    }))
  const manifest: Manifest = {
    format: 'halligan/manifest/v1',
    vault,
    name: 'Test vault',
    version: 1,
    previous: null,
    createdAt: timestamp,
    quorum,
    persons: [
      ...custodians.map((one) => ({ id: one.id, name: one.name, roles: ['custodian' as const], keys: listKeys(one) })),
      { id: requester.id, name: requester.name, roles: ['requester' as const], keys: listKeys(requester) },
    ],
    safes: [
      {
        id: safe,
        name: 'Safe one',
        threshold: k,
        custodians: custodians.map(({ id }, at) => ({
          person: id,
          index: at + 1,
          publicKey: toBase64Url(pairOf(id).publicKey),
        })),
        policy: { windowSecondsMin: 15, windowSecondsMax: 600, requesterMayTap: true, copyAllowed: false, ...policy },
      },
    ],
    stations: [{ id: station, name: 'Test station', firstKey: id32() }],
  }
  const hash = manifestHash(nodePrimitives, manifest)
  const signers = custodiansOf(manifest)
  const signatures = custodians.filter(({ id }) => signers.has(id)).map((one) => tapBy(one, fromBase64Url(hash)))
  const wraps = custodians.flatMap((one) =>
    one.keys.map((key) => {
      const salt = randomBytes(32)
      const { publicKey, privateKey } = pairOf(one.id)
      const header = {
        format: 'halligan/wrap/v1' as const,
        suite: wrapSuite,
        vault,
        safe,
        person: one.id,
        key: key.credentialId,
        publicKey: toBase64Url(publicKey),
        salt: toBase64Url(salt),
      }
      return sealWrap(sodium, header, privateKey, prfOf(key, salt), randomBytes(24))
    }),
  )
  return {
    vault,
    station,
    safe,
    manifest,
    manifestHash: hash,
    manifests: [{ manifest, signatures }],
    custodians,
    requester,
    wraps,
    rings: custodians.map((one) => ({
      person: one.id,
      safe,
      mac: makeKeyRing(sodium, pairOf(one.id).privateKey, { vault, safe, person: one.id, keys: listKeys(one) }),
    })),
  }
}

export const field = (label: string, value: string, more: Partial<EnteredField> = {}): EnteredField => ({
  label,
  type: 'text',
  secret: true,
  value: utf8(value),
  totp: null,
  fileName: null,
  ...more,
})

export interface Sealed {
  readonly record: SealedRecord
  readonly statement: ActStatement
  readonly tap: Tap
}

/** A record sealed to the world's safe, with the first custodian's tap. */
export function sealIn(
  world: World,
  fields: readonly EnteredField[],
  options: {
    readonly credential?: string
    readonly version?: number
    readonly rotationNote?: string
    /** This one instead of an honest one. */
    readonly record?: SealedRecord
  } = {},
): Sealed {
  const { vault, safe, manifest } = world
  const [sealer] = world.custodians
  const [safeFacts] = manifest.safes
  if (sealer === undefined || safeFacts === undefined) throw new Error('empty world')
  const runbook = utf8('# Runbook')
  const { credential = options.record?.header.credential ?? newId(), version = 1 } = options
  const facts = {
    vault,
    safe,
    credential,
    version,
    manifest: { version: manifest.version, hash: world.manifestHash },
    name: 'Cloud root',
    kind: 'login' as const,
    requesters: [world.requester.id, ...world.custodians.map(({ id }) => id)],
    rotationDays: 90,
    ...(options.rotationNote === undefined ? {} : { rotationNote: options.rotationNote }),
    sealedBy: sealer.id,
    sealedAt: timestamp,
    threshold: safeFacts.threshold,
  }
  const payload = { index: indexEntered(runbook, fields), runbook, values: fields.map(({ value }) => value) }
  const record = options.record ?? sealRecord(sodium, facts, holdersOf(safeFacts), payload, randomBytes)
  const statement: ActStatement = {
    format: 'halligan/act/v1',
    vault,
    act: newId(),
    person: sealer.id,
    manifest: world.manifestHash,
    detail: {
      kind: 'seal',
      safe,
      credential,
      version,
      name: facts.name,
      record: sealedRecordHash(nodePrimitives, record),
    },
    createdAt: timestamp,
    station: world.station,
    head: { size: 7, root: id32() },
    nonce: id32(),
  }
  return { record, statement, tap: tapBy(sealer, challengeOf(nodePrimitives, 'act', statement)) }
}

/** An unseal job for that record. */
export function requestJob(
  world: World,
  sealed: Sealed,
  options: { readonly requester?: WorldPerson; readonly windowSeconds?: number; readonly lifetimeMs?: number } = {},
): JobOf<'unseal'> {
  const { requester = world.requester, windowSeconds = 60, lifetimeMs = 1_800_000 } = options
  const { header } = sealed.record
  const statement: RequestStatement = {
    format: 'halligan/request/v1',
    vault: world.vault,
    request: newId(),
    safe: header.safe,
    credential: header.credential,
    version: header.version,
    record: sealedRecordHash(nodePrimitives, sealed.record),
    manifest: world.manifestHash,
    reason: 'The identity provider is down.',
    incident: 'INC-2041',
    requester: requester.id,
    windowSeconds,
    createdAt: timestamp,
    station: world.station,
    head: { size: 9, root: id32() },
    nonce: id32(),
  }
  return {
    kind: 'unseal',
    operation: newId(),
    vault: world.vault,
    vaultName: 'Test vault',
    station: world.station,
    manifests: world.manifests,
    statement,
    expiresAt: toTimestamp(now + lifetimeMs),
    resealed: null,
    record: sealed.record,
    sealed: { statement: sealed.statement, tap: sealed.tap },
    wraps: world.wraps,
    signCounts: [],
    burned: [],
    approved: null,
  }
}
