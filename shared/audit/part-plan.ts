/**
 * Makes the plan of a partial export: which entries it shows and their proofs, from one pass over the whole log. About 100
 * bytes of memory an entry.
 */
import { fromUtf8, toBase64Url } from '../bytes.ts'
import type { LogHead } from '../domain/statements.ts'
import { HalliganError } from '../errors.ts'
import type { Primitives } from '../primitives.ts'
import { proveConsistency, proveInclusion } from './proofs.ts'
import { createPartChoice } from './part-choice.ts'
import { proofLine } from './part-proof.ts'
import type { Selection } from '../domain/selection.ts'
import { headsOf, type SelectableEntry } from './selection.ts'
import { createTreeNodes } from './tree-nodes.ts'

export interface PartPlan {
  /** Head that the proofs lead to. */
  readonly head: LogHead
  /** Sequence numbers of the entries to show, ascending. */
  readonly shown: readonly number[]
  /** How many of them were asked for; the others are what their check needs. */
  readonly selected: number
  /** The line of `proofs.jsonl` for an entry that is shown, with its newline. */
  readonly proofLine: (entryBytes: Uint8Array) => Uint8Array<ArrayBuffer>
}

export interface PartPlanner {
  /**
   * The next entry's exact bytes, from entry 0 on.
   * @throws HalliganError LOG_INVALID {seq} when they are no JSON object: a damaged log is exported whole or not at all
   */
  readonly add: (entryBytes: Uint8Array) => void
  /** The plan over everything that was added. */
  readonly finish: () => PartPlan
}

function parseEntry(bytes: Uint8Array, seq: number): SelectableEntry {
  try {
    const value = JSON.parse(fromUtf8(bytes)) as Partial<SelectableEntry> | null
    if (typeof value?.at === 'string' && typeof value.type === 'string') {
      return { at: value.at, type: value.type, actor: value.actor, data: value.data }
    }
  } catch {
    // Falls through to the same error.
  }
  throw new HalliganError('LOG_INVALID', { seq })
}

export function createPartPlanner(primitives: Pick<Primitives, 'sha256'>, selection: Selection): PartPlanner {
  const nodes = createTreeNodes(primitives)
  const choice = createPartChoice(selection)

  function prove(entryBytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const entry = JSON.parse(fromUtf8(entryBytes)) as SelectableEntry & { readonly seq: number }
    const size = nodes.size()
    // A head that this log never had cannot be proved; the verifier will say so.
    const heads = headsOf(entry).map((head) =>
      head.size <= size ? proveConsistency(nodes.rangeRoot, head.size, size) : [],
    )
    return proofLine({ seq: entry.seq, path: proveInclusion(nodes.rangeRoot, entry.seq, size), heads })
  }

  return {
    add: (entryBytes) => {
      const entry = parseEntry(entryBytes, nodes.size())
      nodes.add(entryBytes)
      choice.add(entry)
    },
    finish: () => {
      const size = nodes.size()
      return { head: { size, root: toBase64Url(nodes.rangeRoot(0, size)) }, ...choice.finish(), proofLine: prove }
    },
  }
}
