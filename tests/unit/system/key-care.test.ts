/** Security keys looked after, through the whole app under Node: real vault, real strongrooms, software keys. */
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { SoftwareKey } from '../../support/software-key.ts'
import {
  firstKey,
  openRequest,
  sealCredential,
  setUpVault,
  startJourney,
  textField,
  type JourneyApp,
  type ReadyVault,
  type TestPerson,
} from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from './starters.ts'

let place: Workplace
let journey: JourneyApp
let vault: ReadyVault

beforeEach(async () => {
  place = makeWorkplace()
  journey = await startJourney(starters(place))
  vault = await setUpVault(journey, { n: 3, k: 2 })
})
afterEach(async () => {
  await journey.app.close()
  place.remove()
})

const nobody = { types: [], person: null, credential: null, text: '', from: null, before: null }
const timeline = async (): Promise<Entry[]> =>
  (await journey.app.call['timeline.page']({ before: null, limit: 200, filter: nobody })).entries.toReversed()
const types = async (from = 0): Promise<string[]> => (await timeline()).slice(from).map(({ type }) => type)
const custodian = (index: number): TestPerson => {
  const person = vault.custodians[index]
  if (person === undefined) throw new Error('no such custodian')
  return person
}
const ended = async (operation: string): Promise<NonNullable<AppState['lastOutcome']>> => {
  const state = await journey.app.until((now) => now.operation === null && now.lastOutcome?.operation === operation)
  if (state.lastOutcome === null) throw new Error('no outcome')
  return state.lastOutcome
}
const keysOf = (person: TestPerson): AppState['persons'][number]['keys'] =>
  journey.app.state().persons.find(({ id }) => id === person.id)?.keys ?? []

async function touch(key: SoftwareKey, expected: ErrorCode | null = null): Promise<void> {
  journey.tap.touch({ key, force: expected !== null })
  expect(await journey.tap.feedback()).toMatchObject({ accepted: expected === null, code: expected })
}

/** The log is whole in its own words and in those of the command line. */
async function verifies(): Promise<void> {
  const report = await journey.app.call['log.verify']({})
  expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
}

describe('renaming a key', () => {
  it('takes one tap of its owner, and the name stands in the manifest', async () => {
    const ada = custodian(0)
    const [first] = ada.keys
    const before = (await timeline()).length
    const { operation } = await journey.app.call['keys.rename']({
      person: ada.id,
      key: first!.credentialId,
      label: 'at home',
    })
    await touch(firstKey(custodian(1)), 'TAP_NOT_THIS_PERSON')
    await touch(first!)
    expect(await ended(operation)).toMatchObject({ result: 'done', kind: 'amend' })
    expect(keysOf(ada).map(({ label }) => label)).toEqual(['at home', 'Key 2'])
    expect(journey.app.state().vault?.manifestVersion).toBe(2)
    expect(await types(before)).toEqual(['tap.refused', 'manifest.signed', 'manifest.changed', 'operation.ended'])
    const shown = journey.tap.views.at(-1)
    expect(shown).toMatchObject({ kind: 'amend', title: `Security keys of ${ada.name}`, need: 1 })
    expect(shown?.lines[0]).toEqual({
      label: `Person “${ada.name}”`,
      value: 'security key “Key 1” is now called “at home”',
    })
    await verifies()
  })

  it('that changes nothing, or of a key that is not theirs, is refused before anybody taps', async () => {
    const [ada, grace] = [custodian(0), custodian(1)]
    const rename = journey.app.call['keys.rename']
    const same = { person: ada.id, key: firstKey(ada).credentialId, label: 'Key 1' }
    await expect(rename(same)).rejects.toMatchObject({ code: 'AMENDMENT_EMPTY' })
    await expect(rename({ ...same, person: grace.id })).rejects.toMatchObject({ code: 'KEY_UNKNOWN' })
    expect(journey.app.state().operation).toBeNull()
  })

  it('given up after no tap, or after some of those needed, leaves a log that verifies', async () => {
    const ada = custodian(0)
    const key = firstKey(ada).credentialId
    const { operation } = await journey.app.call['keys.retire']({ person: ada.id, key })
    await touch(ada.keys[1]!)
    await journey.app.call['operation.cancel']({ operation })
    expect(await ended(operation)).toMatchObject({ result: 'cancelled' })
    expect(journey.app.state().vault?.manifestVersion).toBe(1)
    await verifies()
    const again = await journey.app.call['keys.rename']({ person: ada.id, key, label: 'other' })
    await touch(ada.keys[1]!)
    expect(await ended(again.operation)).toMatchObject({ result: 'done' })
    await verifies()
  })
})

describe('retiring a lost key', () => {
  const bytesOfVault = (): Buffer =>
    Buffer.concat(
      readdirSync(place.dir)
        .filter((name) => name.startsWith('vault.sqlite3'))
        .map((name) => readFileSync(path.join(place.dir, name))),
    )

  it('takes a quorum, of which the lost key is no part; its wrap is gone from the files; its tap is refused', async () => {
    const [ada, grace, edsger] = [custodian(0), custodian(1), custodian(2)]
    const [lost, kept] = [ada.keys[0]!, ada.keys[1]!]
    await sealCredential(journey, vault, [textField('Password', 'correct-horse-7731')])
    journey.tap.forget()
    // A wrap names its key, person and public key together; entries do not.
    const trace = `"key":"${lost.credentialId}","nonce"`
    expect(bytesOfVault().includes(trace)).toBe(true)
    const { operation } = await journey.app.call['keys.retire']({ person: ada.id, key: lost.credentialId })
    await touch(lost, 'TAP_KEY_UNKNOWN')
    await touch(firstKey(vault.requester), 'TAP_NOT_CUSTODIAN')
    await touch(kept)
    await touch(kept, 'TAP_PERSON_ALREADY_COUNTED')
    await touch(firstKey(grace))
    expect(await ended(operation)).toMatchObject({ result: 'done', kind: 'amend' })
    expect(keysOf(ada).map(({ credentialId }) => credentialId)).toEqual([kept.credentialId])
    expect(bytesOfVault().includes(trace)).toBe(false)
    await verifies()

    // What was sealed under the manifest before still opens, and not with the lost key.
    const [credential] = await journey.app.call['credentials.list']({})
    const request = await openRequest(journey, edsger, credential!.id)
    await touch(firstKey(edsger))
    await touch(lost, 'TAP_KEY_UNKNOWN')
    await touch(kept)
    await journey.app.until((state) => typeof state.operation?.request?.grantedAt === 'string', 'the grant')
    await journey.app.endStrongroom('screen-locked')
    await ended(request)
    await verifies()
  })

  it("is refused for a custodian's only key, and for one that is not theirs", async () => {
    const [ada, grace] = [custodian(0), custodian(1)]
    const retire = journey.app.call['keys.retire']
    await expect(retire({ person: grace.id, key: firstKey(grace).credentialId })).rejects.toMatchObject({
      code: 'KEY_LAST',
    })
    await expect(retire({ person: grace.id, key: firstKey(ada).credentialId })).rejects.toMatchObject({
      code: 'KEY_UNKNOWN',
    })
    await expect(
      retire({ person: place.dir.slice(0, 22).padEnd(22, 'x').replace(/\W/g, 'x'), key: firstKey(ada).credentialId }),
    ).rejects.toMatchObject({ code: 'PERSON_UNKNOWN' })
  })
})
