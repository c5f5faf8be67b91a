/**
 * The verifier of a part: some entries of a log, each with its proof of inclusion in the one that a checkpoint signs
 * (docs/format.md, section 8, "A part"). In flat memory but for 16 bytes an entry, and the ids of the requests and credentials that they name.
 */
import { fromBase64Url, toBase64Url } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { createEntryCheck } from './entry-check.ts'
import { readEntry } from './entry-reader.ts'
import type { Entry } from './entry.ts'
import { headWords } from './head-words.ts'
import { createKnownOfPart, type Known } from './known-checkpoint.ts'
import { emptyRoot, leafHash } from './merkle.ts'
import { verifySignedNote } from './note.ts'
import { createPartChoice } from './part-choice.ts'
import { readProof, type PartProof } from './part-proof.ts'
import { createProblemList } from './problems.ts'
import { rootsBeside, verifyConsistency, verifyInclusion } from './proofs.ts'
import type { VerifyReport } from './report.ts'
import type { Selection } from '../domain/selection.ts'
import { headsOf } from './selection.ts'
import type { LogEnd } from './verify.ts'

export interface PartVerifierOptions extends Known {
  /** Canonical bytes of every `{manifest, signatures}`, version 1 first. */
  readonly manifests: readonly Uint8Array[]
  /** Every note of `checkpoints.txt`: there must be one. */
  readonly checkpoints: readonly string[]
  /** What the part says it was asked for; null when that cannot be read. */
  readonly selection: Selection | null
}

export interface PartVerifier {
  /** The next entry shown, and its line of `proofs.jsonl`; undefined when there is none. */
  readonly add: (bytes: Uint8Array, proofLine: Uint8Array | undefined) => void
  /** A line of `proofs.jsonl` for which there is no entry. */
  readonly addStrayProof: () => void
  readonly end: () => LogEnd
  /** Call once, after the last entry. `selected`: counted, null without a selection. */
  readonly report: () => { readonly report: VerifyReport; readonly selected: number | null }
}

/** A verifier for one part. Never throws on what it is fed. */
export function createPartVerifier(primitives: Primitives, options: PartVerifierOptions): PartVerifier {
  const problems = createProblemList()
  const [note] = options.checkpoints
  const checkpoint = note === undefined ? null : parseCheckpoint(note)
  const size = checkpoint?.size ?? 0
  const root = new Uint8Array(checkpoint?.root ?? emptyRoot(primitives))
  const known = createKnownOfPart(primitives, options)
  if (checkpoint !== null) known.observe(size, root)
  /** Heads that the entry in hand speaks of and its proofs show to be of this log. */
  let heads: ReadonlyMap<number, string> = new Map()
  const check = createEntryCheck(primitives, {
    manifests: options.manifests,
    heads: { rootAt: (at) => heads.get(at), leafAt: () => undefined },
    report: problems.add,
    hasGaps: true,
    onSealed: () => undefined,
    onDestroyed: () => undefined,
  })
  const choice = options.selection === null ? null : createPartChoice(options.selection)
  let leaf = new Uint8Array(32)
  let shown = 0
  let proved = 0
  let lastAt: string | null = null

  /** True when the proof leads from this leaf to the checkpoint. */
  function proveEntry({ seq, path }: PartProof): boolean {
    const claim = { leaf, index: seq, size, root }
    const hashes = path.map(fromBase64Url)
    if (!verifyInclusion(primitives, claim, hashes)) return false
    const { before, after } = rootsBeside(primitives, claim, hashes)
    known.observe(seq, before)
    known.observe(seq + 1, after)
    return true
  }

  /** Proves the heads that an entry speaks of. @returns false when one is not proved */
  function proveHeads(entry: Entry, proofs: PartProof['heads']): boolean {
    const claimed = headsOf(entry)
    const proven = new Map<number, string>()
    heads = proven
    let all = claimed.length === proofs.length
    for (const [at, head] of claimed.entries()) {
      const older = { size: head.size, root: fromBase64Url(head.root) }
      const hashes = (proofs[at] ?? []).map(fromBase64Url)
      if (verifyConsistency(primitives, older, { size, root }, hashes)) {
        proven.set(head.size, head.root)
        known.observe(older.size, older.root)
      } else all = false
    }
    return all
  }

  function prove(entry: Entry | null, line: Uint8Array | undefined): number | undefined {
    const reading = line === undefined ? null : readProof(line)
    const proof = reading?.ok === true ? reading.value : null
    const seq = entry?.seq ?? proof?.seq ?? null
    heads = new Map()
    if (proof === null || (entry !== null && entry.seq !== proof.seq)) {
      problems.add('proof-invalid', seq, 'its line of proofs.jsonl is missing, malformed or of another entry')
      return proof?.seq
    }
    if (proveEntry(proof)) proved++
    else problems.add('proof-invalid', seq, 'its proof does not lead to the checkpoint')
    if (entry !== null && !proveHeads(entry, proof.heads)) {
      problems.add('proof-invalid', seq, 'a head that it speaks of is not proved to be one of this log')
    }
    return proof.seq
  }

  function checkCheckpoint(): boolean {
    const count = options.checkpoints.length
    const origin = check.succession.origin()
    if (count === 0) {
      problems.add('checkpoint-missing', 0, 'there is no checkpoint that the proofs could lead to')
      return false
    }
    if (count > 1 || checkpoint?.origin !== origin) {
      problems.add('checkpoint-malformed', null, 'a part has one checkpoint, of its own log')
      return false
    }
    const key = { name: checkpoint.origin, publicKey: check.succession.activeKey() }
    if (verifySignedNote(primitives, checkpoint.note, key)) return true
    const detail = `the checkpoint of size ${size} is not signed by the station's key`
    problems.add('checkpoint-signature-invalid', size - 1, detail)
    return false
  }

  function countSelected(): number | null {
    const chosen = choice?.finish() ?? null
    if (chosen === null) return null
    const stray = shown - chosen.shown.length
    if (stray > 0)
      problems.add('export-mismatch', null, `${stray} entries are shown that its selection does not call for`)
    return chosen.selected
  }

  return {
    add: (bytes, line) => {
      const reading = readEntry(bytes)
      const previousLeaf = leaf
      leaf = leafHash(primitives, bytes)
      shown++
      const entry = reading.ok ? reading.value : null
      const seq = prove(entry, line)
      if (entry === null) {
        check.skip(reading.ok ? 'malformed' : reading.code, seq)
        return
      }
      check.take(entry, toBase64Url(previousLeaf), 0)
      choice?.add(entry)
      lastAt = entry.at
    },
    addStrayProof: () => {
      problems.add('proof-invalid', null, 'a proof without its entry')
    },
    end: () => ({
      origin: check.succession.origin(),
      activeKey: check.succession.activeKey(),
      inForce: check.manifests.inForce(),
    }),
    report: () => {
      if (shown === 0) problems.add('log-empty', null, 'there is no entry')
      const isSigned = checkCheckpoint()
      check.reportUnused(problems.add)
      const selected = countSelected()
      const found = problems.list()
      const head = checkpoint === null ? null : { size, root: toBase64Url(root) }
      const report: VerifyReport = {
        kind: 'part',
        integrity: {
          verdict: found.length === 0 ? 'intact' : 'broken',
          problems: found,
          trustworthy: isSigned ? proved : 0,
        },
        completeness: known.judge(check.succession.origin(), size),
        size,
        root: head?.root ?? null,
        words: head === null ? [] : headWords(primitives, head),
        lastAt,
        checked: {
          entries: shown,
          checkpoints: options.checkpoints.length,
          taps: check.tapCount(),
          manifests: options.manifests.length,
          records: 0,
          ...(check.minutesCount() === 0 ? {} : { minutes: check.minutesCount() }),
        },
        export: null,
      }
      return { report, selected }
    },
  }
}
