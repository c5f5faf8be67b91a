/** A passphrase besides the key: what opens a wrap, what tells a wrong one, and its way through every operation. */
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { loadSodium, randomBytes } from '../../../electron/platform/sodium.ts'
import { openWrap, sealWrap } from '../../../electron/strongroom/crypto/wrap.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { Job, JobOf } from '../../../shared/contracts/strongroom.ts'
import {
  needsPassphrase,
  passphraseWrapSchema,
  passphraseWrapSuite,
  type PassphraseWrap,
  type Wrap,
} from '../../../shared/domain/credential.ts'
import type { ActStatement } from '../../../shared/domain/statements.ts'
import { newId } from '../../support/node-app.ts'
import { cheap, createPassphraseWorld, makePassphrase, passphraseOf, prfOfKey } from '../../support/passphrase-world.ts'
import { createWorld, field, id32, keyOf, requestJob, sealIn, type World } from '../../support/sealed-world.ts'
import { makePassphraseWrap, openPassphraseWrapByHand, openWrapByHand } from '../../support/sealing-oracle.ts'
import { createSoftwareKey, type SoftwareKey } from '../../support/software-key.ts'
import { holds, startHarness, type Harness } from '../../support/strongroom-harness.ts'

const sodium = await loadSodium()
const text = 'lantern kedgeree moss 7'

async function makeWrap(): Promise<{ wrap: PassphraseWrap; prf: Uint8Array; secretKey: Uint8Array }> {
  const { publicKey, privateKey: secretKey } = sodium.crypto_box_keypair()
  const prf = randomBytes(32)
  const header = {
    format: 'halligan/wrap/v2' as const,
    suite: passphraseWrapSuite,
    vault: newId(),
    safe: newId(),
    person: newId(),
    key: id32(),
    publicKey: toBase64Url(publicKey),
    salt: id32(),
    stretch: { salt: toBase64Url(randomBytes(16)), ...cheap },
  }
  const wrap = sealWrap(sodium, header, secretKey, prf, randomBytes(24), await makePassphrase(text))
  return { wrap: passphraseWrapSchema.parse(wrap), prf, secretKey }
}
const codeOf = (open: () => unknown): string => {
  try {
    open()
    return 'opened'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

describe('a wrap with a passphrase', () => {
  it('opens with both, and says which of them is wrong', async () => {
    const { wrap, prf, secretKey } = await makeWrap()
    const [right, wrong] = [await makePassphrase(text), await makePassphrase(`${text}.`)]
    expect(openWrap(sodium, wrap, prf, right)).toEqual(secretKey)
    expect(codeOf(() => openWrap(sodium, wrap, prf, wrong))).toBe('TAP_PASSPHRASE_WRONG')
    expect(codeOf(() => openWrap(sodium, wrap, prf))).toBe('TAP_PASSPHRASE_NEEDED')
    // Without the key the passphrase is not even tried.
    for (const one of [right, wrong, null]) {
      expect(codeOf(() => openWrap(sodium, wrap, randomBytes(32), one))).toBe('TAP_WRAP_DAMAGED')
    }
  })

  it('is damaged, not wrongly entered, whichever part of it is changed', async () => {
    const { wrap, prf } = await makeWrap()
    const right = await makePassphrase(text)
    let stretched = 0
    const counting = { ...right, stretch: (how: typeof wrap.stretch) => (stretched++, right.stretch(how)) }
    const members = ['vault', 'safe', 'person', 'key', 'publicKey', 'salt', 'nonce', 'box', 'check'] as const
    fc.assert(
      fc.property(fc.constantFrom(...members), fc.nat(), fc.integer({ min: 1, max: 255 }), (member, at, flip) => {
        const bytes = Buffer.from(wrap[member], 'base64url')
        bytes[at % bytes.length]! ^= flip
        const changed = { ...wrap, [member]: bytes.toString('base64url') }
        expect(codeOf(() => openWrap(sodium, changed, prf, counting))).toBe('TAP_WRAP_DAMAGED')
      }),
      { numRuns: 200 },
    )
    // Nobody can make this process stretch for minutes, or so little that guessing is cheap.
    for (const change of [{ passes: 16 }, { memory: 1_073_741_824 }, { salt: toBase64Url(randomBytes(16)) }]) {
      const changed = { ...wrap, stretch: { ...wrap.stretch, ...change } }
      expect(codeOf(() => openWrap(sodium, changed, prf, counting))).toBe('TAP_WRAP_DAMAGED')
    }
    expect(stretched).toBe(0)
  })

  it('is the one of the document: a second implementation opens it, and ours opens that one’s', async () => {
    const { wrap, prf, secretKey } = await makeWrap()
    expect(openPassphraseWrapByHand(wrap, prf, text)).toEqual(new Uint8Array(secretKey))
    expect(() => openPassphraseWrapByHand(wrap, prf, 'another')).toThrow()
    const { nonce: _nonce, box: _box, check: _check, ...header } = wrap
    const byHand = makePassphraseWrap(header, secretKey, prf, text, randomBytes(24))
    expect(openWrap(sodium, byHand, prf, await makePassphrase(text))).toEqual(secretKey)
    // The plain kind has another header, so neither passes for the other.
    expect(() => openWrapByHand(wrap, prf)).toThrow()
  })

  it('stretches once per salt, and not after it was wiped', async () => {
    const passphrase = await makePassphrase(text)
    const how = { salt: toBase64Url(randomBytes(16)), ...cheap }
    const first = passphrase.stretch(how)
    expect(passphrase.stretch({ ...how })).toBe(first)
    expect([...passphrase.stretch({ ...how, passes: 2 })]).not.toEqual([...first])
    passphrase.wipe()
    expect([...first].every((byte) => byte === 0)).toBe(true)
    expect(() => passphrase.stretch(how)).toThrow()
  })
})

const plainPolicy = { windowSecondsMin: 15, windowSecondsMax: 600, requesterMayTap: true, copyAllowed: false }
const enrolJob = (labels: number, asked: readonly boolean[]): JobOf<'enrol'> => ({
  kind: 'enrol',
  operation: newId(),
  vault: newId(),
  vaultName: 'Test vault',
  station: newId(),
  person: { id: newId(), name: 'Ann Custodian' },
  labels: Array.from({ length: labels }, (_, at) => `Key ${at + 1}`),
  safes: asked.map((passphrase, at) => ({
    id: newId(),
    name: `Safe ${at + 1}`,
    policy: passphrase ? { ...plainPolicy, passphrase } : plainPolicy,
  })),
  models: [],
  enrolled: [],
})

describe('enrolling', () => {
  it('has one chosen for every key, before the key is asked', async () => {
    const job = enrolJob(2, [true, false])
    const harness = startHarness(job)
    harness.tap.chosen.push('first passphrase ever', 'second passphrase ever')
    const keys = [createSoftwareKey(), createSoftwareKey()]
    for (const key of keys) for (let touch = 0; touch < 3; touch++) harness.tap.touch(key)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.tap.choices()).toBe(2)
    expect(harness.tap.views[0]?.instruction).toContain('First choose a passphrase')
    const enrolled = harness.callsOf('keyEnrolled')
    for (const [at, { wraps }] of enrolled.entries()) {
      const [asked, plain] = job.safes.map(({ id }) => wraps.find(({ safe }) => safe === id))
      if (asked === undefined || plain === undefined || !needsPassphrase(asked)) throw new Error('no wrap')
      expect(plain.format).toBe('halligan/wrap/v1')
      const prf = prfOfKey(keys[at] ?? createSoftwareKey(), asked.salt)
      const chosen = ['first passphrase ever', 'second passphrase ever']
      expect(openPassphraseWrapByHand(asked, prf, chosen[at] ?? '')).toHaveLength(32)
      expect(() => openPassphraseWrapByHand(asked, prf, chosen[1 - at] ?? '')).toThrow()
    }
    expect(
      new Set(
        enrolled
          .flatMap(({ wraps }) => wraps)
          .filter(needsPassphrase)
          .map(({ stretch }) => stretch.salt),
      ).size,
    ).toBe(2)
    expect(holds(harness.calls, 'passphrase ever')).toBe(false)
  })

  it('is not asked for again when a touch is refused, and never where no safe asks', async () => {
    const harness = startHarness(enrolJob(1, [true]))
    harness.tap.chosen.push('only passphrase ever')
    harness.tap.touch(createSoftwareKey({ uv: false }))
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_NO_USER_VERIFICATION' })
    const key = createSoftwareKey()
    for (let touch = 0; touch < 3; touch++) harness.tap.touch(key)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.tap.choices()).toBe(1)
    const plain = startHarness(enrolJob(1, [false]))
    for (let touch = 0; touch < 3; touch++) plain.tap.touch(key)
    expect(await plain.ended).toEqual({ result: 'done', code: null })
    expect(plain.tap.choices()).toBe(0)
  })

  it('refuses one that a page lets through too short', async () => {
    const harness = startHarness(enrolJob(1, [true]))
    harness.tap.chosen.push('elevenchars', 'twelve chars')
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_MALFORMED' })
    const key = createSoftwareKey()
    for (let touch = 0; touch < 3; touch++) harness.tap.touch(key)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
  })
})

describe('with custodians who have passphrases', () => {
  let world: World
  beforeEach(async () => {
    world = await createPassphraseWorld()
  })
  const person = (at: number): World['custodians'][number] => {
    const one = world.custodians[at]
    if (one === undefined) throw new Error('no such custodian')
    return one
  }
  const tap = (harness: Harness, at: number, passphrase?: string, key: SoftwareKey = keyOf(person(at))): void => {
    harness.tap.touch(passphrase === undefined ? key : { key, passphrase })
  }
  const enter = async (harness: Harness, at: number, passphrase = passphraseOf(person(at).name)): Promise<void> => {
    tap(harness, at, passphrase)
    expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
  }
  const refused = async (harness: Harness, code: string): Promise<void> => {
    expect(await harness.tap.feedback()).toMatchObject({ accepted: false, code })
  }
  const facts = () => ({ operation: newId(), vault: world.vault, vaultName: 'Test vault', station: world.station })

  it('the first manifest is signed by key and passphrase', async () => {
    const job: Job = {
      kind: 'acknowledge',
      ...facts(),
      manifest: world.manifest,
      signed: [],
      wraps: [...world.wraps],
      rings: world.rings,
    }
    const harness = startHarness(job)
    tap(harness, 0)
    await refused(harness, 'TAP_PASSPHRASE_NEEDED')
    tap(harness, 0, passphraseOf(person(1).name))
    await refused(harness, 'TAP_PASSPHRASE_WRONG')
    for (const at of world.custodians.keys()) await enter(harness, at)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.tap.gets.every(({ passphrase }) => passphrase === 'ask')).toBe(true)
  })

  it('a manifest that promises passphrases over wraps without is not signed', async () => {
    const plain = createWorld({ policy: { passphrase: true } })
    const { vault, station, manifest, wraps, rings } = plain
    const job: Job = {
      kind: 'acknowledge',
      ...{
        operation: newId(),
        vault,
        vaultName: 'Test vault',
        station,
        manifest,
        signed: [],
        wraps: [...wraps],
        rings,
      },
    }
    const harness = startHarness(job)
    const [first] = plain.custodians
    if (first === undefined) throw new Error('nobody')
    harness.tap.touch({ key: keyOf(first), passphrase: 'whatever it is' })
    expect(await harness.ended).toEqual({ result: 'failed', code: 'MANIFEST_INVALID' })
  })

  it('a request opens after wrong passphrases and then right ones', async () => {
    const sealed = sealIn(world, [field('Password', 'correct-horse')])
    const harness = startHarness(requestJob(world, sealed))
    const reveal = harness.reveal()
    harness.tap.touch(keyOf(world.requester))
    expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
    expect(harness.tap.gets.at(-1)?.passphrase).toBeUndefined()
    tap(harness, 0, 'wrong passphrase')
    await refused(harness, 'TAP_PASSPHRASE_WRONG')
    tap(harness, 0, 'x')
    await refused(harness, 'TAP_PASSPHRASE_WRONG')
    tap(harness, 0)
    await refused(harness, 'TAP_PASSPHRASE_NEEDED')
    for (const at of [0, 2, 4]) await enter(harness, at)
    const page = await reveal
    await page.call.begin({})
    expect(Buffer.from((await page.call.show({ field: 0 })).value).toString()).toBe('correct-horse')
    await page.call.hideNow({})
    await harness.exited
    // The ratchet goes on under the same passphrase.
    const renewed = harness.callsOf('tapAccepted').flatMap(({ wrap }) => (wrap === null ? [] : [wrap]))
    expect(renewed).toHaveLength(3)
    for (const wrap of renewed) {
      const owner = world.custodians.find(({ id }) => id === wrap.person)
      const before = world.wraps.find(({ key }) => key === wrap.key)
      if (owner === undefined || before === undefined || !needsPassphrase(wrap) || !needsPassphrase(before)) {
        throw new Error('no passphrase')
      }
      expect(wrap.stretch).toEqual(before.stretch)
      expect(wrap.salt).not.toBe(before.salt)
      const prf = prfOfKey(keyOf(owner), wrap.salt)
      expect(openPassphraseWrapByHand(wrap, prf, passphraseOf(owner.name))).toHaveLength(32)
    }
    expect(holds(harness.calls, 'passphrase of')).toBe(false)
    expect(harness.callsOf('failed')).toEqual([])
  })

  it('a key that signs the same twice gets a second try', async () => {
    // Ed25519 without a counter: the honest second touch has the signature of the first.
    const key = keyOf(person(1))
    key.behaviour.signCount = null
    expect(key.publicKey.kty).toBe('OKP')
    const job: Job = {
      kind: 'acknowledge',
      ...facts(),
      manifest: world.manifest,
      signed: [],
      wraps: [...world.wraps],
      rings: world.rings,
    }
    const harness = startHarness(job)
    tap(harness, 1, 'wrong passphrase')
    await refused(harness, 'TAP_PASSPHRASE_WRONG')
    await enter(harness, 1)
    await harness.end('app-quit')
    await harness.exited
  })

  describe('changing it', () => {
    const jobFor = (at: number, change: (statement: ActStatement) => void = () => undefined): JobOf<'passphrase'> => {
      const { id } = person(at)
      const key = keyOf(person(at)).credentialId
      const statement: ActStatement = {
        format: 'halligan/act/v1',
        vault: world.vault,
        act: newId(),
        person: id,
        manifest: world.manifestHash,
        detail: { kind: 'passphrase', key, safes: [world.safe] },
        createdAt: '2026-11-23T02:59:00.000Z',
        station: world.station,
        head: { size: 1, root: id32() },
        nonce: id32(),
      }
      change(statement)
      const wraps = world.wraps.filter((wrap) => wrap.key === key)
      return { kind: 'passphrase', ...facts(), manifests: [...world.manifests], statement, wraps }
    }

    it('takes the old one and a touch; afterwards only the new one opens', async () => {
      const harness = startHarness(jobFor(1))
      harness.tap.chosen.push('brand new passphrase')
      tap(harness, 1, 'not the old passphrase')
      await refused(harness, 'TAP_PASSPHRASE_WRONG')
      await enter(harness, 1)
      expect(await harness.ended).toEqual({ result: 'done', code: null })
      const [changed] = harness.callsOf('passphraseChanged')
      const [wrap] = changed?.wraps ?? []
      if (wrap === undefined || !needsPassphrase(wrap)) throw new Error('no wrap')
      const before = world.wraps.find(({ key }) => key === wrap.key)
      const prf = prfOfKey(keyOf(person(1)), wrap.salt)
      expect(openPassphraseWrapByHand(wrap, prf, 'brand new passphrase')).toHaveLength(32)
      expect(() => openPassphraseWrapByHand(wrap, prf, passphraseOf(person(1).name))).toThrow()
      expect(before !== undefined && needsPassphrase(before) && before.stretch.salt !== wrap.stretch.salt).toBe(true)
      expect(changed?.tap.person).toBe(person(1).id)
      expect(harness.tap.choices()).toBe(1)
      expect(holds(harness.calls, 'new passphrase')).toBe(false)
    })

    it.each([
      ['names other safes', (one: ActStatement) => Object.assign(one.detail, { safes: [] }), 'MANIFEST_INVALID'],
      ['names another manifest', (one: ActStatement) => Object.assign(one, { manifest: id32() }), 'MANIFEST_INVALID'],
      ['names a key of nobody', (one: ActStatement) => Object.assign(one.detail, { key: id32() }), 'KEY_UNKNOWN'],
      [
        'is about something else',
        (one: ActStatement) => Object.assign(one.detail, { kind: 'key-drill' }),
        'MESSAGE_INVALID',
      ],
    ] as const)('is refused over a statement that %s', async (_, change, code) => {
      const harness = startHarness(jobFor(1, change))
      expect(await harness.ended).toEqual({ result: 'failed', code })
      expect(harness.tap.choices()).toBe(0)
    })

    it('is refused when a wrap is missing or has none', async () => {
      const job = jobFor(1)
      const missing = startHarness({ ...job, wraps: [] })
      expect(await missing.ended).toEqual({ result: 'failed', code: 'TAP_WRAP_DAMAGED' })
      const plain: Wrap[] = createWorld().wraps.slice(0, 1)
      const other = startHarness({ ...job, wraps: plain })
      expect(await other.ended).toEqual({ result: 'failed', code: 'TAP_WRAP_DAMAGED' })
    })
  })
})
