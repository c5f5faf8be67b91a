/** A change of custodians without a vault: the next manifest, who comes with it, and a vault process that keeps everything aside. */
import { manifestHash } from '../../shared/audit/manifest.ts'
import { appendLeaf, emptyTree, treeRoot } from '../../shared/audit/merkle.ts'
import { proveInclusion } from '../../shared/audit/proofs.ts'
import { resealedLeaf, sealedRecordHash } from '../../shared/audit/records.ts'
import { toBase64Url } from '../../shared/bytes.ts'
import { toTimestamp } from '../../shared/clock.ts'
import type { Handlers } from '../../shared/contracts/contract.ts'
import type { JobOf, SignedManifest, strongroomContract, VouchedRecord } from '../../shared/contracts/strongroom.ts'
import { wrapSuite, type SealedRecord, type Wrap } from '../../shared/domain/credential.ts'
import type { Manifest, Safe } from '../../shared/domain/manifest.ts'
import type { JointStatement } from '../../shared/domain/statements.ts'
import type { Tap } from '../../shared/domain/tap.ts'
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import { loadSodium, randomBytes } from '../../electron/platform/sodium.ts'
import { makeKeyRing } from '../../electron/strongroom/crypto/key-ring.ts'
import { openShare } from '../../electron/strongroom/crypto/share.ts'
import { openWrap, sealWrap } from '../../electron/strongroom/crypto/wrap.ts'
import { newId } from './node-app.ts'
import { id32, keyOf, now, prfOf, type Sealed, type World, type WorldPerson } from './sealed-world.ts'
import { createSoftwareKey } from './software-key.ts'

const sodium = await loadSodium()

/** Somebody with a fresh key pair for one safe. */
export interface Arrival {
  readonly who: WorldPerson
  readonly listed: Manifest['persons'][number]
  readonly publicKey: string
  readonly wraps: readonly Wrap[]
  readonly ring: JobOf<'reshare'>['rings'][number]
}

/** @param who somebody who is there already; default: a new person with `keys` keys. */
export function arrive(world: World, safe: string, who?: WorldPerson, keys = 1): Arrival {
  const person = who ?? {
    id: newId(),
    name: 'Nina New',
    keys: Array.from({ length: keys }, () => createSoftwareKey({ alg: 'ES256' })),
  }
  const listed = world.manifest.persons.find(({ id }) => id === person.id) ?? {
    id: person.id,
    name: person.name,
    roles: ['custodian' as const],
    keys: person.keys.map((key, at) => ({
      credentialId: key.credentialId,
      label: `New key ${at + 1}`,
      publicKey: key.publicKey,
      aaguid: '00000000-0000-0000-0000-000000000000',
      transports: ['usb' as const],
      enrolledAt: toTimestamp(now),
    })),
  }
  const pair = sodium.crypto_box_keypair()
  const publicKey = toBase64Url(pair.publicKey)
  const wraps = person.keys.map((key) => {
    const salt = randomBytes(32)
    const header = {
      ...{ format: 'halligan/wrap/v1' as const, suite: wrapSuite, vault: world.vault, safe, person: person.id },
      ...{ key: key.credentialId, publicKey, salt: toBase64Url(salt) },
    }
    return sealWrap(sodium, header, pair.privateKey, prfOf(key, salt), randomBytes(24))
  })
  const facts = { vault: world.vault, safe, person: person.id, keys: listed.keys }
  const ring = { person: person.id, safe, mac: makeKeyRing(sodium, pair.privateKey, facts) }
  return { who: person, listed, publicKey, wraps, ring }
}

/** The next version, in which `safes` stand in the place of those with their ids or beside the others. */
export function nextManifest(world: World, change: Partial<Manifest>): Manifest {
  const { manifest, manifestHash: previous } = world
  return { ...manifest, ...change, version: manifest.version + 1, previous, createdAt: toTimestamp(now + 1000) }
}

/** Custodians in a new order of index. */
export const custodiansOf = (
  list: readonly { readonly person: string; readonly publicKey: string }[],
): Safe['custodians'] => list.map(({ person, publicKey }, at) => ({ person, publicKey, index: at + 1 }))

export interface FakeVault {
  readonly job: JobOf<'reshare'>
  readonly overrides: Partial<Handlers<typeof strongroomContract>>
  readonly staged: SealedRecord[]
  readonly signatures: Tap[]
  readonly taps: Tap[]
  readonly statement: () => JointStatement
  readonly isSwitched: () => boolean
  /** As the database would have it after the switch. */
  readonly after: () => World
  readonly vouchedAfter: () => VouchedRecord[]
}

/** What a test bends. */
export interface Bend {
  readonly statement?: (statement: JointStatement) => JointStatement
  /** What lies on the disk when it is read again. */
  readonly disk?: (records: SealedRecord[]) => SealedRecord[]
  readonly old?: (records: VouchedRecord[]) => VouchedRecord[]
}

const inOrder = (a: SealedRecord, b: SealedRecord): number =>
  a.header.credential === b.header.credential
    ? a.header.version - b.header.version
    : a.header.credential < b.header.credential
      ? -1
      : 1

const page = 2

/** A vault process that does as it is told, two records at a time. */
export function createFakeVault(
  world: World,
  records: readonly VouchedRecord[],
  next: Manifest,
  more: Partial<JobOf<'reshare'>> = {},
  bend: Bend = {},
): FakeVault {
  const ordered = [...records].sort((a, b) => inOrder(a.record, b.record))
  const old = bend.old?.(ordered) ?? ordered
  const job: JobOf<'reshare'> = {
    kind: 'reshare',
    operation: newId(),
    vault: world.vault,
    vaultName: 'Test vault',
    station: world.station,
    manifests: world.manifests,
    next,
    moves: [],
    records: old.length,
    wraps: world.wraps,
    rings: [],
    signCounts: [],
    ...more,
  }
  const staged: SealedRecord[] = []
  const signatures: Tap[] = []
  const taps: Tap[] = []
  let opened: JointStatement | null = null
  let switched = false
  const statement = (): JointStatement => {
    if (opened === null) throw new Error('no statement')
    return opened
  }
  const after = (): World => ({
    ...world,
    manifest: next,
    manifestHash: manifestHash(nodePrimitives, next),
    manifests: [...world.manifests, { manifest: next, signatures } satisfies SignedManifest],
    wraps: job.wraps,
  })
  return {
    job,
    staged,
    signatures,
    taps,
    statement,
    isSwitched: () => switched,
    after,
    overrides: {
      oldRecords: ({ from }) => ({ records: old.slice(from, from + page) }),
      resealed: ({ from, records: fresh }) => {
        if (from !== staged.length) throw new Error('out of order')
        staged.push(...fresh)
        return {}
      },
      newRecords: ({ from }) => ({ records: (bend.disk?.(staged) ?? staged).slice(from, from + page) }),
      jointOpened: ({ records: count, root }) => {
        const made: JointStatement = {
          format: 'halligan/joint/v1',
          vault: world.vault,
          act: newId(),
          manifest: world.manifestHash,
          detail: {
            kind: 'reshare',
            next: { version: next.version, hash: manifestHash(nodePrimitives, next) },
            records: count,
            root,
          },
          createdAt: toTimestamp(now),
          station: world.station,
          head: { size: 12, root: id32() },
          nonce: id32(),
        }
        opened = bend.statement?.(made) ?? made
        return { statement: opened }
      },
      manifestSigned: ({ tap }) => {
        signatures.push(tap)
        return {}
      },
      jointSigned: ({ tap }) => {
        taps.push(tap)
        return {}
      },
      reshared: () => {
        switched = true
        return {}
      },
    },
    vouchedAfter: () =>
      staged.map((record, index) => {
        const before = old[index]
        if (before === undefined) throw new Error('no such record')
        const proof = proveInclusion((start, end) => rootOf(staged.slice(start, end)), index, staged.length)
        const vouching = { statement: statement(), taps, index, proof: proof.map(toBase64Url) }
        return { record, sealed: before.sealed, resealed: vouching }
      }),
  }
}

const rootOf = (records: readonly SealedRecord[]): Uint8Array<ArrayBuffer> =>
  treeRoot(
    nodePrimitives,
    records.reduce(
      (tree, record) =>
        appendLeaf(
          nodePrimitives,
          tree,
          resealedLeaf(nodePrimitives, record.header, sealedRecordHash(nodePrimitives, record)),
        ),
      emptyTree,
    ),
  )

export const vouch = ({ record, statement, tap }: Sealed): VouchedRecord => ({
  record,
  sealed: { statement, tap },
  resealed: null,
})

/** One person's share of a record as any attacker with their security key would get it; null when it does not open. */
export function openOwn(
  wraps: readonly Wrap[],
  person: WorldPerson,
  { header, boxes }: SealedRecord,
): Uint8Array | null {
  const at = header.shares.findIndex(({ custodian }) => custodian === person.id)
  const wrap = wraps.find(
    ({ safe, person: whose, key }) => safe === header.safe && whose === person.id && key === keyOf(person).credentialId,
  )
  if (wrap === undefined) return null
  const secretKey = openWrap(sodium, wrap, prfOf(keyOf(person), Buffer.from(wrap.salt, 'base64url')))
  const publicKey = Buffer.from(wrap.publicKey, 'base64url')
  // Somebody without a place in the record tries every box.
  for (const [place, box] of boxes.entries()) {
    if (at >= 0 && place !== at) continue
    const share = header.shares[place]
    if (share === undefined) continue
    const { vault, safe, credential, version, threshold } = header
    const name = { vault, safe, credential, version, threshold, custodian: share.custodian, index: share.index }
    try {
      return openShare(sodium, name, share.commitment, Buffer.from(box, 'base64url'), { publicKey, secretKey })
    } catch {
      // Not theirs.
    }
  }
  return null
}
