/** A safe that makes requests wait, as the strongroom sees it: a first round without a share, a second that holds the first against it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { toBase64Url, fromBase64Url } from '../../../shared/bytes.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { RequestStatement } from '../../../shared/domain/statements.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import {
  createWorld,
  field,
  id32,
  keyOf,
  now,
  requestJob,
  sealIn,
  tapBy,
  type Sealed,
  type World,
  type WorldOptions,
} from '../../support/sealed-world.ts'
import { startHarness, type Harness } from '../../support/strongroom-harness.ts'

const seconds = 600
let world: World
let sealed: Sealed

/** The veto needs a listed person with a key; who it is is nothing to the strongroom. */
function makeWorld(options: WorldOptions = {}): void {
  world = createWorld({ ...options, policy: { ...options.policy } })
}

/** Signs the world's manifest anew with the delay: its people are known only once it is made. */
function withDelay(): void {
  const [safe] = world.manifest.safes
  const policy = { ...safe!.policy, delay: { seconds, vetoers: [world.requester.id] } }
  Object.assign(safe!, { policy })
  const hash = toBase64Url(challengeOf(nodePrimitives, 'manifest', world.manifest))
  const signatures = world.custodians.map((one) => tapBy(one, fromBase64Url(hash)))
  Object.assign(world, { manifestHash: hash, manifests: [{ manifest: world.manifest, signatures }] })
}

beforeEach(() => {
  makeWorld()
  withDelay()
  sealed = sealIn(world, [field('Password', 'correct-horse')])
})

const challenge = (statement: RequestStatement) => challengeOf(nodePrimitives, 'request', statement)

function firstJob(change: Partial<JobOf<'approve'>> = {}): JobOf<'approve'> {
  const { wraps: _w, burned: _b, approved: _a, record, ...rest } = requestJob(world, sealed)
  return {
    ...rest,
    kind: 'approve',
    record: { header: record.header, boxes: [], body: '' },
    bodyHash: toBase64Url(nodePrimitives.sha256(fromBase64Url(record.body))),
    ...change,
  }
}

/** A second round as an honest vault process asks for it, unless bent. */
function secondJob(
  approvers = [0, 1, 2].map((at) => world.custodians[at]!),
  bend: { readonly ago?: number; readonly second?: Partial<RequestStatement>; readonly tapped?: RequestStatement } = {},
): JobOf<'unseal'> {
  const job = requestJob(world, sealed)
  const createdAt = toTimestamp(now - (bend.ago ?? seconds * 1000))
  const first: RequestStatement = { ...job.statement, createdAt, nonce: id32() }
  const taps = [world.requester, ...approvers].map((one) => tapBy(one, challenge(bend.tapped ?? first)))
  const statement = { ...job.statement, first: toBase64Url(challenge(first)), ...bend.second }
  return { ...job, statement, approved: { statement: first, taps } }
}

async function accepted(harness: Harness, key: ReturnType<typeof keyOf>): Promise<void> {
  harness.tap.touch(key)
  expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
}

/** Nobody may have been asked: it is refused before the first tap. */
async function refused(job: JobOf<'unseal' | 'approve'>, code: string): Promise<void> {
  const harness = startHarness(job)
  expect(await harness.ended).toEqual({ result: 'failed', code })
  expect(harness.opened).toEqual([])
  expect(harness.callsOf('tapAccepted')).toEqual([])
}

describe('a first round', () => {
  it('takes the taps of the requester and of a quorum, asks for no share, and ends with the wait', async () => {
    const harness = startHarness(firstJob())
    await accepted(harness, keyOf(world.requester))
    for (const at of [0, 2, 4]) await accepted(harness, keyOf(world.custodians[at]!))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.callsOf('tapAccepted').map(({ counts, wrap }) => [counts, wrap])).toEqual([
      [false, null],
      ...Array.from({ length: 3 }, () => [true, null]),
    ])
    expect(harness.callsOf('waiting')).toEqual([{ approvals: [0, 2, 4].map((at) => world.custodians[at]!.id) }])
    expect(harness.callsOf('granted')).toEqual([])
    expect(harness.opened).not.toContain('reveal')
  })

  it('is not for a safe without a delay, not a second one, and not asked for long ago', async () => {
    const job = firstJob()
    await refused({ ...job, statement: { ...job.statement, first: id32() } }, 'MESSAGE_INVALID')
    const createdAt = toTimestamp(now - 61_000)
    await refused({ ...job, statement: { ...job.statement, createdAt } }, 'REQUEST_EXPIRED')
    await refused({ ...job, record: sealed.record }, 'RECORD_DAMAGED')
    makeWorld()
    sealed = sealIn(world, [field('Password', 'correct-horse')])
    await refused(firstJob(), 'MESSAGE_INVALID')
  })
})

describe('a second round', () => {
  it('opens after the first', async () => {
    const harness = startHarness(secondJob())
    const reveal = harness.reveal()
    await accepted(harness, keyOf(world.requester))
    for (const at of [0, 2, 4]) await accepted(harness, keyOf(world.custodians[at]!))
    await (await reveal).call.begin({})
    expect(harness.callsOf('granted')).toHaveLength(1)
    await harness.end('app-quit')
    await harness.exited
  })

  it('is refused without the first, and by a safe that makes nobody wait', async () => {
    await refused(requestJob(world, sealed), 'MESSAGE_INVALID')
    makeWorld()
    sealed = sealIn(world, [field('Password', 'correct-horse')])
    await refused(secondJob(), 'MESSAGE_INVALID')
  })

  it('is refused after fewer people than a quorum, and after one of them twice', async () => {
    const [one, two] = world.custodians
    await refused(secondJob([one!, two!]), 'MESSAGE_INVALID')
    await refused(secondJob([one!, two!, two!]), 'MESSAGE_INVALID')
    const job = secondJob()
    const taps = job.approved!.taps.slice(1)
    await refused({ ...job, approved: { ...job.approved!, taps } }, 'MESSAGE_INVALID')
  })

  it('is refused when what was approved is something else', async () => {
    const approvers = world.custodians.slice(0, 3)
    await refused(secondJob(approvers, { second: { reason: 'Another reason' } }), 'MESSAGE_INVALID')
    await refused(secondJob(approvers, { second: { windowSeconds: 600 } }), 'MESSAGE_INVALID')
    await refused(secondJob(approvers, { second: { first: id32() } }), 'MESSAGE_INVALID')
    const { statement } = requestJob(world, sealed)
    await refused(secondJob(approvers, { tapped: statement }), 'MESSAGE_INVALID')
  })

  it('is refused before its time by this process’s own clock', async () => {
    await refused(secondJob(world.custodians.slice(0, 3), { ago: seconds * 1000 - 60_000 }), 'REQUEST_WAITING')
  })
})
