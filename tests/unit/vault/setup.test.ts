import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Plan } from '../../../shared/contracts/plan.ts'
import { createHandClock, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import {
  acknowledge,
  describeEnrolment,
  enrol,
  firstKeyOf,
  jobOf,
  makePlan,
  makePerson,
  setUp,
} from '../../support/vault-steps.ts'
import { makeTap, newId, outcomeOf, random, type World } from '../../support/vault-world.ts'

const clock = createHandClock()
let place: Place
let world: World

beforeEach(() => {
  place = makePlace()
  world = openWorld(place, clock)
})
afterEach(async () => {
  await world.close().catch(() => undefined)
  place.remove()
})

const restart = async (): Promise<void> => {
  await world.close()
  world = openWorld(place, clock)
}
const begin = () => world.call['setup.begin']({ vaultName: 'Test vault', stationName: 'Test station' })
const everything = { types: [], person: null, credential: null, text: '', from: null, before: null }
const types = async (): Promise<string[]> =>
  (await world.call['timeline.page']({ before: null, limit: 200, filter: everything })).entries
    .map(({ type }) => type)
    .toReversed()

describe('set-up', () => {
  it('leads from nothing to a vault that verifies', async () => {
    expect(await world.state()).toMatchObject({ phase: 'none', vault: null })
    const ready = await setUp(world)
    const state = await world.state()
    expect(state).toMatchObject({ phase: 'ready', damage: null, setup: null, operation: null })
    expect(state.safes).toMatchObject([{ name: 'Safe one', threshold: 2, drilled: false }])
    expect(state.persons).toHaveLength(5)
    expect(state.persons[0]?.keys.map(({ label }) => label)).toEqual(['Key 1', 'Key 2'])
    expect(state.vault?.manifestVersion).toBe(1)
    const report = await world.call['log.verify']({})
    expect(report).toMatchObject({
      integrity: { verdict: 'intact', problems: [] },
      completeness: { verdict: 'complete' },
    })
    expect(report.checked).toMatchObject({ manifests: 1, taps: ready.custodians.length * 2 })
    const log = await types()
    expect(log.slice(0, 2)).toEqual(['vault.created', 'app.opened'])
    expect(log.slice(-3)).toEqual(['manifest.signed', 'manifest.changed', 'operation.ended'])
  })

  it('refuses what needs a vault while there is none, and a second vault', async () => {
    await expect(world.call['setup.plan'](makePlan().plan)).rejects.toMatchObject({ code: 'VAULT_MISSING' })
    await begin()
    await expect(begin()).rejects.toMatchObject({ code: 'VAULT_EXISTS' })
  })

  it('survives an end at every step', async () => {
    const { plan, custodians, requester, lead } = makePlan()
    await begin()
    await restart()
    expect(await world.state()).toMatchObject({ phase: 'setup', setup: { step: 'plan' } })
    await world.call['setup.plan'](plan)
    await restart()
    expect((await world.state()).setup?.plan).toEqual(plan)
    for (const person of [...custodians, requester]) await enrol(world, person)
    await restart()
    expect((await world.state()).setup).toMatchObject({ step: 'keys' })
    await enrol(world, lead)
    expect((await world.state()).setup).toMatchObject({ step: 'acknowledge', acknowledged: [] })
    await world.call['setup.acknowledge']({})
    const job = jobOf(await world.strongroom().job(), 'acknowledge')
    const [first] = custodians
    const tap = makeTap(first!, firstKeyOf(first!), 'manifest', job.manifest)
    await world.strongroom().call.manifestSigned({ tap })
    await restart()
    expect((await world.state()).setup).toMatchObject({ acknowledged: [first!.id] })
    await acknowledge(world, custodians)
    await restart()
    expect(await world.state()).toMatchObject({ phase: 'ready' })
    const report = await world.call['log.verify']({})
    expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
  })

  it('takes a plan up to its bounds, and none beyond them', async () => {
    const { plan } = makePlan()
    const [safe] = plan.safes
    if (safe === undefined) throw new Error('no safe')
    await begin()
    const crowd = (n: number): Plan => {
      const people = Array.from({ length: n }, () => makePerson(`Person ${newId()}`)).map(({ id, name }) => ({
        id,
        name,
        roles: ['custodian' as const, 'requester' as const],
      }))
      return { people, quorum: 2, safes: [{ ...safe, threshold: 2, custodians: people.map(({ id }) => id) }] }
    }
    const withSafe = (change: Partial<typeof safe>): Plan => ({ ...plan, safes: [{ ...safe, ...change }] })
    const withWindow = (windowSecondsMin: number, windowSecondsMax: number): Plan =>
      withSafe({ policy: { ...safe.policy, windowSecondsMin, windowSecondsMax } })
    const refused: [string, Plan, 'MESSAGE_INVALID' | 'POLICY_INVALID'][] = [
      ['k = 1', withSafe({ threshold: 1 }), 'MESSAGE_INVALID'],
      ['k = 1 for the manifest', { ...plan, quorum: 1 }, 'MESSAGE_INVALID'],
      ['k > n', withSafe({ threshold: safe.custodians.length + 1 }), 'POLICY_INVALID'],
      ['n = 256', crowd(256), 'MESSAGE_INVALID'],
      ['601 s', withWindow(15, 601), 'MESSAGE_INVALID'],
      ['14 s', withWindow(14, 600), 'MESSAGE_INVALID'],
      ['half a second', withWindow(15.5, 600), 'MESSAGE_INVALID'],
      ['min > max', withWindow(120, 60), 'POLICY_INVALID'],
    ]
    for (const [what, bad, code] of refused)
      await expect(world.call['setup.plan'](bad), what).rejects.toMatchObject({ code })
    expect((await world.state()).setup?.plan.safes).toEqual([])
    const accepted: [string, Plan][] = [
      ['n = 255', crowd(255)],
      ['k = n', withSafe({ threshold: safe.custodians.length })],
      ['15 to 600 s', withWindow(15, 600)],
      ['one length only', withWindow(600, 600)],
    ]
    for (const [what, good] of accepted) {
      await world.call['setup.plan'](good)
      expect((await world.state()).setup?.plan, what).toEqual(good)
    }
  })

  it('names who has no key yet', async () => {
    const { plan, custodians } = makePlan()
    await begin()
    await world.call['setup.plan'](plan)
    for (const person of custodians) await enrol(world, person)
    await expect(world.call['setup.acknowledge']({})).rejects.toMatchObject({
      code: 'SETUP_INCOMPLETE',
      detail: { people: 'Rita Request, Lena Lead' },
    })
  })

  it('closes the plan with the first key, and opens it again by forgetting all keys', async () => {
    const { plan, custodians } = makePlan()
    await begin()
    await world.call['setup.plan'](plan)
    await enrol(world, custodians[0]!)
    await expect(world.call['setup.plan'](plan)).rejects.toMatchObject({ code: 'SETUP_CLOSED' })
    await world.call['setup.replan']({})
    expect((await world.state()).setup).toMatchObject({ step: 'plan', enrolled: [] })
    await world.call['setup.plan'](plan)
    await enrol(world, custodians[0]!)
    expect((await world.state()).setup?.enrolled).toHaveLength(1)
  })

  it('replaces all keys of a person who enrols again, and drops signatures for the old ones', async () => {
    const { plan, custodians, requester, lead } = makePlan()
    await begin()
    await world.call['setup.plan'](plan)
    for (const person of [...custodians, requester, lead]) await enrol(world, person)
    await world.call['setup.acknowledge']({})
    const job = jobOf(await world.strongroom().job(), 'acknowledge')
    const [first] = custodians
    await world.strongroom().call.manifestSigned({ tap: makeTap(first!, firstKeyOf(first!), 'manifest', job.manifest) })
    await world.strongroom().call.ended({ result: 'cancelled', code: 'CANCELLED' })
    world.strongroom().die()
    const again = { ...first!, keys: makePerson('x').keys }
    await enrol(world, again)
    const state = await world.state()
    expect(state.setup?.acknowledged).toEqual([])
    expect(state.setup?.enrolled.find(({ person }) => person === first!.id)?.keys).toEqual([
      { credentialId: again.keys[0]!.credentialId, label: 'Key 1' },
    ])
    await acknowledge(world, [again, ...custodians.slice(1)])
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
  })
})

describe('plan', () => {
  const { plan } = makePlan()
  const bend = (change: (draft: Plan) => void): Plan => {
    const draft = structuredClone(plan)
    change(draft)
    return draft
  }
  it.each([
    ['custodian without the role', 'safes.0.custodians.0', bend((p) => (p.people[0]!.roles = ['requester']))],
    ['unknown custodian', 'safes.0.custodians.3', bend((p) => p.safes[0]!.custodians.push(newId()))],
    ['custodian twice', 'safes.0.custodians.3', bend((p) => p.safes[0]!.custodians.push(p.people[0]!.id))],
    ['threshold above the custodians', 'safes.0.threshold', bend((p) => (p.safes[0]!.threshold = 4))],
    [
      'window upside down',
      'safes.0.policy.windowSecondsMax',
      bend((p) => ((p.safes[0]!.policy.windowSecondsMin = 600), (p.safes[0]!.policy.windowSecondsMax = 15))),
    ],
    ['two people of one name', 'people.1.name', bend((p) => (p.people[1]!.name = p.people[0]!.name.toUpperCase()))],
    ['one id twice', 'people.1.id', bend((p) => (p.people[1]!.id = p.people[0]!.id))],
    ['quorum above the custodians', 'quorum', bend((p) => (p.quorum = 4))],
    [
      'unknown person who can stop a waiting request',
      'safes.0.policy.delay.vetoers.0',
      bend((p) => (p.safes[0]!.policy.delay = { seconds: 60, vetoers: [newId()] })),
    ],
    [
      'person who can stop it twice',
      'safes.0.policy.delay.vetoers.1',
      bend((p) => (p.safes[0]!.policy.delay = { seconds: 60, vetoers: [p.people[0]!.id, p.people[0]!.id] })),
    ],
    ['a role twice', 'people.0.roles', bend((p) => (p.people[0]!.roles = ['custodian', 'custodian']))],
  ])('refuses a %s', async (_, field, bad) => {
    await begin()
    await expect(world.call['setup.plan'](bad)).rejects.toMatchObject({ code: 'POLICY_INVALID', detail: { field } })
    expect((await world.state()).setup?.plan.people).toEqual([])
  })

  it('wants a key of whoever can stop a waiting request, also of an auditor, and signs for the wait', async () => {
    const { plan: usual, custodians, requester, lead } = makePlan()
    const watch = makePerson('Wanda Watch')
    const delay = { seconds: 14_400, vetoers: [watch.id] }
    const waits: Plan = {
      ...usual,
      people: [...usual.people, { id: watch.id, name: watch.name, roles: ['auditor'] }],
      safes: usual.safes.map((safe) => ({ ...safe, policy: { ...safe.policy, delay } })),
    }
    await begin()
    await world.call['setup.plan'](waits)
    for (const person of [...custodians, requester, lead]) await enrol(world, person)
    expect((await world.state()).setup?.step).toBe('keys')
    await expect(world.call['setup.acknowledge']({})).rejects.toMatchObject({
      code: 'SETUP_INCOMPLETE',
      detail: { people: 'Wanda Watch' },
    })
    await enrol(world, watch)
    await acknowledge(world, custodians)
    const state = await world.state()
    expect(state.safes[0]?.policy.delay).toEqual(delay)
    await expect(
      world.call['keys.retire']({ person: watch.id, key: watch.keys[0]!.credentialId }),
    ).rejects.toMatchObject({ code: 'KEY_LAST', detail: { why: 'vetoer' } })
  })

  it('refuses enrolment for a plan that nobody could use', async () => {
    await begin()
    await world.call['setup.plan']({ ...plan, safes: [] })
    await expect(world.call['setup.enrol']({ person: plan.people[0]!.id, labels: ['Key 1'] })).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      detail: { field: 'safes' },
    })
  })
})

describe('enrolment', () => {
  const { plan, custodians } = makePlan()
  const [person, other] = custodians
  const start = async () => {
    await begin()
    await world.call['setup.plan'](plan)
    await world.call['setup.enrol']({ person: person!.id, labels: ['One', 'Two'] })
    const job = jobOf(await world.strongroom().job(), 'enrol')
    const publicKeys = new Map(job.safes.map(({ id }) => [id, random(32)]))
    return { job, publicKeys, call: world.strongroom().call }
  }

  it('refuses keys and wraps that do not belong to this person and safe', async () => {
    const { job, publicKeys, call } = await start()
    const good = describeEnrolment(job, person!.keys[0]!, 'One', publicKeys)
    const [wrap] = good.wraps
    const bad = [
      { ...good, custody: [] },
      { ...good, wraps: [] },
      { ...good, wraps: [{ ...wrap!, person: other!.id }] },
      { ...good, wraps: [{ ...wrap!, publicKey: random(32) }] },
      { ...good, wraps: [{ ...wrap!, key: random(32) }] },
      { ...good, wraps: [{ ...wrap!, vault: newId() }] },
      { ...good, custody: [{ safe: newId(), publicKey: random(32) }] },
      { ...good, rings: [] },
      { ...good, rings: [{ safe: newId(), mac: random(32) }] },
      { ...good, rings: [...good.rings, ...good.rings] },
      { ...good, key: { ...good.key, label: 'Two' } },
    ]
    for (const input of bad) await expect(call.keyEnrolled(input)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    expect(await types()).not.toContain('key.enrolled')
    await call.keyEnrolled(good)
    const second = describeEnrolment(job, person!.keys[1]!, 'Two', publicKeys)
    const otherPublicKey = describeEnrolment(
      job,
      person!.keys[1]!,
      'Two',
      new Map(job.safes.map(({ id }) => [id, random(32)])),
    )
    await expect(call.keyEnrolled(otherPublicKey)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    const twice = describeEnrolment(job, person!.keys[0]!, 'Two', publicKeys)
    await expect(call.keyEnrolled(twice)).rejects.toMatchObject({ code: 'TAP_KEY_ALREADY_ENROLLED' })
    await call.keyEnrolled(second)
    await call.ended({ result: 'done', code: null })
    expect(await outcomeOf(world)).toMatchObject({ kind: 'enrol', result: 'done' })
  })

  it('keeps the newest proof of all keys, and hands it to whoever has it signed', async () => {
    const { job, publicKeys, call } = await start()
    const said = ['One', 'Two'].map((label, at) => describeEnrolment(job, person!.keys[at]!, label, publicKeys))
    for (const input of said) await call.keyEnrolled(input)
    await call.ended({ result: 'done', code: null })
    world.strongroom().die()
    for (const one of plan.people.slice(1)) await enrol(world, { ...one, keys: makePerson(one.name).keys })
    await restart()
    await world.call['setup.acknowledge']({})
    const { rings } = jobOf(await world.strongroom().job(), 'acknowledge')
    const [safe] = plan.safes
    expect(rings).toHaveLength(custodians.length)
    expect(rings.filter((ring) => ring.person === person!.id)).toEqual([
      { person: person!.id, safe: safe!.id, mac: said[1]!.rings[0]!.mac },
    ])
  })

  it("refuses another person's key and calls of other kinds", async () => {
    const { job, publicKeys, call } = await start()
    await expect(call.granted({ approvals: [] })).rejects.toMatchObject({ code: 'METHOD_UNKNOWN' })
    await call.keyEnrolled(describeEnrolment(job, person!.keys[0]!, 'One', publicKeys))
    await call.ended({ result: 'failed', code: 'TAP_TIMEOUT' })
    world.strongroom().die()
    expect(await outcomeOf(world)).toMatchObject({ result: 'failed', code: 'TAP_TIMEOUT' })
    await world.call['setup.enrol']({ person: other!.id, labels: ['One'] })
    const next = jobOf(await world.strongroom().job(), 'enrol')
    expect(next.enrolled).toMatchObject([{ credentialId: person!.keys[0]!.credentialId, person: person!.name }])
    const keys = new Map(next.safes.map(({ id }) => [id, random(32)]))
    await expect(
      world.strongroom().call.keyEnrolled(describeEnrolment(next, person!.keys[0]!, 'One', keys)),
    ).rejects.toMatchObject({ code: 'TAP_KEY_ALREADY_ENROLLED' })
  })

  it('does not call an unfinished enrolment done, whatever the strongroom says', async () => {
    const { call } = await start()
    await call.ended({ result: 'done', code: null })
    expect(await outcomeOf(world)).toMatchObject({ result: 'failed', code: 'INTERNAL' })
  })

  it('knows one operation at a time', async () => {
    await start()
    await expect(world.call['setup.enrol']({ person: other!.id, labels: ['One'] })).rejects.toMatchObject({
      code: 'OPERATION_BUSY',
    })
    await expect(world.call['setup.plan'](plan)).rejects.toMatchObject({ code: 'OPERATION_BUSY' })
  })
})

describe('acknowledgement', () => {
  it('takes every custodian once, with their own key, on this manifest', async () => {
    const { plan, custodians, requester, lead } = makePlan()
    await begin()
    await world.call['setup.plan'](plan)
    for (const person of [...custodians, requester, lead]) await enrol(world, person)
    await world.call['setup.acknowledge']({})
    const { call, job } = world.strongroom()
    const { manifest } = jobOf(await job(), 'acknowledge')
    const [one, two] = custodians
    const good = makeTap(one!, firstKeyOf(one!), 'manifest', manifest)
    await call.manifestSigned({ tap: good })
    const refusals = [
      [good, 'TAP_PERSON_ALREADY_COUNTED'],
      [makeTap(one!, one!.keys[1]!, 'manifest', manifest), 'TAP_PERSON_ALREADY_COUNTED'],
      [makeTap(requester, firstKeyOf(requester), 'manifest', manifest), 'TAP_NOT_CUSTODIAN'],
      [makeTap(two!, firstKeyOf(one!), 'manifest', manifest), 'TAP_KEY_UNKNOWN'],
      [makeTap(two!, firstKeyOf(two!), 'manifest', { ...manifest, name: 'Other' }), 'TAP_CHALLENGE_WRONG'],
    ] as const
    for (const [tap, code] of refusals) await expect(call.manifestSigned({ tap })).rejects.toMatchObject({ code })
    expect((await world.state()).operation).toMatchObject({ kind: 'acknowledge', taps: [{ person: one!.id }] })
  })
})
