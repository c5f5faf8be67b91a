/** A request from the first tap to the last field: what is said to whom, and in which order. */
import { beforeEach, describe, expect, it } from 'vitest'
import { fromUtf8, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import type { Shown } from '../../../shared/contracts/reveal.ts'
import { loadSodium } from '../../../electron/platform/sodium.ts'
import { openWrap } from '../../../electron/strongroom/crypto/wrap.ts'
import { rpId, windowOrigin } from '../../../shared/domain/tap.ts'
import { bytesOf } from '../../support/sealing-oracle.ts'
import { createWorld, field, keyOf, requestJob, sealIn, type Sealed, type World } from '../../support/sealed-world.ts'
import { holds, startHarness, type Harness, type RevealPage } from '../../support/strongroom-harness.ts'

const sodium = await loadSodium()
const totp = { algorithm: 'SHA1' as const, digits: 8 as const, period: 30 }
const fields = [
  field('User', 'root', { secret: false }),
  field('Password', 'correct-horse'),
  field('Code', '12345678901234567890', { type: 'totp', totp }),
  field('Recovery', 'one-1\ntwo-2\n', { type: 'codes' }),
  field('Key', 'PEM', { type: 'file', fileName: 'key.pem' }),
]

let world: World
let sealed: Sealed
beforeEach(() => {
  world = createWorld()
  sealed = sealIn(world, fields)
})

const textIn = (shown: Shown): string => fromUtf8(shown.value)
const person = (at: number) => {
  const one = world.custodians[at]
  if (one === undefined) throw new Error('no such custodian')
  return one
}

async function accepted(harness: Harness, key: ReturnType<typeof keyOf>): Promise<void> {
  harness.tap.touch(key)
  expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
}

async function openWindow(harness: Harness, at: readonly number[] = [0, 2, 4]): Promise<RevealPage> {
  const reveal = harness.reveal()
  await accepted(harness, keyOf(world.requester))
  for (const one of at) await accepted(harness, keyOf(person(one)))
  return reveal
}

describe('a request that is granted', () => {
  it('records first and shows afterwards', async () => {
    const harness = startHarness(requestJob(world, sealed))
    const page = await openWindow(harness)
    const begun = await page.call.begin({})
    expect(begun).toMatchObject({
      credential: 'Cloud root',
      requester: 'Rita Request',
      approvals: ['Custodian 1', 'Custodian 3', 'Custodian 5'],
      windowSeconds: 60,
      copyAllowed: false,
      captureProtection: 'not-supported-here',
      alertText: null,
    })
    expect(fromUtf8(begun.runbook)).toBe('# Runbook')
    expect(begun.fields.map(({ label, codesLeft }) => [label, codesLeft])).toEqual([
      ['User', null],
      ['Password', null],
      ['Code', null],
      ['Recovery', 2],
      ['Key', null],
    ])
    expect(textIn(await page.call.show({ field: 1 }))).toBe('correct-horse')
    expect(textIn(await page.call.show({ field: 4 }))).toBe('PEM')
    await page.call.hideNow({})
    expect(await page.ended).toBe('hidden-by-person')
    expect(await harness.exited).toBe(0)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.calls.map(({ method }) => method).filter((method) => method !== 'progress')).toEqual([
      'job',
      'tapAccepted',
      'tapAccepted',
      'tapAccepted',
      'tapAccepted',
      'granted',
      'fieldShown',
      'fieldShown',
      'windowClosed',
      'ended',
    ])
    expect(harness.callsOf('tapAccepted').map(({ counts }) => counts)).toEqual([false, true, true, true])
    expect(harness.callsOf('granted')).toEqual([{ approvals: [0, 2, 4].map((at) => person(at).id) }])
    expect(harness.callsOf('fieldShown')).toEqual([
      { field: 1, label: 'Password' },
      { field: 4, label: 'Key' },
    ])
  })

  it('opens one tap page for each tap, and prepares the reveal page unseen', async () => {
    const harness = startHarness(requestJob(world, sealed))
    const reveal = harness.reveal()
    await accepted(harness, keyOf(world.requester))
    await reveal
    expect(harness.pages.get('reveal')?.shown).toBe(false)
    for (const at of [0, 1, 2]) await accepted(harness, keyOf(person(at)))
    await (await reveal).call.begin({})
    expect(harness.pages.get('reveal')?.shown).toBe(true)
    expect(harness.opened.filter((page) => page === 'tap')).toHaveLength(4)
    await harness.end('app-quit')
    await harness.exited
  })

  it('counts a requester who is a custodian by the opening tap, where the policy lets them', async () => {
    const harness = startHarness(requestJob(world, sealed, { requester: person(1) }))
    const reveal = harness.reveal()
    for (const at of [1, 0, 3]) await accepted(harness, keyOf(person(at)))
    await (await reveal).call.begin({})
    expect(harness.callsOf('granted')).toEqual([{ approvals: [1, 0, 3].map((at) => person(at).id) }])
    await harness.end('app-quit')
    await harness.exited
  })

  it('does not count them where it does not, and says so when they try again', async () => {
    world = createWorld({ policy: { requesterMayTap: false } })
    sealed = sealIn(world, fields)
    const harness = startHarness(requestJob(world, sealed, { requester: person(1) }))
    await accepted(harness, keyOf(person(1)))
    harness.tap.touch(keyOf(person(1)))
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_NOT_THIS_PERSON' })
    expect(harness.callsOf('tapAccepted')).toMatchObject([{ counts: false, wrap: null }])
    for (const at of [0, 2, 3]) await accepted(harness, keyOf(person(at)))
    await (await harness.reveal()).call.begin({})
    await harness.end('app-quit')
    await harness.exited
  })

  it('tells people that it is an older version', async () => {
    const job = requestJob(world, sealed)
    const harness = startHarness({ ...job, statement: { ...job.statement, newest: 2 } })
    await accepted(harness, keyOf(world.requester))
    await expect.poll(() => harness.tap.views.length).toBeGreaterThan(1)
    for (const view of harness.tap.views)
      expect(view.lines.map(({ value }) => value)).toContain('Cloud root, version 1 (the newest is 2)')
    await harness.end('app-quit')
    await harness.exited
  })

  it('tells people what they approve', async () => {
    const harness = startHarness(requestJob(world, sealed))
    await accepted(harness, keyOf(world.requester))
    await accepted(harness, keyOf(person(3)))
    const [opening, , second] = harness.tap.views
    expect(opening).toMatchObject({ kind: 'request-opening', need: 1, people: [{ name: 'Rita Request' }] })
    expect(opening?.lines.map(({ value }) => value)).toEqual(
      expect.arrayContaining(['Cloud root, version 1', 'Safe one', 'Rita Request', 'The identity provider is down.']),
    )
    await expect.poll(() => harness.tap.views.length).toBeGreaterThan(2)
    expect(second ?? harness.tap.views[2]).toMatchObject({ kind: 'request', have: 1, need: 3 })
    expect(harness.tap.views[2]?.people.map(({ state }) => state)).toEqual([
      'waiting',
      'waiting',
      'waiting',
      'tapped',
      'waiting',
    ])
    await harness.end('app-quit')
    await harness.exited
  })
})

describe('fields', () => {
  it('computes running codes here and refreshes only what was shown', async () => {
    const harness = startHarness(requestJob(world, sealed))
    const page = await openWindow(harness)
    await page.call.begin({})
    await expect(page.call.refresh({ field: 2 })).rejects.toMatchObject({ code: 'FIELD_UNKNOWN' })
    const shown = await page.call.show({ field: 2 })
    expect(shown).toMatchObject({ type: 'running-code' })
    expect(textIn(shown)).toMatch(/^\d{8}$/)
    const again = await page.call.refresh({ field: 2 })
    expect(again.type === 'running-code' && again.validForMs).toBeLessThanOrEqual(30_000)
    expect(harness.callsOf('fieldShown')).toHaveLength(1)
    await expect(page.call.show({ field: 31 })).rejects.toMatchObject({ code: 'FIELD_UNKNOWN' })
    expect(holds(harness.revealed, '12345678901234567890')).toBe(false)
    expect(holds(harness.revealed, textIn(again))).toBe(true)
    await harness.end('app-quit')
    await harness.exited
  })

  it('burns recovery codes one by one, never one twice, also when asked twice at once', async () => {
    const job = { ...requestJob(world, sealed), burned: [] }
    const harness = startHarness(job)
    const page = await openWindow(harness)
    await page.call.begin({})
    const both = await Promise.all([page.call.show({ field: 3 }), page.call.show({ field: 3 })])
    expect(both.map(textIn).sort()).toEqual(['one-1', 'two-2'])
    await expect(page.call.show({ field: 3 })).rejects.toMatchObject({ code: 'CODES_EXHAUSTED' })
    expect(harness.callsOf('codeBurned').map(({ code }) => code)).toEqual([0, 1])
    expect(harness.callsOf('fieldShown')).toEqual([])
    await harness.end('app-quit')
    await harness.exited
  })

  it('goes on after the codes that earlier windows burned', async () => {
    const harness = startHarness({ ...requestJob(world, sealed), burned: [{ field: 3, code: 0 }] })
    const page = await openWindow(harness)
    expect((await page.call.begin({})).fields[3]?.codesLeft).toBe(1)
    expect(await page.call.show({ field: 3 })).toMatchObject({ type: 'burned-code', number: 1, left: 0 })
    await harness.end('app-quit')
    await harness.exited
  })

  it('copies only where the policy lets it, only what was shown, and with a marker', async () => {
    const closed = startHarness(requestJob(world, sealed))
    const page = await openWindow(closed)
    await page.call.begin({})
    await page.call.show({ field: 1 })
    await expect(page.call.copy({ field: 1 })).rejects.toMatchObject({ code: 'COPY_NOT_ALLOWED' })
    await closed.end('app-quit')
    await closed.exited

    world = createWorld({ policy: { copyAllowed: true } })
    sealed = sealIn(world, fields)
    const open = startHarness(requestJob(world, sealed))
    const second = await openWindow(open)
    await second.call.begin({})
    await expect(second.call.copy({ field: 1 })).rejects.toMatchObject({ code: 'COPY_NOT_ALLOWED' })
    await second.call.show({ field: 1 })
    const { marker } = await second.call.copy({ field: 1 })
    expect(open.clipboard).toEqual([{ marker, clearAfterMs: 10_000 }])
    expect(open.callsOf('fieldCopied')).toEqual([{ field: 1, label: 'Password' }])
    await open.end('app-quit')
    await open.exited
  })
})

describe('the salt ratchet', () => {
  it('hands out a wrap under the fresh salt that opens with it, and only with it', async () => {
    const harness = startHarness(requestJob(world, sealed))
    const reveal = harness.reveal()
    await accepted(harness, keyOf(world.requester))
    for (const at of [0, 1, 2]) await accepted(harness, keyOf(person(at)))
    await reveal
    const before = world.wraps.find(({ key }) => key === keyOf(person(1)).credentialId)
    const after = harness.callsOf('tapAccepted')[2]?.wrap
    if (before === undefined || after === null || after === undefined) throw new Error('no wrap')
    expect(after).toMatchObject({ person: before.person, key: before.key, publicKey: before.publicKey })
    expect([after.salt, after.nonce, after.box]).not.toContain(before.salt)
    const prf = (salt: string): Uint8Array => {
      const input = { challenge: new Uint8Array(32), origin: windowOrigin, rpId, prf: [bytesOf(salt)] }
      return keyOf(person(1)).assert(input).prf[0] ?? new Uint8Array(0)
    }
    expect(toBase64Url(openWrap(sodium, after, prf(after.salt)))).toBe(
      toBase64Url(openWrap(sodium, before, prf(before.salt))),
    )
    expect(() => openWrap(sodium, after, prf(before.salt))).toThrow('TAP_WRAP_DAMAGED')
    await harness.end('app-quit')
    await harness.exited
  })

  it('keeps the old wrap where the key gives one value only', async () => {
    keyOf(person(0)).behaviour.prf = 'first-only'
    const harness = startHarness(requestJob(world, sealed))
    await accepted(harness, keyOf(world.requester))
    await accepted(harness, keyOf(person(0)))
    expect(harness.callsOf('tapAccepted')[1]).toMatchObject({ counts: true, wrap: null })
    await harness.end('app-quit')
    await harness.exited
  })

  it('asks no key for PRF values that it will not use', async () => {
    const harness = startHarness(requestJob(world, sealed))
    await accepted(harness, keyOf(world.requester))
    await accepted(harness, keyOf(person(0)))
    harness.tap.touch(keyOf(person(0), 1))
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_PERSON_ALREADY_COUNTED' })
    const last = harness.tap.answers.at(-1)
    expect(last?.ok === true && last.secret).toBeNull()
    await harness.end('app-quit')
    await harness.exited
  })

  it('reports a counter that went back, and lets the person in all the same', async () => {
    const key = keyOf(person(0))
    key.behaviour.signCount = 5
    const job = { ...requestJob(world, sealed), signCounts: [{ key: key.credentialId, count: 9 }] }
    const harness = startHarness(job)
    await accepted(harness, keyOf(world.requester))
    await accepted(harness, key)
    expect(harness.callsOf('tapAccepted')[1]).toMatchObject({ signCount: 5, signCountWentBack: true, counts: true })
    await harness.end('app-quit')
    await harness.exited
  })
})

it('a field value is the bytes that were entered, whatever they are', async () => {
  const odd = utf8('tab\tnewline\nnull\u0000 emoji \u{1f511} e\u0301')
  sealed = sealIn(world, [field('Odd', '', { type: 'multiline', value: odd.slice() })])
  const harness = startHarness(requestJob(world, sealed))
  const page = await openWindow(harness)
  await page.call.begin({})
  expect((await page.call.show({ field: 0 })).value).toEqual(odd)
  await harness.end('app-quit')
  await harness.exited
})
