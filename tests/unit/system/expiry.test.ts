/** A request whose time runs out, with the real processes on clocks of the test. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Entry } from '../../../shared/audit/entry.ts'
import { requestLifetimeMs } from '../../../electron/vault/requests/deadlines.ts'
import { createHandClock, type HandClock } from '../../support/vault-place.ts'
import {
  firstKey,
  openRequest,
  revealPage,
  sealCredential,
  setUpVault,
  startJourney,
  textField,
  type JourneyApp,
  type ReadyVault,
} from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from './starters.ts'

let clock: { vault: HandClock; strongroom: HandClock }
let place: Workplace
let journey: JourneyApp
let vault: ReadyVault
let credential: string

beforeEach(async () => {
  // Two, so that a test can decide whose timer fires first.
  clock = { vault: createHandClock(), strongroom: createHandClock() }
  place = makeWorkplace()
  const { startVault } = starters(place, clock.vault)
  const { startStrongroom } = starters(place, clock.strongroom)
  journey = await startJourney({ startVault, startStrongroom })
  vault = await setUpVault(journey, { n: 3, k: 2 })
  credential = await sealCredential(journey, vault, [textField('Password', 'correct-horse-7731')])
})
afterEach(async () => {
  await journey.app.close()
  place.remove()
})

const nobody = { types: [], person: null, credential: null, text: '', from: null, before: null }
const log = async (): Promise<Entry[]> =>
  (await journey.app.call['timeline.page']({ before: null, limit: 200, filter: nobody })).entries.toReversed()

type Side = keyof typeof clock
const sides: readonly (readonly Side[])[] = [['vault'], ['strongroom'], ['vault', 'strongroom']]

it.each(sides.flatMap((first) => [0, 1, 2].map((taps) => ({ first, taps }))))(
  'expires by the clock of $first after $taps taps, and nothing opens',
  async ({ first, taps }) => {
    const operation = await openRequest(journey, vault.requester, credential)
    const reveal = revealPage(journey)
    const people = [vault.requester, ...vault.custodians]
    for (const person of people.slice(0, taps)) {
      journey.tap.touch(firstKey(person))
      expect(await journey.tap.feedback()).toMatchObject({ accepted: true })
    }
    if (taps === 0) await journey.app.until(({ operation: run }) => run?.stage === 'tap')
    for (const side of first) clock[side].pass(requestLifetimeMs)
    const state = await journey.app.until((now) => now.lastOutcome?.operation === operation)
    expect(state.operation).toBeNull()
    expect(state.lastOutcome).toMatchObject({ result: 'failed', code: 'REQUEST_EXPIRED' })
    const types = (await log()).map(({ type }) => type)
    expect(types.slice(types.indexOf('request.opened'))).toEqual([
      'request.opened',
      ...Array.from({ length: taps }, () => 'tap.accepted'),
      'request.expired',
    ])
    // The tap page is gone with its strongroom: a touch that comes now is taken by nobody.
    if (taps > 0) await expect((await reveal).show({ field: 0 })).rejects.toBeDefined()
    const report = await journey.app.call['log.verify']({})
    expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
  },
)
