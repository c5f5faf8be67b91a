/** An alert text held against a log: which key signed it, and whether the entry that it names says the same. */
import { fromUtf8, toBase64Url } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { describeRequest, type GrantedEntry, type LogNames, type OpenedEntry } from './alert-source.ts'
import { alertKeyId, isAlertSigned, shortenFacts, type AlertText } from './alert-text.ts'
import { readEntry } from './entry-reader.ts'
import { headWords } from './head-words.ts'
import { appendLeaf, emptyTree, leafHash, treeRoot } from './merkle.ts'
import type { LogSource } from './verify-log.ts'

export interface AlertVerdict {
  /**
   * genuine: signed by a station key of this log. forged: signed by none of them, or changed since. key-unknown: the key that it
   * names is not in this log, which may end before it.
   */
  readonly signature: 'genuine' | 'forged' | 'key-unknown'
  /** What the log says otherwise, by the names that the text itself uses. */
  readonly differs: readonly string[]
  /** entry: whether the log (or the part of it) shows the entry that the text names; head: whether it reaches that far. */
  readonly shows: { readonly entry: boolean; readonly head: boolean }
}

/** Watches a log go by, and then says what it thinks of an alert text. */
export interface AlertWitness {
  /** The same source; every entry of it is looked at on its way. */
  readonly watch: (source: LogSource) => LogSource
  /** After all entries have gone by. Believe it only when the log's own report says that it is intact. */
  readonly judge: () => AlertVerdict
}

const wanted = ['vault.created', 'log.key-rotated', 'request.opened', 'request.granted']

/** @param isWhole false for a part of a log, whose heads cannot be worked out */
export function createAlertWitness(primitives: Primitives, alert: AlertText, isWhole: boolean): AlertWitness {
  const { facts } = alert
  const keys: { readonly key: string; readonly seq: number }[] = []
  const openedBy = new Map<string, OpenedEntry>()
  let names: LogNames | null = null
  let opened: OpenedEntry | null = null
  let granted: GrantedEntry | null = null
  let words: readonly string[] | null = null
  let tree = emptyTree

  function look(bytes: Uint8Array): void {
    if (isWhole && tree.size < facts.size) {
      tree = appendLeaf(primitives, tree, leafHash(primitives, bytes))
      if (tree.size === facts.size) {
        words = headWords(primitives, { size: facts.size, root: toBase64Url(treeRoot(primitives, tree)) })
      }
    }
    const text = decode(bytes)
    // Most entries are none of these: they need not be read.
    if (!wanted.some((type) => text.includes(`"type":"${type}"`))) return
    const reading = readEntry(bytes)
    if (!reading.ok) return
    const entry = reading.value
    switch (entry.type) {
      case 'vault.created':
        names = { vault: entry.data.name, station: entry.data.station }
        keys.push({ key: entry.data.key, seq: entry.seq })
        return
      case 'log.key-rotated':
        keys.push({ key: entry.data.key, seq: entry.seq })
        return
      case 'request.opened':
        openedBy.set(entry.data.statement.request, entry)
        if (entry.seq === facts.seq) opened = entry
        return
      case 'request.granted':
        if (entry.seq !== facts.seq) return
        granted = entry
        opened = openedBy.get(entry.data.request) ?? null
        return
      default:
        return
    }
  }

  function findSignature(): AlertVerdict['signature'] {
    const named = keys.filter(({ key }) => alertKeyId(key) === alert.keyId)
    if (named.length === 0) return 'key-unknown'
    return named.some(({ key }) => isAlertSigned(primitives, alert, key)) ? 'genuine' : 'forged'
  }

  /** The key that was active when the log was as long as the text says. */
  function isKeyOfItsTime(): boolean {
    const active = keys.findLast(({ seq }) => seq < facts.size)
    return active !== undefined && alertKeyId(active.key) === alert.keyId
  }

  function compareFacts(): string[] {
    if (opened === null || names === null) return []
    const said = shortenFacts({ ...describeRequest(names, opened, granted), size: facts.size }, facts.words)
    const pairs = [
      ['kind', said.kind === facts.kind],
      ['Vault', said.vault === facts.vault],
      ['What', said.credential === facts.credential],
      ['Who', said.who === facts.who],
      ['Why', said.why === facts.why],
      ['At', said.at === facts.at],
      ['Until', said.until === facts.until],
      ['Station', said.station === facts.station],
    ] as const
    return pairs.filter(([, same]) => !same).map(([name]) => name)
  }

  return {
    watch: (source) => ({
      ...source,
      entries: async function* () {
        for await (const batch of source.entries()) {
          for (const bytes of batch) look(bytes)
          yield batch
        }
      },
    }),
    judge: () => {
      const signature = findSignature()
      const differs = compareFacts()
      // The entry stood in the log before the text was written.
      if (facts.seq >= facts.size) differs.push('Entry')
      if (words !== null && words.join(' ') !== facts.words.join(' ')) differs.push('Head')
      if (signature === 'genuine' && words !== null && !isKeyOfItsTime()) differs.push('Sig')
      // There is an entry of that number, and it is about no request.
      if (words !== null && opened === null && !differs.includes('Entry')) differs.push('Entry')
      return { signature, differs, shows: { entry: opened !== null, head: words !== null } }
    },
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch {
    // Not text, so no entry: the verifier says so.
    return ''
  }
}
