/**
 * Verifying a log against hashing the same bytes and nothing else, both from the same file on disk. Tap signatures dominate
 * where there are any, so entries without and with taps are told apart.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Bench, BenchRow } from '../../build/bench-report.ts'
import { openExport } from '../../electron/cli/export-source.ts'
import { verifyPlace } from '../../electron/cli/verify-export.ts'
import { readLines } from '../../shared/audit/read-lines.ts'
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import { checkpointPart, exportFiles, logLine, manifestLine } from '../../shared/audit/export.ts'
import { fromUtf8 } from '../../shared/bytes.ts'
import { createTestVault, type TestVault } from '../unit/audit/test-vault.ts'

/** Against hashing alone, which does no parsing, no rules and half the tree. */
const targetRatio = 0.5
const checkpointEvery = 1024
const rounds = 3
const portion = 10_000
const isFull = process.env['HALLIGAN_CAMPAIGN'] === 'full'

/** Entries that carry no tap, as a station writes them all day. */
function addUntapped(vault: TestVault, count: number): void {
  for (let at = 0; at < count; at += 4) {
    vault.log.append('clock.jumped', { byMs: at })
    vault.log.append('operation.ended', {
      operation: vault.log.newId(),
      kind: 'seal',
      result: 'cancelled',
      code: 'CANCELLED',
    })
    vault.log.append('tap.refused', {
      operation: vault.log.newId(),
      request: null,
      code: 'TAP_TIMEOUT',
      person: null,
      key: null,
    })
    vault.log.append('app.opened', { version: '0.1.0' })
  }
}

/** Requests of twelve entries each, three of them with a tap. */
function addRequests(vault: TestVault, count: number): void {
  const [ada, grace, edsger] = vault.people
  if (ada === undefined || grace === undefined || edsger === undefined) throw new Error('three people')
  const credential = vault.seal(ada)
  for (let at = 0; at < count; at += 12) {
    const { request } = vault.reveal(ada, credential, [grace, edsger], 6)
    vault.classify(ada, request)
  }
}

/** Writes an export while the log grows, so that a million entries fit. */
function writeLog(
  dir: string,
  count: number,
  fill: (vault: TestVault, count: number) => void,
): { entries: number; bytes: number } {
  const vault = createTestVault({ seed: 'bench', checkpointEvery })
  vault.setUp()
  const file = path.join(dir, exportFiles.log)
  let [entries, bytes] = [0, 0]
  const flush = (): void => {
    const lines = Buffer.concat(vault.log.entries.map(logLine))
    appendFileSync(file, lines)
    entries += vault.log.entries.length
    bytes += lines.length
    vault.log.entries.length = 0
  }
  for (let done = 0; done < count; done += portion) {
    fill(vault, Math.min(portion, count - done))
    flush()
  }
  const { checkpoints } = vault.finish()
  flush()
  writeFileSync(
    path.join(dir, exportFiles.checkpoints),
    checkpoints.map((note, at) => checkpointPart(note, at === 0)).join(''),
  )
  writeFileSync(path.join(dir, exportFiles.manifests), Buffer.concat(vault.chain.map(manifestLine)))
  return { entries, bytes }
}

async function hashOnly(dir: string): Promise<void> {
  const stream = createReadStream(path.join(dir, exportFiles.log), { highWaterMark: 256 * 1024 })
  for await (const lines of readLines(stream, () => undefined)) {
    for (const line of lines) nodePrimitives.sha256(line)
  }
}

const memoryNow = (): number => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const collectGarbage = (): void => {
  ;(globalThis as { gc?: () => void }).gc?.()
}

/** Buffers outside the heap are freed a turn later than what held them. */
async function settleMemory(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    collectGarbage()
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

/** @returns the most that verification held at the end of any batch beyond what was held before, bytes, garbage collected */
async function verify(dir: string, measureMemory: boolean): Promise<number> {
  await settleMemory()
  const before = memoryNow()
  let peak = 0
  const place = await openExport(dir)
  if (place === null) throw new Error('no export')
  const report = await verifyPlace(place, { knownCheckpoint: null }, () => {
    if (!measureMemory) return
    collectGarbage()
    peak = Math.max(peak, memoryNow() - before)
  })
  if (report.integrity.verdict !== 'intact') throw new Error(JSON.stringify(report.integrity.problems[0]))
  return peak
}

async function fastest(work: () => Promise<unknown>): Promise<number> {
  let best = Infinity
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    await work()
    best = Math.min(best, performance.now() - started)
  }
  return best
}

/** systemd's tools, where they are: a journal file with the same texts, checked by `journalctl --verify`. */
const journalRemote = process.env['JOURNAL_REMOTE'] ?? '/lib/systemd/systemd-journal-remote'

/** @returns ms that `journalctl --verify` takes over as many entries with the same texts; null without systemd's tools */
async function measureJournal(dir: string): Promise<number | null> {
  if (!existsSync(journalRemote) || spawnSync('journalctl', ['--version']).status !== 0) return null
  const source = path.join(dir, 'entries.export')
  const stream = createReadStream(path.join(dir, exportFiles.log))
  const head = (at: number): string =>
    `__REALTIME_TIMESTAMP=${String(1_790_000_000_000_000 + at * 1000)}\n__MONOTONIC_TIMESTAMP=${String(at * 1000)}\n` +
    `_BOOT_ID=${'0a'.repeat(16)}\nSYSLOG_IDENTIFIER=halligan\nMESSAGE=`
  let count = 0
  for await (const lines of readLines(stream, () => undefined)) {
    appendFileSync(source, lines.map((line) => `${head(count++)}${fromUtf8(line)}\n\n`).join(''))
  }
  const journal = path.join(dir, 'entries.journal')
  const made = spawnSync(journalRemote, [`--output=${journal}`, '--split-mode=none', source], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(made.stderr)
  // A large journal is split into several files.
  const files = path.join(dir, 'entries*.journal')
  return fastest(() => {
    const { status, stderr } = spawnSync('journalctl', ['--verify', `--file=${files}`], { encoding: 'utf8' })
    return status === 0 ? Promise.resolve() : Promise.reject(new Error(stderr))
  })
}

interface Wanted {
  readonly count: number
  readonly fill: (vault: TestVault, count: number) => void
  readonly what: string
  readonly target: number | null
  readonly withJournal: boolean
}

async function measure({ count, fill, what, target, withJournal }: Wanted): Promise<BenchRow[]> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-verify-'))
  try {
    const { entries, bytes } = writeLog(dir, count, fill)
    const name = `${count.toLocaleString('en')} entries ${what}`
    const perSecond = (ms: number): number => Math.round((entries / ms) * 1000)
    const against = perSecond(await fastest(() => hashOnly(dir)))
    const value = perSecond(await fastest(() => verify(dir, false)))
    const ratio = value / against
    const verdict = target === null ? {} : { target: `>= ${String(target)}x`, met: ratio >= target }
    const peak = await verify(dir, true)
    const size = `${String(Math.round(bytes / entries))} bytes each`
    const rows: BenchRow[] = [
      { name: `${name}: verify (${size}), against hashing`, value, unit: 'entries/s', against, ratio, ...verdict },
      { name: `${name}: memory held while verifying`, value: Math.round(peak / 1024) / 1024, unit: 'MiB' },
    ]
    const journal = withJournal ? await measureJournal(dir) : null
    if (journal === null) return rows
    const journalSpeed = perSecond(journal)
    return [
      ...rows,
      {
        name: `${name}: verify, against journalctl --verify`,
        value,
        unit: 'entries/s',
        against: journalSpeed,
        ratio: value / journalSpeed,
      },
    ]
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const untapped = { fill: addUntapped, what: 'without taps', target: targetRatio, withJournal: true }

const bench: Bench = {
  name: 'verify the log, against hashing the same bytes and against journalctl',
  run: async () => {
    const rows: BenchRow[] = []
    for (const count of [10_000, 100_000, ...(isFull ? [1_000_000] : [])]) {
      rows.push(...(await measure({ ...untapped, count })))
    }
    const tapped = { fill: addRequests, what: 'of requests, a quarter with taps', target: null, withJournal: false }
    return [...rows, ...(await measure({ ...tapped, count: 10_000 }))]
  },
}

export default bench
