import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHub } from '../../../shared/contracts/contract.ts'
import { appContract } from '../../../shared/contracts/app.ts'
import { vaultControlContract } from '../../../shared/contracts/broker.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import { strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { errorCodes, HalliganError } from '../../../shared/errors.ts'
import { createHandClock, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { openRequest, requestInput, seal, sealInput, setUp, type ReadyWorld } from '../../support/vault-steps.ts'
import { newId, type World } from '../../support/vault-world.ts'

const runs = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 2000 : 150
const clock = createHandClock()
let place: Place
let world: World
let ready: ReadyWorld
let credential: string

beforeAll(async () => {
  place = makePlace()
  world = openWorld(place, clock)
  ready = await setUp(world)
  credential = await seal(world, ready)
})
afterAll(async () => {
  await world.close()
  place.remove()
})

const codes: ReadonlySet<string> = new Set(errorCodes)

/** Calls with any input; the answer must be fine or one of our errors. */
async function mustBeTyped(call: (input: never) => Promise<unknown>, input: unknown): Promise<void> {
  try {
    await call(input as never)
  } catch (error) {
    expect(error).toBeInstanceOf(HalliganError)
    expect(codes.has((error as HalliganError).code)).toBe(true)
    expect((error as HalliganError).code).not.toBe('INTERNAL')
  }
}

/** Values that structured clone carries, with shapes that a schema might stumble over. */
const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: false, maxDepth: 3 })
const hostileKey = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'extra')
/** A good input with one member replaced, removed or added. */
const bent = (good: object): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fc.oneof(fc.constantFrom('extra', ...Object.keys(good)), hostileKey),
      fc.oneof(anything, fc.constant(undefined)),
    )
    .map(([key, value]) => {
      const copy: Record<string, unknown> = { ...good }
      Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true })
      return copy
    })

describe('hostile messages to the vault', () => {
  it('from the app window: typed errors, no operation, no entry', async () => {
    const before = (await world.state()).log.size
    const goods: Record<string, object> = {
      'setup.begin': { vaultName: 'x', stationName: 'y' },
      'setup.plan': ready.plan,
      'setup.enrol': { person: ready.lead.id, labels: ['One'] },
      'setup.replan': {},
      'setup.acknowledge': {},
      'credential.seal': { ...sealInput(ready), person: newId() },
      'request.open': { ...requestInput(ready, credential), requester: newId() },
      'operation.cancel': { operation: newId() },
      'export.cancel': { operation: newId() },
      'request.resume': { request: newId() },
      'request.veto': { request: newId(), person: ready.lead.id, reason: 'x' },
      'request.withdraw': { request: newId() },
      'request.classify': { request: newId(), outcome: 'drill', note: '', person: ready.lead.id },
      'export.make': { person: newId(), selection: null, archive: false },
      'sinks.set': { sinks: [] },
      'sync.state': {},
      'sync.retry': { sink: newId() },
      'sync.secret': { sink: newId(), secret: { password: 'x' } },
      'keys.add': { person: newId(), label: 'One' },
      'keys.rename': { person: ready.lead.id, key: 'AAAA', label: 'One' },
      'keys.retire': { person: ready.lead.id, key: 'AAAA' },
      'keys.test': { person: ready.lead.id, key: 'AAAA' },
      'keys.passphrase': { person: ready.lead.id, key: 'AAAA' },
      'credential.prove': { purpose: 'drill', safe: ready.safe, credentials: [newId()] },
      'credential.destroy': { credential: newId(), version: 1, person: ready.lead.id },
      'people.change': { people: [], safes: [], quorum: 2, moves: [] },
      'people.enrol': { person: newId(), labels: [] },
      'people.discard': {},
      'people.apply': {},
      'ceremony.draft': { kind: 'drill', lead: newId(), witnesses: [], credentials: null, safes: null },
      'ceremony.open': { kind: 'drill', lead: newId(), witnesses: [], credentials: null, safes: null },
      'ceremony.run': { ceremony: newId(), step: 0, person: null, labels: [] },
      'ceremony.step': { ceremony: newId(), step: 0, result: 'done', person: newId(), initials: 'AB', note: '' },
      'ceremony.except': { ceremony: newId(), step: null, what: 'x', decidedBy: newId(), absent: null },
      'ceremony.cancel': { ceremony: newId(), person: newId(), reason: 'x' },
      'ceremony.close': { ceremony: newId() },
      'ceremony.past': {},
      'credentials.list': {},
      'models.read': {},
      'alerts.set': { channels: [], routes: [] },
      'alerts.state': {},
      'alerts.secret': { channel: newId(), secret: { token: 'x' } },
      'alerts.test': { channel: newId() },
      'alerts.retry': { channel: newId() },
      'alerts.waiting': {},
      'alerts.text': { request: newId() },
      'tap.place': {},
      'tap.chooseBrowser': {},
      'timeline.find': {
        filter: { types: [], person: null, credential: null, text: '', from: null, before: null },
      },
      'timeline.page': {
        before: null,
        limit: 3,
        filter: { types: [], person: null, credential: null, text: '', from: null, before: null },
      },
    }
    const calls = world.call as unknown as Record<string, (input: never) => Promise<unknown>>
    await fc.assert(
      fc.asyncProperty(
        fc
          .constantFrom(...Object.keys(goods))
          .chain((name) => fc.tuple(fc.constant(name), fc.oneof(bent(goods[name]!), anything))),
        ([name, input]) => mustBeTyped(calls[name]!, input),
      ),
      { numRuns: runs },
    )
    const after = await world.state()
    expect(after.operation).toBeNull()
    expect(after.log.size).toBe(before)
    expect(Object.keys(goods).length + 3).toBeGreaterThanOrEqual(Object.keys(appContract.calls).length - 1)
  })

  it('from a strongroom that was taken over: no grant, no record, no end to the vault', async () => {
    const job = await openRequest(world, ready, credential)
    const { call } = world.strongroom()
    const names = Object.keys(strongroomContract.calls).filter(
      (name) => name !== 'ended' && name !== 'windowClosed' && name !== 'failed',
    )
    const calls = call as unknown as Record<string, (input: never) => Promise<unknown>>
    const goods: Record<string, object> = {
      granted: { approvals: ready.custodians.map(({ id }) => id) },
      tapRefused: { code: 'TAP_NO_PRF', person: newId(), key: null },
      fieldShown: { field: 0, label: 'x' },
      codeBurned: { field: 0, label: 'x', code: 0 },
      tapAccepted: {
        tap: {
          person: ready.custodians[0]!.id,
          key: 'AAAA',
          assertion: { authenticatorData: '', clientDataJSON: '', signature: '' },
        },
        counts: true,
        signCount: 0,
        signCountWentBack: false,
        wrap: null,
      },
    }
    await fc.assert(
      fc.asyncProperty(
        fc
          .constantFrom(...names)
          .chain((name) => fc.tuple(fc.constant(name), fc.oneof(bent(goods[name] ?? { x: 1 }), anything))),
        ([name, input]) => mustBeTyped(calls[name]!, input),
      ),
      { numRuns: runs },
    )
    const { entries } = await world.call['timeline.page']({
      before: null,
      limit: 200,
      filter: {
        types: ['request.granted', 'tap.accepted', 'field.shown', 'code.burned'],
        person: null,
        credential: null,
        text: '',
        from: null,
        before: null,
      },
    })
    expect(entries).toEqual([])
    expect((await world.state()).operation?.request?.id).toBe(job.statement.request)
    await world.call['operation.cancel']({ operation: world.strongroom().operation })
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
  })

  it('that are no calls at all are dropped, on every port', async () => {
    await openRequest(world, ready, credential)
    const { operation } = world.strongroom()
    const ports: Port[] = [
      world.link.openPort('app', null),
      world.link.openPort('strongroom', operation),
      world.link.openPort('strongroom', newId()),
      world.link.openPort('reveal', null),
      world.link.control,
    ]
    const shaped = fc.record(
      {
        contract: fc.constantFrom('app', 'strongroom', 'vault-control', 'vault-host', '__proto__'),
        kind: fc.constantFrom('call', 'ok', 'error', 'event', 'nonsense'),
        id: fc.oneof(fc.integer(), fc.string()),
        method: fc.constantFrom('__proto__', 'constructor', 'hasOwnProperty', 'state', 'close\u0000', ''),
        input: anything,
        output: anything,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.constantFrom(...ports), fc.oneof(shaped, anything), (port, message) => {
        port.post(message)
      }),
      { numRuns: runs },
    )
    const app = createHub(ports[0]!).connect(appContract, {
      changed: () => {},
      appended: () => {},
      verifyProgress: () => {},
    })
    expect((await app.call.state({})).operation?.id).toBe(operation)
    await world.call['operation.cancel']({ operation })
  })

  it('from main: typed errors', async () => {
    const calls = world.control as unknown as Record<string, (input: never) => Promise<unknown>>
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('strongroomGone', 'tapPageRefused'),
        fc.oneof(bent({ operation: newId() }), anything),
        (name, input) => mustBeTyped(calls[name]!, input),
      ),
      { numRuns: 60 },
    )
    expect(Object.keys(vaultControlContract.calls)).toEqual(['strongroomGone', 'tapPageRefused', 'close'])
    expect((await world.state()).phase).toBe('ready')
  })
})
