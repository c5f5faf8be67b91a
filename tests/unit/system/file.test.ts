/** The largest file that may be sealed, through the real processes and back. */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { EnteredField } from '../../../shared/contracts/seal.ts'
import { limits } from '../../../shared/limits.ts'
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

let place: Workplace
let journey: JourneyApp
let vault: ReadyVault

beforeEach(async () => {
  place = makeWorkplace()
  journey = await startJourney(starters(place))
  vault = await setUpVault(journey, { n: 2, k: 2 })
})
afterEach(async () => {
  await journey.app.close()
  place.remove()
})

const fileField = (value: Uint8Array): EnteredField => ({
  label: 'Backup key',
  type: 'file',
  secret: true,
  // The form overwrites what it was given.
  value: value.slice(),
  totp: null,
  fileName: 'backup.key',
})

it('comes back byte for byte, and after a restart of the vault', async () => {
  const file = Uint8Array.from(randomBytes(limits.fileBytes))
  const fields = [textField('Password', 'correct-horse-7731'), fileField(file)]
  const credential = await sealCredential(journey, vault, fields, { kind: 'file' })
  await journey.app.close()
  journey = await startJourney(starters(place))
  const operation = await openRequest(journey, vault.requester, credential)
  const reveal = revealPage(journey)
  for (const person of [vault.requester, ...vault.custodians]) journey.tap.touch(firstKey(person))
  const page = await reveal
  const { fields: listed } = await page.begin({})
  expect(listed[1]).toMatchObject({ label: 'Backup key', fileName: 'backup.key', length: limits.fileBytes })
  const shown = await page.show({ field: 1 })
  expect(shown.value.length).toBe(limits.fileBytes)
  expect(Buffer.from(shown.value).equals(file)).toBe(true)
  await page.hideNow({})
  await journey.app.until((state) => state.lastOutcome?.operation === operation)
})

it('is refused one byte over the limit, and nothing is sealed', async () => {
  const over = fileField(new Uint8Array(limits.fileBytes + 1))
  await expect(sealCredential(journey, vault, [over], { kind: 'file' })).rejects.toMatchObject({
    code: 'MESSAGE_INVALID',
  })
  expect(await journey.app.call['credentials.list']({})).toEqual([])
})
