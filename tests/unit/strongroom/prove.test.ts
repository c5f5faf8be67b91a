/** A proof opens shares up to the content key, and nothing else; what fails is said of whom, and the next one may mend it. */
import { describe, expect, it } from 'vitest'
import { sealedRecordHash } from '../../../shared/audit/records.ts'
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { JointStatement } from '../../../shared/domain/statements.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { newId } from '../../support/node-app.ts'
import { bytesOf, openWrapByHand } from '../../support/sealing-oracle.ts'
import { createWorld, field, id32, keyOf, now, sealIn, type Sealed, type World } from '../../support/sealed-world.ts'
import { holds, startHarness, type Harness } from '../../support/strongroom-harness.ts'
import { rpId, windowOrigin } from '../../../shared/domain/tap.ts'

const secret = 'correct-horse-7731'
type Job = JobOf<'prove'>

function proveJob(
  world: World,
  sealed: readonly Sealed[],
  change: Partial<JointStatement> = {},
  more: Partial<Job> = {},
): Job {
  const statement: JointStatement = {
    format: 'halligan/joint/v1',
    vault: world.vault,
    act: newId(),
    manifest: world.manifestHash,
    detail: {
      kind: 'prove',
      purpose: 'drill',
      safe: world.safe,
      records: sealed.map(({ record }) => ({
        credential: record.header.credential,
        version: record.header.version,
        name: record.header.name,
        record: sealedRecordHash(nodePrimitives, record),
      })),
    },
    createdAt: toTimestamp(now),
    station: world.station,
    head: { size: 9, root: id32() },
    nonce: id32(),
    ...change,
  }
  return {
    kind: 'prove',
    operation: newId(),
    vault: world.vault,
    vaultName: 'Test vault',
    station: world.station,
    manifests: world.manifests,
    statement,
    records: sealed.map(({ record, statement: seal, tap }) => ({
      record: { ...record, body: '' },
      bodyHash: toBase64Url(nodePrimitives.sha256(fromBase64Url(record.body))),
      sealed: { statement: seal, tap },
      resealed: null,
    })),
    wraps: world.wraps,
    signCounts: [],
    ...more,
  }
}

const world = createWorld({ n: 4, k: 3 })
const sealed = [0, 1, 2].map(() => sealIn(world, [field('Password', secret)]))
const custodian = (at: number) => world.custodians[at]!
const codes = (harness: Harness): ErrorCode[] => harness.callsOf('tapRefused').map(({ code }) => code)

describe('a proof', () => {
  it('opens every share of k people, renews their wraps, and holds nothing of the secret', async () => {
    const job = proveJob(world, sealed)
    const harness = startHarness(job)
    for (const at of [0, 2, 3]) harness.tap.touch(keyOf(custodian(at)))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    const people = [0, 2, 3].map((at) => custodian(at).id)
    expect(harness.callsOf('proofPassed')).toEqual([{ people }])
    const signed = harness.callsOf('jointSigned')
    expect(signed.map(({ tap }) => tap.person)).toEqual(people)
    // Durable before the next tap is asked for.
    const steps = harness.calls.map(({ method }) => method).filter((method) => method !== 'progress')
    expect(steps).toEqual(['job', 'jointSigned', 'jointSigned', 'jointSigned', 'proofPassed', 'ended'])
    const [wrap] = signed[0]!.wraps
    const before = world.wraps.find(({ key }) => key === wrap?.key)!
    expect(wrap?.salt).not.toBe(before.salt)
    const prf = keyOf(custodian(0)).assert({ challenge: new Uint8Array(32), origin: windowOrigin, rpId, prf: [bytesOf(wrap!.salt)] }).prf[0] // prettier-ignore
    expect(openWrapByHand(wrap!, prf ?? new Uint8Array())).toHaveLength(32)
    expect(harness.opened.every((page) => page === 'tap')).toBe(true)
    expect(holds(harness.calls, secret)).toBe(false)
    expect(harness.tap.views[0]?.lines.filter(({ label }) => label === 'Credential')).toHaveLength(3)
  })

  it('counts people, not keys', async () => {
    const harness = startHarness(proveJob(world, sealed))
    for (const key of [keyOf(custodian(0)), keyOf(custodian(0), 1), keyOf(world.requester), keyOf(custodian(1))]) {
      harness.tap.touch({ key, force: true })
      await harness.tap.feedback()
    }
    expect(codes(harness)).toEqual(['TAP_PERSON_ALREADY_COUNTED', 'TAP_NOT_CUSTODIAN'])
    expect(harness.callsOf('proofPassed')).toEqual([])
    harness.tap.touch(keyOf(custodian(2)))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
  })

  it('goes on with another custodian when one key fails, and ends when too few are left', async () => {
    const other = world.wraps.find(({ person }) => person === custodian(2).id)!
    const wraps = world.wraps.map((wrap) => (wrap.person === custodian(1).id ? { ...wrap, box: other.box } : wrap))
    const harness = startHarness(proveJob(world, sealed, {}, { wraps }))
    for (const at of [1, 0, 2, 3]) harness.tap.touch(keyOf(custodian(at)))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.callsOf('tapRefused')).toEqual([
      { code: 'TAP_WRAP_DAMAGED', person: custodian(1).id, key: keyOf(custodian(1)).credentialId },
    ])
    const fewer = wraps.filter(({ person }) => person !== custodian(3).id)
    const failing = startHarness(proveJob(world, sealed, {}, { wraps: fewer }))
    for (const at of [0, 1]) failing.tap.touch(keyOf(custodian(at)))
    expect(await failing.ended).toEqual({ result: 'failed', code: 'TAP_WRAP_DAMAGED' })
    expect(failing.callsOf('proofPassed')).toEqual([])
  })

  it('a share that is damaged in one record of three keeps its holder out of the whole', async () => {
    const job = proveJob(world, sealed)
    const bend = ([, ...boxes]: string[]): string[] => [boxes[0] ?? '', ...boxes]
    const records = job.records.map((one, at) =>
      at === 1 ? { ...one, record: { ...one.record, boxes: bend(one.record.boxes) } } : one,
    )
    const harness = startHarness({ ...job, records })
    harness.tap.touch({ key: keyOf(custodian(0)), force: true })
    expect(await harness.tap.feedback()).toMatchObject({ accepted: false, code: 'SHARE_DAMAGED' })
    for (const at of [1, 2, 3]) harness.tap.touch(keyOf(custodian(at)))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
  })

  it('shares that give another key than was sealed under fail, whatever their commitments say', async () => {
    // Split by somebody who sealed under another key than the one they committed to: only the combination shows it.
    const header = { ...sealed[0]!.record.header, keyCommitment: id32() }
    const harness = startHarness(
      proveJob(world, [sealIn(world, [field('Password', secret)], { record: { ...sealed[0]!.record, header } })]),
    )
    for (const at of [0, 1, 2]) harness.tap.touch(keyOf(custodian(at)))
    expect(await harness.ended).toEqual({ result: 'failed', code: 'CONTENT_KEY_WRONG' })
    expect(harness.callsOf('jointSigned')).toHaveLength(3)
    expect(harness.callsOf('proofPassed')).toEqual([])
  })

  it('is refused before the tap when statement, seals or bodies do not fit', async () => {
    const good = proveJob(world, sealed)
    const { detail } = good.statement
    if (detail.kind !== 'prove') throw new Error('no proof')
    const swapped = { ...detail, records: [...detail.records].reverse() }
    const renamed = { ...detail, records: detail.records.map((one) => ({ ...one, name: 'Other' })) }
    const withBody = good.records.map((one, at) => ({ ...one, record: sealed[at]!.record }))
    const twice = [sealed[0]!, sealed[0]!]
    const cases: [Job, ErrorCode][] = [
      [proveJob(world, sealed, { manifest: id32() }), 'MANIFEST_INVALID'],
      [proveJob(world, sealed, { vault: newId() }), 'MANIFEST_INVALID'],
      [proveJob(world, sealed, { station: newId() }), 'MANIFEST_INVALID'],
      [proveJob(world, sealed, { detail: { ...detail, safe: newId() } }), 'MANIFEST_INVALID'],
      [proveJob(world, sealed, { detail: swapped }), 'RECORD_DAMAGED'],
      [proveJob(world, sealed, { detail: renamed }), 'RECORD_DAMAGED'],
      [proveJob(world, sealed, {}, { records: good.records.slice(1) }), 'RECORD_DAMAGED'],
      [proveJob(world, sealed, {}, { records: withBody }), 'RECORD_DAMAGED'],
      [
        proveJob(world, sealed, {}, { records: good.records.map((one) => ({ ...one, bodyHash: id32() })) }),
        'RECORD_DAMAGED',
      ],
      [proveJob(world, twice), 'RECORD_DAMAGED'],
      [
        proveJob(world, sealed, { detail: { kind: 'minutes', ceremony: newId(), title: 'x', minutes: id32() } }),
        'MESSAGE_INVALID',
      ],
      [proveJob(world, sealed, {}, { wraps: [] }), 'TAP_WRAP_DAMAGED'],
    ]
    for (const [job, code] of cases) {
      const harness = startHarness(job)
      expect(await harness.ended).toEqual({ result: 'failed', code })
      expect(harness.opened).toEqual([])
    }
  })
})
