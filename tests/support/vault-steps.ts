/** What an honest strongroom and honest people do with the vault, step by step; tests leave out or bend single steps. */
import { randomBytes } from 'node:crypto'
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import { fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import { manifestHash } from '../../shared/audit/manifest.ts'
import { sealedRecordHash } from '../../shared/audit/records.ts'
import type { Input } from '../../shared/contracts/contract.ts'
import type { appContract } from '../../shared/contracts/app.ts'
import type { Plan } from '../../shared/contracts/plan.ts'
import type { Job, JobOf, strongroomContract } from '../../shared/contracts/strongroom.ts'
import { suite, wrapSuite, type RecordHeader, type SealedRecord, type Wrap } from '../../shared/domain/credential.ts'
import type { SecurityKey } from '../../shared/domain/manifest.ts'
import type { ActStatement } from '../../shared/domain/statements.ts'
import { createSoftwareKey, type SoftwareKey } from './software-key.ts'
import { makeTap, newId, random, type World, type WorldPerson } from './vault-world.ts'

export const policy = { windowSecondsMin: 15, windowSecondsMax: 600, requesterMayTap: true, copyAllowed: false }
const at = '2026-11-23T14:00:00.000Z'

export function jobOf<K extends Job['kind']>(job: Job, kind: K): JobOf<K> {
  if (job.kind !== kind) throw new Error(`job is ${job.kind}`)
  return job as JobOf<K>
}

export const makePerson = (name: string, keys = 1): WorldPerson => ({
  id: newId(),
  name,
  keys: Array.from({ length: keys }, () => createSoftwareKey()),
})

export const firstKeyOf = (person: WorldPerson): SoftwareKey => {
  const [key] = person.keys
  if (key === undefined) throw new Error('no key')
  return key
}

export const describeKey = (key: SoftwareKey, label: string): SecurityKey => ({
  credentialId: key.credentialId,
  label,
  publicKey: key.publicKey,
  aaguid: '00000000-0000-0000-0000-000000000000',
  transports: ['usb'],
  enrolledAt: at,
})

export const makeWrap = (vault: string, safe: string, person: string, key: string, publicKey: string): Wrap => ({
  format: 'halligan/wrap/v1',
  suite: wrapSuite,
  vault,
  safe,
  person,
  key,
  publicKey,
  salt: random(32),
  nonce: random(24),
  box: random(48),
})

type KeyEnrolled = Input<typeof strongroomContract, 'keyEnrolled'>

/** What the strongroom says about one enrolled key. */
export function describeEnrolment(
  job: JobOf<'enrol'>,
  key: SoftwareKey,
  label: string,
  publicKeys: ReadonlyMap<string, string>,
): KeyEnrolled {
  const custody = job.safes.map(({ id }) => ({ safe: id, publicKey: publicKeys.get(id) ?? '' }))
  return {
    key: describeKey(key, label),
    custody,
    wraps: custody.map(({ safe, publicKey }) => makeWrap(job.vault, safe, job.person.id, key.credentialId, publicKey)),
    rings: custody.map(({ safe }) => ({ safe, mac: random(32) })),
  }
}

export async function enrol(world: World, person: WorldPerson): Promise<void> {
  const labels = person.keys.map((_, index) => `Key ${index + 1}`)
  await world.call['setup.enrol']({ person: person.id, labels })
  const { call, job } = world.strongroom()
  const enrolJob = jobOf(await job(), 'enrol')
  const publicKeys = new Map(enrolJob.safes.map(({ id }) => [id, random(32)]))
  for (const [index, key] of person.keys.entries()) {
    await call.keyEnrolled(describeEnrolment(enrolJob, key, labels[index] ?? '', publicKeys))
  }
  await call.ended({ result: 'done', code: null })
  world.strongroom().die()
}

export interface ReadyWorld {
  readonly custodians: readonly WorldPerson[]
  readonly requester: WorldPerson
  readonly lead: WorldPerson
  readonly safe: string
  readonly plan: Plan
}

export interface WorldPlan {
  readonly n?: number
  readonly k?: number
  readonly requesterMayTap?: boolean
}

/** People, and a plan with one safe. */
export function makePlan({ n = 3, k = 2, requesterMayTap = true }: WorldPlan = {}): ReadyWorld {
  const custodians = Array.from({ length: n }, (_, index) => makePerson(`Custodian ${index + 1}`, index === 0 ? 2 : 1))
  const requester = makePerson('Rita Request')
  const lead = makePerson('Lena Lead')
  const safe = newId()
  const plan: Plan = {
    people: [
      ...custodians.map(({ id, name }) => ({ id, name, roles: ['custodian' as const, 'requester' as const] })),
      { id: requester.id, name: requester.name, roles: ['requester'] },
      { id: lead.id, name: lead.name, roles: ['lead'] },
    ],
    safes: [
      {
        id: safe,
        name: 'Safe one',
        threshold: k,
        custodians: custodians.map(({ id }) => id),
        policy: { ...policy, requesterMayTap },
      },
    ],
    quorum: k,
  }
  return { custodians, requester, lead, safe, plan }
}

export async function acknowledge(world: World, custodians: readonly WorldPerson[]): Promise<void> {
  await world.call['setup.acknowledge']({})
  const { call, job, die } = world.strongroom()
  const { manifest, signed } = jobOf(await job(), 'acknowledge')
  for (const person of custodians) {
    if (signed.includes(person.id)) continue
    await call.manifestSigned({ tap: makeTap(person, firstKeyOf(person), 'manifest', manifest) })
  }
  await call.ended({ result: 'done', code: null })
  die()
}

/** From nothing to a vault that is ready. */
export async function setUp(world: World, options: WorldPlan = {}): Promise<ReadyWorld> {
  const ready = makePlan(options)
  await world.call['setup.begin']({ vaultName: 'Test vault', stationName: 'Test station' })
  await world.call['setup.plan'](ready.plan)
  for (const person of [...ready.custodians, ready.requester, ready.lead]) await enrol(world, person)
  await acknowledge(world, ready.custodians)
  return ready
}

/** A record as a strongroom would make it, with random bytes for everything that only a strongroom can read. */
export function makeRecord(job: JobOf<'seal'>, bodyBytes = 200): SealedRecord {
  const current = job.manifests.at(-1)
  const safe = current?.manifest.safes.find(({ id }) => id === job.safe)
  if (current === undefined || safe === undefined) throw new Error('no such safe')
  const boxes = safe.custodians.map(() => randomBytes(120))
  const hash = toBase64Url(nodePrimitives.sha256(new Uint8Array(0)))
  const header: RecordHeader = {
    format: 'halligan/credential/v1',
    suite,
    vault: job.vault,
    safe: job.safe,
    credential: job.credential,
    version: job.version,
    manifest: { version: current.manifest.version, hash: manifestHash(nodePrimitives, current.manifest) },
    name: job.name,
    kind: job.credentialKind,
    requesters: job.requesters,
    rotationDays: job.rotationDays,
    ...(job.rotationNote === undefined ? {} : { rotationNote: job.rotationNote }),
    sealedBy: job.person,
    sealedAt: at,
    threshold: safe.threshold,
    keyCommitment: hash,
    shares: safe.custodians.map(({ person, index }, place) => ({
      custodian: person,
      index,
      commitment: random(32),
      box: toBase64Url(nodePrimitives.sha256(new Uint8Array(boxes[place] ?? []))),
    })),
    nonce: random(24),
  }
  return { header, boxes: boxes.map((box) => toBase64Url(box)), body: random(bodyBytes) }
}

type Sealed = Input<typeof strongroomContract, 'sealed'>

/** Record, statement and tap of an honest seal. */
export async function makeSeal(world: World, job: JobOf<'seal'>, person: WorldPerson): Promise<Sealed> {
  const record = makeRecord(job)
  const { head, at: createdAt } = await world.strongroom().call.head({})
  const statement: ActStatement = {
    format: 'halligan/act/v1',
    vault: job.vault,
    act: newId(),
    person: person.id,
    manifest: record.header.manifest.hash,
    detail: {
      kind: 'seal',
      safe: job.safe,
      credential: job.credential,
      version: job.version,
      name: job.name,
      record: sealedRecordHash(nodePrimitives, record),
    },
    createdAt,
    station: job.station,
    head,
    nonce: random(32),
  }
  return { record, statement, tap: makeTap(person, firstKeyOf(person), 'act', statement) }
}

export const sealInput = (
  ready: ReadyWorld,
  credential: string | null = null,
): Input<typeof appContract, 'credential.seal'> => ({
  credential,
  safe: ready.safe,
  name: 'Root of the cloud',
  kind: 'login',
  requesters: [ready.requester.id, ...ready.custodians.map(({ id }) => id)],
  rotationDays: 90,
  person: ready.lead.id,
})

/** Seals and returns the credential's id. */
export async function seal(world: World, ready: ReadyWorld, credential: string | null = null): Promise<string> {
  await world.call['credential.seal'](sealInput(ready, credential))
  const { call, job, die } = world.strongroom()
  const sealJob = jobOf(await job(), 'seal')
  await call.sealed(await makeSeal(world, sealJob, ready.lead))
  await call.ended({ result: 'done', code: null })
  die()
  return sealJob.credential
}

export const requestInput = (ready: ReadyWorld, credential: string): Input<typeof appContract, 'request.open'> => ({
  credential,
  requester: ready.requester.id,
  reason: 'Everything is down',
  incident: 'INC-7',
  windowSeconds: 60,
})

/** Opens a request; resolves with the strongroom's job. */
export async function openRequest(
  world: World,
  ready: ReadyWorld,
  credential: string,
  requester = ready.requester,
): Promise<JobOf<'unseal'>> {
  await world.call['request.open']({ ...requestInput(ready, credential), requester: requester.id })
  return jobOf(await world.strongroom().job(), 'unseal')
}

type TapAccepted = Input<typeof strongroomContract, 'tapAccepted'>

/** What the strongroom says about one good tap; the wrap is replaced when the person has one. */
export function describeTap(
  job: JobOf<'unseal'>,
  person: WorldPerson,
  counts = true,
  key = firstKeyOf(person),
): TapAccepted {
  const tap = makeTap(person, key, 'request', job.statement)
  const wrap = job.wraps.find((one) => one.person === person.id && one.key === key.credentialId)
  const signCount = new DataView(fromBase64Url(tap.assertion.authenticatorData).buffer).getUint32(33)
  return {
    tap,
    counts,
    signCount,
    signCountWentBack: false,
    wrap:
      wrap === undefined || !counts
        ? null
        : makeWrap(wrap.vault, wrap.safe, person.id, key.credentialId, wrap.publicKey),
  }
}

/** All taps of a request, up to the grant. */
export async function grant(world: World, ready: ReadyWorld, job: JobOf<'unseal'>): Promise<void> {
  const { call } = world.strongroom()
  const [one, two] = ready.custodians
  if (one === undefined || two === undefined) throw new Error('too few')
  await call.tapAccepted(describeTap(job, ready.requester, false))
  await call.tapAccepted(describeTap(job, one))
  await call.tapAccepted(describeTap(job, two))
  await call.granted({ approvals: [one.id, two.id] })
}

/** A whole use of a credential; resolves with the request's id. */
export async function useCredential(world: World, ready: ReadyWorld, credential: string): Promise<string> {
  const job = await openRequest(world, ready, credential)
  await grant(world, ready, job)
  const { call, die } = world.strongroom()
  await call.fieldShown({ field: 0, label: 'Password' })
  await call.windowClosed({ reason: 'hidden-by-person', openedMs: 1200 })
  await call.ended({ result: 'done', code: null })
  die()
  return job.statement.request
}
