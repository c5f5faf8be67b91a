/** Enrolment proves that a key works before anybody relies on it; acknowledging needs every custodian. */
import { describe, expect, it } from 'vitest'
import { verifyManifestChain } from '../../../shared/audit/manifest.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { rpId, windowOrigin } from '../../../shared/domain/tap.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { createMaker, selfAttestor } from '../../support/attestation-ca.ts'
import { newId } from '../../support/node-app.ts'
import { bytesOf, openWrapByHand, textOf } from '../../support/sealing-oracle.ts'
import { createWorld, keyOf } from '../../support/sealed-world.ts'
import { createSoftwareKey, type SoftwareKey } from '../../support/software-key.ts'
import type { Touch } from '../../support/software-tap-page.ts'
import { startHarness, type Harness } from '../../support/strongroom-harness.ts'

const policy = { windowSecondsMin: 15, windowSecondsMax: 600, requesterMayTap: true, copyAllowed: false }

type EnrolJob = JobOf<'enrol'>

const enrolJob = (labels: number, safes: number, enrolled: EnrolJob['enrolled'] = []): EnrolJob => ({
  kind: 'enrol',
  operation: newId(),
  vault: newId(),
  vaultName: 'Test vault',
  station: newId(),
  person: { id: newId(), name: 'Ann Custodian' },
  labels: Array.from({ length: labels }, (_, at) => `Key ${at + 1}`),
  safes: Array.from({ length: safes }, (_, at) => ({ id: newId(), name: `Safe ${at + 1}`, policy })),
  models: [],
  enrolled,
})

const prfOfKey = (key: SoftwareKey, salt: string): Uint8Array =>
  key.assert({ challenge: new Uint8Array(32), origin: windowOrigin, rpId, prf: [bytesOf(salt)] }).prf[0] ??
  new Uint8Array(0)

function touches(harness: Harness, key: SoftwareKey, times: number): void {
  for (let touch = 0; touch < times; touch++) harness.tap.touch(key)
}

async function refusals(harness: Harness, expected: readonly ErrorCode[]): Promise<void> {
  for (const code of expected) expect(await harness.tap.feedback()).toMatchObject({ accepted: false, code })
  expect(harness.callsOf('tapRefused').map(({ code }) => code)).toEqual(expected)
  expect(harness.callsOf('keyEnrolled')).toEqual([])
}

describe('enrolling', () => {
  it.each(['ES256', 'EdDSA'] as const)(
    'makes one key pair per safe and one wrap per key and safe (%s)',
    async (alg) => {
      const job = enrolJob(2, 1)
      const harness = startHarness(job)
      const keys = [createSoftwareKey({ alg }), createSoftwareKey({ alg })]
      for (const key of keys) touches(harness, key, 3)
      expect(await harness.ended).toEqual({ result: 'done', code: null })
      const enrolled = harness.callsOf('keyEnrolled')
      expect(enrolled.map(({ key }) => key.credentialId)).toEqual(keys.map(({ credentialId }) => credentialId))
      expect(enrolled.map(({ key }) => key.publicKey)).toEqual(keys.map(({ publicKey }) => publicKey))
      expect(enrolled.map(({ key }) => key.label)).toEqual(job.labels)
      const secrets = enrolled.flatMap(({ wraps }, at) =>
        wraps.map((wrap) => textOf(openWrapByHand(wrap, prfOfKey(keys[at] ?? createSoftwareKey(), wrap.salt)))),
      )
      expect(new Set(secrets).size).toBe(1)
      expect(new Set(enrolled.map(({ custody }) => custody[0]?.publicKey)).size).toBe(1)
      expect(enrolled[0]?.wraps[0]?.publicKey).toBe(enrolled[0]?.custody[0]?.publicKey)
      expect(harness.opened).toEqual(['tap', 'tap'])
      expect(await harness.exited).toBe(0)
    },
  )

  it('asks for proof of the model only where a safe names models, and starts over until it gets it', async () => {
    const maker = createMaker()
    const base = enrolJob(1, 2)
    const [named, any] = base.safes
    if (named === undefined || any === undefined) throw new Error('no safes')
    const { model } = maker
    const job = { ...base, safes: [{ ...named, policy: { ...policy, models: [model.aaguid] } }, any], models: [model] }
    const harness = startHarness(job)
    const [plain, self, strange, good] = [
      createSoftwareKey(),
      createSoftwareKey({ attestor: selfAttestor(maker.aaguid) }),
      createSoftwareKey({ attestor: createMaker('Other').attestor() }),
      createSoftwareKey({ attestor: maker.attestor() }),
    ]
    for (const key of [plain, self, strange]) harness.tap.touch(key)
    await refusals(harness, ['TAP_ATTESTATION_REFUSED', 'TAP_ATTESTATION_REFUSED', 'TAP_MODEL_NOT_ALLOWED'])
    touches(harness, good, 3)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    const [enrolled] = harness.callsOf('keyEnrolled')
    expect(enrolled?.key).toMatchObject({
      aaguid: model.aaguid,
      transports: ['usb'],
      attestation: { format: 'packed', model: 'Test key 5' },
    })
    expect(new Set(harness.tap.creations.map(({ attestation }) => attestation))).toEqual(new Set(['direct']))
  })

  it('asks for no attestation without such a safe', async () => {
    const harness = startHarness({ ...enrolJob(1, 1), models: [createMaker().model] })
    touches(harness, createSoftwareKey(), 3)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.tap.creations.map(({ attestation }) => attestation)).toEqual(['none'])
    expect(harness.callsOf('keyEnrolled')[0]?.key).not.toHaveProperty('attestation')
  })

  it.each([
    [1, 3],
    [2, 3],
    [3, 5],
    [5, 7],
  ])('asks for %i safes in %i touches: two safes per pair of gets', async (safes, needed) => {
    const job = enrolJob(1, safes)
    const harness = startHarness(job)
    const key = createSoftwareKey()
    touches(harness, key, needed)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.tap.answers).toHaveLength(needed - 1)
    const [enrolled] = harness.callsOf('keyEnrolled')
    expect(enrolled?.wraps.map(({ safe }) => safe)).toEqual(job.safes.map(({ id }) => id))
    expect(new Set(enrolled?.custody.map(({ publicKey }) => publicKey)).size).toBe(safes)
    expect(new Set(enrolled?.wraps.map(({ salt }) => salt)).size).toBe(safes)
    for (const wrap of enrolled?.wraps ?? []) openWrapByHand(wrap, prfOfKey(key, wrap.salt))
  })

  it('falls back to one safe per pair for a key that answers one value at a time', async () => {
    const harness = startHarness(enrolJob(1, 3))
    const key = createSoftwareKey({ prf: 'first-only' })
    touches(harness, key, 7)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    for (const wrap of harness.callsOf('keyEnrolled')[0]?.wraps ?? []) openWrapByHand(wrap, prfOfKey(key, wrap.salt))
    expect(harness.callsOf('keyEnrolled')[0]?.wraps).toHaveLength(3)
  })

  it('needs no PRF of people who hold no safe', async () => {
    const harness = startHarness(enrolJob(1, 0))
    touches(harness, createSoftwareKey({ prf: 'none' }), 2)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.callsOf('keyEnrolled')).toMatchObject([{ custody: [], wraps: [] }])
  })

  it('refuses a key whose PRF gives nothing, or something else every time', async () => {
    const harness = startHarness(enrolJob(1, 1))
    touches(harness, createSoftwareKey({ prf: 'none' }), 2)
    touches(harness, createSoftwareKey({ prf: 'unstable' }), 3)
    await refusals(harness, ['TAP_NO_PRF', 'TAP_PRF_UNSTABLE'])
    touches(harness, createSoftwareKey(), 3)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
  })

  it('refuses a synced passkey, a key without user verification, and what was made elsewhere', async () => {
    const harness = startHarness(enrolJob(1, 1))
    const honest = createSoftwareKey()
    const cases: [Touch, ErrorCode][] = [
      [{ key: createSoftwareKey({ be: true }) }, 'TAP_BACKUP_ELIGIBLE'],
      [{ key: createSoftwareKey({ uv: false }) }, 'TAP_NO_USER_VERIFICATION'],
      [{ key: createSoftwareKey({ up: false }) }, 'TAP_NO_USER_PRESENCE'],
      [{ key: honest, origin: 'https://evil.example' }, 'TAP_ORIGIN_WRONG'],
      [{ key: honest, rpId: 'evil.example' }, 'TAP_RP_WRONG'],
      [{ key: honest, challenge: new Uint8Array(32) }, 'TAP_CHALLENGE_WRONG'],
    ]
    for (const [touch] of cases) harness.tap.touch(touch)
    await refusals(
      harness,
      cases.map(([, code]) => code),
    )
    await harness.end('app-quit')
    await harness.exited
  })

  it('checks the gets as strictly as the creation', async () => {
    const harness = startHarness(enrolJob(1, 1))
    const key = createSoftwareKey()
    harness.tap.touch(key)
    harness.tap.touch({ key, challenge: new Uint8Array(32) })
    await refusals(harness, ['TAP_CHALLENGE_WRONG'])
    harness.tap.touch(key)
    harness.tap.touch(key)
    harness.tap.touch({ key, origin: 'https://evil.example' })
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_ORIGIN_WRONG' })
    harness.tap.touch(key)
    harness.tap.touch(key)
    await expect.poll(() => harness.tap.answers.length).toBe(4)
    const seen = harness.tap.answers.at(-1)
    if (seen?.ok !== true) throw new Error('no answer')
    harness.tap.touch({ key, replay: seen })
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_REPLAYED' })
    await harness.end('app-quit')
    await harness.exited
  })

  it('refuses a key that is enrolled already: by the page, and by itself when the page does not', async () => {
    const key = createSoftwareKey()
    const harness = startHarness(
      enrolJob(2, 1, [{ credentialId: key.credentialId, transports: ['usb'], person: 'Bob' }]),
    )
    harness.tap.touch(key)
    await refusals(harness, ['TAP_KEY_ALREADY_ENROLLED'])
    const mine = createSoftwareKey()
    touches(harness, mine, 3)
    expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
    harness.tap.touch(mine)
    expect(await harness.tap.feedback()).toMatchObject({ accepted: false, code: 'TAP_KEY_ALREADY_ENROLLED' })
    await harness.end('app-quit')
    await harness.exited
  })

  it('sends the vault process no secret key and no PRF value', async () => {
    const harness = startHarness(enrolJob(1, 1))
    const key = createSoftwareKey()
    touches(harness, key, 3)
    await harness.exited
    const wrap = harness.callsOf('keyEnrolled')[0]?.wraps[0]
    if (wrap === undefined) throw new Error('no wrap')
    const prf = prfOfKey(key, wrap.salt)
    const said = JSON.stringify(harness.calls)
    expect(said).not.toContain(textOf(prf))
    expect(said).not.toContain(textOf(openWrapByHand(wrap, prf)))
  })
})

describe('acknowledging', () => {
  const makeJob = (): { world: ReturnType<typeof createWorld>; job: JobOf<'acknowledge'> } => {
    const world = createWorld({ n: 3, k: 2 })
    const { vault, station, manifest } = world
    const facts = { operation: newId(), vault, vaultName: 'Test vault', station }
    return {
      world,
      job: { kind: 'acknowledge', ...facts, manifest, signed: [], wraps: [...world.wraps], rings: world.rings },
    }
  }

  it('collects every custodian once, in any order, and the chain verifies with what it collected', async () => {
    const { world, job } = makeJob()
    const harness = startHarness(job)
    const [a, b, c] = world.custodians
    if (a === undefined || b === undefined || c === undefined) throw new Error('too few')
    const codes: unknown[] = []
    for (const [person, key] of [
      [c, 0],
      [a, 1],
      [a, 0],
      [b, 0],
    ] as const) {
      harness.tap.touch(keyOf(person, key))
      codes.push((await harness.tap.feedback()).code)
    }
    expect(codes).toEqual([null, null, 'TAP_PERSON_ALREADY_COUNTED', null])
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    const signatures = harness.callsOf('manifestSigned').map(({ tap }) => tap)
    expect(signatures.map(({ person }) => person)).toEqual([c.id, a.id, b.id])
    expect(verifyManifestChain(nodePrimitives, [{ manifest: job.manifest, signatures }]).ok).toBe(true)
  })

  it('goes on where an earlier operation stopped, and takes nobody from outside', async () => {
    const { world, job } = makeJob()
    const [a, b, c] = world.custodians
    if (a === undefined || b === undefined || c === undefined) throw new Error('too few')
    const harness = startHarness({ ...job, signed: [a.id, b.id] })
    harness.tap.touch(keyOf(a))
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_PERSON_ALREADY_COUNTED' })
    harness.tap.touch({ key: keyOf(world.requester), force: true })
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_NOT_CUSTODIAN' })
    harness.tap.touch(keyOf(c))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.callsOf('manifestSigned')).toHaveLength(1)
  })

  it.each([
    [
      'a person twice in a safe',
      (manifest: JobOf<'acknowledge'>['manifest']) =>
        manifest.safes.forEach(({ custodians }) => custodians.push(...custodians.slice(0, 1))),
    ],
    [
      'a threshold above n',
      (manifest: JobOf<'acknowledge'>['manifest']) => Object.assign(manifest.safes[0] ?? {}, { threshold: 4 }),
    ],
    ['another version', (manifest: JobOf<'acknowledge'>['manifest']) => Object.assign(manifest, { version: 2 })],
    ['another vault', (manifest: JobOf<'acknowledge'>['manifest']) => Object.assign(manifest, { vault: newId() })],
  ])('asks nobody to sign a manifest with %s', async (_what, change) => {
    const { job } = makeJob()
    const changed = structuredClone(job)
    change(changed.manifest)
    const harness = startHarness(changed)
    expect(await harness.ended).toEqual({ result: 'failed', code: 'MANIFEST_INVALID' })
    expect(harness.opened).toEqual([])
  })
})
