/** The vault process believes no strongroom about passphrases either. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { passphraseWrapSuite, type PassphraseWrap, type Wrap } from '../../../shared/domain/credential.ts'
import { createHandClock, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import {
  acknowledge,
  describeEnrolment,
  enrol,
  firstKeyOf,
  jobOf,
  makePlan,
  type ReadyWorld,
} from '../../support/vault-steps.ts'
import { makeTap, outcomeOf, random, type World, type WorldPerson } from '../../support/vault-world.ts'

let place: Place
let world: World
let ready: ReadyWorld
beforeEach(async () => {
  place = makePlace()
  world = openWorld(place, createHandClock())
  ready = makePlan()
  await world.call['setup.begin']({ vaultName: 'Test vault', stationName: 'Test station' })
  const safes = ready.plan.safes.map((safe) => ({ ...safe, policy: { ...safe.policy, passphrase: true as const } }))
  await world.call['setup.plan']({ ...ready.plan, safes })
})
afterEach(async () => {
  await world.close().catch(() => undefined)
  place.remove()
})

const stretch = () => ({ salt: random(16), passes: 1, memory: 8192 })
const withPassphrase = (wrap: Wrap): PassphraseWrap => ({
  ...wrap,
  format: 'halligan/wrap/v2',
  suite: passphraseWrapSuite,
  stretch: stretch(),
  check: random(32),
})

async function enrolWith(person: WorldPerson, change: (wrap: Wrap) => Wrap): Promise<void> {
  await world.call['setup.enrol']({ person: person.id, labels: person.keys.map((_, at) => `Key ${at + 1}`) })
  const { call, job, die } = world.strongroom()
  const enrolJob = jobOf(await job(), 'enrol')
  const publicKeys = new Map(enrolJob.safes.map(({ id }) => [id, random(32)]))
  let refused: unknown = null
  for (const [at, key] of person.keys.entries()) {
    const said = describeEnrolment(enrolJob, key, `Key ${at + 1}`, publicKeys)
    await call.keyEnrolled({ ...said, wraps: said.wraps.map(change) }).catch((error: unknown) => {
      refused = error
    })
  }
  await call.ended({ result: refused === null ? 'done' : 'failed', code: null })
  die()
  if (refused !== null) throw refused as Error
}

const setUp = async (): Promise<void> => {
  for (const person of ready.custodians) await enrolWith(person, withPassphrase)
  for (const person of [ready.requester, ready.lead]) await enrol(world, person)
  await acknowledge(world, ready.custodians)
}

it('takes no wrap without a passphrase into a safe that asks for one', async () => {
  const [first] = ready.custodians
  if (first === undefined) throw new Error('nobody')
  await expect(enrolWith(first, (wrap) => wrap)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
  expect((await world.state()).setup?.enrolled).toEqual([])
})

describe('a change', () => {
  const begin = async (at = 0) => {
    await setUp()
    const person = ready.custodians[at]
    if (person === undefined) throw new Error('nobody')
    const key = firstKeyOf(person).credentialId
    await world.call['keys.passphrase']({ person: person.id, key })
    const strongroom = world.strongroom()
    const job = jobOf(await strongroom.job(), 'passphrase')
    const tap = makeTap(person, firstKeyOf(person), 'act', job.statement)
    const [wrap] = job.wraps
    if (wrap?.format !== 'halligan/wrap/v2' || job.wraps.length !== 1) throw new Error('not its wrap')
    const next: PassphraseWrap = { ...wrap, stretch: stretch(), nonce: random(24), box: random(48), check: random(32) }
    return { strongroom, job, tap, wrap, next, person }
  }

  it('is taken with the tap of its owner, once, and recorded', async () => {
    const { strongroom, tap, next, person, job } = await begin()
    expect(job.statement.detail).toEqual({
      kind: 'passphrase',
      key: firstKeyOf(person).credentialId,
      safes: [ready.safe],
    })
    await strongroom.call.passphraseChanged({ tap, wraps: [next] })
    await expect(strongroom.call.passphraseChanged({ tap, wraps: [next] })).rejects.toMatchObject({
      code: 'MESSAGE_INVALID',
    })
    await strongroom.call.ended({ result: 'done', code: null })
    strongroom.die()
    expect(await outcomeOf(world)).toMatchObject({ result: 'done', kind: 'passphrase' })
    const report = await world.call['log.verify']({})
    expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
    // What is handed out next is what was stored, and nothing of the old wrap.
    await world.call['keys.passphrase']({ person: person.id, key: firstKeyOf(person).credentialId })
    expect(jobOf(await world.strongroom().job(), 'passphrase').wraps).toEqual([next])
  })

  it.each([
    ['no wrap', (_: PassphraseWrap, next: PassphraseWrap) => [next].slice(1)],
    ['one twice', (_: PassphraseWrap, next: PassphraseWrap) => [next, next]],
    ['the salt it had', (wrap: PassphraseWrap, next: PassphraseWrap) => [{ ...next, stretch: wrap.stretch }]],
    ['another person', (_: PassphraseWrap, next: PassphraseWrap) => [{ ...next, person: ready.requester.id }]],
    ['another key', (_: PassphraseWrap, next: PassphraseWrap) => [{ ...next, key: random(32) }]],
    ['another key pair', (_: PassphraseWrap, next: PassphraseWrap) => [{ ...next, publicKey: random(32) }]],
    ['another vault', (_: PassphraseWrap, next: PassphraseWrap) => [{ ...next, vault: ready.requester.id }]],
  ])('is refused with %s', async (_, change) => {
    const { strongroom, tap, wrap, next } = await begin()
    const wraps = change(wrap, next)
    await expect(strongroom.call.passphraseChanged({ tap, wraps })).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    const plain = { ...next, format: 'halligan/wrap/v1' } as unknown as Wrap
    await expect(strongroom.call.passphraseChanged({ tap, wraps: [plain] })).rejects.toMatchObject({
      code: 'MESSAGE_INVALID',
    })
  })

  it('is refused without the owner’s own tap with that very key', async () => {
    const { strongroom, job, next, person } = await begin()
    const [other] = ready.custodians.slice(1)
    if (other === undefined) throw new Error('nobody')
    const strange = makeTap(other, firstKeyOf(other), 'act', job.statement)
    await expect(strongroom.call.passphraseChanged({ tap: strange, wraps: [next] })).rejects.toMatchObject({
      code: 'TAP_NOT_THIS_PERSON',
    })
    const second = person.keys[1]
    if (second === undefined) throw new Error('no second key')
    const backup = makeTap(person, second, 'act', job.statement)
    await expect(strongroom.call.passphraseChanged({ tap: backup, wraps: [next] })).rejects.toMatchObject({
      code: 'TAP_KEY_UNKNOWN',
    })
    const elsewhere = makeTap(person, firstKeyOf(person), 'act', { ...job.statement, nonce: random(32) })
    await expect(strongroom.call.passphraseChanged({ tap: elsewhere, wraps: [next] })).rejects.toMatchObject({
      code: 'TAP_CHALLENGE_WRONG',
    })
  })

  it('is not begun where nothing can be changed', async () => {
    await setUp()
    const { id } = ready.lead
    await expect(
      world.call['keys.passphrase']({ person: id, key: firstKeyOf(ready.lead).credentialId }),
    ).rejects.toMatchObject({ code: 'POLICY_INVALID', detail: { why: 'no-passphrase' } })
    await expect(world.call['keys.passphrase']({ person: id, key: random(32) })).rejects.toMatchObject({
      code: 'KEY_UNKNOWN',
    })
  })
})
