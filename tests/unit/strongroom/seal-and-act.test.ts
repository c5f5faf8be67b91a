/** Sealing: form in, record out, nothing left behind. Acts: one named person's tap on exactly one statement. */
import { describe, expect, it } from 'vitest'
import { challengeOf, checkTapSignature, tapSource } from '../../../shared/audit/tap.ts'
import { sealedRecordHash } from '../../../shared/audit/records.ts'
import { fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { EnteredField } from '../../../shared/contracts/seal.ts'
import { jobSchema, type JobOf } from '../../../shared/contracts/strongroom.ts'
import type { ActStatement } from '../../../shared/domain/statements.ts'
import { rpId, windowOrigin } from '../../../shared/domain/tap.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { newId } from '../../support/node-app.ts'
import { bytesOf, recoverByHand } from '../../support/sealing-oracle.ts'
import { createWorld, field, id32, keyOf, now, requestJob, type World } from '../../support/sealed-world.ts'
import { holds, startHarness, type Harness } from '../../support/strongroom-harness.ts'

const secret = 'correct-horse-7731'

function sealJob(world: World, more: Partial<JobOf<'seal'>> = {}): JobOf<'seal'> {
  const { vault, station, manifests, safe, custodians, requester } = world
  return {
    kind: 'seal',
    operation: newId(),
    vault,
    vaultName: 'Test vault',
    station,
    manifests,
    person: custodians[1]?.id ?? '',
    credential: newId(),
    version: 4,
    safe,
    name: 'Cloud root',
    credentialKind: 'login',
    requesters: [requester.id],
    rotationDays: 90,
    ...more,
  }
}

async function submit(harness: Harness, fields: EnteredField[], runbook = '# Steps'): Promise<void> {
  const page = await harness.seal()
  await page.begin({})
  await page.submit({ runbook: utf8(runbook), fields })
}

describe('sealing', () => {
  it('makes a record that the recovery tool opens, signed by the person who sealed', async () => {
    const world = createWorld({ n: 3, k: 2, firstKeys: 1 })
    const job = sealJob(world)
    const harness = startHarness(job)
    await submit(harness, [field('Password', secret), field('Note', 'not secret', { secret: false })])
    const sealer = world.custodians[1] ?? world.requester
    harness.tap.touch(keyOf(sealer))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(await harness.exited).toBe(0)
    expect(harness.opened).toEqual(['seal', 'tap'])

    const [sealed] = harness.callsOf('sealed')
    if (sealed === undefined) throw new Error('nothing was sealed')
    const { record, statement, tap } = sealed
    expect(record.header).toMatchObject({ credential: job.credential, version: 4, threshold: 2, sealedBy: sealer.id })
    expect(statement.detail).toEqual({
      kind: 'seal',
      safe: world.safe,
      credential: job.credential,
      version: 4,
      name: 'Cloud root',
      record: sealedRecordHash(nodePrimitives, record),
    })
    const publicKey = keyOf(sealer).publicKey
    const challenge = challengeOf(nodePrimitives, 'act', statement)
    expect(
      checkTapSignature(nodePrimitives, { assertion: tap.assertion, publicKey, challenge, ...tapSource }),
    ).toBeNull()

    const given = world.custodians.slice(1).map((one) => {
      const wrap = world.wraps.find(({ person }) => person === one.id)
      if (wrap === undefined) throw new Error('no wrap')
      const input = { challenge: new Uint8Array(32), origin: windowOrigin, rpId, prf: [bytesOf(wrap.salt)] }
      return { wrap, prf: keyOf(one).assert(input).prf[0] ?? new Uint8Array(0) }
    })
    const recovered = recoverByHand(record, given)
    expect(recovered.fields.map(({ label, value }) => [label, fromUtf8(value)])).toEqual([
      ['Password', secret],
      ['Note', 'not secret'],
    ])
    expect(holds(harness.calls, secret)).toBe(false)
    const opened = await openAgain(world, { record, statement, tap })
    expect(opened).toBe(secret)
  })

  /** What one process seals, another one opens. */
  async function openAgain(world: World, sealed: Parameters<typeof requestJob>[1]): Promise<string> {
    const harness = startHarness(requestJob(world, sealed))
    const reveal = harness.reveal()
    harness.tap.touch(keyOf(world.requester))
    for (const one of world.custodians.slice(0, 2)) harness.tap.touch(keyOf(one))
    const { call } = await reveal
    await call.begin({})
    const shown = await call.show({ field: 0 })
    await harness.end('app-quit')
    await harness.exited
    return fromUtf8(shown.value)
  }

  it('says which value does not fit, keeps the form open, and takes the corrected one', async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const harness = startHarness(sealJob(world))
    const page = await harness.seal()
    const totp = { algorithm: 'SHA1' as const, digits: 6 as const, period: 30 }
    const many = Array.from({ length: 65 }, (_, at) => `code-${at}`).join('\n')
    const bad: [EnteredField, string][] = [
      [field('Empty', ''), 'empty text'],
      [field('Binary', '', { value: Uint8Array.of(0xff, 0xfe) }), 'not UTF-8'],
      [field('Long', 'x'.repeat(65_537)), 'too long'],
      [field('No seed', '', { type: 'totp', totp }), 'empty seed'],
      [field('No parameters', 'seed', { type: 'totp' }), 'no parameters'],
      [field('Parameters', 'text', { totp }), 'parameters of a text'],
      [field('No codes', ' \n \n', { type: 'codes' }), 'blank codes'],
      [field('Many codes', many, { type: 'codes' }), 'too many codes'],
      [field('No name', 'PEM', { type: 'file' }), 'file without a name'],
      [field('Name', 'text', { fileName: 'a.txt' }), 'name of a text'],
    ]
    for (const [one, what] of bad) {
      const fields = [field('Fine', 'fine'), one]
      await expect(page.submit({ runbook: utf8(''), fields }), what).rejects.toMatchObject({
        code: 'CREDENTIAL_INVALID',
        detail: { field: 1 },
      })
    }
    await expect(page.submit({ runbook: Uint8Array.of(0xff), fields: [field('A', 'b')] })).rejects.toMatchObject({
      detail: { field: 'runbook' },
    })
    const file = (label: string): EnteredField =>
      field(label, '', { type: 'file', fileName: 'f', value: new Uint8Array(1_048_576) })
    await expect(
      page.submit({ runbook: utf8(''), fields: [file('a'), file('b'), file('c'), file('d')] }),
    ).rejects.toMatchObject({ detail: { field: 'total' } })
    expect(harness.callsOf('sealed')).toEqual([])
    await page.submit({ runbook: utf8(''), fields: [field('Fine', 'fine')] })
    harness.tap.touch(keyOf(world.custodians[1] ?? world.requester))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
  })

  it('takes a file of 1 MiB and 64 codes', async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const harness = startHarness(sealJob(world))
    const codes = Array.from({ length: 64 }, (_, at) => `code-${at}`).join('\r\n')
    await submit(harness, [
      field('Key', '', { type: 'file', fileName: 'f', value: new Uint8Array(1_048_576).fill(7) }),
      field('Codes', codes, { type: 'codes' }),
    ])
    harness.tap.touch(keyOf(world.custodians[1] ?? world.requester))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
  })

  it("takes the sealing person's tap and nobody else's", async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const harness = startHarness(sealJob(world))
    await submit(harness, [field('Password', secret)])
    const other = keyOf(world.custodians[0] ?? world.requester)
    harness.tap.touch({ key: other, force: true })
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_NOT_THIS_PERSON' })
    harness.tap.touch(keyOf(world.custodians[1] ?? world.requester))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
  })

  it('is called off by Cancel, by closing the form, and by closing the tap page', async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const cancelled = startHarness(sealJob(world))
    await (await cancelled.seal()).cancel({})
    expect(await cancelled.ended).toEqual({ result: 'cancelled', code: 'CANCELLED' })

    const closed = startHarness(sealJob(world))
    await (await closed.seal()).begin({})
    await closed.pageGone('seal', false)
    expect(await closed.ended).toEqual({ result: 'cancelled', code: 'CANCELLED' })

    const left = startHarness(sealJob(world))
    await submit(left, [field('Password', secret)])
    await expect.poll(() => left.tap.views.length).toBe(1)
    await left.pageGone('tap', false)
    expect(await left.ended).toEqual({ result: 'cancelled', code: 'TAP_WINDOW_CLOSED' })
    expect(left.callsOf('sealed')).toEqual([])
  })

  it('refuses people without the right to seal, unknown people, and a manifest that does not verify', async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const foreign = createWorld({ n: 2, k: 2, firstKeys: 1 })
    for (const [job, code] of [
      [sealJob(world, { person: world.requester.id }), 'POLICY_INVALID'],
      [sealJob(world, { person: newId() }), 'PERSON_UNKNOWN'],
      [sealJob(world, { requesters: [newId()] }), 'PERSON_UNKNOWN'],
      [sealJob(world, { safe: newId() }), 'MANIFEST_INVALID'],
      [sealJob(world, { manifests: foreign.manifests }), 'MANIFEST_INVALID'],
    ] as const) {
      const harness = startHarness(job)
      expect(await harness.ended).toEqual({ result: 'failed', code })
      expect(harness.opened).toEqual([])
    }
  })
})

describe('an act', () => {
  const actJob = (world: World, detail: ActStatement['detail'], person = world.requester.id): JobOf<'act'> => {
    const { vault, station, manifests, manifestHash } = world
    const statement: ActStatement = {
      format: 'halligan/act/v1',
      vault,
      act: newId(),
      person,
      manifest: manifestHash,
      detail,
      createdAt: toTimestamp(now),
      station,
      head: { size: 3, root: id32() },
      nonce: id32(),
    }
    return {
      kind: 'act',
      operation: newId(),
      vault,
      vaultName: 'Test vault',
      station,
      manifests,
      statement,
      script: null,
    }
  }
  const details: Extract<ActStatement['detail'], { kind: 'classify' | 'export' }>[] = [
    {
      kind: 'classify',
      request: newId(),
      credential: newId(),
      credentialName: 'Cloud root',
      version: 4,
      requester: newId(),
      grantedAt: '2026-11-23T14:02:10.123Z',
      outcome: 'drill',
      note: 'All went well.\nTwice.',
    },
    { kind: 'export', size: 3, root: id32() },
  ]
  /** Lines that the person must see, all of them from what they sign. */
  const expectedLines = {
    classify: [
      { label: 'Credential', value: 'Cloud root, version 4' },
      { label: 'Opened at', value: '2026-11-23T14:02:10.123Z' },
      { label: 'It was', value: 'a drill' },
      { label: 'Note', value: 'All went well.\nTwice.' },
    ],
    export: [{ label: 'Log so far', value: expect.stringMatching(/^3 entries: (\w+ ?){4}$/) as unknown }],
  }

  it.each(details)('$kind is signed by its person over exactly that statement', async (detail) => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const job = actJob(world, detail)
    const harness = startHarness(job)
    harness.tap.touch({ key: keyOf(world.custodians[0] ?? world.requester), force: true })
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_NOT_THIS_PERSON' })
    harness.tap.touch(keyOf(world.requester))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    const [acted] = harness.callsOf('acted')
    if (acted === undefined) throw new Error('nothing was signed')
    const { publicKey } = keyOf(world.requester)
    const challenge = challengeOf(nodePrimitives, 'act', job.statement)
    const { assertion } = acted.tap
    expect(checkTapSignature(nodePrimitives, { assertion, publicKey, challenge, ...tapSource })).toBeNull()
    const lines = harness.tap.views[0]?.lines
    for (const line of expectedLines[detail.kind]) expect(lines).toContainEqual(line)
    const asker = { label: 'Asked for by', value: detail.kind === 'classify' ? detail.requester : '' }
    if (detail.kind === 'classify') expect(lines).toContainEqual(asker)
  })

  it('is never a way to seal, to drill or to change a passphrase: nothing would be made or opened for it', async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1, policy: { passphrase: true } })
    const sealer = world.custodians[0]!
    const own = { key: keyOf(sealer).credentialId, safes: [world.safe] }
    const refused: ActStatement['detail'][] = [
      { kind: 'seal', safe: world.safe, credential: newId(), version: 1, name: 'X', record: id32() },
      { kind: 'key-drill', ...own },
      { kind: 'passphrase', ...own },
    ]
    for (const detail of refused) {
      const job = actJob(world, detail, sealer.id)
      const harness = startHarness(job)
      expect(await harness.ended).toMatchObject({ result: 'failed' })
      expect(harness.opened).toEqual([])
      expect(jobSchema.safeParse(job).success, detail.kind).toBe(false)
    }
    for (const detail of details) expect(jobSchema.safeParse(actJob(world, detail)).success).toBe(true)
  })

  it('is about the manifest in force', async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const job = actJob(world, details[1]!)
    const other = startHarness({ ...job, statement: { ...job.statement, manifest: id32() } })
    expect(await other.ended).toEqual({ result: 'failed', code: 'MANIFEST_INVALID' })
    expect(other.opened).toEqual([])
  })
})
