/** Requests for an older version: a rotation stopped halfway, and the system still has the old secret. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppState, CredentialView } from '../../../shared/contracts/app.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { parseAlertText } from '../../../shared/audit/alert-text.ts'
import { openDatabase } from '../../../electron/vault/store/driver.ts'
import { createHandClock, makePlace, openWorld, type HandClock, type Place } from '../../support/vault-place.ts'
import {
  firstKeyOf,
  grant,
  jobOf,
  makeSeal,
  requestInput,
  seal,
  sealInput,
  setUp,
  type ReadyWorld,
} from '../../support/vault-steps.ts'
import { makeTap, outcomeOf, type World } from '../../support/vault-world.ts'

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
  await sealAgain()
})
afterEach(async () => {
  await world.close()
  place.remove()
})

async function sealAgain(requesters?: readonly string[]): Promise<void> {
  const input = sealInput(ready, credential)
  await world.call['credential.seal']({ ...input, requesters: [...(requesters ?? input.requesters)] })
  const { call, job } = world.strongroom()
  await call.sealed(await makeSeal(world, jobOf(await job(), 'seal'), ready.lead))
  await end('done')
}
async function end(result: 'done' | 'cancelled'): Promise<void> {
  await world.strongroom().call.ended({ result, code: null })
  world.strongroom().die()
  await outcomeOf(world)
}
const ask = (version?: number): Promise<unknown> =>
  world.call['request.open']({ ...requestInput(ready, credential), ...(version === undefined ? {} : { version }) })
async function open(version?: number): Promise<JobOf<'unseal'>> {
  await ask(version)
  return jobOf(await world.strongroom().job(), 'unseal')
}
/** Up to the end of its window. */
async function use(version?: number, code?: number): Promise<JobOf<'unseal'>> {
  const job = await open(version)
  await grant(world, ready, job)
  const { call } = world.strongroom()
  if (code !== undefined) await call.codeBurned({ field: 0, label: 'Codes', code })
  await call.windowClosed({ reason: 'hidden-by-person', openedMs: 900 })
  await end('done')
  return job
}
async function destroy(version: number): Promise<void> {
  await world.call['credential.destroy']({ credential, version, person: ready.lead.id })
  const { statement } = jobOf(await world.strongroom().job(), 'act')
  await world.strongroom().call.acted({ tap: makeTap(ready.lead, firstKeyOf(ready.lead), 'act', statement) })
  await end('done')
}
async function proveNewest(): Promise<void> {
  await world.call['credential.prove']({ purpose: 'rotation', safe: ready.safe, credentials: [credential] })
  const job = jobOf(await world.strongroom().job(), 'prove')
  const people = ready.custodians.slice(0, 2)
  for (const person of people) {
    const tap = makeTap(person, firstKeyOf(person), 'joint', job.statement)
    await world.strongroom().call.jointSigned({ tap, signCount: 7, signCountWentBack: false, wraps: [] })
  }
  await world.strongroom().call.proofPassed({ people: people.map(({ id }) => id) })
  await end('done')
}
async function reopen(): Promise<void> {
  await world.close()
  world = openWorld(place, clock)
}
const listed = async (): Promise<CredentialView> => {
  const found = (await world.call['credentials.list']({})).find(({ id }) => id === credential)
  if (found === undefined) throw new Error('not listed')
  return found
}
const owed = async (): Promise<AppState['owed']> => (await world.state()).owed
async function verifies(): Promise<void> {
  expect((await world.call['log.verify']({})).integrity).toMatchObject({ verdict: 'intact', problems: [] })
}
const refuses = (answer: Promise<unknown>, code: ErrorCode, detail: object = {}): Promise<void> =>
  expect(answer).rejects.toMatchObject({ code, detail })

describe('a request for an older version', () => {
  it('is for that record, and its statement names the newest', async () => {
    const job = await open(1)
    expect(job.statement).toMatchObject({ version: 1, newest: 2 })
    expect(job.record.header).toMatchObject({ credential, version: 1 })
    expect(job.sealed.statement.detail).toMatchObject({ version: 1, record: job.statement.record })
    expect((await world.state()).operation?.request).toMatchObject({ version: 1, newest: 2 })
    const { text } = await world.call['alerts.text']({ request: job.statement.request })
    expect(parseAlertText(text)?.facts.credential).toBe('v1 of 2: Root of the cloud')
    await verifies()
  })

  it('says nothing of a newest where it is for the newest, asked for by number or not', async () => {
    for (const version of [undefined, 2]) {
      const job = await open(version)
      expect(job.statement.version).toBe(2)
      expect(job.statement).not.toHaveProperty('newest')
      await world.strongroom().call.failed({ code: 'CONTENT_KEY_WRONG', custodian: null })
      await end('cancelled')
    }
  })

  it('burns its own codes', async () => {
    await use(1, 0)
    await use(2, 4)
    const again = await open(1)
    expect(again.burned).toEqual([{ field: 0, code: 0 }])
    await grant(world, ready, again)
    await refuses(world.strongroom().call.codeBurned({ field: 0, label: 'Codes', code: 0 }), 'CODES_EXHAUSTED')
    await world.strongroom().call.codeBurned({ field: 0, label: 'Codes', code: 4 })
    await verifies()
  })

  it('is refused before anything is written where there is no such version', async () => {
    const { size } = (await world.state()).log
    for (const version of [3, 1000]) await refuses(ask(version), 'CREDENTIAL_UNKNOWN', { version })
    await refuses(ask(0), 'MESSAGE_INVALID')
    expect((await world.state()).log.size).toBe(size)
    await proveNewest()
    await destroy(1)
    await refuses(ask(1), 'CREDENTIAL_UNKNOWN', { version: 1 })
    await reopen()
    await refuses(ask(1), 'CREDENTIAL_UNKNOWN', { version: 1 })
  })

  it('is refused where the record is gone, or no longer what was sealed', async () => {
    for (const sql of [
      'UPDATE records SET body = zeroblob(200) WHERE version = 1',
      'DELETE FROM records WHERE version = 1',
    ]) {
      await world.close()
      const database = await openDatabase(place.file, 'write')
      await database.run(sql)
      await database.close()
      world = openWorld(place, clock)
      await refuses(ask(1), 'RECORD_DAMAGED')
      expect((await open()).statement.version).toBe(2)
      await world.strongroom().call.failed({ code: 'CONTENT_KEY_WRONG', custodian: null })
      await end('cancelled')
    }
  })

  it('is only for who may ask for the newest as well', async () => {
    await sealAgain(ready.custodians.map(({ id }) => id))
    await refuses(ask(1), 'REQUESTER_NOT_APPROVED')
    await refuses(ask(), 'REQUESTER_NOT_APPROVED')
  })
})

describe('after an older version was opened', () => {
  it('a rotation is owed, until something newer is sealed', async () => {
    await use(1)
    expect(await owed()).toMatchObject([{ credential, rotate: true }])
    expect((await listed()).rotation).toBe('used')
    await reopen()
    expect(await owed()).toMatchObject([{ credential, rotate: true }])
    expect((await listed()).rotation).toBe('used')
    await sealAgain()
    expect(await owed()).toMatchObject([{ credential, rotate: false }])
    expect(await listed()).toMatchObject({ version: 3, rotation: 'fresh' })
    await reopen()
    expect(await owed()).toMatchObject([{ credential, rotate: false }])
    expect((await listed()).rotation).toBe('fresh')
  })

  it('or until it is destroyed: the newest, which nobody has seen, is in use', async () => {
    await use(1)
    await proveNewest()
    await destroy(1)
    for (const again of [false, true]) {
      if (again) await reopen()
      expect(await owed()).toMatchObject([{ credential, rotate: false }])
      expect((await listed()).rotation).toBe('fresh')
    }
    await verifies()
  })

  it('but not where the newest was opened too', async () => {
    await use(1)
    await use(2)
    await destroy(1)
    expect((await owed()).map(({ rotate }) => rotate)).toEqual([false, true])
    expect((await listed()).rotation).toBe('used')
  })
})
