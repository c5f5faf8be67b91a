/**
 * Makes the committed vectors of tests/vectors/log/: `npx tsx tests/unit/audit/make-vectors.ts`. Keys and nonces come from
 * fixed seeds, signatures have no randomness, so the same code makes the same bytes.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { VerifyReport } from '../../../shared/audit/report.ts'
import { verifyPlace } from '../../../electron/cli/verify-export.ts'
import { placeOf } from '../../support/export-files.ts'
import { makeTamperCorpus } from '../../support/tamper-corpus.ts'
import { fromUtf8 } from '../../../shared/bytes.ts'
import { check } from './check-log.ts'
import { delayed } from './delay-scene.ts'
import type { TestLog } from './log-writer.ts'
import { createDelayWriter, delayMs } from './test-delays.ts'
import { createTestVault } from './test-vault.ts'

/** One vector: what a verifier is given, and what it must say. Entries and manifests are text of their exact bytes. */
export interface LogVector {
  readonly about: string
  readonly entries: readonly string[]
  readonly checkpoints: readonly string[]
  readonly manifests: readonly string[]
  readonly knownCheckpoint: string | null
  readonly expected: VerifyReport
}

export const vectorsDir = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../vectors/log')

/** Set-up, seal, drill, classification, a new custodian, a new start, an export: a small complete life. */
function liveSmallLife(): TestLog {
  const vault = createTestVault({ seed: 'halligan log vector 1', checkpointEvery: 3 })
  vault.setUp()
  const [ada, grace, edsger] = vault.people
  if (ada === undefined || grace === undefined || edsger === undefined) throw new Error('three people')
  const credential = vault.seal(ada)
  const { request } = vault.reveal(ada, credential, [grace, edsger])
  vault.log.append('app.closed', { reason: 'quit' })
  vault.log.rotate()
  vault.log.append('app.opened', { version: '0.1.0' })
  vault.classify(ada, request)
  vault.seal(grace, credential)
  const added = vault.addPerson()
  vault.enrol(added, 'EdDSA')
  vault.changeManifest([ada, grace, added])
  vault.reveal(added, credential, [added, ada], 1)
  vault.makeExport(edsger)
  return vault.finish()
}

/**
 * A safe that makes requests wait: one opened after its wait, for an older version; one stopped; one that a start of the app ended; and
 * what was overdue.
 */
function liveWithDelay(): TestLog {
  const vault = createTestVault({ seed: 'halligan log vector 2', checkpointEvery: 4, ...delayed })
  const writer = createDelayWriter(vault)
  vault.setUp()
  const [ada, grace, edsger] = vault.people
  if (ada === undefined || grace === undefined || edsger === undefined) throw new Error('three people')
  const credential = vault.seal(ada)
  const old = { ...credential }
  vault.seal(grace, credential)
  const opened = writer.wait(ada, old, [ada, edsger], { ...vault.draftRequest(ada, old), newest: 2 })
  const stopped = writer.wait(edsger, credential, [ada, edsger])
  writer.veto(grace, stopped)
  const overdue = { kind: 'rotate' as const, name: credential.name, dueAt: '2026-11-20T08:00:00.000Z' }
  const channel = { kind: 'channel' as const, name: 'Signal group', dueAt: '2026-11-22T08:00:00.000Z' }
  vault.log.append('due.noticed', { total: 3, items: [overdue, channel] })
  vault.log.wait(delayMs)
  vault.classify(grace, writer.open(opened, [grace, edsger]).request)
  const { request } = writer.wait(ada, credential, [ada, edsger]).first
  vault.log.rotate()
  vault.log.append('app.opened', { version: '0.1.0' })
  vault.log.append('request.cancelled', { request, reason: 'vault-died' })
  vault.makeExport(edsger)
  return vault.finish()
}

/** As {@link liveWithDelay}, but its wait is over a second too early. */
function liveWithShortDelay(): TestLog {
  const vault = createTestVault({ seed: 'halligan log vector 3', checkpointEvery: 4, ...delayed })
  const writer = createDelayWriter(vault)
  vault.setUp()
  const [ada, grace, edsger] = vault.people
  if (ada === undefined || grace === undefined || edsger === undefined) throw new Error('three people')
  const waiting = writer.wait(ada, vault.seal(grace), [ada, edsger])
  // Set forward, so that only the monotonic clock tells.
  vault.log.setWall(3_600_000)
  vault.log.wait(delayMs - 1000)
  writer.open(waiting, [ada, edsger])
  return vault.finish()
}

async function describeLog(about: string, log: TestLog, knownCheckpoint: string | null): Promise<LogVector> {
  return {
    about,
    entries: log.entries.map(fromUtf8),
    checkpoints: log.checkpoints,
    manifests: log.manifests.map(fromUtf8),
    knownCheckpoint,
    expected: await check(log, knownCheckpoint),
  }
}

/** All vectors by file name. */
export async function makeVectors(): Promise<Record<string, LogVector>> {
  const whole = liveSmallLife()
  const [, second = null] = whole.checkpoints
  const last = whole.checkpoints.at(-1) ?? null
  const edited = {
    ...whole,
    entries: whole.entries.map((bytes, seq) =>
      seq === 7 ? new TextEncoder().encode(fromUtf8(bytes).replace(':0', ':1')) : bytes,
    ),
  }
  const cut = { ...whole, entries: whole.entries.slice(0, 9), checkpoints: whole.checkpoints.slice(0, 3) }
  return {
    'complete.json': await describeLog('an honest log, complete up to a known checkpoint', whole, second),
    'edited.json': await describeLog('one digit of entry 7 was changed', edited, second),
    'older-copy.json': await describeLog(
      'an older copy, whose later checkpoint is known',
      { ...cut, manifests: whole.manifests.slice(0, 1) },
      last,
    ),
    'delayed.json': await describeLog(
      'an honest log of a safe that makes requests wait: one opened, one stopped, one ended by a start of the app',
      liveWithDelay(),
      null,
    ),
    'delayed-too-short.json': await describeLog(
      'a request was resumed a second too early; the wall clock had been set forward',
      liveWithShortDelay(),
      null,
    ),
  }
}

/** An export, whole or a part, and what must be said of it. Files are text of their exact bytes. */
export interface ExportVector {
  readonly about: string
  readonly files: Readonly<Record<string, string>>
  readonly knownCheckpoint: string | null
  readonly expected: VerifyReport
}

export const exportVectorsDir = path.join(vectorsDir, '../export')

/** Cases of the corpus that are committed, by the name of their file. */
const committed: Readonly<Record<string, string>> = {
  'whole.json': 'honest: whole, with a known checkpoint',
  'part.json': 'honest: part by credential, with an earlier export known',
  'part-without-a-tap.json': 'part: a tap left out',
  'part-of-another-log.json': 'part: an entry of another log',
}

/** All vectors of exports by file name. */
export async function makeExportVectors(): Promise<Record<string, ExportVector>> {
  const corpus = makeTamperCorpus()
  const vectors: Record<string, ExportVector> = {}
  for (const [file, name] of Object.entries(committed)) {
    const found = corpus.find((one) => one.name === name)
    if (found === undefined) throw new Error(`no case ${name}`)
    vectors[file] = {
      about: name,
      files: Object.fromEntries([...found.files].map(([one, bytes]) => [one, fromUtf8(bytes)])),
      knownCheckpoint: found.known,
      expected: await verifyPlace(placeOf(found.files), { knownCheckpoint: found.known }, undefined),
    }
  }
  return vectors
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(vectorsDir, { recursive: true })
  for (const [name, vector] of Object.entries(await makeVectors())) {
    writeFileSync(path.join(vectorsDir, name), `${JSON.stringify(vector, null, 1)}\n`)
  }
  mkdirSync(exportVectorsDir, { recursive: true })
  for (const [name, vector] of Object.entries(await makeExportVectors())) {
    writeFileSync(path.join(exportVectorsDir, name), `${JSON.stringify(vector, null, 1)}\n`)
  }
}
