import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromUtf8 } from '../../../shared/bytes.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { createSoftwareKey } from '../../support/software-key.ts'
import type { Touch } from '../../support/software-tap-page.ts'
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
  type TestPerson,
} from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from './starters.ts'

const secret = 'correct-horse-7731'

let place: Workplace
let journey: JourneyApp
let vault: ReadyVault
let credential: string

beforeEach(async () => {
  place = makeWorkplace()
  journey = await startJourney(starters(place))
  vault = await setUpVault(journey)
  credential = await sealCredential(journey, vault, [
    textField('Username', 'root', false),
    textField('Password', secret),
  ])
})
afterEach(async () => {
  await journey.app.close()
  place.remove()
})

const nobody = { types: [], person: null, credential: null, text: '', from: null, before: null }
const timeline = async (): Promise<Entry[]> =>
  (await journey.app.call['timeline.page']({ before: null, limit: 200, filter: nobody })).entries.toReversed()
const types = async (): Promise<string[]> => (await timeline()).map(({ type }) => type)
const custodian = (index: number): TestPerson => {
  const person = vault.custodians[index]
  if (person === undefined) throw new Error('no such custodian')
  return person
}

async function tapAccepted(touch: Touch): Promise<void> {
  journey.tap.touch(touch)
  expect(await journey.tap.feedback()).toMatchObject({ accepted: true })
}

async function tapRefused(touch: Touch, code: ErrorCode): Promise<void> {
  journey.tap.touch(touch)
  expect(await journey.tap.feedback()).toMatchObject({ accepted: false, code })
  const refusals = (await timeline()).filter(({ type }) => type === 'tap.refused')
  expect(refusals.at(-1)?.data).toMatchObject({ code })
}

async function ended(operation: string): Promise<void> {
  await journey.app.until((state) => state.operation === null && state.lastOutcome?.operation === operation)
}

describe('breaking the glass', () => {
  it('opens after k distinct people, records before it shows, and says what is owed', async () => {
    const operation = await openRequest(journey, vault.requester, credential)
    const reveal = revealPage(journey)
    await tapAccepted({ key: firstKey(vault.requester) })
    for (const index of [0, 2, 4]) await tapAccepted({ key: firstKey(custodian(index)) })
    const page = await reveal
    const begun = await page.begin({})
    expect(begun.fields.map(({ label }) => label)).toEqual(['Username', 'Password'])
    expect(await types()).not.toContain('field.shown')
    const shown = await page.show({ field: 1 })
    expect(shown.type === 'value' && fromUtf8(shown.value)).toBe(secret)
    expect((await types()).at(-1)).toBe('field.shown')
    await page.hideNow({})
    await ended(operation)
    const log = await types()
    expect(log.slice(log.indexOf('request.opened'))).toEqual([
      'request.opened',
      'tap.accepted',
      'tap.accepted',
      'tap.accepted',
      'tap.accepted',
      'request.granted',
      'field.shown',
      'window.closed',
    ])
    expect(journey.app.state().owed).toMatchObject([{ credential, rotate: true, classify: true }])
    expect((await timeline()).at(-1)?.data).toMatchObject({ reason: 'hidden-by-person' })
    const report = await journey.app.call['log.verify']({})
    expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
  })

  it('counts the requester who is a custodian, by the same tap', async () => {
    await openRequest(journey, custodian(1), credential)
    for (const index of [1, 3, 4]) await tapAccepted({ key: firstKey(custodian(index)) })
    const page = await revealPage(journey)
    await page.begin({})
    await page.hideNow({})
  })

  it('refuses, each with its own code and entry, and then still opens for honest taps', async () => {
    await openRequest(journey, vault.requester, credential)
    await tapRefused({ key: firstKey(custodian(0)) }, 'TAP_NOT_ALLOWED')
    await tapAccepted({ key: firstKey(vault.requester) })
    const one = firstKey(custodian(0))
    await tapAccepted({ key: one })
    await tapRefused({ key: one }, 'TAP_PERSON_ALREADY_COUNTED')
    const backup = custodian(0).keys[1]
    if (backup === undefined) throw new Error('no backup key')
    await tapRefused({ key: backup }, 'TAP_PERSON_ALREADY_COUNTED')
    const replayed = journey.tap.answers.findLast((answer) => answer.ok && answer.key === one.credentialId)
    if (replayed === undefined) throw new Error('nothing to replay')
    await tapRefused({ key: one, replay: replayed }, 'TAP_REPLAYED')
    await tapRefused({ key: createSoftwareKey() }, 'TAP_NOT_ALLOWED')
    await tapRefused({ key: createSoftwareKey(), force: true }, 'TAP_KEY_UNKNOWN')
    const two = firstKey(custodian(1))
    two.behaviour.breakSignature = true
    await tapRefused({ key: two }, 'TAP_SIGNATURE_INVALID')
    two.behaviour.breakSignature = false
    await tapRefused({ key: two, challenge: new Uint8Array(32) }, 'TAP_CHALLENGE_WRONG')
    await tapRefused({ key: two, origin: 'https://evil.example' }, 'TAP_ORIGIN_WRONG')
    await tapRefused({ key: two, rpId: 'evil.example' }, 'TAP_RP_WRONG')
    two.behaviour.uv = false
    await tapRefused({ key: two }, 'TAP_NO_USER_VERIFICATION')
    two.behaviour.uv = true
    two.behaviour.be = true
    await tapRefused({ key: two }, 'TAP_BACKUP_ELIGIBLE')
    two.behaviour.be = false
    two.behaviour.prf = 'none'
    await tapRefused({ key: two }, 'TAP_NO_PRF')
    two.behaviour.prf = 'works'
    await tapAccepted({ key: two })
    await tapAccepted({ key: firstKey(custodian(2)) })
    const page = await revealPage(journey)
    await page.begin({})
    await page.hideNow({})
  })

  it('keeps the past: a tap on another request opens nothing here', async () => {
    const first = await openRequest(journey, vault.requester, credential)
    await tapAccepted({ key: firstKey(vault.requester) })
    await tapAccepted({ key: firstKey(custodian(0)) })
    const stolen = journey.tap.answers.at(-1)
    if (stolen === undefined) throw new Error('nothing to replay')
    await journey.app.call['operation.cancel']({ operation: first })
    await ended(first)
    expect((await types()).at(-1)).toBe('request.cancelled')
    const second = await openRequest(journey, vault.requester, credential)
    await tapAccepted({ key: firstKey(vault.requester) })
    await tapRefused({ key: firstKey(custodian(0)), replay: stolen }, 'TAP_CHALLENGE_WRONG')
    await journey.app.call['operation.cancel']({ operation: second })
    await ended(second)
  })

  it('closes the window for every reason, and logs which', async () => {
    for (const reason of ['suspended', 'screen-locked', 'app-quit'] as const) {
      const operation = await openRequest(journey, vault.requester, credential)
      const reveal = revealPage(journey)
      await tapAccepted({ key: firstKey(vault.requester) })
      for (const index of [0, 1, 2]) await tapAccepted({ key: firstKey(custodian(index)) })
      const page = await reveal
      await page.begin({})
      await journey.app.endStrongroom(reason)
      await ended(operation)
      await expect(page.show({ field: 1 })).rejects.toBeDefined()
      expect((await timeline()).at(-1)).toMatchObject({ type: 'window.closed', data: { reason } })
    }
  })

  it('logs a killed strongroom and a dead reveal page', async () => {
    for (const [end, reason] of [
      [() => journey.app.killStrongroom(), 'strongroom-died'],
      [() => journey.app.pageGone('reveal', true), 'reveal-window-died'],
      [() => journey.app.pageGone('reveal', false), 'window-closed'],
    ] as const) {
      const operation = await openRequest(journey, vault.requester, credential)
      const reveal = revealPage(journey)
      await tapAccepted({ key: firstKey(vault.requester) })
      for (const index of [0, 1, 2]) await tapAccepted({ key: firstKey(custodian(index)) })
      await (await reveal).begin({})
      await end()
      await ended(operation)
      expect((await timeline()).at(-1)).toMatchObject({ type: 'window.closed', data: { reason } })
    }
  })

  it('never opens for two people, whoever they are', async () => {
    const operation = await openRequest(journey, vault.requester, credential)
    const reveal = revealPage(journey)
    await tapAccepted({ key: firstKey(vault.requester) })
    await tapAccepted({ key: firstKey(custodian(0)) })
    await tapAccepted({ key: firstKey(custodian(3)) })
    const page = await reveal
    let begun = false
    const begin = page.begin({}).then(
      () => (begun = true),
      () => undefined,
    )
    await expect(page.show({ field: 1 })).rejects.toBeDefined()
    expect(begun).toBe(false)
    await journey.app.call['operation.cancel']({ operation })
    await ended(operation)
    await begin
    expect(begun).toBe(false)
    expect(await types()).not.toContain('request.granted')
  })
})
