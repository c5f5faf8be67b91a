/** A safe that asks for passphrases, through all processes: set-up, request, change, and no trace of what was typed. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fromUtf8 } from '../../../shared/bytes.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { bundleStrongroom } from '../../support/forked-strongroom.ts'
import { searchFiles } from '../../support/search-for-secret.ts'
import { createSoftwareKey } from '../../support/software-key.ts'
import type { Touch } from '../../support/software-tap-page.ts'
import {
  finish,
  firstKey,
  openRequest,
  passphraseOf,
  revealPage,
  sealCredential,
  setUpVault,
  startJourney,
  textField,
  usualPolicy,
  type JourneyApp,
  type ReadyVault,
  type TestPerson,
} from '../../support/vault-journey.ts'
import type { Starters } from '../../support/node-app.ts'
import { makeWorkplace, starters, type Workplace } from './starters.ts'

let place: Workplace
let journey: JourneyApp
let vault: ReadyVault
let credential: string

beforeEach(() => {
  place = makeWorkplace()
})
async function begin(run: Starters = starters(place)): Promise<void> {
  journey = await startJourney(run)
  vault = await setUpVault(journey, { n: 3, k: 2, policy: { ...usualPolicy, passphrase: true } })
  credential = await sealCredential(journey, vault, [textField('Password', 'correct-horse-7731')])
}
afterEach(async () => {
  await journey.app.close()
  place.remove()
})

const custodian = (at: number): TestPerson => {
  const person = vault.custodians[at]
  if (person === undefined) throw new Error('no such custodian')
  return person
}
const own = (person: TestPerson, passphrase = passphraseOf(person)): Touch => ({ key: firstKey(person), passphrase })
async function accepted(touch: Touch): Promise<void> {
  journey.tap.touch(touch)
  expect(await journey.tap.feedback()).toMatchObject({ accepted: true })
}
async function refused(touch: Touch, code: ErrorCode): Promise<void> {
  journey.tap.touch(touch)
  expect(await journey.tap.feedback()).toMatchObject({ accepted: false, code })
}

async function openWith(touches: readonly Touch[]): Promise<string> {
  await openRequest(journey, vault.requester, credential)
  await accepted({ key: firstKey(vault.requester) })
  const page = revealPage(journey)
  for (const touch of touches) await accepted(touch)
  const reveal = await page
  await reveal.begin({})
  const shown = fromUtf8((await reveal.show({ field: 0 })).value)
  await reveal.hideNow({})
  await journey.app.until((state) => state.operation === null)
  journey.tap.forget()
  return shown
}

async function changePassphrase(person: TestPerson, next: string): Promise<void> {
  journey.tap.chosen.push(next)
  const { operation } = await journey.app.call['keys.passphrase']({
    person: person.id,
    key: firstKey(person).credentialId,
  })
  journey.tap.touch(own(person))
  await finish(journey, operation)
  journey.tap.forget()
}

const everything = { types: [], person: null, credential: null, text: '', from: null, before: null }
const timeline = async () =>
  (await journey.app.call['timeline.page']({ before: null, limit: 200, filter: everything })).entries.toReversed()

it('opens with passphrases, again after the salts have moved on, and only with the new one after a change', async () => {
  await begin()
  expect(await openWith([own(custodian(0)), own(custodian(1))])).toBe('correct-horse-7731')
  expect(await openWith([own(custodian(1)), own(custodian(0))])).toBe('correct-horse-7731')

  await changePassphrase(custodian(1), 'brand new lantern of the second')
  const changed = (await timeline()).filter(({ type }) => type === 'passphrase.changed')
  expect(changed).toHaveLength(1)
  expect(changed[0]).toMatchObject({ actor: { kind: 'person', id: custodian(1).id, proven: true } })

  await openRequest(journey, vault.requester, credential)
  await accepted({ key: firstKey(vault.requester) })
  await refused(own(custodian(1)), 'TAP_PASSPHRASE_WRONG')
  await refused({ key: firstKey(custodian(1)) }, 'TAP_PASSPHRASE_NEEDED')
  await refused({ key: firstKey(vault.requester), force: true }, 'TAP_NOT_CUSTODIAN')
  const page = revealPage(journey)
  await accepted(own(custodian(1), 'brand new lantern of the second'))
  await accepted(own(custodian(0)))
  const reveal = await page
  await reveal.begin({})
  await reveal.hideNow({})
  await journey.app.until((state) => state.operation === null)

  const report = await journey.app.call['log.verify']({})
  expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
  expect(report.completeness.verdict).toBe('complete')
})

it('leaves nothing of what was typed, and refuses a change where there is nothing to change', async () => {
  await begin()
  await changePassphrase(custodian(0), 'brand new lantern of the first')
  await openWith([own(custodian(0), 'brand new lantern of the first'), own(custodian(2))])
  const typed = ['kedgeree lantern', 'brand new lantern']
  expect(JSON.stringify(await timeline())).not.toMatch(/lantern/)
  expect(searchFiles(place.dir, typed)).toEqual([])
  // The search would find it.
  expect(searchFiles(place.dir, ['Cloud root'])).not.toEqual([])
  const key = firstKey(vault.requester).credentialId
  await expect(journey.app.call['keys.passphrase']({ person: vault.requester.id, key })).rejects.toMatchObject({
    code: 'POLICY_INVALID',
  })
  await expect(journey.app.call['keys.passphrase']({ person: custodian(0).id, key })).rejects.toMatchObject({
    code: 'KEY_UNKNOWN',
  })
})

it('a key drill needs it too, and leaves the wrap as it must be', async () => {
  await begin()
  const { operation } = await journey.app.call['keys.test']({
    person: custodian(0).id,
    key: firstKey(custodian(0)).credentialId,
  })
  await refused(own(custodian(0), 'something else entirely'), 'TAP_PASSPHRASE_WRONG')
  journey.tap.touch(own(custodian(0)))
  await finish(journey, operation)
  journey.tap.forget()
  expect(await openWith([own(custodian(0)), own(custodian(2))])).toBe('correct-horse-7731')
})

it('a further key gets a passphrase of its own', async () => {
  await begin()
  const fresh = createSoftwareKey()
  const person = custodian(2)
  journey.tap.chosen.push('lantern of the further key')
  for (let touch = 0; touch < 3; touch++) journey.tap.touch(fresh)
  const { operation } = await journey.app.call['keys.add']({ person: person.id, label: 'Further key' })
  journey.tap.touch(own(person))
  await finish(journey, operation)
  journey.tap.forget()
  const further = { key: fresh, passphrase: 'lantern of the further key' }
  expect(await openWith([further, own(custodian(0))])).toBe('correct-horse-7731')
})

it('as it is built, in a process of its own, it stretches at the usual cost', async () => {
  const program = bundleStrongroom()
  let isForking = false
  const run = starters(place)
  try {
    await begin({
      ...run,
      startStrongroom: (environment) => (isForking ? program.start(environment) : run.startStrongroom(environment)),
    })
    isForking = true
    // Only what is chosen now gets the usual cost; what was chosen before keeps its own.
    await changePassphrase(custodian(1), 'brand new lantern of the second')
    await openRequest(journey, vault.requester, credential)
    await accepted({ key: firstKey(vault.requester) })
    await refused(own(custodian(1)), 'TAP_PASSPHRASE_WRONG')
    const page = revealPage(journey)
    await accepted(own(custodian(1), 'brand new lantern of the second'))
    await accepted(own(custodian(0)))
    const reveal = await page
    await reveal.begin({})
    expect(fromUtf8((await reveal.show({ field: 0 })).value)).toBe('correct-horse-7731')
    await reveal.hideNow({})
    await journey.app.until((state) => state.operation === null)
  } finally {
    program.remove()
  }
}, 60_000)
