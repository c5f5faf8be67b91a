/** A backup key is added, tested and relied on, through the whole app under Node: real vault, real strongrooms, software keys. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { createSoftwareKey, type KeyBehaviour, type SoftwareKey } from '../../support/software-key.ts'
import { newId } from '../../support/node-app.ts'
import {
  finish,
  firstKey,
  openRequest,
  sealCredential,
  setUpVault,
  startJourney,
  textField,
  usualPolicy,
  type JourneyApp,
  type ReadyVault,
  type TestPerson,
} from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from './starters.ts'

/** Never reached in a good run, however busy the machine. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

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
type KeyState = AppState['persons'][number]['keys'][number]
const keysOf = (person: { readonly id: string }): KeyState[] =>
  journey.app.state().persons.find(({ id }) => id === person.id)?.keys ?? []
const keyState = (person: TestPerson, key: SoftwareKey): KeyState => {
  const found = keysOf(person).find(({ credentialId }) => credentialId === key.credentialId)
  if (found === undefined) throw new Error('not listed')
  return found
}

async function touch(key: SoftwareKey, expected: ErrorCode | null = null): Promise<void> {
  journey.tap.touch({ key, force: expected !== null })
  expect(await journey.tap.feedback()).toMatchObject({ accepted: expected === null, code: expected })
}

async function verifies(): Promise<void> {
  expect((await journey.app.call['log.verify']({})).integrity).toMatchObject({ verdict: 'intact', problems: [] })
}

/** Enrols one more key: its own touches, then one of an old key. */
async function addKey(person: TestPerson, key: SoftwareKey, touches = 3, old = firstKey(person)): Promise<void> {
  const { operation } = await journey.app.call['keys.add']({ person: person.id, label: 'Backup' })
  for (let at = 0; at < touches; at++) journey.tap.touch(key)
  expect(await journey.tap.feedback()).toMatchObject({ accepted: true, person: person.name })
  await touch(old)
  expect(await ended(operation)).toMatchObject({ result: 'done', kind: 'add-key' })
}

async function test(person: TestPerson, key: SoftwareKey): Promise<void> {
  const { operation } = await journey.app.call['keys.test']({ person: person.id, key: key.credentialId })
  await touch(key)
  expect(await ended(operation)).toMatchObject({ result: 'done', kind: 'key-drill' })
}

const behaviours: [string, Partial<KeyBehaviour> & { alg?: 'EdDSA' }][] = [
  ['that gives two values', {}],
  ['that gives one value at a time', { prf: 'first-only' }],
  ['that keeps no counter (Ed25519)', { alg: 'EdDSA', signCount: null }],
]

describe('a backup key', () => {
  it.each(behaviours)('%s opens afterwards what the first one opened', async (_, behaviour) => {
    const [ada, grace, edsger] = [custodian(0), custodian(1), custodian(2)]
    const credential = await sealCredential(journey, vault, [textField('Password', 'correct-horse-7731')])
    const backup = createSoftwareKey(behaviour)
    await addKey(grace, backup)
    expect(keysOf(grace).map(({ label }) => label)).toEqual(['Key 1', 'Backup'])
    expect((await timeline()).slice(-4).map(({ type }) => type)).toEqual([
      'key.enrolled',
      'manifest.signed',
      'manifest.changed',
      'operation.ended',
    ])
    await test(grace, backup)
    await test(grace, firstKey(grace))
    // Sealed before the key existed, opened with it; then sealed and opened anew.
    const again = await sealCredential(journey, vault, [textField('Password', 'staple-0042')], { name: 'Later' })
    for (const one of [credential, again]) {
      const request = await openRequest(journey, edsger, one)
      await touch(firstKey(edsger))
      await touch(backup)
      await journey.app.until((state) => typeof state.operation?.request?.grantedAt === 'string', 'the grant')
      await journey.app.endStrongroom('screen-locked')
      await ended(request)
      // Two keys of one person are one person.
      expect(keyState(grace, backup).lastProvenAt).not.toBeNull()
    }
    expect(ada.keys).toHaveLength(2)
    await verifies()
  })

  it('counts as the same person', async () => {
    const [grace, edsger] = [custodian(1), custodian(2)]
    const credential = await sealCredential(journey, vault, [textField('Password', 'correct-horse-7731')])
    const backup = createSoftwareKey()
    await addKey(grace, backup)
    const request = await openRequest(journey, vault.requester, credential)
    await touch(firstKey(vault.requester))
    await touch(backup)
    await touch(firstKey(grace), 'TAP_PERSON_ALREADY_COUNTED')
    await touch(firstKey(edsger))
    await journey.app.until((state) => typeof state.operation?.request?.grantedAt === 'string', 'the grant')
    await journey.app.endStrongroom('screen-locked')
    await ended(request)
    await verifies()
  })

  it('is signed for with a key of its owner that is in force: not with itself, nor by anybody else', async () => {
    const [ada, grace] = [custodian(0), custodian(1)]
    const backup = createSoftwareKey()
    const { operation } = await journey.app.call['keys.add']({ person: grace.id, label: 'Backup' })
    for (let at = 0; at < 3; at++) journey.tap.touch(backup)
    expect(await journey.tap.feedback()).toMatchObject({ accepted: true })
    await touch(backup, 'TAP_KEY_UNKNOWN')
    await touch(firstKey(ada), 'TAP_NOT_THIS_PERSON')
    expect(keysOf(grace)).toHaveLength(1)
    await touch(firstKey(grace))
    await ended(operation)
    const view = journey.tap.views.at(-1)
    expect(view?.lines[0]).toMatchObject({
      label: `Person “${grace.name}”`,
      value: expect.stringContaining('gets the security key “Backup”') as string,
    })
    await verifies()
  })

  it('is another key than all that are known, and proves itself before anybody relies on it', async () => {
    const [ada, grace] = [custodian(0), custodian(1)]
    const { operation } = await journey.app.call['keys.add']({ person: grace.id, label: 'Backup' })
    for (const key of [firstKey(grace), firstKey(ada)]) await touch(key, 'TAP_KEY_ALREADY_ENROLLED')
    const mute = createSoftwareKey({ prf: 'none' })
    for (const _ of [0, 1]) journey.tap.touch(mute)
    expect(await journey.tap.feedback()).toMatchObject({ accepted: false, code: 'TAP_NO_PRF' })
    const moody = createSoftwareKey({ prf: 'unstable' })
    for (const _ of [0, 1, 2]) journey.tap.touch(moody)
    expect(await journey.tap.feedback()).toMatchObject({ accepted: false, code: 'TAP_PRF_UNSTABLE' })
    await journey.app.call['operation.cancel']({ operation })
    expect(await ended(operation)).toMatchObject({ result: 'cancelled' })
    expect(keysOf(grace)).toHaveLength(1)
    await verifies()
  })

  it('of somebody who only asks needs no PRF', async () => {
    const backup = createSoftwareKey({ prf: 'none' })
    await addKey(vault.requester, backup, 2)
    await test(vault.requester, backup)
    await verifies()
  })

  it('has its limits', async () => {
    const grace = custodian(1)
    for (let count = 1; count < limits.keysPerPerson; count++) await addKey(grace, createSoftwareKey())
    const more = journey.app.call['keys.add']({ person: grace.id, label: 'One more' })
    await expect(more).rejects.toMatchObject({ code: 'KEY_LIMIT' })
    await verifies()
  })

  it('is there wholly or not at all when the strongroom dies at any step', async () => {
    const grace = custodian(1)
    const backup = createSoftwareKey()
    for (const touches of [0, 1, 2, 3]) {
      const { operation } = await journey.app.call['keys.add']({ person: grace.id, label: 'Backup' })
      for (let at = 0; at < touches; at++) journey.tap.touch(backup)
      if (touches === 3) expect(await journey.tap.feedback()).toMatchObject({ accepted: true })
      else await journey.app.until((state) => state.operation?.stage === 'tap')
      await journey.app.killStrongroom()
      expect(await ended(operation)).toMatchObject({ result: 'failed', code: 'STRONGROOM_DIED' })
      expect(keysOf(grace)).toHaveLength(1)
      journey.tap.forget()
    }
    await addKey(grace, backup)
    await verifies()
    // The next start finds what is on the disk.
    await journey.app.close()
    journey = await startJourney(starters(place))
    await journey.app.until((state) => state.phase === 'ready' && state.log.integrity === 'intact')
    expect(keysOf(grace).map(({ label }) => label)).toEqual(['Key 1', 'Backup'])
    expect(keyState(grace, backup).lastProvenAt).toBeNull()
    await test(grace, backup)
    const provenAt = keyState(grace, backup).lastProvenAt
    expect(provenAt).not.toBeNull()
    await journey.app.close()
    journey = await startJourney(starters(place))
    await journey.app.until((state) => state.phase === 'ready' && state.log.integrity === 'intact')
    expect(keyState(grace, backup).lastProvenAt).toBe(provenAt)
  })
})

describe('a custodian of three safes', () => {
  it('proves, adds and tests a key that keeps no counter, in as many touches as it takes', async () => {
    await journey.app.close()
    place.remove()
    place = makeWorkplace()
    journey = await startJourney(starters(place))
    const { call } = journey.app
    const people = ['Ann', 'Ben'].map((name) => ({
      id: newId(),
      name,
      // Deterministic signatures: the same challenge twice is the same signature twice.
      keys: [createSoftwareKey({ alg: 'EdDSA', signCount: null })],
    }))
    await call['setup.begin']({ vaultName: 'Test vault', stationName: 'Test station' })
    const custodians = people.map(({ id }) => id)
    await call['setup.plan']({
      people: people.map(({ id, name }) => ({ id, name, roles: ['custodian', 'requester'] })),
      safes: ['One', 'Two', 'Three'].map((name) => ({
        id: newId(),
        name,
        threshold: 2,
        custodians,
        policy: usualPolicy,
      })),
      quorum: 2,
    })
    const touches = (key: SoftwareKey, times: number): void => {
      for (let at = 0; at < times; at++) journey.tap.touch(key)
    }
    // Create, two gets for two safes, two for the third.
    for (const person of people) {
      touches(firstKey(person), 5)
      await finish(journey, (await call['setup.enrol']({ person: person.id, labels: ['Key 1'] })).operation)
    }
    for (const person of people) touches(firstKey(person), 2)
    await finish(journey, (await call['setup.acknowledge']({})).operation)

    const ann = people[0]!
    const backup = createSoftwareKey({ alg: 'EdDSA', signCount: null, prf: 'first-only' })
    const adding = await call['keys.add']({ person: ann.id, label: 'Backup' })
    touches(backup, 7)
    touches(firstKey(ann), 2)
    await finish(journey, adding.operation)
    for (const key of [backup, firstKey(ann)]) {
      const { operation } = await call['keys.test']({ person: ann.id, key: key.credentialId })
      touches(key, 3)
      await finish(journey, operation)
    }
    expect((await timeline()).map(({ type }) => type)).not.toContain('tap.refused')
    await verifies()
  })
})

describe('a key drill', () => {
  it('renews the wraps, says when, and sees a counter that goes back without locking anybody out', async () => {
    const grace = custodian(1)
    const key = firstKey(grace)
    expect(keyState(grace, key)).toMatchObject({ lastProvenAt: null, counterWentBack: false })
    await test(grace, key)
    expect(keyState(grace, key).counterWentBack).toBe(false)
    key.behaviour.signCount = 1
    await test(grace, key)
    expect(keyState(grace, key).counterWentBack).toBe(true)
    const passed = (await timeline()).filter((entry) => entry.type === 'drill.passed')
    expect(passed.map(({ data }) => data.signCountWentBack)).toEqual([false, true])
    key.behaviour.signCount = 100
    await test(grace, key)
    expect(keyState(grace, key).counterWentBack).toBe(false)
    await verifies()
  })

  it('is for that very key', async () => {
    const ada = custodian(0)
    const [first, second] = [ada.keys[0]!, ada.keys[1]!]
    const { operation } = await journey.app.call['keys.test']({ person: ada.id, key: first.credentialId })
    await touch(second, 'TAP_KEY_UNKNOWN')
    await touch(firstKey(custodian(1)), 'TAP_NOT_THIS_PERSON')
    await touch(first)
    expect(await ended(operation)).toMatchObject({ result: 'done' })
  })

  it('that fails is on record, with the reason of the last refusal', async () => {
    const grace = custodian(1)
    const key = firstKey(grace)
    key.behaviour.prf = 'none'
    const { operation } = await journey.app.call['keys.test']({ person: grace.id, key: key.credentialId })
    await touch(key, 'TAP_NO_PRF')
    key.behaviour.prf = 'unstable'
    await touch(key, 'TAP_WRAP_DAMAGED')
    await journey.app.call['operation.cancel']({ operation })
    expect(await ended(operation)).toMatchObject({ result: 'cancelled', code: 'CANCELLED' })
    const last = (await timeline()).slice(-4)
    expect(last.map(({ type }) => type)).toEqual(['tap.refused', 'tap.refused', 'operation.ended', 'drill.failed'])
    expect(last[3]?.data).toEqual({ kind: 'key', person: grace.id, key: key.credentialId, code: 'TAP_WRAP_DAMAGED' })
    key.behaviour.prf = 'works'
    await test(grace, key)
    await verifies()
  })

  it('is verified by the command line too', async () => {
    const grace = custodian(1)
    await addKey(grace, createSoftwareKey())
    await test(grace, firstKey(grace))
    await journey.app.close()
    const report = await verifyFolder(place.dir, null)
    expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
    journey = await startJourney(starters(place))
  })
})
