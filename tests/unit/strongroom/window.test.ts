/** The window ends on time, by either clock and by anybody, and nothing extends it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CloseReason } from '../../../shared/audit/entry.ts'
import { startElapsed } from '../../../electron/strongroom/elapsed.ts'
import { createWorld, field, keyOf, requestJob, sealIn, type World } from '../../support/sealed-world.ts'
import { startHarness, type Harness, type RevealPage } from '../../support/strongroom-harness.ts'

let world: World
let harness: Harness
let page: RevealPage

async function openWindow(windowSeconds = 60): Promise<void> {
  world = createWorld({ n: 2, k: 2, firstKeys: 1 })
  harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'correct-horse')]), { windowSeconds }))
  const reveal = harness.reveal()
  harness.tap.touch(keyOf(world.requester))
  for (const one of world.custodians) harness.tap.touch(keyOf(one))
  page = await reveal
  await page.call.begin({})
}

async function expectEnd(reason: CloseReason): Promise<void> {
  const started = performance.now()
  expect(await harness.exited).toBe(0)
  expect(performance.now() - started).toBeLessThan(2000)
  expect(harness.callsOf('windowClosed')).toMatchObject([{ reason }])
  expect(await harness.ended).toEqual({ result: 'done', code: null })
  expect(harness.pages.size).toBe(0)
  await expect(page.call.show({ field: 0 })).rejects.toBeDefined()
}

describe('an open window', () => {
  beforeEach(() => openWindow())
  afterEach(() => harness.exited)

  it.each(['screen-locked', 'suspended', 'app-quit', 'window-closed', 'hidden-by-person'] as const)(
    'ends when main says %s',
    async (reason) => {
      await harness.end(reason)
      expect(await page.ended).toBe(reason)
      await expectEnd(reason)
    },
  )

  it('ends with "Hide now"', async () => {
    await page.call.hideNow({})
    await expectEnd('hidden-by-person')
  })

  it('ends when the vault process ends the operation', async () => {
    harness.vaultEnds('CANCELLED')
    await expectEnd('hidden-by-person')
  })

  it('ends with its page: closed by the person, or dead', async () => {
    await harness.pageGone('reveal', false)
    await expectEnd('window-closed')
    await openWindow()
    await harness.pageGone('reveal', true)
    await expectEnd('reveal-window-died')
  })

  it('ends when the page port breaks and nobody says why', async () => {
    harness.pages.get('reveal')?.port.close()
    await expectEnd('reveal-window-died')
  })

  it('ends at once when the vault process is gone', async () => {
    harness.cutVault()
    expect(await page.ended).toBe('vault-died')
    expect(await harness.exited).toBe(0)
  })

  it('ends when time has passed', async () => {
    harness.clock.pass(60_000)
    await expectEnd('time-elapsed')
    expect(harness.callsOf('windowClosed')[0]?.openedMs).toBeGreaterThanOrEqual(60_000)
  })

  it('refuses at the very call, not only at the next tick', async () => {
    harness.clock.pass(60_000)
    await expect(page.call.show({ field: 0 })).rejects.toMatchObject({ code: 'WINDOW_CLOSED' })
    expect(harness.callsOf('fieldShown')).toEqual([])
    await expectEnd('time-elapsed')
  })

  it('ends early when the wall clock is set forward', async () => {
    harness.clock.jumpWall(3_600_000)
    await expectEnd('time-elapsed')
  })

  it('gains nothing when the wall clock is set back', async () => {
    harness.clock.jumpWall(-3_600_000)
    harness.clock.pass(59_000)
    expect(await page.call.show({ field: 0 })).toMatchObject({ type: 'value' })
    harness.clock.pass(1000)
    await expectEnd('time-elapsed')
  })
})

it('tells the page how much time is left, downwards only', async () => {
  const left: number[] = []
  world = createWorld({ n: 2, k: 2, firstKeys: 1 })
  harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'x')])))
  const reveal = harness.reveal({ tick: ({ remainingMs }) => left.push(remainingMs) })
  harness.tap.touch(keyOf(world.requester))
  for (const one of world.custodians) harness.tap.touch(keyOf(one))
  page = await reveal
  const { remainingMs, endsAt } = await page.call.begin({})
  expect(remainingMs).toBeLessThanOrEqual(60_000)
  expect(Date.parse(endsAt) - harness.clock.wall()).toBeLessThanOrEqual(60_000)
  await expect.poll(() => left.length, { timeout: 2000 }).toBeGreaterThan(2)
  harness.clock.jumpWall(-100_000)
  await expect.poll(() => left.length, { timeout: 2000 }).toBeGreaterThan(4)
  expect(left).toEqual([...left].sort((a, b) => b - a))
  await harness.end('app-quit')
  await harness.exited
})

it('is gone within two seconds when the vault process does not answer any more', async () => {
  world = createWorld({ n: 2, k: 2, firstKeys: 1 })
  const never = (): Promise<never> => new Promise(() => undefined)
  harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'x')])), {
    windowClosed: never,
    ended: never,
  })
  const reveal = harness.reveal()
  harness.tap.touch(keyOf(world.requester))
  for (const one of world.custodians) harness.tap.touch(keyOf(one))
  await (await reveal).call.begin({})
  const started = performance.now()
  await harness.end('suspended')
  expect(await harness.exited).toBe(0)
  expect(performance.now() - started).toBeLessThan(2000)
})

it('is gone within two seconds when it waits for an answer that never comes', async () => {
  world = createWorld({ n: 2, k: 2, firstKeys: 1 })
  const never = (): Promise<never> => new Promise(() => undefined)
  harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'x')])), {
    tapAccepted: never,
    ended: never,
  })
  harness.tap.touch(keyOf(world.requester))
  await expect.poll(() => harness.callsOf('tapAccepted').length).toBe(1)
  const started = performance.now()
  await harness.end('screen-locked')
  await harness.exited
  expect(performance.now() - started).toBeLessThan(2000)
})

describe('a request that is not granted yet', () => {
  beforeEach(async () => {
    world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'x')]), { lifetimeMs: 60_000 }))
    harness.tap.touch(keyOf(world.requester))
    expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
  })

  it('says why it was ended from outside', async () => {
    await harness.end('suspended')
    expect(await harness.exited).toBe(0)
    expect(harness.callsOf('windowClosed')).toEqual([{ reason: 'suspended', openedMs: 0 }])
    expect(await harness.ended).toEqual({ result: 'cancelled', code: 'CANCELLED' })
  })

  it('expires by either clock', async () => {
    harness.clock.jumpWall(60_000)
    expect(await harness.ended).toEqual({ result: 'cancelled', code: 'REQUEST_EXPIRED' })
    expect(await harness.exited).toBe(0)
  })

  it('does not live longer because the wall clock was set back', async () => {
    harness.clock.jumpWall(-3_600_000)
    harness.clock.pass(60_000)
    expect(await harness.ended).toEqual({ result: 'cancelled', code: 'REQUEST_EXPIRED' })
  })

  it('takes no tap after the vault process ended it', async () => {
    harness.vaultEnds('REQUEST_CANCELLED')
    expect(await harness.ended).toEqual({ result: 'cancelled', code: 'REQUEST_CANCELLED' })
    expect(harness.callsOf('granted')).toEqual([])
  })
})

it('a crash overwrites, exits with a failure and says nothing', async () => {
  await openWindow()
  harness.crash()
  expect(await harness.exited).toBe(1)
  expect(harness.callsOf('windowClosed')).toEqual([])
})

describe('elapsed time', () => {
  const clocks = (): { wall: number; monotonic: number; elapsed: () => number } => {
    const state = { wall: 1_000_000, monotonic: 50, elapsed: () => 0 }
    state.elapsed = startElapsed({ wall: () => state.wall, monotonic: () => state.monotonic })
    return state
  }

  it('is the larger of both clocks and never less than before', () => {
    const state = clocks()
    state.monotonic += 1000
    expect(state.elapsed()).toBe(1000)
    state.wall += 5000
    expect(state.elapsed()).toBe(5000)
    state.wall -= 4000
    expect(state.elapsed()).toBe(5000)
  })

  it('counts sleep, in which the monotonic clock stands still', () => {
    const state = clocks()
    state.wall += 600_000
    expect(state.elapsed()).toBe(600_000)
  })

  it('counts sleep also after the wall clock was set back', () => {
    const state = clocks()
    state.wall -= 3_600_000
    state.monotonic += 1000
    state.wall += 1000
    expect(state.elapsed()).toBe(1000)
    state.wall += 1_800_000
    expect(state.elapsed()).toBeGreaterThanOrEqual(1_800_000)
  })
})
