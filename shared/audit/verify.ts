/**
 * The verifier of the audit log: fed with exact bytes, entry by entry, in flat memory. It judges integrity and
 * completeness separately and believes nothing but what it recomputes (docs/format.md, "Verification").
 */
import { fromUtf8, sameBytes, toBase64Url } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { createEntryCheck } from './entry-check.ts'
import { isPlainType } from './duties.ts'
import { matchEntry } from './entry-match.ts'
import { entryBytesMax, readEntry } from './entry-reader.ts'
import type { Entry } from './entry.ts'
import type { InForceAtEnd } from './export-signer.ts'
import { headWords } from './head-words.ts'
import { createKnownCheckpoints, type Known } from './known-checkpoint.ts'
import { appendLeaf, emptyTree, leafHash, treeRoot } from './merkle.ts'
import { verifySignedNote } from './note.ts'
import { createProblemList } from './problems.ts'
import { createRecentHeads } from './recent-heads.ts'
import { createRecordCheck } from './record-check.ts'
import type { StoredRecord } from './records.ts'
import type { VerifyReport } from './report.ts'

export interface LogVerifierOptions extends Known {
  /** Canonical bytes of every `{manifest, signatures}`, version 1 first. */
  readonly manifests: readonly Uint8Array[]
  /** True when records will be given: every newest sealed version must then be among them. */
  readonly withRecords: boolean
  /** Told of every entry that has the form of one, at its place in the log, sound or not. */
  readonly onEntry?: (entry: Entry, place: number) => void
}

export interface LogEnd {
  /** Origin of the log's checkpoints; null when entry 0 does not say. */
  readonly origin: string | null
  readonly activeKey: Uint8Array
  /** Manifest in force then. */
  readonly inForce: InForceAtEnd | undefined
}

export interface LogVerifier {
  /** Entries so far. */
  readonly size: () => number
  /** The next entry's exact bytes. */
  readonly addEntry: (bytes: Uint8Array) => void
  /** A signed note, to be given as soon as its size is reached (and the ones beyond the log after the last entry). */
  readonly addCheckpoint: (note: string) => void
  /** A sealed record, after the last entry. */
  readonly addRecord: (record: StoredRecord) => void
  /** Whose log it is, and the station key active at its end. */
  readonly end: () => LogEnd
  /** What is known so far, as if the log ended here. May be called again after more was added. */
  readonly report: () => VerifyReport
}

/** A verifier for one log. Never throws on what it is fed. */
export function createLogVerifier(primitives: Primitives, options: LogVerifierOptions): LogVerifier {
  const problems = createProblemList()
  const heads = createRecentHeads(primitives)
  const known = createKnownCheckpoints(primitives, options)
  const check = createEntryCheck(primitives, {
    manifests: options.manifests,
    heads,
    report: problems.add,
    hasGaps: false,
    onSealed: (credential, sealed) => {
      if (options.withRecords) records.expect(credential, sealed)
    },
    onDestroyed: (credential, version) => {
      if (options.withRecords) records.forget(credential, version)
    },
  })
  const { manifests, succession } = check
  const records = createRecordCheck(primitives, manifests.nameOf, problems.add)

  let tree = emptyTree
  let lastAt: string | null = null
  /** The last entry that was passed without being read since, and where its `at` stands. */
  let lastPassed: Uint8Array | null = null
  let lastPassedAt = 0
  let checkpoints = 0
  /** Size of the newest checkpoint, valid or not: the head must be covered. */
  let covered = 0
  let trustworthy = 0
  let rootsDiffer = false
  let leaf = new Uint8Array(32)
  heads.add(tree, leaf)

  /** Most entries bind nobody: those that stand where they must are checked from their bytes, and never become objects. */
  function passPlain(bytes: Uint8Array, previousLeaf: Uint8Array): boolean {
    if (options.onEntry !== undefined || bytes.length > entryBytesMax) return false
    const matched = matchEntry(bytes, true)
    if (matched === null || !isPlainType(matched.type)) return false
    if (!succession.pass(bytes, matched, previousLeaf)) return false
    lastPassed = bytes
    lastPassedAt = matched.at
    return true
  }

  function addEntry(bytes: Uint8Array): void {
    const previousLeaf = leaf
    leaf = leafHash(primitives, bytes)
    if (!passPlain(bytes, previousLeaf)) {
      const reading = readEntry(bytes)
      if (reading.ok) {
        const entry = reading.value
        check.take(entry, toBase64Url(previousLeaf), trustworthy)
        options.onEntry?.(entry, tree.size)
        lastAt = entry.at
        lastPassed = null
      } else {
        check.skip(reading.code)
      }
    }
    tree = appendLeaf(primitives, tree, leaf)
    heads.add(tree, leaf)
    known.observe(tree, succession.activeKey())
  }

  function addCheckpoint(note: string): void {
    checkpoints++
    const checkpoint = parseCheckpoint(note)
    if (checkpoint?.origin !== succession.origin()) {
      problems.add('checkpoint-malformed', null, `checkpoint ${checkpoints} is not a checkpoint of this log`)
      return
    }
    const { size } = checkpoint
    if (size > tree.size) {
      problems.add('checkpoint-beyond-log', null, `a checkpoint of ${size} entries, but ${tree.size} are here`)
      return
    }
    if (size < tree.size || size <= covered) {
      problems.add('checkpoint-malformed', size - 1, `the checkpoint of size ${size} is out of order`)
      return
    }
    covered = size
    const key = { name: checkpoint.origin, publicKey: succession.activeKey() }
    if (!verifySignedNote(primitives, checkpoint.note, key)) {
      problems.add(
        'checkpoint-signature-invalid',
        size - 1,
        `the checkpoint of size ${size} is not signed by the station's key`,
      )
      return
    }
    if (!sameBytes(treeRoot(primitives, tree), checkpoint.root)) {
      // Every later root differs too: one report is enough.
      if (!rootsDiffer) {
        problems.add('checkpoint-root-mismatch', size - 1, `the first ${size} entries are not those that were signed`)
      }
      rootsDiffer = true
      return
    }
    if (succession.isSound()) trustworthy = size
  }

  function report(): VerifyReport {
    const final = createProblemList()
    for (const problem of problems.list()) final.add(problem.code, problem.seq, problem.detail)
    const size = tree.size
    if (size === 0) final.add('log-empty', null, 'there is no entry')
    else if (covered < size) {
      final.add('checkpoint-missing', covered, `no checkpoint covers the entries from ${covered} on`)
    }
    check.reportUnused(final.add)
    if (options.withRecords) records.reportMissing(final.add)
    const root = size === 0 ? null : toBase64Url(treeRoot(primitives, tree))
    return {
      kind: 'whole',
      integrity: {
        verdict: final.list().length === 0 ? 'intact' : 'broken',
        problems: final.list(),
        trustworthy,
      },
      completeness: known.judge(succession.origin(), size),
      size,
      root,
      words: root === null ? [] : headWords(primitives, { size, root }),
      lastAt: lastPassed === null ? lastAt : fromUtf8(lastPassed.subarray(lastPassedAt, lastPassedAt + 24)),
      checked: {
        entries: size,
        checkpoints,
        taps: check.tapCount(),
        manifests: options.manifests.length,
        records: records.count(),
        ...(check.minutesCount() === 0 ? {} : { minutes: check.minutesCount() }),
      },
      export: null,
    }
  }

  return {
    size: () => tree.size,
    addEntry,
    addCheckpoint,
    addRecord: records.add,
    end: () => ({
      origin: succession.origin(),
      activeKey: succession.activeKey(),
      inForce: manifests.inForce(),
    }),
    report,
  }
}
