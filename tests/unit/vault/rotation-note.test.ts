/** How a credential is rotated: what the vault takes, keeps, lists, reads aloud, and hands on to the next version. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sealedRecordHash } from '../../../shared/audit/records.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { appContract, CredentialView } from '../../../shared/contracts/app.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { limits } from '../../../shared/limits.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { createHandClock, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { firstKeyOf, jobOf, makeSeal, sealInput, setUp, type ReadyWorld } from '../../support/vault-steps.ts'
import { makeTap, outcomeOf, type World } from '../../support/vault-world.ts'

const clock = createHandClock()
const note = 'Console, “Security credentials”.\nMake a second key, then switch.'
let place: Place
let world: World
let ready: ReadyWorld

beforeEach(async () => {
  place = makePlace()
  world = openWorld(place, clock)
  ready = await setUp(world)
})
afterEach(async () => {
  await world.close()
  place.remove()
})

type SealInput = Input<typeof appContract, 'credential.seal'>

/** Asks for it; resolves with what the strongroom is told. */
async function ask(change: Partial<SealInput>): Promise<JobOf<'seal'>> {
  await world.call['credential.seal']({ ...sealInput(ready, change.credential ?? null), ...change })
  return jobOf(await world.strongroom().job(), 'seal')
}

/** Seals what was asked for; resolves with the credential. */
async function complete(job: JobOf<'seal'>): Promise<string> {
  const { call, die } = world.strongroom()
  await call.sealed(await makeSeal(world, job, ready.lead))
  await call.ended({ result: 'done', code: null })
  die()
  await outcomeOf(world)
  return job.credential
}
const seal = async (change: Partial<SealInput> = {}): Promise<string> => complete(await ask(change))
const only = async (): Promise<CredentialView> => (await world.call['credentials.list']({}))[0]!

describe('sealing', () => {
  it('hands it to the strongroom, lists it, and knows it after a restart', async () => {
    const job = await ask({ rotationNote: note })
    expect(job.rotationNote).toBe(note)
    const credential = await complete(job)
    expect((await only()).rotationNote).toBe(note)
    await world.close()
    world = openWorld(place, clock)
    expect((await only()).rotationNote).toBe(note)
    // A new version without it has none: nobody said it again, so nobody signed for it.
    expect('rotationNote' in (await ask({ credential }))).toBe(false)
    await complete(jobOf(await world.strongroom().job(), 'seal'))
    expect(await only()).toMatchObject({ version: 2, rotationNote: null })
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
  })

  it('takes no other note from the strongroom than was asked for, nor none', async () => {
    const job = await ask({ rotationNote: note })
    const good = await makeSeal(world, job, ready.lead)
    const { rotationNote: _, ...without } = good.record.header
    for (const header of [without, { ...without, rotationNote: `${note} ` }, { ...without, rotationNote: 'Other.' }]) {
      const record = { ...good.record, header }
      const detail = { ...good.statement.detail, record: sealedRecordHash(nodePrimitives, record) }
      const statement = { ...good.statement, detail } as typeof good.statement
      const tap = makeTap(ready.lead, firstKeyOf(ready.lead), 'act', statement)
      await expect(world.strongroom().call.sealed({ record, statement, tap })).rejects.toMatchObject({
        detail: { what: 'header.rotationNote' },
      })
    }
    await complete(job)
    expect((await only()).rotationNote).toBe(note)
  })

  it('refuses one that is too long, empty, or disguises itself', async () => {
    const bad = ['', 'x'.repeat(limits.rotationNoteLength + 1), 'over\u202Eride', 'isolate\u2067d', 'escape\u001b[2J']
    for (const rotationNote of bad)
      await expect(ask({ rotationNote }), JSON.stringify(rotationNote)).rejects.toMatchObject({
        code: 'MESSAGE_INVALID',
      })
    expect((await world.state()).operation).toBeNull()
    await seal({ rotationNote: 'x'.repeat(limits.rotationNoteLength) })
  })
})

describe('a rotation ceremony', () => {
  /** Opens one and goes to the step that seals; resolves with what runs it. */
  async function reachSeal(credential: string) {
    const wish = {
      kind: 'rotation' as const,
      lead: ready.lead.id,
      witnesses: [],
      credentials: [credential],
      safes: null,
    }
    await world.call['ceremony.open'](wish)
    const { call, job, die } = world.strongroom()
    const { statement } = jobOf(await job(), 'act')
    await call.acted({ tap: makeTap(ready.lead, firstKeyOf(ready.lead), 'act', statement) })
    await call.ended({ result: 'done', code: null })
    die()
    await outcomeOf(world)
    for (;;) {
      const { ceremony } = await world.state()
      const { id, now: step, steps } = ceremony!
      if (steps[step]!.task.kind === 'seal') return { ceremony: id, step, person: ready.lead.id, labels: [] }
      await world.call['ceremony.step']({ ceremony: id, step, result: 'done', person: ready.lead.id, initials: 'LL', note: '' }) // prettier-ignore
    }
  }

  it('has it in the script that the lead signs, and carries it over to the new version', async () => {
    const credential = await seal({ rotationNote: note })
    const run = await reachSeal(credential)
    const steps = (await world.state()).ceremony!.steps
    expect(steps.find(({ title }) => title.startsWith('Prepare'))!.instruction.endsWith(`:\n${note}`)).toBe(true)
    await world.call['ceremony.run'](run)
    const job = jobOf(await world.strongroom().job(), 'seal')
    expect(job).toMatchObject({ version: 2, rotationNote: note })
    await complete(job)
    expect(await only()).toMatchObject({ version: 2, rotationNote: note })
  })

  it('takes another one with the new version, or takes it away', async () => {
    const credential = await seal({ rotationNote: note })
    const run = await reachSeal(credential)
    for (const [rotationNote, expected] of [
      ['Now it is in the new console.', 'Now it is in the new console.'],
      ['', undefined],
    ] as const) {
      await world.call['ceremony.run']({ ...run, rotationNote })
      expect(jobOf(await world.strongroom().job(), 'seal').rotationNote).toBe(expected)
      await world.strongroom().call.ended({ result: 'cancelled', code: 'CANCELLED' })
      world.strongroom().die()
      await outcomeOf(world)
    }
    await expect(world.call['ceremony.run']({ ...run, rotationNote: 'over\u202Eride' })).rejects.toMatchObject({
      code: 'MESSAGE_INVALID',
    })
    expect(await only()).toMatchObject({ version: 1, rotationNote: note })
  })
})
