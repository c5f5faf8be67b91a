/** Whatever comes in through the real ports: typed errors, no crash, and no secret before its time. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { fromUtf8, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { strongroomControlContract } from '../../../shared/contracts/broker.ts'
import type { Contract } from '../../../shared/contracts/contract.ts'
import { revealContract } from '../../../shared/contracts/reveal.ts'
import { sealContract } from '../../../shared/contracts/seal.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { tapContract, type TapAnswer } from '../../../shared/contracts/tap.ts'
import { errorCodes } from '../../../shared/errors.ts'
import { newId } from '../../support/node-app.ts'
import { createWorld, field, keyOf, requestJob, sealIn, type World } from '../../support/sealed-world.ts'
import { holds, startHarness, type Harness } from '../../support/strongroom-harness.ts'

const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'
if (isCampaign) vi.setConfig({ testTimeout: 300_000 })
const runs = isCampaign ? 3000 : 200
const secret = 'correct-horse-7731'
const codes: ReadonlySet<string> = new Set(errorCodes)

const world = createWorld({ n: 3, k: 2, firstKeys: 1 })
const sealed = sealIn(world, [field('Password', secret), field('Codes', 'one\ntwo', { type: 'codes' })])

const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: false, maxDepth: 3 })
const hostileName = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'end\u0000', '')

/** `good` with one member replaced or added. */
const bent = (good: object): fc.Arbitrary<object> =>
  fc.tuple(fc.oneof(fc.constantFrom('extra', ...Object.keys(good)), hostileName), anything).map(([key, value]) => {
    const copy: Record<string, unknown> = { ...good }
    Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true })
    return copy
  })

/** Whether a message is a call that the contract takes: those are nobody's attack, or another test's. */
function isGoodCall(contract: Contract, message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false
  const { method, input } = message as { readonly method?: unknown; readonly input?: unknown }
  if (typeof method !== 'string' || !Object.hasOwn(contract.calls, method)) return false
  return contract.calls[method]?.input.safeParse(input).success ?? false
}

/** Messages on a port of `contract`: nearly calls of it with nearly good input, answers nobody asked for, anything. */
function hostile(contract: Contract, goods: Readonly<Record<string, object>>): fc.Arbitrary<unknown> {
  const call = fc.constantFrom(...Object.keys(contract.calls)).chain((method) =>
    fc.record({
      contract: fc.constant(contract.name),
      kind: fc.constant('call'),
      // Not an id of the test's own calls, whose answers it waits for.
      id: fc.oneof(fc.integer({ min: 100_000, max: 100_050 }), fc.integer({ max: -1 }), fc.constant(0.5), fc.string()),
      method: fc.oneof({ weight: 5, arbitrary: fc.constant(method) }, { weight: 1, arbitrary: hostileName }),
      input: fc.oneof(bent(goods[method] ?? {}), anything),
    }),
  )
  const answer = fc.record({
    contract: fc.constantFrom(contract.name, 'strongroom', 'strongroom-host', '__proto__'),
    kind: fc.constantFrom('ok', 'error', 'event', 'nonsense'),
    id: fc.nat(3),
    event: hostileName,
    output: anything,
  })
  return fc.oneof({ weight: 6, arbitrary: call }, answer, bent({ contract: contract.name }), anything)
}

/** Everything posted so far is an error that people have a sentence for. */
function expectTypedErrors(posted: readonly unknown[], contract: string): void {
  const answers = posted.filter((message) => (message as { contract?: unknown }).contract === contract)
  for (const answer of answers) {
    expect(answer).toMatchObject({ kind: 'error' })
    const { code } = answer as { readonly code: string }
    expect(codes.has(code)).toBe(true)
    expect(code).not.toBe('INTERNAL')
  }
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50))

async function tapAccepted(harness: Harness, person: World['requester']): Promise<void> {
  harness.tap.touch(keyOf(person))
  expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
}

function custodian(at: number): World['requester'] {
  const person = world.custodians[at]
  if (person === undefined) throw new Error('no such custodian')
  return person
}

/** The rest of an honest request: what was hostile before has changed nothing. */
async function expectOpens(harness: Harness, page: Awaited<ReturnType<Harness['reveal']>>): Promise<void> {
  expect(holds(harness.revealed, secret)).toBe(false)
  expect(harness.callsOf('granted')).toEqual([])
  const begun = page.call.begin({})
  harness.tap.touch(keyOf(custodian(1)))
  await begun
  expect(fromUtf8((await page.call.show({ field: 0 })).value)).toBe(secret)
  await harness.end('app-quit')
  expect(await harness.exited).toBe(0)
}

/** Posts a sample of `messages`, except calls that are good. */
function flood(contract: Contract, messages: fc.Arbitrary<unknown>, post: (message: unknown) => void): void {
  fc.assert(
    fc.property(messages, (message) => {
      fc.pre(!isGoodCall(contract, message))
      post(message)
    }),
    { numRuns: runs },
  )
}

describe('hostile messages to the strongroom', () => {
  it('from the reveal page, before the grant and after it', async () => {
    const harness = startHarness(requestJob(world, sealed))
    const page = await (async () => {
      await tapAccepted(harness, world.requester)
      return harness.reveal()
    })()
    await tapAccepted(harness, custodian(0))
    const messages = hostile(revealContract, { show: { field: 0 }, refresh: { field: 0 }, copy: { field: 0 } })
    const post = (message: unknown): void => harness.pages.get('reveal')?.port.post(message)
    flood(revealContract, messages, post)
    await soon()
    // Good calls too: they only come too early.
    for (const call of [page.call.show, page.call.refresh, page.call.copy])
      await expect(call({ field: 0 })).rejects.toMatchObject({ code: 'REQUEST_NOT_OPEN' })
    await expect(page.call.hideNow({})).rejects.toMatchObject({ code: 'REQUEST_NOT_OPEN' })
    expectTypedErrors(harness.revealed, 'reveal')
    expect(holds(harness.revealed, secret)).toBe(false)
    expect(harness.callsOf('granted')).toEqual([])

    harness.tap.touch(keyOf(custodian(1)))
    await page.call.begin({})
    const before = harness.revealed.length
    flood(revealContract, messages, post)
    await soon()
    const answers = harness.revealed.slice(before).filter((message) => (message as { kind?: unknown }).kind !== 'event')
    expectTypedErrors(answers, 'reveal')
    expect(holds(harness.revealed, secret)).toBe(false)
    expect(harness.callsOf('fieldShown')).toEqual([])
    expect(fromUtf8((await page.call.show({ field: 0 })).value)).toBe(secret)
    await harness.end('app-quit')
    expect(await harness.exited).toBe(0)
  })

  it('from main', async () => {
    const harness = startHarness(requestJob(world, sealed))
    await tapAccepted(harness, world.requester)
    const page = await harness.reveal()
    const goods = { end: { reason: 'app-quit' }, pageGone: { page: 'tap', died: true } }
    flood(strongroomControlContract, hostile(strongroomControlContract, goods), harness.postControl)
    await tapAccepted(harness, custodian(0))
    expectTypedErrors(harness.controlled, 'strongroom-control')
    await expectOpens(harness, page)
  })

  it('from the seal page', async () => {
    const job: JobOf<'seal'> = {
      kind: 'seal',
      operation: newId(),
      vault: world.vault,
      vaultName: 'Test vault',
      station: world.station,
      manifests: world.manifests,
      person: custodian(0).id,
      credential: newId(),
      version: 1,
      safe: world.safe,
      name: 'Cloud root',
      credentialKind: 'login',
      requesters: [world.requester.id],
      rotationDays: 90,
    }
    const harness = startHarness(job)
    const page = await harness.seal()
    const good = { runbook: utf8('# Steps'), fields: [field('Password', secret)] }
    const inField = bent(good.fields[0] ?? {}).map((one) => ({ ...good, fields: [one] }))
    const calls = inField.map((input) => ({ contract: 'seal', kind: 'call', id: 100_001, method: 'submit', input }))
    const messages = fc.oneof(hostile(sealContract, { submit: good }), calls)
    flood(sealContract, messages, (message) => harness.pages.get('seal')?.port.post(message))
    expect((await page.begin({})).name).toBe('Cloud root')
    // What the contract lets through and the form does not.
    for (const value of [Uint8Array.of(0xff, 0xfe), new Uint8Array(0)]) {
      const fields = [{ ...field('Password', secret), value }]
      await expect(page.submit({ ...good, fields })).rejects.toMatchObject({ code: 'CREDENTIAL_INVALID' })
    }
    expect(harness.callsOf('sealed')).toEqual([])
    await page.submit(good)
    harness.tap.touch(keyOf(custodian(0)))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(await harness.exited).toBe(0)
    expect(holds(harness.calls, secret)).toBe(false)
  })

  it('as answers of a tap page: each is refused with a code on record, and honest taps still open', async () => {
    const harness = startHarness(requestJob(world, sealed))
    await tapAccepted(harness, world.requester)
    const page = await harness.reveal()
    const honest = harness.tap.answers[0]
    if (honest?.ok !== true) throw new Error('no answer')
    const text = (max: number) => fc.uint8Array({ maxLength: max }).map((bytes) => toBase64Url(Uint8Array.from(bytes)))
    const bytes = (length: number) =>
      fc.uint8Array({ minLength: length, maxLength: length }).map((some) => toBase64Url(Uint8Array.from(some)))
    const secretPart = fc.record({ pageKey: bytes(65), iv: bytes(12), box: text(96) })
    const assertion = fc.record({
      authenticatorData: fc.oneof(text(200), fc.constant(honest.assertion.authenticatorData)),
      clientDataJSON: fc.oneof(
        text(200),
        fc.json().map((json) => toBase64Url(utf8(json))),
        fc.constant(honest.assertion.clientDataJSON),
      ),
      signature: fc.oneof(text(80), fc.constant(honest.assertion.signature)),
    })
    const answer: fc.Arbitrary<TapAnswer> = fc.record({
      ok: fc.constant(true as const),
      key: fc.constantFrom(...[world.requester, ...world.custodians].map((person) => keyOf(person).credentialId)),
      assertion,
      secret: fc.option(secretPart, { nil: null }),
    })
    let refused = 0
    await fc.assert(
      fc.asyncProperty(answer, async (replay) => {
        harness.tap.touch({ key: keyOf(custodian(0)), replay })
        const feedback = await harness.tap.feedback()
        expect(feedback.accepted).toBe(false)
        expect(feedback.code).toMatch(/^TAP_/)
        expect(harness.callsOf('tapRefused')).toHaveLength(++refused)
      }),
      // Each is a round trip of its own.
      { numRuns: Math.ceil(runs / 4) },
    )
    expect(harness.callsOf('tapAccepted')).toHaveLength(1)
    await tapAccepted(harness, custodian(0))
    await expectOpens(harness, page)
  })

  it('as raw messages of a tap page: it may end the request, with a code, but never opens it', async () => {
    // Ids of calls are counted, so that a hostile page can hit the one that waits.
    const raw = fc.oneof(
      fc.record({
        contract: fc.constant(tapContract.name),
        kind: fc.constantFrom('ok', 'error', 'event', 'call'),
        id: fc.nat(4),
        output: fc.oneof(anything, bent({ ok: true, key: 'AAAA', assertion: {}, secret: null })),
        code: fc.oneof(fc.constantFrom(...errorCodes), anything),
        detail: fc.oneof(fc.constant({}), anything),
      }),
      hostile(tapContract, {}),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(raw, { minLength: 1, maxLength: 12 }), async (messages) => {
        const harness = startHarness(requestJob(world, sealed))
        await tapAccepted(harness, world.requester)
        await expect.poll(() => harness.opened.filter((kind) => kind === 'tap').length).toBe(2)
        for (const message of messages) harness.pages.get('tap')?.port.post(message)
        await new Promise((resolve) => setTimeout(resolve, 5))
        await harness.end('app-quit').catch(() => undefined)
        expect(await harness.exited).toBe(0)
        const { code } = await harness.ended
        expect(code).not.toBe('INTERNAL')
        expect(harness.callsOf('granted')).toEqual([])
        expect(harness.callsOf('tapAccepted')).toHaveLength(1)
        expect(holds(harness.revealed, secret)).toBe(false)
      }),
      { numRuns: Math.ceil(runs / 10) },
    )
  })
})
