import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { VerifyReport } from '../../../shared/audit/report.ts'
import { createHandClock, makePlace, openWorld, type HandClock, type Place } from '../../support/vault-place.ts'
import {
  describeTap,
  grant,
  openRequest,
  requestInput,
  seal,
  setUp,
  useCredential,
  type ReadyWorld,
} from '../../support/vault-steps.ts'
import { eventually, outcomeOf, type World } from '../../support/vault-world.ts'

let clock: HandClock
let place: Place
let world: World
let ready: ReadyWorld
let credential: string

beforeEach(async () => {
  clock = createHandClock()
  place = makePlace()
  world = openWorld(place, clock)
  ready = await setUp(world)
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
const last = async (type: Entry['type']): Promise<Entry | undefined> =>
  (await log()).findLast((entry) => entry.type === type)
const verify = (): Promise<VerifyReport> => world.call['log.verify']({})
const over = (): Promise<void> => eventually(async () => (await world.state()).operation === null, 'operation over')

describe('the end of a request', () => {
  it('comes by cancelling: on record first, then the strongroom is told and ended', async () => {
    const job = await openRequest(world, ready, credential)
    const room = world.strongroom()
    await world.call['operation.cancel']({ operation: room.operation })
    expect((await last('request.cancelled'))?.data).toEqual({ request: job.statement.request, reason: 'cancelled' })
    expect(room.ends).toEqual(['CANCELLED'])
    expect(world.endsAsked).toEqual(['hidden-by-person'])
    await expect(room.call.granted({ approvals: [] })).rejects.toBeDefined()
    expect(await outcomeOf(world)).toMatchObject({ result: 'cancelled', code: 'REQUEST_CANCELLED' })
    await expect(world.call['operation.cancel']({ operation: room.operation })).rejects.toMatchObject({
      code: 'OPERATION_UNKNOWN',
    })
  })

  it('refuses a grant that comes after the cancelling', async () => {
    const job = await openRequest(world, ready, credential)
    const { call, operation } = world.strongroom()
    const [one, two] = ready.custodians
    await call.tapAccepted(describeTap(job, ready.requester, false))
    await call.tapAccepted(describeTap(job, one!))
    await call.tapAccepted(describeTap(job, two!))
    world.host.answerEnd = false
    const cancelled = world.call['operation.cancel']({ operation })
    await eventually(async () => (await types()).includes('request.cancelled'), 'cancelled')
    await expect(call.granted({ approvals: [one!.id, two!.id] })).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' })
    const late = describeTap(job, ready.custodians[2]!)
    await expect(call.tapAccepted(late)).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' })
    expect((await last('tap.refused'))?.data).toMatchObject({
      request: job.statement.request,
      code: 'REQUEST_CANCELLED',
      person: ready.custodians[2]!.id,
    })
    await cancelled
    expect(await types()).not.toContain('request.granted')
  })

  it.each(['wall', 'monotonic'] as const)(
    'comes when the %s clock says so, the other standing still',
    async (which) => {
      const job = await openRequest(world, ready, credential)
      const room = world.strongroom()
      const [one] = ready.custodians
      await room.call.tapAccepted(describeTap(job, one!))
      world.host.answerEnd = false
      if (which === 'wall') clock.jumpWall(1_800_000)
      else clock.jumpMonotonic(1_800_000)
      const late = describeTap(job, ready.custodians[1]!)
      await expect(room.call.tapAccepted(late)).rejects.toMatchObject({ code: 'REQUEST_EXPIRED' })
      await over()
      expect((await types()).slice(-2)).toEqual(['request.expired', 'tap.refused'])
      expect((await last('tap.refused'))?.data).toMatchObject({ code: 'REQUEST_EXPIRED', person: late.tap.person })
      expect(await outcomeOf(world)).toMatchObject({ result: 'failed', code: 'REQUEST_EXPIRED' })
      await eventually(() => room.ends.includes('REQUEST_EXPIRED'), 'strongroom told')
      expect((await verify()).integrity.problems).toEqual([])
    },
  )

  it('comes by itself, without any call, when the time is over', async () => {
    await openRequest(world, ready, credential)
    clock.pass(1_800_000)
    await over()
    expect((await types()).at(-1)).toBe('request.expired')
  })

  it('has run out of time whoever says so first', async () => {
    const ends = [
      () => world.strongroom().call.windowClosed({ reason: 'time-elapsed', openedMs: 0 }),
      () => world.strongroom().call.ended({ result: 'cancelled', code: 'REQUEST_EXPIRED' }),
    ]
    for (const end of ends) {
      await openRequest(world, ready, credential)
      await end()
      if ((await world.state()).operation !== null)
        await world.strongroom().call.ended({ result: 'cancelled', code: 'REQUEST_EXPIRED' })
      world.strongroom().die()
      await over()
      expect((await types()).at(-1)).toBe('request.expired')
      expect(await outcomeOf(world)).toMatchObject({ result: 'failed', code: 'REQUEST_EXPIRED' })
    }
  })

  it('does not wait for a strongroom that keeps its window open', async () => {
    const job = await openRequest(world, ready, credential)
    await grant(world, ready, job)
    clock.pass(60_000 + 6000)
    await over()
    expect((await last('window.closed'))?.data).toMatchObject({ reason: 'time-elapsed', openedMs: 66_000 })
    expect(world.endsAsked).toEqual(['time-elapsed'])
  })

  it('comes before a use that was late: it is refused, and the log stays sound', async () => {
    const job = await openRequest(world, ready, credential)
    await grant(world, ready, job)
    const { call } = world.strongroom()
    clock.pass(60_000 + 6001)
    const field = { field: 0, label: 'Password' }
    await expect(call.fieldShown(field)).rejects.toMatchObject({ code: 'WINDOW_CLOSED' })
    await over()
    expect(await types()).not.toContain('field.shown')
    expect((await verify()).integrity.problems).toEqual([])
  })

  it('is known when the strongroom dies, before and after the grant', async () => {
    await openRequest(world, ready, credential)
    world.strongroom().die()
    await over()
    expect((await last('request.cancelled'))?.data).toMatchObject({ reason: 'strongroom-died' })
    expect(await outcomeOf(world)).toMatchObject({ result: 'failed', code: 'STRONGROOM_DIED' })
    const job = await openRequest(world, ready, credential)
    await grant(world, ready, job)
    const gone = world.control.strongroomGone({ operation: world.strongroom().operation })
    await gone
    await over()
    expect((await last('window.closed'))?.data).toMatchObject({ reason: 'strongroom-died' })
    expect((await verify()).integrity.problems).toEqual([])
  })

  it('is known when the strongroom cannot even start', async () => {
    world.host.refuseStart = true
    await expect(world.call['request.open'](requestInput(ready, credential))).rejects.toMatchObject({
      code: 'STRONGROOM_DIED',
    })
    expect((await types()).slice(-2)).toEqual(['request.opened', 'request.cancelled'])
    world.host.refuseStart = false
    await useCredential(world, ready, credential)
  })

  it('names whose share was damaged', async () => {
    await openRequest(world, ready, credential)
    const { call } = world.strongroom()
    await call.failed({ code: 'SHARE_WRONG', custodian: ready.custodians[1]!.id })
    await expect(call.granted({ approvals: [] })).rejects.toMatchObject({ code: 'REQUEST_NOT_OPEN' })
    await call.ended({ result: 'failed', code: 'SHARE_WRONG' })
    expect((await types()).at(-1)).toBe('request.failed')
    expect(await outcomeOf(world)).toMatchObject({ result: 'failed', code: 'SHARE_WRONG' })
  })

  it('never comes true by "done" alone', async () => {
    await openRequest(world, ready, credential)
    await world.strongroom().call.ended({ result: 'done', code: null })
    expect((await last('request.failed'))?.data).toMatchObject({ code: 'INTERNAL' })
    expect(await outcomeOf(world)).toMatchObject({ result: 'failed' })
  })

  it('is told to people when the process is gone, and why the window closed with it', async () => {
    const job = await openRequest(world, ready, credential)
    await grant(world, ready, job)
    const { call, die } = world.strongroom()
    await call.windowClosed({ reason: 'screen-locked', openedMs: 5 })
    await call.ended({ result: 'done', code: null })
    expect(await world.state()).toMatchObject({ operation: null, lastOutcome: null })
    die()
    expect(await outcomeOf(world)).toMatchObject({ result: 'done', detail: 'screen-locked' })
    expect(world.endsAsked).toEqual([])
  })

  it('is said even if the strongroom forgets its window', async () => {
    const job = await openRequest(world, ready, credential)
    await grant(world, ready, job)
    await world.strongroom().call.ended({ result: 'done', code: null })
    expect((await types()).at(-1)).toBe('window.closed')
  })
})
