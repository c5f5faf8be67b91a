/** A safe that makes requests wait: two rounds of taps, a clock moved by hand, and everything that can end a wait. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { limits } from '../../../shared/limits.ts'
import { createHandClock, makePlace, openWorld, type HandClock, type Place } from '../../support/vault-place.ts'
import {
  acknowledge,
  describeTap,
  enrol,
  firstKeyOf,
  grant,
  jobOf,
  makePlan,
  requestInput,
  seal,
  type ReadyWorld,
} from '../../support/vault-steps.ts'
import { eventually, makeTap, outcomeOf, type World } from '../../support/vault-world.ts'

const seconds = 600
let clock: HandClock
let place: Place
let world: World
let ready: ReadyWorld
let credential: string

async function setUpWaiting(): Promise<void> {
  ready = makePlan()
  const [safe] = ready.plan.safes
  const policy = { ...safe!.policy, delay: { seconds, vetoers: [ready.lead.id] } }
  const plan = { ...ready.plan, safes: [{ ...safe!, policy }] }
  await world.call['setup.begin']({ vaultName: 'Test vault', stationName: 'Test station' })
  await world.call['setup.plan'](plan)
  for (const person of [...ready.custodians, ready.requester, ready.lead]) await enrol(world, person)
  await acknowledge(world, ready.custodians)
}

beforeEach(async () => {
  clock = createHandClock()
  place = makePlace()
  world = openWorld(place, clock)
  await setUpWaiting()
  credential = await seal(world, ready)
})
afterEach(async () => {
  await world.close().catch(() => undefined)
  place.remove()
})

const everything = { types: [], person: null, credential: null, text: '', from: null, before: null }
const log = async (): Promise<Entry[]> =>
  (await world.call['timeline.page']({ before: null, limit: 200, filter: everything })).entries.toReversed()
const types = async (): Promise<string[]> => (await log()).map(({ type }) => type)
const waiting = async () => (await world.state()).waiting
const isIntact = async (): Promise<void> => {
  expect((await world.call['log.verify']({})).integrity).toMatchObject({ verdict: 'intact', problems: [] })
}

async function openFirst(): Promise<JobOf<'approve'>> {
  await world.call['request.open'](requestInput(ready, credential))
  return jobOf(await world.strongroom().job(), 'approve')
}

/** What a tap without a wrap says. */
function firstTap(job: JobOf<'approve'>, person: ReadyWorld['lead'], counts = true) {
  const tap = makeTap(person, firstKeyOf(person), 'request', job.statement)
  return { tap, counts, signCount: 1, signCountWentBack: false, wrap: null }
}

async function approveFirst(): Promise<JobOf<'approve'>> {
  const job = await openFirst()
  const { call, die } = world.strongroom()
  const [one, two] = ready.custodians
  await call.tapAccepted(firstTap(job, ready.requester, false))
  await call.tapAccepted(firstTap(job, one!))
  await call.tapAccepted(firstTap(job, two!))
  await call.waiting({ approvals: [one!.id, two!.id] })
  await call.ended({ result: 'done', code: null })
  die()
  return job
}

const resume = async (request: string): Promise<JobOf<'unseal'>> => {
  await world.call['request.resume']({ request })
  return jobOf(await world.strongroom().job(), 'unseal')
}

describe('a request of a safe with a delay', () => {
  it('waits after its quorum, frees the place, and opens after a second one', async () => {
    const first = await approveFirst()
    expect(first.record).toMatchObject({ boxes: [], body: '' })
    expect(await outcomeOf(world)).toMatchObject({ kind: 'approve', result: 'done' })
    const { request } = first.statement
    expect(await waiting()).toMatchObject([{ request, isReady: false, closesAt: null, vetoers: [ready.lead.id] }])
    clock.pass(seconds * 1000)
    const second = await resume(request)
    expect(await waiting()).toEqual([])
    expect(second.approved).toMatchObject({ statement: first.statement })
    expect(second.approved?.taps).toHaveLength(3)
    await grant(world, ready, second)
    await world.strongroom().call.windowClosed({ reason: 'hidden-by-person', openedMs: 10 })
    const all = await types()
    expect(all.slice(all.indexOf('request.opened'))).toEqual([
      ...['request.opened', 'tap.accepted', 'tap.accepted', 'tap.accepted', 'request.waiting', 'request.resumed'],
      ...['tap.accepted', 'tap.accepted', 'tap.accepted', 'request.granted', 'window.closed'],
    ])
    await isIntact()
  })

  it('is not resumed early, whichever clock is set forward, and not when the wall clock is set back', async () => {
    const { request } = (await approveFirst()).statement
    const tooEarly = async (): Promise<void> => {
      await expect(world.call['request.resume']({ request })).rejects.toMatchObject({ code: 'REQUEST_WAITING' })
    }
    clock.pass(seconds * 1000 - 1)
    await tooEarly()
    clock.jumpWall(86_400_000)
    await tooEarly()
    clock.jumpWall(-86_400_000 - 5000)
    clock.pass(1)
    await tooEarly()
    clock.pass(5000)
    await resume(request)
    await isIntact()
  })

  it('takes no quorum from the strongroom that did not happen, and no grant in a first round', async () => {
    const job = await openFirst()
    const { call } = world.strongroom()
    const [one, two] = ready.custodians
    await call.tapAccepted(firstTap(job, ready.requester, false))
    await call.tapAccepted(firstTap(job, one!))
    await expect(call.waiting({ approvals: [one!.id, two!.id] })).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await expect(call.waiting({ approvals: [one!.id, one!.id] })).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await expect(call.granted({ approvals: [one!.id] })).rejects.toMatchObject({ code: 'METHOD_UNKNOWN' })
    expect(await types()).not.toContain('request.waiting')
  })

  it('takes no tap of the first round in the second', async () => {
    const first = await approveFirst()
    clock.pass(seconds * 1000)
    const second = await resume(first.statement.request)
    const [one] = ready.custodians
    const old = { ...describeTap(second, one!), tap: firstTap(first, one!).tap }
    const { call } = world.strongroom()
    await expect(call.tapAccepted(old)).rejects.toMatchObject({ code: 'TAP_CHALLENGE_WRONG' })
    await expect(call.granted({ approvals: [one!.id] })).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
  })

  it('is stopped by those who may, and by nobody else', async () => {
    const { request } = (await approveFirst()).statement
    const input = { request, reason: 'Nobody told me of this.' }
    await expect(world.call['request.veto']({ ...input, person: ready.custodians[0]!.id })).rejects.toMatchObject({
      code: 'TAP_NOT_THIS_PERSON',
    })
    clock.pass(seconds * 1000)
    await world.call['request.veto']({ ...input, person: ready.lead.id })
    // Operations exclude each other: nobody goes on with it while the veto asks for its tap.
    await expect(world.call['request.resume']({ request })).rejects.toMatchObject({ code: 'OPERATION_BUSY' })
    const { statement } = jobOf(await world.strongroom().job(), 'act')
    await world.strongroom().call.acted({ tap: makeTap(ready.lead, firstKeyOf(ready.lead), 'act', statement) })
    await world.strongroom().call.ended({ result: 'done', code: null })
    world.strongroom().die()
    expect(await waiting()).toEqual([])
    await expect(world.call['request.resume']({ request })).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    await isIntact()
  })

  it('is given up without a tap, also while a veto is under way, which then stops nothing', async () => {
    const { request } = (await approveFirst()).statement
    await world.call['request.veto']({ request, reason: 'No.', person: ready.lead.id })
    await world.call['request.withdraw']({ request })
    const { statement } = jobOf(await world.strongroom().job(), 'act')
    const tap = makeTap(ready.lead, firstKeyOf(ready.lead), 'act', statement)
    await expect(world.strongroom().call.acted({ tap })).rejects.toMatchObject({ code: 'REQUEST_NOT_WAITING' })
    expect(await types()).not.toContain('request.vetoed')
    await isIntact()
  })

  it('expires when nobody opens it in time, by whichever clock says more', async () => {
    await approveFirst()
    clock.pass(seconds * 1000)
    await eventually(async () => (await waiting())[0]?.closesAt !== null, 'ready')
    clock.jumpWall(limits.openingSeconds * 1000)
    await eventually(async () => (await waiting()).length === 0, 'expired')
    expect((await types()).at(-1)).toBe('request.expired')
    await isIntact()
  })

  it('is outdated when a newer version was sealed while it waited', async () => {
    const { request } = (await approveFirst()).statement
    await seal(world, ready, credential)
    clock.pass(seconds * 1000)
    await expect(world.call['request.resume']({ request })).rejects.toMatchObject({ code: 'REQUEST_OUTDATED' })
    expect((await log()).at(-1)).toMatchObject({ type: 'request.cancelled', data: { request, reason: 'outdated' } })
    expect(await waiting()).toEqual([])
    await isIntact()
  })

  it('does not outlast the app', async () => {
    const { request } = (await approveFirst()).statement
    await world.close()
    world = openWorld(place, clock)
    expect(await waiting()).toEqual([])
    expect((await log()).find(({ type }) => type === 'request.cancelled')?.data).toEqual({
      request,
      reason: 'app-quit',
    })
    await isIntact()
  })

  it('is resumed once when two ask at once', async () => {
    const { request } = (await approveFirst()).statement
    clock.pass(seconds * 1000)
    const both = await Promise.allSettled([1, 2].map(() => world.call['request.resume']({ request })))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await types()).filter((type) => type === 'request.resumed')).toHaveLength(1)
  })
})
