/** Writes a log as docs/format.md says: entries in their place, checkpoints, the ratchet. Knows nothing of duties. */
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import type { Actor, EntryData, EntryType } from '../../../shared/audit/entry.ts'
import { logOrigin, signCheckpoint } from '../../../shared/audit/checkpoint.ts'
import { appendLeaf, emptyTree, leafHash, treeRoot, type MerkleTree } from '../../../shared/audit/merkle.ts'
import { stationKeyMessage } from '../../../shared/audit/ratchet.ts'
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { LogHead } from '../../../shared/domain/statements.ts'
import { createStationKey, type ByteSource } from './test-keys.ts'

/** Everything that a verifier is given. */
export interface TestLog {
  entries: Uint8Array[]
  checkpoints: string[]
  manifests: Uint8Array[]
}

export type LogWriter = ReturnType<typeof createLogWriter>

const station: Actor = { kind: 'station' }
const start = Date.UTC(2026, 10, 23, 3, 0, 0)

/** @param checkpointEvery how many entries share one checkpoint; the last entry always gets one from `finish`. */
export function createLogWriter(bytes: ByteSource, checkpointEvery = 1) {
  const newId = (): string => toBase64Url(bytes(16))
  const vault = newId()
  const stationId = newId()
  const origin = logOrigin(vault, stationId)
  const entries: Uint8Array[] = []
  const checkpoints: string[] = []
  let stationKey = createStationKey(bytes)
  const firstKey = stationKey.key
  let boot = newId()
  let tree: MerkleTree = emptyTree
  let leaf = new Uint8Array(32)
  let covered = 0
  let clock = 0
  /** How far the wall clock was set from where it would be. */
  let wallOffset = 0
  let forgedAt: string | null = null
  const now = (): string => forgedAt ?? toTimestamp(start + clock + wallOffset)

  const tick = (): void => {
    clock += 1 + (bytes(1)[0] ?? 0)
  }

  function checkpoint(): void {
    if (covered === tree.size) return
    const body = { origin, size: tree.size, root: treeRoot(nodePrimitives, tree) }
    checkpoints.push(signCheckpoint(nodePrimitives, body, stationKey.publicKey, stationKey.sign))
    covered = tree.size
  }

  function append<T extends EntryType>(type: T, data: EntryData<T>, actor: Actor = station): number {
    tick()
    const seq = tree.size
    const entry = {
      seq,
      at: now(),
      monotonic: clock,
      boot,
      station: stationId,
      actor,
      prev: toBase64Url(leaf),
      type,
      data,
    }
    const entryBytes = canonicalBytes(entry)
    forgedAt = null
    entries.push(entryBytes)
    leaf = leafHash(nodePrimitives, entryBytes)
    tree = appendLeaf(nodePrimitives, tree, leaf)
    if (tree.size - covered >= checkpointEvery) checkpoint()
    return seq
  }

  function rotate(): void {
    checkpoint()
    const previous = stationKey
    boot = newId()
    stationKey = createStationKey(bytes)
    const place = { vault, station: stationId, boot, seq: tree.size, prev: toBase64Url(leaf), key: stationKey.key }
    append('log.key-rotated', {
      key: stationKey.key,
      previousKey: previous.key,
      signature: toBase64Url(previous.sign(stationKeyMessage(place))),
    })
  }

  return {
    vault,
    station: stationId,
    firstKey,
    entries,
    checkpoints,
    newId,
    bytes,
    append,
    /** A new start of the app: the ratchet turns. */
    rotate,
    checkpoint,
    /** Time passes in which nothing is written. */
    wait: (ms: number): void => {
      clock += ms
    },
    /** Somebody sets the wall clock; the monotonic one goes on. */
    setWall: (byMs: number): void => {
      wallOffset += byMs
    },
    /** What the next entry says as its time. */
    forgeAt: (at: string): void => {
      forgedAt = at
    },
    head: (): LogHead => ({ size: tree.size, root: toBase64Url(treeRoot(nodePrimitives, tree)) }),
    now,
    stationKey: () => stationKey,
    leafOf: (seq: number): Uint8Array => leafHash(nodePrimitives, entries[seq] ?? new Uint8Array(0)),
    begin: (name: string): void => {
      append('vault.created', { vault, name, station: 'ops-desk', key: firstKey })
    },
    nonce: (): string => toBase64Url(bytes(32)),
    fromId: fromBase64Url,
  }
}
