/** The ceremony engine in a real vault process: what it takes, what it refuses, and what it knows after the next start. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CeremonyWish } from '../../../shared/contracts/ceremony-views.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { appContract, AppState } from '../../../shared/contracts/app.ts'
import { asHalliganError } from '../../../shared/errors.ts'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { exportVault } from '../../../electron/vault/export-vault.ts'
import { createHandClock, makePlace, openWorld, type HandClock, type Place } from '../../support/vault-place.ts'
import { firstKeyOf, jobOf, seal, setUp, useCredential, type ReadyWorld } from '../../support/vault-steps.ts'
import { makeTap, outcomeOf, type World, type WorldPerson } from '../../support/vault-world.ts'

let place: Place
let clock: HandClock
let world: World
let ready: ReadyWorld
let credential: string

beforeEach(async () => {
  place = makePlace()
  clock = createHandClock()
  world = openWorld(place, clock)
  ready = await setUp(world)
  credential = await seal(world, ready)
})
afterEach(async () => {
  await world.close()
  place.remove()
})

const wishFor = (change: Partial<CeremonyWish> = {}): CeremonyWish => ({
  kind: 'rotation',
  lead: ready.lead.id,
  witnesses: [ready.requester.id],
  credentials: [credential],
  safes: null,
  ...change,
})

/** The lead's tap; or somebody else's, or on something else. */
async function tapAct(person: WorldPerson): Promise<void> {
  const { call, job, die } = world.strongroom()
  const { statement } = jobOf(await job(), 'act')
  await call.acted({ tap: makeTap(person, firstKeyOf(person), 'act', statement) })
  await call.ended({ result: 'done', code: null })
  die()
}

async function open(wish = wishFor()): Promise<NonNullable<AppState['ceremony']>> {
  await world.call['ceremony.open'](wish)
  await tapAct(ready.lead)
  return now()
}

async function now(): Promise<NonNullable<AppState['ceremony']>> {
  const { ceremony } = await world.state()
  if (ceremony === null) throw new Error('no ceremony is open')
  return ceremony
}

type StepInput = Input<typeof appContract, 'ceremony.step'>
const finish = async (change: Partial<StepInput> = {}): Promise<unknown> => {
  const { id, now: step } = await now()
  const input = { ceremony: id, step, result: 'done' as const, person: ready.lead.id, initials: 'LL', note: '' }
  return world.call['ceremony.step']({ ...input, ...change })
}
type ExceptInput = Input<typeof appContract, 'ceremony.except'>
const except = async (change: Partial<ExceptInput> = {}): Promise<unknown> => {
  const { id } = await now()
  const input = { ceremony: id, step: null, what: 'The lamp went out', decidedBy: ready.lead.id, absent: null }
  return world.call['ceremony.except']({ ...input, ...change })
}
const refused = (code: string, detail: object = {}) =>
  expect.objectContaining({ code, detail: expect.objectContaining(detail) as unknown }) as unknown

/** Every step left out by an exception, but for those that people's word finishes. */
async function finishAll(lead: WorldPerson = ready.lead): Promise<void> {
  const { steps } = await now()
  for (const [step, { task }] of steps.entries()) {
    if (step < (await now()).now) continue
    const isWord = task.kind === 'confirm' || task.kind === 'read-head' || task.kind === 'classify'
    if (!isWord) await except({ step, decidedBy: lead.id })
    await finish({ result: isWord ? 'done' : 'excepted', person: lead.id })
  }
}

describe('opening a ceremony', () => {
  it('needs something to do, and people who may', async () => {
    const draft = (change: Partial<CeremonyWish>) => world.call['ceremony.draft'](wishFor(change))
    await expect(draft({ credentials: null })).rejects.toEqual(refused('CEREMONY_NOTHING_DUE'))
    await expect(draft({ credentials: ['A'.repeat(22)] })).rejects.toEqual(refused('CREDENTIAL_UNKNOWN'))
    await expect(draft({ credentials: [credential, credential] })).rejects.toEqual(refused('POLICY_INVALID'))
    await expect(draft({ kind: 'people' })).rejects.toEqual(refused('CHANGE_UNKNOWN'))
    await expect(draft({ kind: 'table-top', credentials: null })).rejects.toEqual(
      refused('POLICY_INVALID', { field: 'credentials' }),
    )
    await expect(draft({ kind: 'drill', safes: ['A'.repeat(22)] })).rejects.toEqual(
      refused('POLICY_INVALID', { field: 'safe' }),
    )
    await expect(draft({ lead: ready.requester.id, witnesses: [] })).rejects.toEqual(
      refused('POLICY_INVALID', { field: 'lead' }),
    )
    await expect(draft({ lead: 'A'.repeat(22) })).rejects.toEqual(refused('PERSON_UNKNOWN'))
    await expect(draft({ witnesses: [ready.lead.id] })).rejects.toEqual(
      refused('POLICY_INVALID', { field: 'witnesses' }),
    )
    const twice = [ready.requester.id, ready.requester.id]
    await expect(draft({ witnesses: twice })).rejects.toEqual(refused('POLICY_INVALID', { field: 'witnesses' }))
  })

  it('signs for exactly the script that was drafted, and there is one at a time', async () => {
    const draft = await world.call['ceremony.draft'](wishFor())
    await world.call['ceremony.open'](wishFor())
    const job = jobOf(await world.strongroom().job(), 'act')
    expect(job.script).toEqual(draft.script)
    await tapAct(ready.lead)
    const { steps, title, now: on } = await now()
    expect(steps.map(({ finished: _f, isBroughtAbout: _b, state: _s, ...step }) => step)).toEqual(draft.script)
    expect({ title, on }).toEqual({ title: draft.title, on: 0 })
    await expect(world.call['ceremony.open'](wishFor())).rejects.toEqual(refused('CEREMONY_OPEN'))
  })

  it('is the lead’s tap and nobody else’s', async () => {
    await world.call['ceremony.open'](wishFor())
    await expect(tapAct(ready.requester)).rejects.toEqual(refused('TAP_NOT_THIS_PERSON'))
    world.strongroom().die()
    await outcomeOf(world)
    expect((await world.state()).ceremony).toBeNull()
  })
})

describe('a step', () => {
  beforeEach(async () => {
    await open()
  })

  it('is finished in its turn, with initials, by the lead or somebody of its role', async () => {
    await expect(finish({ ceremony: 'A'.repeat(22) })).rejects.toEqual(refused('CEREMONY_UNKNOWN'))
    await expect(finish({ step: 1 })).rejects.toEqual(refused('CEREMONY_STEP_WRONG'))
    for (const initials of ['', 'll', 'LLLLL', 'L1']) {
      await expect(finish({ initials }), initials).rejects.toEqual(refused('MESSAGE_INVALID'))
    }
    const custodian = ready.custodians[0]!.id
    await expect(finish({ person: custodian })).rejects.toEqual(refused('POLICY_INVALID', { field: 'person' }))
    await finish()
    await finish({ person: custodian, initials: 'CÖ' })
    const { steps, now: on } = await now()
    expect(on).toBe(2)
    expect(steps[1]?.finished).toMatchObject({ person: custodian, initials: 'CÖ', result: 'done' })
    // The witness's own step: not for another witness, or a custodian.
    await expect(finish({ person: custodian })).rejects.toEqual(refused('POLICY_INVALID', { field: 'person' }))
    await finish({ person: ready.requester.id })
  })

  it('that two ask for at once is finished once', async () => {
    const results = await Promise.allSettled([finish({ step: 0 }), finish({ step: 0 })])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await now()).now).toBe(1)
  })

  it('is not done before it has happened, and left out only by an exception of this step', async () => {
    while ((await now()).steps[(await now()).now]?.task.kind !== 'seal') await finish()
    const { id, now: step } = await now()
    await expect(finish()).rejects.toEqual(refused('CEREMONY_STEP_UNFINISHED'))
    await except({ step: step + 1 })
    await expect(finish({ result: 'excepted' })).rejects.toEqual(
      refused('CEREMONY_STEP_UNFINISHED', { why: 'exception-missing' }),
    )
    const run = { ceremony: id, step, person: ready.lead.id, labels: [] }
    await expect(world.call['ceremony.run']({ ...run, person: null })).rejects.toEqual(
      refused('POLICY_INVALID', { field: 'person' }),
    )
    await expect(world.call['ceremony.run']({ ...run, step: 0 })).rejects.toEqual(refused('CEREMONY_STEP_WRONG'))
    await world.call['ceremony.run'](run)
    expect(jobOf(await world.strongroom().job(), 'seal')).toMatchObject({
      credential,
      version: 2,
      name: 'Root of the cloud',
    })
    world.strongroom().die()
    await outcomeOf(world)
    await seal(world, ready, credential)
    expect((await now()).steps[step]?.isBroughtAbout).toBe(true)
    await finish()
  })

  it('of people’s word has nothing to run', async () => {
    const { id } = await now()
    const run = { ceremony: id, step: 0, person: null, labels: [] }
    await expect(world.call['ceremony.run'](run)).rejects.toEqual(
      refused('CEREMONY_STEP_WRONG', { why: 'nothing-to-run' }),
    )
  })

  it('has exceptions that say who decided', async () => {
    await expect(except({ what: '' })).rejects.toEqual(refused('MESSAGE_INVALID'))
    await expect(except({ decidedBy: 'A'.repeat(22) })).rejects.toEqual(refused('PERSON_UNKNOWN'))
    await expect(except({ absent: 'A'.repeat(22) })).rejects.toEqual(refused('PERSON_UNKNOWN'))
    await expect(except({ step: 99 })).rejects.toEqual(refused('CEREMONY_STEP_WRONG'))
    await except({ step: 0, absent: ready.requester.id })
    expect((await now()).exceptions).toMatchObject([{ step: 0, absent: ready.requester.id }])
  })

  it('lets the lead go only where somebody who could lead takes over, and then leads', async () => {
    const [grace, edsger] = ready.custodians as [WorldPerson, WorldPerson, WorldPerson]
    const cannot = refused('POLICY_INVALID', { field: 'decidedBy', why: 'cannot-lead' })
    await expect(except({ absent: ready.lead.id })).rejects.toEqual(cannot)
    await expect(except({ absent: ready.lead.id, decidedBy: ready.requester.id })).rejects.toEqual(cannot)
    await expect(finish({ person: grace.id })).rejects.toEqual(refused('POLICY_INVALID', { field: 'person' }))
    await except({ absent: ready.lead.id, decidedBy: grace.id })
    expect((await now()).lead).toBe(grace.id)
    // Who has gone finishes nothing that is the lead's, and does not come back to lead.
    await expect(finish()).rejects.toEqual(refused('POLICY_INVALID', { field: 'person', why: 'not-of-this-step' }))
    await finish({ person: grace.id })
    await expect(except({ absent: grace.id, decidedBy: ready.lead.id })).rejects.toEqual(cannot)
    await except({ absent: grace.id, decidedBy: edsger.id })
    await world.close()
    world = openWorld(place, clock)
    expect((await now()).lead).toBe(edsger.id)
  })

  it('has no room for more than minutes can hold', async () => {
    const what = 'ö'.repeat(1000)
    const results = []
    for (let at = 0; at < 152; at++)
      results.push(
        await except({ what }).then(
          () => null,
          (error: unknown) => asHalliganError(error).code,
        ),
      )
    expect(results.slice(0, 150)).toEqual(Array.from({ length: 150 }, () => null))
    expect(results.slice(150)).toEqual(['POLICY_INVALID', 'POLICY_INVALID'])
  })
})

describe('giving up', () => {
  const cancel = async (person: WorldPerson) => {
    const { id } = await now()
    return world.call['ceremony.cancel']({ ceremony: id, person: person.id, reason: 'Fire alarm' })
  }

  it('is for the lead or a custodian, not for an outsider', async () => {
    await open()
    await expect(cancel(ready.requester)).rejects.toEqual(refused('POLICY_INVALID', { field: 'person' }))
    const custodian = ready.custodians[1]!
    await cancel(custodian)
    await tapAct(custodian)
    expect((await world.state()).ceremony).toBeNull()
    const [past] = await world.call['ceremony.past']({})
    expect(past).toMatchObject({ result: 'cancelled', minutes: null })
    // And another may begin.
    await open()
  })
})

describe('closing', () => {
  const close = async () => world.call['ceremony.close']({ ceremony: (await now()).id })

  async function sign(...people: readonly WorldPerson[]): Promise<void> {
    const { call, job } = world.strongroom()
    const { statement } = jobOf(await job(), 'minutes')
    for (const person of people) {
      const tap = makeTap(person, firstKeyOf(person), 'joint', statement)
      await call.jointSigned({ tap, signCount: 1, signCountWentBack: false, wraps: [] })
    }
  }

  it('waits for every step and every classification, and names what is missing', async () => {
    const request = await useCredential(world, ready, credential)
    await open()
    await expect(close()).rejects.toEqual(refused('CEREMONY_UNFINISHED', { uses: 1 }))
    await expect(finishAll()).rejects.toEqual(refused('CEREMONY_STEP_UNFINISHED'))
    const { unclassified, now: step, steps } = await now()
    expect(unclassified).toEqual([request])
    expect(steps[step]?.task.kind).toBe('classify')
    const why = await close().catch((error: unknown) => asHalliganError(error).detail['why'])
    expect(why).toContain('Root of the cloud')
    expect(why).toContain(steps.at(-1)?.title)
    const input = { request, outcome: 'drill' as const, note: 'Practised', person: ready.lead.id }
    await world.call['request.classify'](input)
    await tapAct(ready.lead)
    await finishAll()
    await close()
  })

  it('takes one tap of everybody who took part, and of nobody else', async () => {
    await open()
    await finishAll()
    await close()
    const { wanted, signed } = (await now()).minutes ?? {}
    expect({ wanted: new Set(wanted), signed }).toEqual({
      wanted: new Set([ready.requester.id, ready.lead.id]),
      signed: [],
    })
    await expect(sign(ready.custodians[0]!)).rejects.toEqual(refused('TAP_NOT_THIS_PERSON'))
    await sign(ready.requester)
    await expect(sign(ready.requester)).rejects.toEqual(refused('TAP_PERSON_ALREADY_COUNTED'))
    // Nothing can be added to what is being signed.
    await expect(except()).rejects.toEqual(refused('CEREMONY_STEP_WRONG'))
    await sign(ready.lead)
    await world.strongroom().call.ended({ result: 'done', code: null })
    world.strongroom().die()
    const [past] = await world.call['ceremony.past']({})
    expect(past).toMatchObject({ result: 'closed', minutes: { signed: expect.any(Array) as unknown } })
    expect(past?.minutes?.content.program).toEqual({ version: '0.0.0+test', digest: null })
    const report = await verifyFolder(place.dir, null)
    expect(report.integrity.problems).toEqual([])
    expect(report.checked.minutes).toBe(1)
  })

  it('is signed by whoever took over from a lead who fell ill, and the check accepts it', async () => {
    const [grace] = ready.custodians as [WorldPerson, WorldPerson, WorldPerson]
    await open()
    await finish()
    await except({ absent: ready.lead.id, decidedBy: grace.id })
    await finishAll(grace)
    await close()
    expect(new Set((await now()).minutes?.wanted)).toEqual(new Set([grace.id, ready.requester.id]))
    await expect(sign(ready.lead)).rejects.toEqual(refused('TAP_NOT_THIS_PERSON'))
    await sign(ready.requester, grace)
    await world.strongroom().call.ended({ result: 'done', code: null })
    world.strongroom().die()
    const [past] = await world.call['ceremony.past']({})
    const { content } = past?.minutes ?? {}
    expect(content?.lead).toBe(ready.lead.id)
    expect(content?.exceptions[0]).toMatchObject({ absent: ready.lead.id, decidedBy: grace.id })
    const signs = new Map(content?.participants.map(({ person, signs: does }) => [person, does]))
    expect([signs.get(ready.lead.id), signs.get(grace.id)]).toEqual([false, true])
    const report = await verifyFolder(place.dir, null)
    expect(report.integrity.problems).toEqual([])
    expect(report.checked.minutes).toBe(1)
  })

  it('that somebody can no longer sign is given up, minutes and all', async () => {
    const [grace] = ready.custodians as [WorldPerson, WorldPerson, WorldPerson]
    await open()
    await finishAll()
    await close()
    await sign(ready.requester)
    world.strongroom().die()
    await outcomeOf(world)
    await world.call['ceremony.cancel']({ ceremony: (await now()).id, person: grace.id, reason: 'The lead is ill' })
    await tapAct(grace)
    expect((await world.state()).ceremony).toBeNull()
    const [past] = await world.call['ceremony.past']({})
    expect(past).toMatchObject({ result: 'cancelled', minutes: { signed: [ready.requester.id] } })
    expect((await verifyFolder(place.dir, null)).integrity.problems).toEqual([])
  })

  it('refuses a tap on anything but these minutes', async () => {
    await open()
    await finishAll()
    await close()
    const { call, job } = world.strongroom()
    const { statement } = jobOf(await job(), 'minutes')
    const other = { ...statement, createdAt: '2026-11-23T14:00:00.001Z' }
    const tap = makeTap(ready.lead, firstKeyOf(ready.lead), 'joint', other)
    const signed = { tap, signCount: 1, signCountWentBack: false, wraps: [] }
    await expect(call.jointSigned(signed)).rejects.toEqual(refused('TAP_CHALLENGE_WRONG'))
  })

  it('goes on with the same statement after a start in between, and writes minutes once', async () => {
    await open()
    await finishAll()
    await close()
    await sign(ready.requester)
    const before = (await now()).minutes
    await world.close()
    world = openWorld(place, clock)
    // As the index of the database tells it, before the check at open is through.
    expect((await now()).minutes).toEqual(before)
    await close()
    const job = jobOf(await world.strongroom().job(), 'minutes')
    expect(job.signed).toEqual([ready.requester.id])
    await sign(ready.lead)
    await world.strongroom().call.ended({ result: 'done', code: null })
    world.strongroom().die()
    expect((await world.state()).ceremony).toBeNull()
    expect((await verifyFolder(place.dir, null)).integrity.problems).toEqual([])
  })
})

describe('the next start', () => {
  it('knows from the index what it knew, and the same from the verified log', async () => {
    await open()
    await finish()
    await except({ step: 3 })
    await seal(world, ready, credential)
    const before = await now()
    await world.close()
    world = openWorld(place, clock)
    expect(await now()).toEqual(before)
    await world.call['log.verify']({})
    expect(await now()).toEqual(before)
  })
})

describe('an export', () => {
  it('lists ceremonies in a table of their own, and its verifier checks the minutes', async () => {
    await open()
    await finishAll()
    await world.call['ceremony.close']({ ceremony: (await now()).id })
    const { call, job, die } = world.strongroom()
    const { statement } = jobOf(await job(), 'minutes')
    for (const person of [ready.requester, ready.lead]) {
      const tap = makeTap(person, firstKeyOf(person), 'joint', statement)
      await call.jointSigned({ tap, signCount: 1, signCountWentBack: false, wraps: [] })
    }
    await call.ended({ result: 'done', code: null })
    die()
    await outcomeOf(world)
    await world.close()
    const options = { dir: place.dir, wish: { selection: null, archive: false, chosen: path.join(place.root, 'out') } }
    const { path: made } = await exportVault({
      ...options,
      programDir: null,
      clock,
      appVersion: '0.0.0+test',
      knownCheckpointFile: null,
    })
    world = openWorld(place, clock)
    const rows = readFileSync(path.join(made, 'ceremonies.csv'), 'utf8').split('\r\n')
    expect(rows).toHaveLength(3)
    expect(rows[1]).toContain('"Rotation of 1 credential, 2026-11-23",rotation,Lena Lead,')
    expect(rows[1]).toContain('Rita Request; Lena Lead')
    const report = await verifyFolder(made, null)
    expect(report.integrity.problems).toEqual([])
    expect(report.checked.minutes).toBe(1)
  })
})
