/** Every way in which a tap is no good: its own code, an entry, feedback, and then the next try. */
import { beforeEach, describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { createSoftwareKey } from '../../support/software-key.ts'
import type { Touch } from '../../support/software-tap-page.ts'
import {
  createWorld,
  field,
  keyOf,
  requestJob,
  sealIn,
  tapBy,
  type World,
  type WorldPerson,
} from '../../support/sealed-world.ts'
import { startHarness, type Harness } from '../../support/strongroom-harness.ts'

let world: World
let harness: Harness
const person = (at: number): WorldPerson => {
  const one = world.custodians[at]
  if (one === undefined) throw new Error('no such custodian')
  return one
}

async function refused(touch: Touch, code: ErrorCode, whose: WorldPerson | null): Promise<void> {
  harness.tap.touch(touch)
  expect(await harness.tap.feedback()).toEqual({ accepted: false, code, person: whose?.name ?? null })
  expect(harness.callsOf('tapRefused').at(-1)).toMatchObject({ code, person: whose?.id ?? null })
}

async function accepted(touch: Touch): Promise<void> {
  harness.tap.touch(touch)
  expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
}

describe.each(['ES256', 'EdDSA'] as const)('with a custodian whose key is %s', (alg) => {
  const tried = alg === 'ES256' ? 2 : 1
  beforeEach(async () => {
    world = createWorld()
    harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'correct-horse')])))
    await accepted({ key: keyOf(world.requester) })
  })

  it('refuses what the signature, the flags or the page are wrong about', async () => {
    const whose = person(tried)
    const key = keyOf(whose)
    const cases: [Partial<typeof key.behaviour>, Partial<Touch>, ErrorCode][] = [
      [{ breakSignature: true }, {}, 'TAP_SIGNATURE_INVALID'],
      [{}, { challenge: new Uint8Array(32) }, 'TAP_CHALLENGE_WRONG'],
      [{}, { origin: 'https://evil.example' }, 'TAP_ORIGIN_WRONG'],
      [{}, { origin: 'https://halligan.localhost.evil.example' }, 'TAP_ORIGIN_WRONG'],
      [{}, { rpId: 'evil.example' }, 'TAP_RP_WRONG'],
      [{ up: false }, {}, 'TAP_NO_USER_PRESENCE'],
      [{ uv: false }, {}, 'TAP_NO_USER_VERIFICATION'],
      [{ be: true }, {}, 'TAP_BACKUP_ELIGIBLE'],
      [{ prf: 'none' }, {}, 'TAP_NO_PRF'],
      [{ prf: 'unstable' }, {}, 'TAP_WRAP_DAMAGED'],
    ]
    for (const [behaviour, touch, code] of cases) {
      const before = { ...key.behaviour }
      Object.assign(key.behaviour, behaviour)
      // The fault with the PRF loses this custodian's only wrap, so it must stay the last case.
      await refused({ key, ...touch }, code, whose)
      Object.assign(key.behaviour, { ...before, signCount: key.behaviour.signCount })
    }
    for (const at of [0, 3, 4]) await accepted({ key: keyOf(person(at)) })
    await (await harness.reveal()).call.begin({})
    await harness.end('app-quit')
    await harness.exited
  })
})

describe('who may be counted', () => {
  beforeEach(async () => {
    world = createWorld()
    harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'correct-horse')])))
    await accepted({ key: keyOf(world.requester) })
  })

  it('refuses strangers, people outside the safe, and the same person twice by whatever key', async () => {
    await refused({ key: createSoftwareKey() }, 'TAP_NOT_ALLOWED', null)
    await refused({ key: createSoftwareKey(), force: true }, 'TAP_KEY_UNKNOWN', null)
    await refused({ key: keyOf(world.requester), force: true }, 'TAP_NOT_CUSTODIAN', world.requester)
    await accepted({ key: keyOf(person(0)) })
    await refused({ key: keyOf(person(0)) }, 'TAP_PERSON_ALREADY_COUNTED', person(0))
    await refused({ key: keyOf(person(0), 1) }, 'TAP_PERSON_ALREADY_COUNTED', person(0))
    expect(harness.callsOf('tapRefused')[1]?.key).not.toBeNull()
    await harness.end('app-quit')
    await harness.exited
  })

  it('refuses an assertion that was seen before, whether it was accepted or not', async () => {
    const key = keyOf(person(1))
    await accepted({ key })
    const answer = harness.tap.answers.at(-1)
    if (answer?.ok !== true) throw new Error('nothing to replay')
    await refused({ key, replay: answer }, 'TAP_REPLAYED', person(1))
    await refused({ key: keyOf(person(1)) }, 'TAP_PERSON_ALREADY_COUNTED', person(1))
    const again = harness.tap.answers.at(-1)
    if (again?.ok !== true) throw new Error('nothing to replay')
    await refused({ key, replay: again }, 'TAP_REPLAYED', person(1))
    await harness.end('app-quit')
    await harness.exited
  })

  it("refuses one person's assertion under another's key id, and a foreign PRF answer", async () => {
    await accepted({ key: keyOf(person(0)) })
    const stolen = harness.tap.answers.at(-1)
    if (stolen?.ok !== true) throw new Error('nothing to steal')
    const other = keyOf(person(2))
    await refused({ key: other, replay: { ...stolen, key: other.credentialId } }, 'TAP_REPLAYED', person(2))
    await harness.end('app-quit')
    await harness.exited

    // In another operation nobody has seen that signature: there the key and the challenge refuse it.
    harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'x')])))
    await accepted({ key: keyOf(world.requester) })
    await refused({ key: other, replay: stolen }, 'TAP_CHALLENGE_WRONG', person(0))
    harness.tap.touch({ key: other })
    expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
    const honest = harness.tap.answers.at(-1)
    if (honest?.ok !== true) throw new Error('no answer')
    await harness.end('app-quit')
    await harness.exited
  })

  it('refuses a PRF answer that was encrypted for another touch', async () => {
    await harness.end('app-quit')
    await harness.exited
    const job = requestJob(world, sealIn(world, [field('Password', 'correct-horse')]))
    harness = startHarness(job)
    await accepted({ key: keyOf(world.requester) })
    await accepted({ key: keyOf(person(0)) })
    const first = harness.tap.answers.at(-1)
    if (first?.ok !== true) throw new Error('no answer')
    const { key, assertion } = tapBy(person(1), challengeOf(nodePrimitives, 'request', job.statement))
    await refused(
      { key: keyOf(person(1)), replay: { ok: true, key, assertion, secret: first.secret } },
      'TAP_MALFORMED',
      person(1),
    )
    await harness.end('app-quit')
    await harness.exited
  })

  it('refuses malformed answers', async () => {
    const key = keyOf(person(1))
    const assertion = { authenticatorData: 'AAAA', clientDataJSON: 'AAAA', signature: 'AAAA' }
    await refused(
      { key, replay: { ok: true, key: key.credentialId, assertion, secret: null } },
      'TAP_MALFORMED',
      person(1),
    )
    await refused({ key, replay: { ok: false, name: 'SecurityError' } }, 'TAP_ORIGIN_WRONG', null)
    await refused({ key, replay: { ok: false, name: 'AbortError' } }, 'TAP_CANCELLED', null)
    await refused({ key, replay: { ok: false, name: 'TimeoutError' } }, 'TAP_TIMEOUT', null)
    await refused({ key, replay: { ok: false, name: 'UnknownError' } }, 'TAP_NOT_ALLOWED', null)
    await harness.end('app-quit')
    await harness.exited
  })
})

describe('the opening tap', () => {
  it("is the requester's and nobody else's", async () => {
    world = createWorld()
    harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'correct-horse')])))
    await refused({ key: keyOf(person(0)) }, 'TAP_NOT_ALLOWED', null)
    await refused({ key: keyOf(person(0)), force: true }, 'TAP_NOT_THIS_PERSON', person(0))
    expect(harness.callsOf('tapAccepted')).toEqual([])
    await accepted({ key: keyOf(world.requester) })
    await harness.end('app-quit')
    await harness.exited
  })
})

describe('a page that fails at once', () => {
  it('is asked ever more slowly, never in a spin', async () => {
    world = createWorld()
    harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'correct-horse')])))
    const stranger = createSoftwareKey()
    for (let touch = 0; touch < 6; touch++) harness.tap.touch(stranger)
    const started = performance.now()
    for (let touch = 0; touch < 6; touch++)
      expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_NOT_ALLOWED' })
    // 2 + 4 + 8 + 16 + 32 ms with the pauses of tests.
    expect(performance.now() - started).toBeGreaterThan(55)
    await harness.end('app-quit')
    await harness.exited
  })

  it('is reopened when its renderer died, and ends the operation when the person closed it', async () => {
    world = createWorld()
    harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'correct-horse')])))
    await expect.poll(() => harness.tap.views.length).toBe(1)
    await harness.pageGone('tap', true)
    await expect.poll(() => harness.tap.views.length).toBe(2)
    await accepted({ key: keyOf(world.requester) })
    await expect.poll(() => harness.tap.views.length).toBe(3)
    await harness.pageGone('tap', false)
    expect(await harness.ended).toEqual({ result: 'cancelled', code: 'TAP_WINDOW_CLOSED' })
    expect(await harness.exited).toBe(0)
  })

  it('ends the operation when the person presses Cancel', async () => {
    world = createWorld()
    harness = startHarness(requestJob(world, sealIn(world, [field('Password', 'correct-horse')])))
    await expect.poll(() => harness.tap.views.length).toBe(1)
    harness.tap.cancel()
    expect(await harness.ended).toEqual({ result: 'cancelled', code: 'TAP_CANCELLED' })
    expect(harness.callsOf('windowClosed')).toEqual([])
  })
})
