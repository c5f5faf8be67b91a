/** Every change to the past is found, with the verdict and the code that fits. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { Problem, VerifyReport } from '../../../shared/audit/report.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { check } from './check-log.ts'
import { copyLog as copy, editEntry as edit, parseEntry as parse, relink, stranger } from './tampering.ts'
import type { TestLog } from './log-writer.ts'
import { createTestVault, type TestVault } from './test-vault.ts'

const makeVault = (seed: string, checkpointEvery: number): TestVault => {
  const vault = createTestVault({ seed, checkpointEvery })
  vault.setUp()
  const [ada, grace, edsger] = vault.people
  const credential = vault.seal(ada!)
  const request = vault.reveal(ada!, credential, [grace!, edsger!])
  vault.log.rotate()
  vault.log.append('app.opened', { version: '0.1.0' })
  vault.classify(grace!, request.request)
  vault.seal(ada!, credential)
  return vault
}

let honest: TestLog
let sparse: TestLog
beforeAll(() => {
  honest = makeVault('tamper', 1).finish()
  sparse = makeVault('tamper', 1000).finish()
})

const codes = (report: VerifyReport): Problem['code'][] => report.integrity.problems.map(({ code }) => code)
const seqOf = (log: TestLog, type: Entry['type']): number =>
  log.entries.findIndex((bytes) => parse(bytes).type === type)
describe('a change to the entries', () => {
  it('names an edited entry, whichever it is, with a checkpoint after every entry', async () => {
    for (let seq = 1; seq < honest.entries.length; seq++) {
      const log = copy(honest)
      edit(log, seq, (entry) => (entry['at'] = '2026-11-23T03:00:59.999Z'))
      const { integrity } = await check(log)
      expect(integrity.verdict).toBe('broken')
      expect(integrity.problems[0]?.seq).toBe(seq)
      expect(integrity.trustworthy).toBe(seq)
    }
  })

  it('names it by the chain alone, when checkpoints are far apart', async () => {
    for (let seq = 1; seq < sparse.entries.length - 1; seq++) {
      const log = copy(sparse)
      edit(log, seq, (entry) => (entry['at'] = '2026-11-23T03:00:59.999Z'))
      const { integrity } = await check(log)
      expect(integrity.problems[0]?.seq).toBe(seq)
      expect([
        'entry-chain-broken',
        'checkpoint-signature-invalid',
        'checkpoint-root-mismatch',
        'key-rotation-invalid',
      ]).toContain(integrity.problems[0]?.code)
      expect(integrity.trustworthy).toBeLessThanOrEqual(seq)
    }
  })

  it('finds an edited first entry', async () => {
    const log = copy(honest)
    edit(log, 0, (entry) => ((entry['data'] as Record<string, unknown>)['name'] = 'Another Power'))
    const { integrity } = await check(log)
    expect(integrity).toMatchObject({ verdict: 'broken', trustworthy: 0 })
    expect(integrity.problems[0]).toMatchObject({ code: 'checkpoint-root-mismatch', seq: 0 })
  })

  it('finds every deleted entry', async () => {
    for (let seq = 0; seq < honest.entries.length; seq++) {
      const log = copy(honest)
      log.entries.splice(seq, 1)
      const report = await check(log)
      expect(report.integrity.verdict).toBe('broken')
      expect(report.integrity.trustworthy).toBeLessThanOrEqual(seq)
      const expected =
        seq === 0
          ? 'log-first-entry-wrong'
          : seq === honest.entries.length - 1
            ? 'checkpoint-beyond-log'
            : 'entry-out-of-order'
      expect(codes(report)).toContain(expected)
    }
  })

  it('finds an inserted, a doubled and a moved entry', async () => {
    const inserted = copy(honest)
    inserted.entries.splice(
      5,
      0,
      canonicalBytes({ ...parse(honest.entries[5]!), type: 'app.opened', data: { version: '9' } }),
    )
    expect(codes(await check(inserted))).toContain('entry-out-of-order')
    const doubled = copy(honest)
    doubled.entries.splice(5, 0, honest.entries[5]!)
    expect(codes(await check(doubled))).toContain('entry-out-of-order')
    const moved = copy(honest)
    moved.entries.splice(7, 0, ...moved.entries.splice(4, 1))
    const report = await check(moved)
    expect(report.integrity.problems[0]).toMatchObject({ code: 'entry-out-of-order', seq: 5 })
    expect(report.integrity.trustworthy).toBe(4)
  })

  it('finds bytes that mean the same but are not canonical', async () => {
    const spaced = copy(honest)
    spaced.entries[3] = new TextEncoder().encode(JSON.stringify(parse(honest.entries[3]!), null, 1))
    expect(codes(await check(spaced))[0]).toBe('entry-not-canonical')
    const turned = copy(honest)
    const reversed = Object.fromEntries(Object.entries(parse(honest.entries[3]!)).reverse())
    turned.entries[3] = new TextEncoder().encode(JSON.stringify(reversed))
    expect(codes(await check(turned))[0]).toBe('entry-not-canonical')
    const marked = copy(honest)
    marked.entries[3] = new Uint8Array([0xef, 0xbb, 0xbf, ...honest.entries[3]!])
    expect(codes(await check(marked))[0]).toBe('entry-malformed')
  })

  it('refuses unknown types, members and shapes', async () => {
    const changes: ((entry: Record<string, unknown>) => void)[] = [
      (entry) => (entry['type'] = 'vault.destroyed'),
      (entry) => (entry['note'] = 'x'),
      (entry) => (entry['seq'] = '3'),
      (entry) => ((entry['data'] as Record<string, unknown>)['secret'] = 'x'),
      (entry) => (entry['at'] = 'yesterday'),
    ]
    for (const change of changes) {
      const log = copy(honest)
      edit(log, 3, change)
      expect((await check(log)).integrity.problems[0]).toMatchObject({ code: 'entry-malformed', seq: 3 })
    }
  })

  it('finds an empty log', async () => {
    expect((await check({ entries: [], checkpoints: [], manifests: [] })).integrity).toMatchObject({
      verdict: 'broken',
      problems: [{ code: 'log-empty' }],
      trustworthy: 0,
    })
  })
})

describe('a cut or re-made log', () => {
  it('is intact but incomplete when it is an older copy and a later checkpoint is known', async () => {
    const older = {
      ...copy(honest),
      entries: honest.entries.slice(0, -1),
      checkpoints: honest.checkpoints.slice(0, -1),
    }
    const alone = await check(older)
    expect(alone.integrity.verdict).toBe('intact')
    expect(alone.completeness.verdict).toBe('cannot-be-judged')
    const report = await check(older, honest.checkpoints.at(-1))
    expect(report.integrity.verdict).toBe('intact')
    expect(report.completeness).toMatchObject({
      verdict: 'incomplete',
      knownSize: honest.entries.length,
      problems: [{ code: 'known-checkpoint-ahead' }],
    })
  })

  it('finds the end cut off without its checkpoints', async () => {
    const log = { ...copy(honest), entries: honest.entries.slice(0, -2) }
    expect(codes(await check(log))).toContain('checkpoint-beyond-log')
  })

  it('finds the newest checkpoint, or all of them, taken away', async () => {
    const last = { ...copy(honest), checkpoints: honest.checkpoints.slice(0, -1) }
    const report = await check(last)
    expect(codes(report)).toEqual(['checkpoint-missing'])
    expect(report.integrity.trustworthy).toBe(honest.entries.length - 1)
    const none = await check({ ...copy(honest), checkpoints: [] })
    expect(codes(none)).toEqual(['checkpoint-missing'])
    expect(none.integrity.trustworthy).toBe(0)
  })

  it('finds a log re-signed with a fresh station key', async () => {
    const log = copy(honest)
    const key = stranger()
    edit(log, 0, (entry) => ((entry['data'] as Record<string, unknown>)['key'] = key.key))
    const rotated = seqOf(log, 'log.key-rotated')
    log.entries.length = rotated
    relink(log, 0, key)
    const report = await check(log, honest.checkpoints.at(-1))
    expect(codes(report)).toContain('log-first-entry-wrong')
    expect(report.integrity.trustworthy).toBe(0)
    expect(report.completeness.verdict).toBe('incomplete')
    const known = await check(log, honest.checkpoints[3])
    expect(known.completeness).toMatchObject({
      verdict: 'incomplete',
      problems: [{ code: 'known-checkpoint-mismatch' }],
    })
  })

  it('finds a past re-written by whoever holds today’s key', async () => {
    const vault = makeVault('thief', 1)
    const log = vault.finish()
    const before = seqOf(log, 'request.granted')
    log.entries.splice(before, 1)
    relink(log, before, vault.log.stationKey())
    const report = await check(log)
    expect(codes(report)).toContain('checkpoint-signature-invalid')
    expect(codes(report)).toContain('key-rotation-invalid')
    expect(report.integrity.trustworthy).toBe(before)
  })

  it('finds a fork by the same key: another history since the known checkpoint', async () => {
    const one = makeVault('fork', 1)
    const other = makeVault('fork', 1)
    one.log.append('app.closed', { reason: 'quit' })
    other.log.append('clock.jumped', { byMs: 5 })
    const report = await check(one.finish(), other.finish().checkpoints.at(-1))
    expect(report.integrity.verdict).toBe('intact')
    expect(report.completeness).toMatchObject({
      verdict: 'incomplete',
      problems: [{ code: 'known-checkpoint-mismatch', detail: expect.stringContaining('same station key') as unknown }],
    })
  })

  it('finds the ratchet taken out', async () => {
    const log = copy(honest)
    log.entries.splice(seqOf(log, 'log.key-rotated'), 1)
    relink(log, seqOf(honest, 'log.key-rotated'), stranger())
    const report = await check(log)
    expect(codes(report)[0]).toBe('entry-wrong-station')
    expect(codes(report)).toContain('checkpoint-signature-invalid')
  })

  it('finds a rotation that the old key did not sign', async () => {
    const log = copy(honest)
    const at = seqOf(log, 'log.key-rotated')
    const key = stranger()
    edit(log, at, (entry) => {
      const data = entry['data'] as Record<string, unknown>
      data['key'] = key.key
      data['signature'] = toBase64Url(key.sign(new Uint8Array(1)))
    })
    relink(log, at, key)
    const report = await check(log)
    expect(codes(report)[0]).toBe('key-rotation-invalid')
    expect(report.integrity.trustworthy).toBe(at)
  })

  it('finds two logs spliced together', async () => {
    const other = makeVault('other vault', 1).finish()
    const at = 8
    const spliced = {
      entries: [...honest.entries.slice(0, at), ...other.entries.slice(at)],
      checkpoints: [...honest.checkpoints.slice(0, at), ...other.checkpoints.slice(at)],
      manifests: honest.manifests,
    }
    const report = await check(spliced)
    expect(codes(report)).toContain('entry-wrong-station')
    expect(codes(report)).toContain('checkpoint-malformed')
    expect(report.integrity.trustworthy).toBe(at)
    const swapped = await check({ ...honest, manifests: other.manifests })
    expect(codes(swapped)).toContain('log-first-entry-wrong')
  })

  it('refuses a known checkpoint that is none, or of another log', async () => {
    const text = await check(honest, 'not a checkpoint')
    expect(text.completeness).toMatchObject({
      verdict: 'cannot-be-judged',
      problems: [{ code: 'known-checkpoint-invalid' }],
    })
    const other = await check(honest, makeVault('other vault', 1).finish().checkpoints[2])
    expect(other.completeness).toMatchObject({
      verdict: 'incomplete',
      problems: [{ code: 'known-checkpoint-invalid' }],
    })
    const broken = honest.checkpoints[4]!.replace(/.{4}=\n$/, 'AAA=\n')
    const unsigned = await check(honest, broken)
    expect(unsigned.completeness).toMatchObject({
      verdict: 'cannot-be-judged',
      problems: [{ code: 'known-checkpoint-invalid' }],
    })
  })
})

describe('checkpoints', () => {
  it('must come in order, once each, and be ours', async () => {
    const doubled = copy(honest)
    doubled.checkpoints.splice(3, 0, honest.checkpoints[3]!)
    expect(codes(await check(doubled))).toContain('checkpoint-malformed')
    const swapped = copy(honest)
    swapped.checkpoints.splice(4, 0, ...swapped.checkpoints.splice(3, 1))
    expect(codes(await check(swapped))).toContain('checkpoint-malformed')
    const foreign = copy(honest)
    foreign.checkpoints.splice(3, 1, makeVault('other vault', 1).finish().checkpoints[3]!)
    expect(codes(await check(foreign))).toContain('checkpoint-malformed')
  })

  it('may be left out in between', async () => {
    const log = copy(honest)
    log.checkpoints.splice(2, 5)
    expect((await check(log)).integrity.verdict).toBe('intact')
  })
})
