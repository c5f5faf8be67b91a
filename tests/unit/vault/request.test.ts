import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { VerifyReport } from '../../../shared/audit/report.ts'
import { fromBase64Url } from '../../../shared/bytes.ts'
import { createHandClock, makePlace, openWorld, type HandClock, type Place } from '../../support/vault-place.ts'
import {
  describeTap,
  firstKeyOf,
  grant,
  jobOf,
  makePerson,
  makeWrap,
  openRequest,
  requestInput,
  seal,
  setUp,
  useCredential,
  type ReadyWorld,
} from '../../support/vault-steps.ts'
import { makeTap, newId, outcomeOf, random, type World } from '../../support/vault-world.ts'

let clock: HandClock
let place: Place
let world: World
let ready: ReadyWorld
let credential: string

beforeEach(async () => {
  clock = createHandClock()
  place = makePlace()
  world = openWorld(place, clock)
  ready = await setUp(world)
  credential = await seal(world, ready)
})
afterEach(async () => {
  await world.close().catch(() => undefined)
  place.remove()
})

const everything = { types: [], person: null, credential: null, text: '', from: null, before: null }
const log = async (): Promise<Entry[]> =>
  (await world.call['timeline.page']({ before: null, limit: 200, filter: everything })).entries.toReversed()
const types = async (): Promise<string[]> => (await log()).map(({ type }) => type)
const last = async (type: Entry['type']): Promise<Entry | undefined> =>
  (await log()).findLast((entry) => entry.type === type)
const verify = (): Promise<VerifyReport> => world.call['log.verify']({})

describe('a request', () => {
  it('is on record before a strongroom starts, and every step after it', async () => {
    const request = await useCredential(world, ready, credential)
    const all = await types()
    expect(all.slice(all.indexOf('request.opened'))).toEqual([
      'request.opened',
      'tap.accepted',
      'tap.accepted',
      'tap.accepted',
      'request.granted',
      'field.shown',
      'window.closed',
    ])
    expect(await outcomeOf(world)).toMatchObject({ kind: 'unseal', result: 'done', detail: 'hidden-by-person' })
    expect((await world.state()).owed).toMatchObject([{ request, credential, rotate: true, classify: true }])
    expect(await world.call['credentials.list']({})).toMatchObject([{ id: credential, version: 1, rotation: 'used' }])
    expect((await verify()).integrity).toMatchObject({ verdict: 'intact', problems: [] })
  })

  it('gives the strongroom what it needs and the window what it shows', async () => {
    const job = await openRequest(world, ready, credential)
    expect(job.wraps).toHaveLength(4)
    expect(job.record.header.credential).toBe(credential)
    expect(job.sealed.statement.person).toBe(ready.lead.id)
    expect(job.statement).toMatchObject({ reason: 'Everything is down', incident: 'INC-7', windowSeconds: 60 })
    await world.strongroom().call.progress({ stage: 'tap', have: 0, need: 2 })
    await world.strongroom().call.tapRefused({ code: 'TAP_NO_PRF', person: ready.custodians[1]!.id, key: null })
    await world.strongroom().call.tapAccepted(describeTap(job, ready.custodians[0]!))
    const { operation } = await world.state()
    expect(operation).toMatchObject({
      kind: 'unseal',
      stage: 'tap',
      need: 2,
      taps: [{ person: ready.custodians[0]!.id, counts: true }],
      refusals: [{ code: 'TAP_NO_PRF' }],
      request: { credential, grantedAt: null },
    })
    expect((await last('tap.refused'))?.data).toMatchObject({ request: job.statement.request, code: 'TAP_NO_PRF' })
  })

  it('is refused before anything is written when it may not be', async () => {
    const input = requestInput(ready, credential)
    const size = (await world.state()).log.size
    const refusals = [
      [{ ...input, requester: ready.lead.id }, 'REQUESTER_NOT_APPROVED'],
      [{ ...input, requester: newId() }, 'PERSON_UNKNOWN'],
      [{ ...input, credential: newId() }, 'CREDENTIAL_UNKNOWN'],
      [{ ...input, reason: '' }, 'MESSAGE_INVALID'],
      [{ ...input, windowSeconds: 5 }, 'MESSAGE_INVALID'],
    ] as const
    for (const [bad, code] of refusals) await expect(world.call['request.open'](bad)).rejects.toMatchObject({ code })
    expect((await world.state()).log.size).toBe(size)
    await world.call['request.open'](input)
    await expect(world.call['request.open'](input)).rejects.toMatchObject({ code: 'OPERATION_BUSY' })
  })

  it('takes every tap of the right people, once', async () => {
    const job = await openRequest(world, ready, credential)
    const { call } = world.strongroom()
    const [one, two, three] = ready.custodians
    await call.tapAccepted(describeTap(job, one!))
    const stranger = makePerson('Stranger')
    const two2 = describeTap(job, two!)
    const refusals = [
      [describeTap(job, one!), 'TAP_PERSON_ALREADY_COUNTED'],
      [describeTap(job, one!, true, one!.keys[1]), 'TAP_PERSON_ALREADY_COUNTED'],
      [describeTap(job, ready.lead, false), 'TAP_NOT_CUSTODIAN'],
      [describeTap(job, stranger), 'PERSON_UNKNOWN'],
      [describeTap(job, two!, true, firstKeyOf(one!)), 'TAP_KEY_UNKNOWN'],
      [describeTap(job, ready.requester, true), 'MESSAGE_INVALID'],
      [{ ...two2, counts: false }, 'MESSAGE_INVALID'],
      [
        { ...two2, tap: makeTap(two!, firstKeyOf(two!), 'request', { ...job.statement, reason: 'x' }) },
        'TAP_CHALLENGE_WRONG',
      ],
      [{ ...two2, wrap: { ...two2.wrap!, person: one!.id } }, 'MESSAGE_INVALID'],
      [{ ...two2, wrap: { ...two2.wrap!, publicKey: random(32) } }, 'MESSAGE_INVALID'],
      [{ ...two2, wrap: { ...two2.wrap!, safe: newId() } }, 'MESSAGE_INVALID'],
    ] as const
    for (const [tap, code] of refusals) await expect(call.tapAccepted(tap)).rejects.toMatchObject({ code })
    const forged = describeTap(job, three!)
    const signature = fromBase64Url(forged.tap.assertion.signature)
    signature[signature.length - 1]! ^= 1
    await expect(
      call.tapAccepted({
        ...forged,
        tap: {
          ...forged.tap,
          assertion: { ...forged.tap.assertion, signature: Buffer.from(signature).toString('base64url') },
        },
      }),
    ).rejects.toMatchObject({ code: 'TAP_SIGNATURE_INVALID' })
    expect((await types()).filter((type) => type === 'tap.accepted')).toHaveLength(1)
    await call.tapAccepted(two2)
    const late = describeTap(job, three!)
    await expect(call.tapAccepted(late)).rejects.toMatchObject({ code: 'TAP_AFTER_QUORUM' })
    expect((await log()).at(-1)).toMatchObject({
      type: 'tap.refused',
      actor: { id: three!.id, proven: false },
      data: { request: job.statement.request, code: 'TAP_AFTER_QUORUM', person: three!.id, key: late.tap.key },
    })
  })

  it('is granted to k people and the requester, whatever the strongroom claims', async () => {
    const job = await openRequest(world, ready, credential)
    const { call } = world.strongroom()
    const [one, two, three] = ready.custodians
    const ask = (...approvals: string[]) => call.granted({ approvals })
    await expect(ask(one!.id, two!.id)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await call.tapAccepted(describeTap(job, one!))
    await expect(ask(one!.id)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await expect(ask(one!.id, one!.id)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await call.tapAccepted(describeTap(job, two!))
    // The requester has not tapped yet.
    await expect(ask(one!.id, two!.id)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await call.tapAccepted(describeTap(job, ready.requester, false))
    await expect(ask(one!.id, three!.id)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await expect(ask(one!.id, ready.requester.id)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await expect(call.fieldShown({ field: 0, label: 'x' })).rejects.toMatchObject({ code: 'REQUEST_NOT_OPEN' })
    expect(await types()).not.toContain('request.granted')
    await ask(one!.id, two!.id)
    await expect(ask(one!.id, two!.id)).rejects.toMatchObject({ code: 'REQUEST_NOT_OPEN' })
    await expect(call.tapAccepted(describeTap(job, three!))).rejects.toMatchObject({ code: 'TAP_AFTER_QUORUM' })
    expect((await log()).at(-1)).toMatchObject({ type: 'tap.refused', data: { code: 'TAP_AFTER_QUORUM' } })
    await call.windowClosed({ reason: 'time-elapsed', openedMs: 60_000 })
    await expect(call.fieldShown({ field: 0, label: 'x' })).rejects.toMatchObject({ code: 'WINDOW_CLOSED' })
    expect((await verify()).integrity.problems).toEqual([])
  })

  it('overwrites the old wrap: it is in no file of the vault any more', async () => {
    const job = await openRequest(world, ready, credential)
    const before = job.wraps.find(({ person }) => person === ready.custodians[1]!.id)!
    const tap = describeTap(job, ready.custodians[1]!)
    await world.strongroom().call.tapAccepted(tap)
    await world.strongroom().call.ended({ result: 'cancelled', code: 'CANCELLED' })
    world.strongroom().die()
    const files = ['vault.sqlite3', 'vault.sqlite3-wal'].map((name) => readFileSync(path.join(place.dir, name)))
    expect(files.some((bytes) => bytes.includes(tap.wrap!.box))).toBe(true)
    expect(files.some((bytes) => bytes.includes(before.box))).toBe(false)
    expect(files.some((bytes) => bytes.includes(before.salt))).toBe(false)
    const again = await openRequest(world, ready, credential)
    expect(again.wraps).toContainEqual(tap.wrap)
  })

  it('keeps the old wrap when the entry cannot be written for it', async () => {
    const job = await openRequest(world, ready, credential)
    const tap = describeTap(job, ready.custodians[1]!)
    await world.call['operation.cancel']({ operation: world.strongroom().operation })
    await expect(world.strongroom().call.tapAccepted(tap)).rejects.toBeDefined()
    const again = await openRequest(world, ready, credential)
    expect(again.wraps).not.toContainEqual(tap.wrap)
  })

  it('reports a counter that went back, and goes on', async () => {
    const [one] = ready.custodians
    firstKeyOf(one!).behaviour.signCount = 7
    const first = await openRequest(world, ready, credential)
    await world.strongroom().call.tapAccepted(describeTap(first, one!))
    await world.strongroom().call.ended({ result: 'cancelled', code: null })
    world.strongroom().die()
    firstKeyOf(one!).behaviour.signCount = 3
    const job = await openRequest(world, ready, credential)
    expect(job.signCounts).toContainEqual({ key: firstKeyOf(one!).credentialId, count: 7 })
    // The strongroom says that all is well; the vault reads the counter itself.
    await world.strongroom().call.tapAccepted(describeTap(job, one!))
    expect((await last('tap.accepted'))?.data).toMatchObject({ signCount: 3, signCountWentBack: true })
  })

  it('burns a code once', async () => {
    const job = await openRequest(world, ready, credential)
    await grant(world, ready, job)
    const { call } = world.strongroom()
    await call.codeBurned({ field: 1, label: 'Codes', code: 4 })
    await expect(call.codeBurned({ field: 1, label: 'Codes', code: 4 })).rejects.toMatchObject({
      code: 'CODES_EXHAUSTED',
    })
    await call.windowClosed({ reason: 'hidden-by-person', openedMs: 5 })
    await call.ended({ result: 'done', code: null })
    world.strongroom().die()
    await world.close()
    world = openWorld(place, clock)
    expect((await openRequest(world, ready, credential)).burned).toEqual([{ field: 1, code: 4 }])
  })
})

describe('policy', () => {
  it('keeps the requester out of the quorum when it says so', async () => {
    await world.close()
    place.remove()
    place = makePlace()
    world = openWorld(place, clock)
    ready = await setUp(world, { requesterMayTap: false })
    credential = await seal(world, ready)
    const [one, two, three] = ready.custodians
    const job = await openRequest(world, ready, credential, one)
    const { call } = world.strongroom()
    await expect(call.tapAccepted(describeTap(job, one!, true))).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await call.tapAccepted(describeTap(job, one!, false))
    await call.tapAccepted(describeTap(job, two!))
    await expect(call.granted({ approvals: [one!.id, two!.id] })).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    await call.tapAccepted(describeTap(job, three!))
    await call.granted({ approvals: [two!.id, three!.id] })
    expect((await verify()).integrity.problems).toEqual([])
  })
})

describe('afterwards', () => {
  const classify = async (
    request: string,
    person = ready.custodians[0]!,
    outcomeName: 'drill' | 'emergency' = 'drill',
  ) => {
    await world.call['request.classify']({ request, outcome: outcomeName, note: 'Quarterly', person: person.id })
    const { call, job, die } = world.strongroom()
    const { statement } = jobOf(await job(), 'act')
    await call.acted({ tap: makeTap(person, firstKeyOf(person), 'act', statement) })
    await call.ended({ result: 'done', code: null })
    die()
  }

  it('rotation and classification are owed until done', async () => {
    const request = await useCredential(world, ready, credential)
    await classify(request)
    const state = await world.state()
    expect(state.owed).toMatchObject([{ rotate: true, classify: false }])
    expect(state.safes).toMatchObject([{ drilled: true }])
    await expect(classify(request)).rejects.toMatchObject({ code: 'ALREADY_CLASSIFIED' })
    await seal(world, ready, credential)
    expect((await world.state()).owed).toEqual([])
    expect(await world.call['credentials.list']({})).toMatchObject([{ version: 2, rotation: 'fresh' }])
    clock.pass(90 * 86_400_000)
    expect(await world.call['credentials.list']({})).toMatchObject([{ rotation: 'due' }])
    await world.close()
    world = openWorld(place, clock)
    // A drill is good for 90 days.
    expect(await world.state()).toMatchObject({ owed: [], safes: [{ drilled: false }] })
    expect((await verify()).integrity.problems).toEqual([])
  })

  it('takes the tap of exactly the person who signs', async () => {
    const request = await useCredential(world, ready, credential)
    const [one, two] = ready.custodians
    await world.call['request.classify']({ request, outcome: 'misuse', note: '', person: one!.id })
    const { call, job } = world.strongroom()
    const { statement } = jobOf(await job(), 'act')
    const others = makeTap(two!, firstKeyOf(two!), 'act', statement)
    await expect(call.acted({ tap: others })).rejects.toMatchObject({ code: 'TAP_NOT_THIS_PERSON' })
    const wrong = makeTap(one!, firstKeyOf(one!), 'act', { ...statement, createdAt: '2026-01-01T00:00:00.000Z' })
    await expect(call.acted({ tap: wrong })).rejects.toMatchObject({ code: 'TAP_CHALLENGE_WRONG' })
    expect(await types()).not.toContain('request.classified')
  })

  it('refuses to classify what was never opened', async () => {
    await expect(classify(newId())).rejects.toMatchObject({ code: 'REQUEST_UNKNOWN' })
    const job = await openRequest(world, ready, credential)
    await world.strongroom().call.ended({ result: 'cancelled', code: null })
    world.strongroom().die()
    await expect(classify(job.statement.request)).rejects.toMatchObject({ code: 'REQUEST_NOT_OPEN' })
  })
})

describe('wraps of others', () => {
  it('are never replaced by a tap that does not count', async () => {
    const job = await openRequest(world, ready, credential)
    const tap = describeTap(job, ready.requester, false)
    const wrap = makeWrap(
      job.vault,
      ready.safe,
      ready.requester.id,
      firstKeyOf(ready.requester).credentialId,
      random(32),
    )
    await expect(world.strongroom().call.tapAccepted({ ...tap, wrap })).rejects.toMatchObject({
      code: 'MESSAGE_INVALID',
    })
  })
})
