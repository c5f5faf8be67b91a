/** The tap page: what it shows, that it asks the browser, and what it does with what people press. */
import { expect, test } from 'playwright/test'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { tapContract, TapView } from '../../../shared/contracts/tap.ts'
import { hash } from './canned-people.ts'
import { startScreens, type Screen, type ScreenHost } from './screen-host.ts'

let host: ScreenHost
test.beforeAll(async () => {
  host = await startScreens()
})
test.afterAll(async () => {
  await host.close()
})

const request: TapView = {
  kind: 'request',
  title: 'AWS root account, version 4',
  lines: [
    { label: 'Why', value: 'Identity provider is down since 02:40; production keys leaked and must be revoked now.' },
    { label: 'Incident', value: 'INC-2041' },
    { label: 'By whom', value: 'Rita Okafor' },
    { label: 'For how long', value: '2 minutes' },
    { label: 'Asked at', value: '2026-11-23T15:25:07.063Z' },
  ],
  people: [
    { name: 'Ada Byron', state: 'tapped' },
    { name: 'Grace Hopper', state: 'waiting' },
    { name: 'Edsger Dijkstra', state: 'waiting' },
    { name: 'Maria-Fernanda von Hohenstein-Castellanos', state: 'waiting' },
  ],
  have: 1,
  need: 3,
  instruction: 'Two more custodians: insert your key and touch it now.',
}

const enrol: TapView = {
  kind: 'enrol',
  title: 'Main key of Grace Hopper',
  lines: [
    { label: 'Person', value: 'Grace Hopper' },
    { label: 'Key', value: 'Main key (1 of 2)' },
    { label: 'Touch', value: '2 of 3: the key must answer alike twice' },
  ],
  people: [],
  have: 1,
  need: 6,
  instruction: 'Grace Hopper: insert the key to enrol and touch it.',
}

const point = `BPLHtB2kzJYDgvhLLiIexFZBQ0bXJ6Gg3TzLXKfYCGwCnZJCzZ1d0xzq0XFLy1bYwMyyRVtRaRa3kq4jkB6jwzM`
const get: Input<typeof tapContract, 'get'> = {
  challenge: hash,
  allow: [{ id: hash, transports: ['usb'], salts: { first: hash, second: hash } }],
  strongroomKey: point.slice(0, 87),
  timeoutMs: 60_000,
}

async function open(view: TapView, query = ''): Promise<Screen> {
  const screen = await host.open('tap', query)
  await screen.page.evaluate(async (shown) => {
    globalThis.halliganFake.tap()
    await globalThis.halliganFake.showTap(shown)
  }, view)
  await screen.page.getByRole('heading', { level: 1, name: view.title }).waitFor()
  return screen
}
const ask = (screen: Screen): Promise<void> => screen.page.evaluate((input) => globalThis.halliganFake.get(input), get)
const feedback = (screen: Screen, input: Input<typeof tapContract, 'feedback'>): Promise<void> =>
  screen.page.evaluate((given) => globalThis.halliganFake.feedback(given), input)

test('before there is anything to approve', async () => {
  const screen = await host.open('tap')
  await host.inspect(screen, 'tap-waiting')
})

test('a request, asked by itself, accepted and refused', async () => {
  const screen = await open(request)
  const again = screen.page.getByRole('button', { name: 'Ask the key again' })
  await expect(again).toBeDisabled()
  await ask(screen)
  await expect(again).toBeEnabled()
  await expect(screen.page.getByText('23 Nov 2026, 16:25:07 (15:25:07 UTC)')).toBeVisible()
  await host.inspect(screen, 'tap-request')
  await feedback(screen, { accepted: true, person: 'Grace Hopper' })
  await expect(screen.page.getByText('Grace Hopper has tapped')).toBeVisible()
  await host.inspect(screen, 'tap-accepted')
  await feedback(screen, { accepted: false, code: 'TAP_PERSON_ALREADY_COUNTED', person: 'Ada Byron' })
  await expect(screen.page.getByText('Ada Byron has tapped already, and each person counts once')).toBeVisible()
  await host.inspect(screen, 'tap-refused')
})

test('feedback is on screen within 200 ms', async () => {
  const screen = await open(request)
  const ms = await screen.page.evaluate(async () => {
    const start = performance.now()
    await globalThis.halliganFake.feedback({ accepted: false, code: 'TAP_NOT_ALLOWED', person: null })
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    return document.querySelector('.feedback.refused') === null ? Infinity : performance.now() - start
  })
  expect(ms).toBeLessThan(200)
})

test('a key that does not answer in the window may need the browser', async () => {
  const screen = await open(request)
  await feedback(screen, { accepted: false, code: 'TAP_NOT_ALLOWED', person: null })
  await expect(screen.page.getByText('one with a PIN needs the browser: see “Where taps take place”')).toBeVisible()
  await host.inspect(screen, 'tap-unanswered')
})

test('a touch waits for the press in a manual page, and "Ask the key again" keeps the same question open', async () => {
  const screen = await open(enrol, '?manual')
  const touch = screen.page.getByRole('button', { name: 'Touch now' })
  await expect(touch).toBeDisabled()
  await ask(screen)
  await expect(touch).toBeEnabled()
  await expect(touch).toBeFocused()
  await host.inspect(screen, 'tap-enrol-manual')
  await touch.click()
  await expect(touch).toBeDisabled()
  await screen.page.getByRole('button', { name: 'Ask the key again' }).click()
  await screen.page.waitForTimeout(300)
  expect(await screen.page.evaluate(() => globalThis.halliganFake.answers)).toEqual([])
  await screen.page.getByRole('button', { name: 'Cancel' }).click()
  await expect
    .poll(() => screen.page.evaluate(() => globalThis.halliganFake.answers))
    .toEqual([{ ok: false, name: 'AbortError' }])
  expect(await screen.page.evaluate(() => globalThis.halliganFake.calls.map(({ method }) => method))).toEqual([
    'cancelled',
  ])
})

test('many people, a long reason', async () => {
  const people = Array.from({ length: 60 }, (_, index) => ({
    name: `Custodian number ${String(index + 1)}`,
    state: index < 3 ? ('tapped' as const) : ('waiting' as const),
  }))
  const lines = [
    ...request.lines,
    { label: 'Note', value: 'The identity provider rejects every sign-in. '.repeat(20).trim() },
  ]
  const screen = await open({ ...request, people, lines, have: 3, need: 30 })
  await ask(screen)
  await host.inspect(screen, 'tap-many')
  await expect(screen.page.getByRole('button', { name: 'Cancel' })).toBeInViewport()
})

test('the end', async () => {
  const screen = await open(request)
  await screen.page.evaluate(() => globalThis.halliganFake.close())
  await screen.page.getByRole('heading', { name: 'This tap has ended' }).waitFor()
  await host.inspect(screen, 'tap-over')
})
