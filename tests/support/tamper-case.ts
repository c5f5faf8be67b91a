/** What the cases of the corpus of tampered exports are made with. */
import { parseCheckpoint } from '../../shared/audit/checkpoint.ts'
import { headWords } from '../../shared/audit/head-words.ts'
import type { Known, KnownWords } from '../../shared/audit/known-checkpoint.ts'
import type { Problem, VerifyReport } from '../../shared/audit/report.ts'
import { fromUtf8, toBase64Url, utf8 } from '../../shared/bytes.ts'
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import type { TestLog } from '../unit/audit/log-writer.ts'
import { copyLog, parseEntry } from '../unit/audit/tampering.ts'
import type { StationKey } from '../unit/audit/test-keys.ts'
import { createTestVault, type TestVault } from '../unit/audit/test-vault.ts'
import { type Files } from './export-files.ts'

/** One export and what must be said of it. */
export interface TamperCase {
  readonly name: string
  readonly files: Files
  /** A checkpoint known from elsewhere. */
  readonly known: string | null
  /** Head words known from elsewhere, by themselves. */
  readonly knownWords?: KnownWords
  readonly integrity: VerifyReport['integrity']['verdict']
  readonly completeness: VerifyReport['completeness']['verdict']
  /** A problem that must be among those reported, of either verdict; null where there is none. */
  readonly code: Problem['code'] | null
  /** Exit code of `halligan verify`. */
  readonly exit: number
}

/** The log that most cases start from: set-up, seal, a reveal, an export, a new start, a classification, another seal. */
export interface Scene {
  readonly vault: TestVault
  readonly log: TestLog
  readonly key: StationKey
  readonly credential: string
  readonly person: string
  /** As the log was when it was first exported. */
  readonly older: TestLog
  readonly olderKey: StationKey
}

export function playScene(seed: string): Scene {
  const vault = createTestVault({ seed, custodians: 2 })
  vault.setUp()
  const [ada, grace] = vault.people
  if (ada === undefined || grace === undefined) throw new Error('two people')
  const credential = vault.seal(ada)
  const other = vault.seal(grace)
  const request = vault.reveal(ada, credential, [ada, grace], 1)
  const older = vault.finish()
  const olderKey = vault.log.stationKey()
  vault.makeExport(grace)
  vault.log.rotate()
  vault.log.append('app.opened', { version: '0.1.0' })
  vault.classify(grace, request.request)
  vault.seal(ada, other)
  vault.log.append('clock.jumped', { byMs: -3_600_000 })
  return {
    vault,
    log: vault.finish(),
    key: vault.log.stationKey(),
    credential: credential.id,
    person: ada.id,
    older,
    olderKey,
  }
}

export const seqOf = (log: TestLog, type: string): number =>
  log.entries.findIndex((bytes) => parseEntry(bytes).type === type)

export const honest = (name: string, files: Files, known: string | null, whole: boolean): TamperCase => ({
  name: `honest: ${name}`,
  files,
  known,
  integrity: 'intact',
  completeness: whole && known !== null ? 'complete' : 'cannot-be-judged',
  code: null,
  exit: 0,
})

export const broken = (name: string, files: Files, code: Problem['code']): TamperCase => ({
  name,
  files,
  known: null,
  integrity: 'broken',
  completeness: 'cannot-be-judged',
  code,
  exit: 1,
})

export const incomplete = (name: string, files: Files, known: string, code: Problem['code']): TamperCase => ({
  name,
  files,
  known,
  integrity: 'intact',
  completeness: 'incomplete',
  code,
  exit: 3,
})

export const without = (files: Files, ...names: readonly string[]): Files =>
  new Map([...files].filter(([name]) => !names.includes(name)))
export const replaced = (files: Files, name: string, bytes: Uint8Array): Files => new Map([...files, [name, bytes]])
export const changed = (files: Files, name: string, from: string | RegExp, to: string): Files =>
  replaced(files, name, utf8(fromUtf8(files.get(name) ?? new Uint8Array(0)).replace(from, to)))
export const remade = (log: TestLog, change: (copy: TestLog) => void): TestLog => {
  const copy = copyLog(log)
  change(copy)
  return copy
}
export const noteOf = (log: TestLog, at: number): string => log.checkpoints.at(at) ?? ''

/** What is known from elsewhere, as a verifier takes it. */
export const knownOf = ({ known, knownWords }: TamperCase): Known =>
  knownWords === undefined ? { knownCheckpoint: known } : { knownCheckpoint: known, knownWords }

/** The words of the head that a checkpoint of this log signs. */
export function wordsOf(log: TestLog, at: number): KnownWords {
  const head = parseCheckpoint(noteOf(log, at))
  if (head === null) throw new Error('no checkpoint there')
  const { size, root } = head
  return { words: headWords(nodePrimitives, { size, root: toBase64Url(root) }), size }
}

/** Two histories that one key signed: the one that is shown, and a checkpoint of the one that was known. */
export function makeFork(): { fork: Scene; known: string } {
  const fork = playScene('fork')
  const other = playScene('fork')
  other.vault.log.append('clock.jumped', { byMs: 1 })
  const known = noteOf(other.vault.finish(), -1)
  fork.vault.log.append('clock.jumped', { byMs: 2 })
  fork.vault.log.append('clock.jumped', { byMs: 3 })
  return { fork: { ...fork, log: fork.vault.finish() }, known }
}
