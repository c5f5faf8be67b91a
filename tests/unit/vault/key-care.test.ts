/** What a strongroom that was taken over may say about keys and the manifest, and what the vault makes of it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { manifestHash } from '../../../shared/audit/manifest.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { JobOf, strongroomContract } from '../../../shared/contracts/strongroom.ts'
import type { Manifest, SecurityKey } from '../../../shared/domain/manifest.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { createSoftwareKey, type SoftwareKey } from '../../support/software-key.ts'
import { createHandClock, makePlace, openWorld, type HandClock, type Place } from '../../support/vault-place.ts'
import { describeKey, firstKeyOf, jobOf, makeWrap, setUp, type ReadyWorld } from '../../support/vault-steps.ts'
import { makeTap, newId, outcomeOf, random, type World, type WorldPerson } from '../../support/vault-world.ts'

type KeyAdded = Input<typeof strongroomContract, 'keyAdded'>
type DrillPassed = Input<typeof strongroomContract, 'drillPassed'>

let place: Place
let clock: HandClock
let world: World
let ready: ReadyWorld

beforeEach(async () => {
  place = makePlace()
  clock = createHandClock()
  world = openWorld(place, clock)
  ready = await setUp(world)
})
afterEach(async () => {
  await world.close()
  place.remove()
})

const person = (at: number): WorldPerson => ready.custodians[at]!
const current = (job: { manifests: JobOf<'amend'>['manifests'] }): Manifest => job.manifests.at(-1)!.manifest
const refuses = (answer: Promise<unknown>, code: ErrorCode, what?: string): Promise<void> =>
  expect(answer).rejects.toMatchObject({ code, ...(what === undefined ? {} : { detail: { what } }) })
const types = async (): Promise<Entry['type'][]> => {
  const filter = { types: [], person: null, credential: null, text: '', from: null, before: null }
  const { entries } = await world.call['timeline.page']({ before: null, limit: 200, filter })
  return entries.toReversed().map(({ type }) => type)
}
async function verifies(): Promise<void> {
  expect((await world.call['log.verify']({})).integrity).toMatchObject({ verdict: 'intact', problems: [] })
}

describe('adding a key', () => {
  async function begin(): Promise<{ job: JobOf<'add-key'>; who: WorldPerson; key: SoftwareKey }> {
    const who = person(1)
    await world.call['keys.add']({ person: who.id, label: 'Backup' })
    return { job: jobOf(await world.strongroom().job(), 'add-key'), who, key: createSoftwareKey() }
  }

  /** What an honest strongroom says. */
  function describeAddition(
    job: JobOf<'add-key'>,
    who: WorldPerson,
    key: SoftwareKey,
    change: (manifest: Manifest) => Manifest = (manifest) => manifest,
    listed: SecurityKey = describeKey(key, 'Backup'),
  ): KeyAdded {
    const before = current(job)
    const manifest = change({
      ...before,
      version: before.version + 1,
      previous: manifestHash(nodePrimitives, before),
      createdAt: '2026-11-23T14:00:01.000Z',
      persons: before.persons.map((one) => (one.id === who.id ? { ...one, keys: [...one.keys, listed] } : one)),
    })
    const publicKey = before.safes[0]!.custodians.find((one) => one.person === who.id)?.publicKey ?? ''
    return {
      manifest,
      tap: makeTap(who, firstKeyOf(who), 'manifest', manifest),
      wraps: [makeWrap(job.vault, ready.safe, who.id, listed.credentialId, publicKey)],
    }
  }

  it('takes what is honest, once, in one piece', async () => {
    const { job, who, key } = await begin()
    const size = (await types()).length
    const { call, die } = world.strongroom()
    const added = describeAddition(job, who, key)
    await call.keyAdded(added)
    await refuses(call.keyAdded(added), 'MESSAGE_INVALID', 'added-twice')
    await call.ended({ result: 'done', code: null })
    die()
    expect((await types()).slice(size)).toEqual([
      'key.enrolled',
      'manifest.signed',
      'manifest.changed',
      'operation.ended',
    ])
    expect((await world.state()).persons.find(({ id }) => id === who.id)?.keys).toHaveLength(2)
    await verifies()
  })

  it('takes no second difference, no other key, no other wrap, no other signature', async () => {
    const { job, who, key } = await begin()
    const size = (await types()).length
    const { call } = world.strongroom()
    const other = person(0)
    const bent = (change: (manifest: Manifest) => Manifest): KeyAdded => describeAddition(job, who, key, change)
    const [safe] = current(job).safes
    const differences: ((manifest: Manifest) => Manifest)[] = [
      (m) => ({ ...m, quorum: m.quorum + 1 }),
      (m) => ({ ...m, name: 'Other' }),
      (m) => ({ ...m, version: m.version + 1 }),
      (m) => ({ ...m, previous: random(32) }),
      (m) => ({ ...m, safes: [{ ...safe!, policy: { ...safe!.policy, copyAllowed: true } }] }),
      (m) => ({ ...m, safes: [{ ...safe!, custodians: safe!.custodians.map((one) => (one.person === who.id ? { ...one, publicKey: random(32) } : one)) }] }), // prettier-ignore
      (m) => ({
        ...m,
        persons: m.persons.map((one) => (one.id === who.id ? { ...one, roles: [...one.roles, 'lead' as const] } : one)),
      }),
      (m) => ({
        ...m,
        persons: m.persons.map((one) => (one.id === other.id ? { ...one, keys: one.keys.slice(1) } : one)),
      }),
      (m) => ({
        ...m,
        persons: m.persons.map((one) => (one.id === who.id ? { ...one, keys: one.keys.slice(1) } : one)),
      }),
      (m) => ({ ...m, persons: m.persons.map((one) => (one.id === who.id ? { ...one, keys: [...one.keys.slice(0, 1), describeKey(createSoftwareKey(), 'Third'), ...one.keys.slice(1)] } : one)) }), // prettier-ignore
    ]
    for (const change of differences) await refuses(call.keyAdded(bent(change)), 'MESSAGE_INVALID', 'manifest')
    await refuses(
      call.keyAdded(describeAddition(job, who, key, undefined, describeKey(key, 'Other name'))),
      'MESSAGE_INVALID',
      'label',
    )
    // Somebody else's key: it would let one person count twice.
    const foreign = describeKey(firstKeyOf(other), 'Backup')
    await refuses(call.keyAdded(describeAddition(job, who, key, undefined, foreign)), 'MANIFEST_INVALID')
    const good = describeAddition(job, who, key)
    const [wrap] = good.wraps
    await refuses(call.keyAdded({ ...good, wraps: [] }), 'MESSAGE_INVALID', 'wraps')
    for (const bentWrap of [
      { ...wrap!, key: firstKeyOf(who).credentialId },
      { ...wrap!, person: other.id },
      { ...wrap!, vault: newId() },
    ]) {
      await refuses(call.keyAdded({ ...good, wraps: [bentWrap] }), 'MESSAGE_INVALID', 'wrap')
    }
    await refuses(
      call.keyAdded({ ...good, wraps: [{ ...wrap!, publicKey: random(32) }] }),
      'MESSAGE_INVALID',
      'wrap-public-key',
    )
    await refuses(call.keyAdded({ ...good, wraps: [wrap!, { ...wrap!, safe: newId() }] }), 'MESSAGE_INVALID', 'wraps')
    const { manifest } = good
    await refuses(
      call.keyAdded({ ...good, tap: makeTap(other, firstKeyOf(other), 'manifest', manifest) }),
      'TAP_NOT_THIS_PERSON',
    )
    await refuses(call.keyAdded({ ...good, tap: makeTap(who, key, 'manifest', manifest) }), 'TAP_KEY_UNKNOWN')
    await refuses(
      call.keyAdded({ ...good, tap: makeTap(who, firstKeyOf(who), 'manifest', { ...manifest, name: 'x' }) }),
      'TAP_CHALLENGE_WRONG',
    )
    // Nothing of it is in the log, and the honest word is still taken.
    expect((await types()).length).toBe(size)
    await call.keyAdded(good)
    await verifies()
  })

  it('is refused to who has no key, or as many as one may have', async () => {
    await refuses(world.call['keys.add']({ person: newId(), label: 'x' }), 'PERSON_UNKNOWN')
    for (let have = person(1).keys.length; have < limits.keysPerPerson; have++) {
      const { job, who, key } = await begin()
      await world.strongroom().call.keyAdded(describeAddition(job, who, key))
      await world.strongroom().call.ended({ result: 'done', code: null })
      world.strongroom().die()
    }
    await refuses(world.call['keys.add']({ person: person(1).id, label: 'x' }), 'KEY_LIMIT')
  })
})

describe('a change that a quorum signs', () => {
  const begin = async (): Promise<JobOf<'amend'>> => {
    await world.call['keys.retire']({ person: person(0).id, key: person(0).keys[1]!.credentialId })
    return jobOf(await world.strongroom().job(), 'amend')
  }
  const sign = (who: WorldPerson, next: unknown): Promise<unknown> =>
    world.strongroom().call.manifestSigned({ tap: makeTap(who, firstKeyOf(who), 'manifest', next) })

  it('counts people of the version before, over exactly that version', async () => {
    const { next } = await begin()
    await refuses(sign(ready.requester, next), 'TAP_NOT_CUSTODIAN')
    await refuses(sign(person(1), { ...next, name: 'Other' }), 'TAP_CHALLENGE_WRONG')
    const foreign = makeTap(person(1), firstKeyOf(person(2)), 'manifest', next)
    await refuses(world.strongroom().call.manifestSigned({ tap: foreign }), 'TAP_KEY_UNKNOWN')
    await sign(person(1), next)
    await refuses(sign(person(1), next), 'TAP_PERSON_ALREADY_COUNTED')
    // Half signed is nothing.
    expect((await world.state()).vault?.manifestVersion).toBe(1)
    await world.strongroom().call.ended({ result: 'done', code: null })
    world.strongroom().die()
    expect(await outcomeOf(world)).toMatchObject({ result: 'failed', code: 'INTERNAL' })
    await verifies()
  })

  it('asked for again after it was given up is another one: old signatures do not stand beside the new', async () => {
    // The clock stands still: the same change at the same time would be the same manifest.
    const first = await begin()
    await sign(person(1), first.next)
    world.strongroom().die()
    await outcomeOf(world)
    const second = await begin()
    expect(manifestHash(nodePrimitives, second.next)).not.toBe(manifestHash(nodePrimitives, first.next))
    await refuses(sign(person(1), first.next), 'TAP_CHALLENGE_WRONG')
    await sign(person(2), second.next)
    await sign(person(0), second.next)
    await refuses(sign(person(1), second.next), 'MESSAGE_INVALID')
    expect((await world.state()).vault?.manifestVersion).toBe(2)
    await verifies()
  })
})

describe('a key drill', () => {
  const begin = async (): Promise<JobOf<'key-drill'>> => {
    await world.call['keys.test']({ person: person(0).id, key: firstKeyOf(person(0)).credentialId })
    return jobOf(await world.strongroom().job(), 'key-drill')
  }
  const describePass = (job: JobOf<'key-drill'>, change: Partial<DrillPassed> = {}): DrillPassed => {
    const [wrap] = job.wraps
    return {
      tap: makeTap(person(0), firstKeyOf(person(0)), 'act', job.statement),
      signCount: 999,
      signCountWentBack: true,
      wraps: [{ ...wrap!, salt: random(32), nonce: random(24), box: random(48) }],
      ...change,
    }
  }

  it('is believed with that key’s tap on it, and for wraps of that key only; the counter is read from the tap', async () => {
    const job = await begin()
    const { call } = world.strongroom()
    expect(job.wraps.map(({ key }) => key)).toEqual([firstKeyOf(person(0)).credentialId])
    const [wrap] = job.wraps
    const pass = (change: Partial<DrillPassed>): Promise<unknown> => call.drillPassed(describePass(job, change))
    await refuses(pass({ tap: makeTap(person(0), person(0).keys[1]!, 'act', job.statement) }), 'TAP_KEY_UNKNOWN')
    await refuses(pass({ tap: makeTap(person(1), firstKeyOf(person(1)), 'act', job.statement) }), 'TAP_NOT_THIS_PERSON')
    const other = { ...job.statement, nonce: random(32) }
    await refuses(pass({ tap: makeTap(person(0), firstKeyOf(person(0)), 'act', other) }), 'TAP_CHALLENGE_WRONG')
    await refuses(pass({ wraps: [wrap!, wrap!] }), 'MESSAGE_INVALID', 'wraps')
    await refuses(pass({ wraps: [{ ...wrap!, key: person(0).keys[1]!.credentialId }] }), 'MESSAGE_INVALID', 'wrap')
    await refuses(pass({ wraps: [{ ...wrap!, person: person(1).id }] }), 'MESSAGE_INVALID', 'wrap')
    await refuses(pass({ wraps: [{ ...wrap!, safe: newId() }] }), 'MESSAGE_INVALID', 'wrap-public-key')
    await refuses(pass({ wraps: [{ ...wrap!, publicKey: random(32) }] }), 'MESSAGE_INVALID', 'wrap-public-key')
    await pass({})
    await refuses(pass({}), 'MESSAGE_INVALID', 'passed-twice')
    const state = (await world.state()).persons.find(({ id }) => id === person(0).id)?.keys[0]
    expect(state?.counterWentBack).toBe(false)
    expect(state?.lastProvenAt).not.toBeNull()
    await verifies()
  })

  it('without an end is a drill that failed', async () => {
    await begin()
    world.strongroom().die()
    await outcomeOf(world)
    expect((await types()).slice(-2)).toEqual(['operation.ended', 'drill.failed'])
    await verifies()
  })
})
