/** Proofs, drills and destruction as the vault process sees them, whatever the strongroom says. */
import { readFileSync, existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { CredentialView } from '../../../shared/contracts/app.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { openDatabase } from '../../../electron/vault/store/driver.ts'
import { createHandClock, makePlace, openWorld, type HandClock, type Place } from '../../support/vault-place.ts'
import {
  firstKeyOf,
  jobOf,
  makeSeal,
  makeWrap,
  seal,
  sealInput,
  setUp,
  type ReadyWorld,
} from '../../support/vault-steps.ts'
import {
  eventually,
  makeTap,
  newId,
  outcomeOf,
  random,
  type World,
  type WorldPerson,
} from '../../support/vault-world.ts'

const dayMs = 86_400_000
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

const person = (at: number): WorldPerson => ready.custodians[at]!
const refuses = (answer: Promise<unknown>, code: ErrorCode, what?: string): Promise<void> =>
  expect(answer).rejects.toMatchObject({ code, ...(what === undefined ? {} : { detail: { what } }) })
async function entries(): Promise<Entry[]> {
  const filter = { types: [], person: null, credential: null, text: '', from: null, before: null }
  const page = await world.call['timeline.page']({ before: null, limit: 200, filter })
  return page.entries.toReversed()
}
async function verifies(): Promise<void> {
  expect((await world.call['log.verify']({})).integrity).toMatchObject({ verdict: 'intact', problems: [] })
}
const listed = async (): Promise<CredentialView> =>
  (await world.call['credentials.list']({})).find(({ id }) => id === credential)!

async function begin(purpose: 'drill' | 'rotation' = 'drill', safe = ready.safe): Promise<JobOf<'prove'>> {
  await world.call['credential.prove']({ purpose, safe, credentials: [credential] })
  return jobOf(await world.strongroom().job(), 'prove')
}
const sign = (job: JobOf<'prove'>, who: WorldPerson, change: object = {}): Promise<unknown> =>
  world.strongroom().call.jointSigned({
    tap: makeTap(who, firstKeyOf(who), 'joint', job.statement),
    signCount: 7,
    signCountWentBack: true,
    wraps: [],
    ...change,
  })
async function end(result: 'done' | 'failed' | 'cancelled', code: ErrorCode | null = null): Promise<void> {
  await world.strongroom().call.ended({ result, code })
  world.strongroom().die()
  await outcomeOf(world)
}
async function prove(purpose: 'drill' | 'rotation' = 'drill'): Promise<void> {
  const job = await begin(purpose)
  await sign(job, person(0))
  await sign(job, person(2))
  await world.strongroom().call.proofPassed({ people: [person(0).id, person(2).id] })
  await end('done')
}

describe('a proof', () => {
  it('gives the strongroom no body, believes only taps it has checked, and is in the log once', async () => {
    const job = await begin()
    expect(job.records.map(({ record }) => record.body)).toEqual([''])
    const { call } = world.strongroom()
    const mine = job.wraps.find(({ key }) => key === firstKeyOf(person(0)).credentialId)!
    const stranger = { ...person(0), keys: [firstKeyOf(person(1))] }
    await refuses(sign(job, ready.requester), 'TAP_NOT_CUSTODIAN')
    await refuses(sign(job, stranger), 'TAP_KEY_UNKNOWN')
    await refuses(
      sign({ ...job, statement: { ...job.statement, nonce: random(32) } }, person(0)),
      'TAP_CHALLENGE_WRONG',
    )
    await refuses(sign(job, person(0), { wraps: [mine, mine] }), 'MESSAGE_INVALID', 'wraps')
    await refuses(sign(job, person(1), { wraps: [mine] }), 'MESSAGE_INVALID', 'wrap.key')
    await refuses(
      sign(job, person(0), { wraps: [{ ...mine, publicKey: random(32) }] }),
      'MESSAGE_INVALID',
      'wrap.publicKey',
    )
    await sign(job, person(0), { wraps: [makeWrap(mine.vault, mine.safe, mine.person, mine.key, mine.publicKey)] })
    await refuses(sign(job, person(0)), 'TAP_PERSON_ALREADY_COUNTED')
    await refuses(call.proofPassed({ people: [person(0).id] }), 'MESSAGE_INVALID', 'people')
    await refuses(call.proofPassed({ people: [person(0).id, person(0).id] }), 'MESSAGE_INVALID', 'people')
    await refuses(call.proofPassed({ people: [person(0).id, person(1).id] }), 'MESSAGE_INVALID', 'people')
    await sign(job, person(1))
    await refuses(sign(job, person(2)), 'TAP_AFTER_QUORUM')
    clock.pass(2500)
    await call.proofPassed({ people: [person(0).id, person(1).id] })
    await refuses(call.proofPassed({ people: [person(0).id, person(1).id] }), 'MESSAGE_INVALID', 'passed-twice')
    await end('done')
    const log = await entries()
    expect(log.slice(-5).map(({ type }) => type)).toEqual(['joint.opened', 'joint.signed', 'joint.signed', 'proof.passed', 'operation.ended']) // prettier-ignore
    expect(log.at(-2)?.data).toMatchObject({ purpose: 'drill', durationMs: 2500 })
    // The counter is read from the tap, not from what the strongroom says of it.
    expect(log.at(-3)?.data).toMatchObject({ signCountWentBack: false })
    await verifies()
    const state = await world.state()
    expect(state.safes[0]?.drilled).toBe(true)
    expect((await listed()).provenAt).toBe(log.at(-2)?.at)
    expect(state.persons.find(({ id }) => id === person(0).id)?.keys[0]?.lastProvenAt).not.toBeNull()
  })

  it('that did not pass says who failed and why', async () => {
    const job = await begin()
    const { call } = world.strongroom()
    const key = firstKeyOf(person(1)).credentialId
    await call.tapRefused({ code: 'TAP_WRAP_DAMAGED', person: person(1).id, key })
    await call.tapRefused({ code: 'TAP_WRAP_DAMAGED', person: person(1).id, key })
    await call.tapRefused({ code: 'TAP_NOT_ALLOWED', person: null, key: null })
    await sign(job, person(0))
    await end('failed', 'CONTENT_KEY_WRONG')
    const failed = (await entries()).at(-1)
    expect(failed).toMatchObject({
      type: 'proof.failed',
      data: {
        people: [person(0).id],
        code: 'CONTENT_KEY_WRONG',
        failures: [
          { person: person(1).id, code: 'TAP_WRAP_DAMAGED' },
          { person: null, code: 'TAP_NOT_ALLOWED' },
        ],
      },
    })
    await verifies()
    expect((await listed()).provenAt).toBeNull()
    expect((await world.state()).safes[0]?.drilled).toBe(false)
  })

  it('is of credentials of that safe; a drill of one', async () => {
    const ask = (input: object): Promise<unknown> =>
      world.call['credential.prove']({ purpose: 'drill', safe: ready.safe, credentials: [credential], ...input })
    await refuses(ask({ credentials: [credential, newId()] }), 'POLICY_INVALID')
    await refuses(ask({ credentials: [newId()] }), 'CREDENTIAL_UNKNOWN')
    await refuses(ask({ purpose: 'rotation', credentials: [credential, credential] }), 'POLICY_INVALID')
    await refuses(ask({ safe: newId() }), 'POLICY_INVALID')
    expect((await world.state()).operation).toBeNull()
  })
})

describe('what is due', () => {
  const due = async (): Promise<string[]> =>
    (await world.state()).due.filter(({ isDue }) => isDue).map(({ kind, why }) => `${kind} ${why}`)

  it('is what was never done, until it is, and again when its time is over', async () => {
    await eventually(async () => (await world.state()).due.some(({ kind }) => kind === 'rotate'), 'the list')
    expect(await due()).toEqual(['drill-person never', 'drill-person never', 'drill-person never', 'drill-safe never'])
    await prove()
    expect(await due()).toEqual(['drill-person never'])
    clock.pass(90 * dayMs - 1)
    expect((await world.state()).safes[0]?.drilled).toBe(true)
    expect(await due()).toEqual(['drill-person never'])
    clock.pass(1)
    expect((await world.state()).safes[0]?.drilled).toBe(false)
    expect((await due()).toSorted()).toEqual(['drill-person interval', 'drill-person interval', 'drill-person never', 'drill-safe interval', 'rotate interval']) // prettier-ignore
    await world.close()
    world = openWorld(place, clock)
    await eventually(async () => (await due()).length === 5, 'the same after a restart')
  })
})

describe('destruction', () => {
  /** A second version; resolves with the bytes of the first as they lie on the disk. */
  async function rotate(): Promise<Uint8Array[]> {
    await world.call['credential.seal'](sealInput(ready, credential))
    const sealed = await makeSeal(world, jobOf(await world.strongroom().job(), 'seal'), ready.lead)
    await world.strongroom().call.sealed(sealed)
    await end('done')
    const database = await openDatabase(place.file, 'read')
    const row = await database.get('SELECT header, body FROM records WHERE credential = ? AND version = 1', credential)
    const boxes = await database.all('SELECT box FROM shares WHERE credential = ? AND version = 1', credential)
    await database.close()
    const { header, body } = row as { header: Uint8Array; body: Uint8Array }
    // Their tails: the beginning of a header is the same in every version.
    return [header.slice(-60), body.slice(0, 60), ...boxes.map(({ box }) => (box as Uint8Array).slice(0, 60))]
  }
  const destroy = (version: number, who: WorldPerson = person(0)): Promise<unknown> =>
    world.call['credential.destroy']({ credential, version, person: who.id })
  async function tapOn(who: WorldPerson): Promise<void> {
    const { statement } = jobOf(await world.strongroom().job(), 'act')
    await world.strongroom().call.acted({ tap: makeTap(who, firstKeyOf(who), 'act', statement) })
  }
  function found(needles: readonly Uint8Array[]): number {
    const files = [place.file, `${place.file}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file))
    return needles.filter((needle) => files.some((bytes) => bytes.includes(Buffer.from(needle)))).length
  }

  it('is for old versions, by those who may, once the newest is proven; then no byte is left', async () => {
    const old = await rotate()
    expect(found(old)).toBe(old.length)
    await refuses(destroy(2), 'POLICY_INVALID')
    await refuses(destroy(3), 'POLICY_INVALID')
    await refuses(destroy(1, ready.requester), 'POLICY_INVALID')
    await refuses(destroy(1), 'VERSION_NOT_PROVEN')
    await prove('rotation')
    expect(await listed()).toMatchObject({ version: 2, olderVersions: [{ version: 1 }] })
    await destroy(1)
    const { statement } = jobOf(await world.strongroom().job(), 'act')
    const others = makeTap(person(1), firstKeyOf(person(1)), 'act', statement)
    await refuses(world.strongroom().call.acted({ tap: others }), 'TAP_NOT_THIS_PERSON')
    expect(found(old)).toBe(old.length)
    await tapOn(person(0))
    await end('done')
    expect(found(old)).toBe(0)
    expect((await listed()).olderVersions).toEqual([])
    await refuses(destroy(1), 'CREDENTIAL_UNKNOWN')
    await verifies()
  })

  it('also of a version that somebody put back: the next start erases it', async () => {
    const old = await rotate()
    await prove('rotation')
    const before = await openDatabase(place.file, 'read')
    const row = (await before.get('SELECT header, body FROM records WHERE version = 1')) as Record<
      'header' | 'body',
      Uint8Array
    >
    await before.close()
    await destroy(1, ready.lead)
    await tapOn(ready.lead)
    await end('done')
    await world.close()
    const database = await openDatabase(place.file, 'write')
    await database.run('INSERT INTO records (credential, version, header, body) VALUES (?, 1, ?, ?)', credential, row.header, row.body) // prettier-ignore
    await database.close()
    expect(found(old)).toBe(2)
    world = openWorld(place, clock)
    expect((await listed()).olderVersions).toEqual([])
    expect(found(old)).toBe(0)
    await verifies()
  })

  it('of a vault whose process dies right after: the next start empties the write-ahead log', async () => {
    const old = await rotate()
    await prove('rotation')
    // A reader keeps the log from being emptied, as a killed process leaves it.
    const reader = await openDatabase(place.file, 'read')
    await reader.execute('BEGIN')
    await reader.all('SELECT count(*) FROM records')
    await destroy(1)
    await tapOn(person(0))
    await end('done')
    expect(found(old)).toBeGreaterThan(0)
    await world.close()
    await reader.execute('COMMIT')
    await reader.close()
    world = openWorld(place, clock)
    await world.state()
    expect(found(old)).toBe(0)
    await verifies()
  })
})
