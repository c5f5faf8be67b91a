/**
 * Verifying a log against hashing the same bytes and nothing else, both from the same file on disk. Tap signatures dominate
 * where there are any, so entries without and with taps are told apart.
 */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Bench, BenchRow } from '../../build/bench-report.ts'
import { openExportFolder } from '../../electron/cli/export-source.ts'
import { readLines } from '../../shared/audit/read-lines.ts'
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import { checkpointPart, exportFiles, logLine, manifestLine } from '../../shared/audit/export.ts'
import { verifyLog } from '../../shared/audit/verify-log.ts'
import { createTestVault, type TestVault } from '../unit/audit/test-vault.ts'

/** Against hashing alone, which does no parsing, no rules and half the tree. */
const targetRatio = 0.3
const checkpointEvery = 1024
const rounds = 3

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

function writeLog(dir: string, fill: (vault: TestVault) => void): { entries: number; bytes: number } {
  const vault = createTestVault({ seed: 'bench', checkpointEvery })
  vault.setUp()
  fill(vault)
  const { entries, checkpoints } = vault.finish()
  const log = Buffer.concat(entries.map(logLine))
  writeFileSync(path.join(dir, exportFiles.log), log)
  writeFileSync(
    path.join(dir, exportFiles.checkpoints),
    checkpoints.map((note, at) => checkpointPart(note, at === 0)).join(''),
  )
  writeFileSync(path.join(dir, exportFiles.manifests), Buffer.concat(vault.chain.map(manifestLine)))
  return { entries: entries.length, bytes: log.length }
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

/** @returns the most that verification held at the end of any batch beyond what was held before, bytes, garbage collected */
async function verify(dir: string, measureMemory: boolean): Promise<number> {
  collectGarbage()
  const before = memoryNow()
  let peak = 0
  const report = await verifyLog(nodePrimitives, await openExportFolder(dir), {
    knownCheckpoint: null,
    onProgress: () => {
      if (!measureMemory) return
      collectGarbage()
      peak = Math.max(peak, memoryNow() - before)
    },
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

async function measure(name: string, fill: (vault: TestVault) => void, promise: boolean): Promise<BenchRow[]> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-verify-'))
  try {
    const { entries, bytes } = writeLog(dir, fill)
    const perSecond = (ms: number): number => Math.round((entries / ms) * 1000)
    const against = perSecond(await fastest(() => hashOnly(dir)))
    const value = perSecond(await fastest(() => verify(dir, false)))
    const ratio = value / against
    const verdict = promise ? { target: `>= ${targetRatio}x`, met: ratio >= targetRatio } : {}
    const peak = await verify(dir, true)
    return [
      {
        name: `${name}: verify (${Math.round(bytes / entries)} bytes each)`,
        value,
        unit: 'entries/s',
        against,
        ratio,
        ...verdict,
      },
      { name: `${name}: memory held while verifying`, value: Math.round(peak / 1024) / 1024, unit: 'MiB' },
    ]
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const bench: Bench = {
  name: 'verify the log, against hashing the same bytes',
  run: async () => [
    ...(await measure(
      '10,000 entries without taps',
      (vault) => {
        addUntapped(vault, 10_000)
      },
      true,
    )),
    ...(await measure(
      '100,000 entries without taps',
      (vault) => {
        addUntapped(vault, 100_000)
      },
      true,
    )),
    ...(await measure(
      '10,000 entries, a quarter with taps',
      (vault) => {
        addRequests(vault, 10_000)
      },
      false,
    )),
  ],
}

export default bench
