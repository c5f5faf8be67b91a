/** What somebody can do to a log: with an editor, or with a station key. */
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { logOrigin, signCheckpoint } from '../../../shared/audit/checkpoint.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import { appendLeaf, emptyTree, leafHash, treeRoot } from '../../../shared/audit/merkle.ts'
import { fromUtf8, toBase64Url } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import type { TestLog } from './log-writer.ts'
import { createByteSource, createStationKey, type StationKey } from './test-keys.ts'

export const copyLog = (log: TestLog): TestLog => ({
  entries: [...log.entries],
  checkpoints: [...log.checkpoints],
  manifests: [...log.manifests],
})

export const parseEntry = (bytes: Uint8Array): Entry => JSON.parse(fromUtf8(bytes)) as Entry

/** Edits one entry's JSON, leaving the rest of the log alone. */
export function editEntry(log: TestLog, seq: number, change: (entry: Record<string, unknown>) => void): void {
  const entry = parseEntry(log.entries[seq]!) as unknown as Record<string, unknown>
  change(entry)
  log.entries[seq] = canonicalBytes(entry)
}

/** What an attacker with a station key can do: links, tree and checkpoints made anew from `from` on. */
export function relink(log: TestLog, from: number, key: StationKey): void {
  let tree = emptyTree
  let leaf = new Uint8Array(32)
  log.checkpoints = log.checkpoints.slice(0, from)
  for (const [at, bytes] of log.entries.entries()) {
    if (at >= from) log.entries[at] = canonicalBytes({ ...parseEntry(bytes), seq: at, prev: toBase64Url(leaf) })
    leaf = leafHash(nodePrimitives, log.entries[at]!)
    tree = appendLeaf(nodePrimitives, tree, leaf)
    const { vault } = parseEntry(log.entries[0]!).data as { vault: string }
    const origin = logOrigin(vault, parseEntry(log.entries[0]!).station)
    const body = { origin, size: at + 1, root: treeRoot(nodePrimitives, tree) }
    if (at >= from) log.checkpoints.push(signCheckpoint(nodePrimitives, body, key.publicKey, key.sign))
  }
}

/** A key that this log never knew. */
export const stranger = (): StationKey => createStationKey(createByteSource('stranger'))
