/** A vault's life as a log: set-up, seals, requests, rotations of the manifest. Honest unless a test bends it. */
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { manifestHash } from '../../../shared/audit/manifest.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { fromBase64Url, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { changedSafes } from '../../../shared/domain/custody-change.ts'
import type { Manifest, SafePolicy } from '../../../shared/domain/manifest.ts'
import type { ActDetail, ActStatement, RequestStatement } from '../../../shared/domain/statements.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import type { StoredRecord } from '../../../shared/audit/records.ts'
import { createLogWriter, type LogWriter, type TestLog } from './log-writer.ts'
import { createJointWriter, type Resealing, type Shelf } from './test-joints.ts'
import { createByteSource, createTestSecurityKey, type TestSecurityKey } from './test-keys.ts'
import { personActor, type SealedCredential, type TestPerson } from './test-people.ts'

export interface VaultOptions {
  readonly seed: string
  readonly custodians?: number
  readonly threshold?: number
  readonly checkpointEvery?: number
  readonly requesterMayTap?: boolean
  /** The safe asks for a passphrase in each of its wraps. */
  readonly passphrase?: boolean
  /** AAGUID of the only model that the safe allows; every key then says that it is one. */
  readonly model?: string
  /** The safe makes requests wait; the vetoers by their places among the people. */
  readonly delay?: { readonly seconds: number; readonly vetoers: readonly number[] }
}

type DestroyDetail = Extract<ActDetail, { kind: 'destroy' }>

const names = ['Ada Byron', 'Grace Murray', 'Edsger Rotterdam', 'Barbara Huberman', 'Tony Colombo', 'Niklaus Zürich']

export type TestVault = ReturnType<typeof createTestVault>

export function createTestVault(options: VaultOptions) {
  const { seed, custodians = 3, threshold = 2, checkpointEvery = 1, requesterMayTap = true, model } = options
  const policyNow = (): SafePolicy => ({
    ...{ windowSecondsMin: 15, windowSecondsMax: 600, requesterMayTap, copyAllowed: true },
    ...(options.passphrase === true ? { passphrase: true as const } : {}),
    ...(model === undefined ? {} : { models: [model] }),
    ...(options.delay === undefined
      ? {}
      : {
          delay: {
            seconds: options.delay.seconds,
            vetoers: options.delay.vetoers.flatMap((place) => people[place]?.id ?? []),
          },
        }),
  })
  const bytes = createByteSource(seed)
  const log: LogWriter = createLogWriter(bytes, checkpointEvery)
  const people: TestPerson[] = []
  const chain: { manifest: Manifest; signatures: Tap[] }[] = []
  const records: StoredRecord[] = []
  const safe = log.newId()
  const sealedNames = new Map<string, string>()
  const shelf: Shelf = { records, hashes: new Map(), credentials: new Map() }

  const current = (): Manifest => {
    const newest = chain.at(-1)
    if (newest === undefined) throw new Error('no manifest yet')
    return newest.manifest
  }
  const currentHash = (): string => manifestHash(nodePrimitives, current())
  const joints = createJointWriter({ log, bytes, safe, people, currentHash }, shelf)
  const firstKey = (person: TestPerson): TestSecurityKey => {
    const [key] = person.keys
    if (key === undefined) throw new Error('no key')
    return key
  }

  function enrol(person: TestPerson, algorithm: 'ES256' | 'EdDSA' = 'ES256'): void {
    const key = createTestSecurityKey(bytes, algorithm)
    person.keys.push(key)
    const listed = { ...listedKey(key), enrolledAt: log.now() }
    enrolledAt.set(key.credentialId, listed.enrolledAt)
    log.append(
      'key.enrolled',
      { person: person.id, name: person.name, key: listed, safes: [safe] },
      personActor(person),
    )
  }
  const enrolledAt = new Map<string, string>()
  const listedKey = (key: TestSecurityKey) => ({
    credentialId: key.credentialId,
    label: 'blue',
    publicKey: key.publicKey,
    aaguid: model ?? '00000000-0000-0000-0000-000000000000',
    transports: ['usb' as const],
    enrolledAt: enrolledAt.get(key.credentialId) ?? log.now(),
    ...(model === undefined ? {} : { attestation: { format: 'packed', model: 'Good key' } }),
  })

  function addPerson(): TestPerson {
    const person: TestPerson = { id: log.newId(), name: names[people.length % names.length] ?? 'Nobody', keys: [] }
    people.push(person)
    return person
  }

  function draftManifest(): Manifest {
    const previous = chain.at(-1)?.manifest
    return {
      format: 'halligan/manifest/v1',
      vault: log.vault,
      name: 'Example Power',
      version: (previous?.version ?? 0) + 1,
      previous: previous === undefined ? null : manifestHash(nodePrimitives, previous),
      createdAt: log.now(),
      quorum: threshold,
      persons: people.map((person) => ({
        id: person.id,
        name: person.name,
        roles: ['custodian' as const, 'requester' as const],
        keys: person.keys.map(listedKey),
      })),
      safes: [
        {
          id: safe,
          name: 'Root',
          threshold,
          custodians: people.map((person, at) => ({
            person: person.id,
            index: at + 1,
            publicKey: toBase64Url(nodePrimitives.sha256(utf8(person.id))),
          })),
          policy: policyNow(),
        },
      ],
      stations: [{ id: log.station, name: 'ops-desk', firstKey: log.firstKey }],
      ...(model === undefined ? {} : { models: [{ aaguid: model, name: 'Good key', roots: ['AAAA'] }] }),
    }
  }

  function signManifest({ version }: Manifest, hash: string, person: TestPerson): Tap {
    const key = firstKey(person)
    const tap = { person: person.id, key: key.credentialId, assertion: key.tap(fromBase64Url(hash)) }
    log.append('manifest.signed', { version, hash, ...tap }, personActor(person))
    return tap
  }

  /** Signs the drafted manifest by everybody named and puts it in force; what it takes from its custodians is sealed anew first. */
  function changeManifest(
    signers: readonly TestPerson[] = people,
    manifest = draftManifest(),
    bend: Partial<Resealing> = {},
  ): void {
    const hash = manifestHash(nodePrimitives, manifest)
    const signatures = signers.map((person) => signManifest(manifest, hash, person))
    const before = chain.at(-1)?.manifest
    const isResealed = before !== undefined && (bend.moves !== undefined || changedSafes(before, manifest).size > 0)
    if (isResealed) joints.resealAll(before, manifest, bend)
    log.append('manifest.changed', { version: manifest.version, hash })
    chain.push({ manifest, signatures })
  }

  /** An old version is erased. */
  function destroy(person: TestPerson, credential: string, version: number, change: Partial<DestroyDetail> = {}): void {
    const name = sealedNames.get(credential) ?? ''
    const record = shelf.hashes.get(`${credential} ${version}`) ?? ''
    const act = writeAct(person, { kind: 'destroy', credential, version, name, record, ...change })
    log.append('credential.destroyed', { credential, version, name, ...act }, personActor(person))
    const at = records.findIndex((one) => one.credential === credential && one.version === version)
    if (at >= 0) records.splice(at, 1)
  }

  function writeAct(
    person: TestPerson,
    detail: ActDetail,
  ): { statement: ActStatement; key: string; assertion: Tap['assertion'] } {
    const statement: ActStatement = {
      format: 'halligan/act/v1',
      vault: log.vault,
      act: log.newId(),
      person: person.id,
      manifest: currentHash(),
      detail,
      createdAt: log.now(),
      station: log.station,
      head: log.head(),
      nonce: log.nonce(),
    }
    const key = firstKey(person)
    return { statement, key: key.credentialId, assertion: key.tap(challengeOf(nodePrimitives, 'act', statement)) }
  }

  function seal(
    person: TestPerson,
    credential: SealedCredential = { id: log.newId(), name: 'Root of the core switch', version: 0, record: '' },
  ): SealedCredential {
    credential.version++
    sealedNames.set(credential.id, credential.name)
    const { stored, record } = joints.makeStored(
      credential.id,
      credential.version,
      credential.name,
      person.id,
      current(),
    )
    records.push(stored)
    shelf.hashes.set(`${credential.id} ${credential.version}`, record)
    shelf.credentials.set(credential.id, credential)
    credential.record = record
    const what = {
      credential: credential.id,
      version: credential.version,
      safe,
      name: credential.name,
      record: credential.record,
    }
    const act = writeAct(person, { kind: 'seal', ...what })
    log.append('credential.sealed', { ...what, kind: 'login', ...act }, personActor(person))
    return credential
  }

  function draftRequest(requester: TestPerson, credential: SealedCredential): RequestStatement {
    return {
      format: 'halligan/request/v1',
      vault: log.vault,
      request: log.newId(),
      safe,
      credential: credential.id,
      version: credential.version,
      record: credential.record,
      manifest: currentHash(),
      reason: 'Core switch is down, nobody can log in',
      incident: 'INC-2026-1123',
      requester: requester.id,
      windowSeconds: 120,
      createdAt: log.now(),
      station: log.station,
      head: log.head(),
      nonce: log.nonce(),
    }
  }

  function openRequest(
    requester: TestPerson,
    credential: SealedCredential,
    statement = draftRequest(requester, credential),
  ): RequestStatement {
    log.append('request.opened', { statement, credentialName: credential.name }, personActor(requester, false))
    return statement
  }

  function approve(
    statement: RequestStatement,
    person: TestPerson,
    change: { counts?: boolean; assertion?: Tap['assertion'] } = {},
  ): void {
    const key = person.keys.at(-1) ?? firstKey(person)
    log.append(
      'tap.accepted',
      {
        operation: statement.request,
        request: statement.request,
        person: person.id,
        key: key.credentialId,
        assertion: change.assertion ?? key.tap(challengeOf(nodePrimitives, 'request', statement)),
        counts: change.counts ?? true,
        signCount: 1,
        signCountWentBack: false,
      },
      personActor(person),
    )
  }

  type Granted = Omit<Extract<ActDetail, { kind: 'classify' }>, 'kind' | 'request' | 'outcome' | 'note'>
  const granted = new Map<string, Granted>()

  const requesterOf = (statement: RequestStatement): TestPerson => {
    const person = people.find(({ id }) => id === statement.requester)
    if (person === undefined) throw new Error('nobody')
    return person
  }

  function grant(
    statement: RequestStatement,
    approvals: readonly TestPerson[],
    actor = personActor(requesterOf(statement)),
  ): void {
    const { request, credential, version, windowSeconds } = statement
    const data = { request, credential, version, approvals: approvals.map(({ id }) => id), windowSeconds }
    log.append('request.granted', data, actor)
    const { requester } = statement
    granted.set(request, {
      credential,
      credentialName: sealedNames.get(credential) ?? '',
      version,
      requester,
      grantedAt: log.now(),
    })
  }

  function show(statement: RequestStatement, field = 0, actor = personActor(requesterOf(statement))): void {
    const { request, credential } = statement
    log.append('field.shown', { request, credential, field, label: 'Password' }, actor)
  }

  /** The taps of a request as a strongroom collects them: who asks always taps, counted or not. */
  function approveAll(statement: RequestStatement, approvers: readonly TestPerson[]): void {
    const requester = requesterOf(statement)
    if (!approvers.includes(requester)) approve(statement, requester, { counts: false })
    for (const person of approvers) approve(statement, person)
  }

  /** A whole request: opened, approved, granted, shown, closed. */
  function reveal(
    requester: TestPerson,
    credential: SealedCredential,
    approvers: readonly TestPerson[],
    fields = 2,
  ): RequestStatement {
    const statement = openRequest(requester, credential)
    approveAll(statement, approvers)
    grant(statement, approvers)
    for (let field = 0; field < fields; field++) show(statement, field)
    log.append('window.closed', { request: statement.request, reason: 'hidden-by-person', openedMs: 61_000 })
    return statement
  }

  const useOf = (request: string): Granted => {
    const use = granted.get(request)
    if (use === undefined) throw new Error('never granted')
    return use
  }

  function classify(person: TestPerson, request: string, change: Partial<Granted> = {}): void {
    const said = { outcome: 'drill' as const, note: 'Quarterly drill\nall well' }
    const act = writeAct(person, { kind: 'classify', request, ...useOf(request), ...change, ...said })
    log.append('request.classified', { request, ...act }, personActor(person))
  }

  function makeExport(person: TestPerson | null): void {
    const { size, root } = log.head()
    const signed = person === null ? null : writeAct(person, { kind: 'export', size, root })
    log.append(
      'export.made',
      { size, root, digest: log.nonce(), signed },
      person === null ? { kind: 'station' } : personActor(person),
    )
  }

  /** Creates the vault: people, keys, first manifest. */
  function setUp(): void {
    log.begin('Example Power')
    for (let at = 0; at < custodians; at++) addPerson()
    for (const [at, person] of people.entries()) enrol(person, at % 2 === 0 ? 'ES256' : 'EdDSA')
    changeManifest()
  }

  function finish(): TestLog {
    log.checkpoint()
    return {
      entries: [...log.entries],
      checkpoints: [...log.checkpoints],
      manifests: chain.map((one) => canonicalBytes(one)),
    }
  }

  return {
    log,
    people,
    records,
    safe,
    chain,
    setUp,
    addPerson,
    enrol,
    draftManifest,
    changeManifest,
    ...joints,
    destroy,
    writeAct,
    seal,
    draftRequest,
    openRequest,
    approve,
    approveAll,
    grant,
    show,
    reveal,
    useOf,
    classify,
    makeExport,
    finish,
  }
}
