/** Fewer than k people open nothing, and any k do. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { fromUtf8 } from '../../../shared/bytes.ts'
import { SecretBytes } from '../../../electron/platform/secret-bytes.ts'
import { createQuorum } from '../../../electron/strongroom/operations/quorum.ts'
import { trustRequest } from '../../../electron/strongroom/trust/request.ts'
import { createWorld, field, keyOf, requestJob, sealIn } from '../../support/sealed-world.ts'
import { holds, startHarness, newMachine } from '../../support/strongroom-harness.ts'

const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'
if (isCampaign) vi.setConfig({ testTimeout: 300_000 })
const secret = 'correct-horse-7731'
const subsets = (n: number, k: number): number[][] =>
  n < k ? [] : k === 0 ? [[]] : [...subsets(n - 1, k), ...subsets(n - 1, k - 1).map((rest) => [...rest, n - 1])]

describe('3 of 5', () => {
  const world = createWorld()
  const sealed = sealIn(world, [field('Password', secret)])
  const custodian = (at: number) => world.custodians[at] ?? world.requester

  it.each(subsets(5, 3))('custodians %i, %i and %i open it', async (...at) => {
    const harness = startHarness(requestJob(world, sealed))
    const reveal = harness.reveal()
    harness.tap.touch(keyOf(world.requester))
    for (const one of at) harness.tap.touch(keyOf(custodian(one)))
    const { call } = await reveal
    await call.begin({})
    const shown = await call.show({ field: 0 })
    expect(fromUtf8(shown.value)).toBe(secret)
    await harness.end('app-quit')
    await harness.exited
  })

  it.each(subsets(5, 2))('custodians %i and %i open nothing', async (...at) => {
    const harness = startHarness(requestJob(world, sealed))
    const reveal = harness.reveal()
    harness.tap.touch(keyOf(world.requester))
    for (const one of at) harness.tap.touch(keyOf(custodian(one)))
    for (let tap = 0; tap < 3; tap++) expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
    const { call } = await reveal
    await expect(call.show({ field: 0 })).rejects.toMatchObject({ code: 'REQUEST_NOT_OPEN' })
    const begun = call.begin({}).then(
      () => 'begun',
      () => 'refused',
    )
    await harness.end('app-quit')
    await harness.exited
    expect(await begun).toBe('refused')
    expect(harness.callsOf('granted')).toEqual([])
    expect(holds(harness.revealed, secret)).toBe(false)
  })

  it('a backup key does the same as the first one, and both together count once', async () => {
    const harness = startHarness(requestJob(world, sealed))
    const reveal = harness.reveal()
    harness.tap.touch(keyOf(world.requester))
    harness.tap.touch(keyOf(custodian(0), 1))
    harness.tap.touch(keyOf(custodian(0), 0))
    harness.tap.touch(keyOf(custodian(1)))
    const codes = []
    for (let tap = 0; tap < 4; tap++) codes.push((await harness.tap.feedback()).code)
    expect(codes).toEqual([null, null, 'TAP_PERSON_ALREADY_COUNTED', null])
    expect(harness.callsOf('granted')).toEqual([])
    harness.tap.touch(keyOf(custodian(2)))
    await (await reveal).call.begin({})
    await harness.end('app-quit')
    await harness.exited
  })
})

describe('any k of any n', () => {
  it('opens for k people in any order, and for k - 1 not at all, whatever keys they have', async () => {
    const kOfN = fc.integer({ min: 2, max: 6 }).chain((n) => fc.tuple(fc.integer({ min: 2, max: n }), fc.constant(n)))
    await fc.assert(
      fc.asyncProperty(kOfN, fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), async ([k, n], seed) => {
        const world = createWorld({ n, k, otherKeys: 2 })
        const harness = startHarness(requestJob(world, sealIn(world, [field('Password', secret)])))
        const reveal = harness.reveal()
        harness.tap.touch(keyOf(world.requester))
        const order = world.custodians
          .map((one, at) => ({ one, weight: seed[at] ?? 0 }))
          .sort((a, b) => a.weight - b.weight)
        for (const { one } of order.slice(0, k - 1)) harness.tap.touch(keyOf(one))
        for (let tap = 0; tap < k; tap++) expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
        // One person short: what the counted ones do with their other keys, in whatever order, changes nothing.
        for (const { one } of order.slice(0, k - 1).reverse()) {
          harness.tap.touch(keyOf(one, 1))
          expect(await harness.tap.feedback()).toMatchObject({ accepted: false, code: 'TAP_PERSON_ALREADY_COUNTED' })
        }
        const { call } = await reveal
        await expect(call.show({ field: 0 })).rejects.toMatchObject({ code: 'REQUEST_NOT_OPEN' })
        const begun = call.begin({})
        expect(harness.callsOf('granted')).toEqual([])
        expect(harness.revealed.filter((message) => !holds(message, 'REQUEST_NOT_OPEN'))).toEqual([])
        for (const { one } of order.slice(k - 1, k)) harness.tap.touch(keyOf(one))
        await begun
        expect(fromUtf8((await call.show({ field: 0 })).value)).toBe(secret)
        expect(harness.callsOf('granted')[0]?.approvals).toEqual(order.slice(0, k).map(({ one }) => one.id))
        await harness.end('app-quit')
        await harness.exited
      }),
      { numRuns: isCampaign ? 200 : 8 },
    )
  })

  it('255 custodians', { timeout: 60_000 }, async () => {
    const world = createWorld({ n: 255, k: 3, firstKeys: 1 })
    const harness = startHarness(requestJob(world, sealIn(world, [field('Password', secret)])))
    const reveal = harness.reveal()
    harness.tap.touch(keyOf(world.requester))
    for (const at of [254, 0, 127]) harness.tap.touch(keyOf(world.custodians[at] ?? world.requester))
    const { call } = await reveal
    await call.begin({})
    expect(fromUtf8((await call.show({ field: 0 })).value)).toBe(secret)
    await harness.end('app-quit')
    await harness.exited
  })
})

describe('the count itself', () => {
  const share = (): SecretBytes => new SecretBytes(new Uint8Array(82).fill(1))

  it('refuses a tap after the quorum, and wipes a share it does not take', async () => {
    const world = createWorld({ k: 2 })
    const trusted = await trustRequest(newMachine, requestJob(world, sealIn(world, [field('Password', secret)])))
    const quorum = createQuorum(trusted)
    const [a, b, c] = trusted.custodians.map(({ person }) => person)
    if (a === undefined || b === undefined || c === undefined) throw new Error('too few')
    quorum.count(a, share())
    const twice = share()
    expect(() => {
      quorum.count(a, twice)
    }).toThrow('TAP_PERSON_ALREADY_COUNTED')
    expect(() => twice.use(() => 1)).toThrow('wiped')
    quorum.count(b, share())
    expect(quorum.isComplete()).toBe(true)
    expect(() => {
      quorum.count(c, share())
    }).toThrow('TAP_AFTER_QUORUM')
    expect(quorum.people().map(({ id }) => id)).toEqual([a.id, b.id])
    expect(quorum.spendShares((shares) => shares.length)).toBe(2)
    expect(() => quorum.spendShares((shares) => shares.length)).toThrow('wiped')
  })

  it('says when k can no longer be reached, and whose share is missing', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const trusted = await trustRequest(newMachine, requestJob(world, sealIn(world, [field('Password', secret)])))
    const quorum = createQuorum(trusted)
    const [a, b] = trusted.custodians.map(({ person }) => person)
    if (a === undefined || b === undefined) throw new Error('too few')
    quorum.lose(a, 'SHARE_DAMAGED')
    quorum.requirePossible()
    expect(quorum.standingOf(a)).toEqual({ refused: 'SHARE_DAMAGED' })
    quorum.lose(b, 'TAP_WRAP_DAMAGED')
    expect(quorum.requirePossible).toThrow(
      expect.objectContaining({ code: 'TAP_WRAP_DAMAGED', detail: { custodian: b.id } }),
    )
  })
})
