/** The end of the log at rest, and whether its few pieces agree: what this process continues, or refuses to. */
import { fromUtf8, sameBytes, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { logOrigin, parseCheckpoint } from '../../../shared/audit/checkpoint.ts'
import type { Entry, EntryData } from '../../../shared/audit/entry.ts'
import { leafHash, restoreTree, saveTree, treeRoot, type MerkleTree } from '../../../shared/audit/merkle.ts'
import { verifySignedNote } from '../../../shared/audit/note.ts'
import type { Primitives } from '../../../shared/primitives.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Row, SqlValue, Statements } from '../store/driver.ts'
import type { Tip } from './place-entries.ts'
import { readEntry } from './timeline.ts'

/** Entry 0: whose log this is. */
export interface Genesis {
  readonly vault: string
  readonly vaultName: string
  readonly station: string
  readonly stationName: string
  readonly createdAt: string
  /** First station key, base64url. */
  readonly firstKey: string
  readonly origin: string
}

/** @throws HalliganError LOG_INVALID when `entry` does not begin a log */
export function readGenesis(entry: Entry | undefined): Genesis {
  if (entry?.type !== 'vault.created' || entry.seq !== 0) throw new HalliganError('LOG_INVALID', { seq: 0 })
  const data: EntryData<'vault.created'> = entry.data
  return {
    vault: data.vault,
    vaultName: data.name,
    station: entry.station,
    stationName: data.station,
    createdAt: entry.at,
    firstKey: data.key,
    origin: logOrigin(data.vault, entry.station),
  }
}

/** Genesis of the log in the database, null when the log is empty (set-up was cut off at the first click). */
export async function loadGenesis(statements: Pick<Statements, 'get'>): Promise<Genesis | null> {
  const row = await statements.get('SELECT bytes FROM entries WHERE seq = 0')
  if (row !== undefined) return readGenesis(readEntry(row['bytes']))
  if ((await statements.get('SELECT 1 FROM entries LIMIT 1')) === undefined) return null
  throw new HalliganError('LOG_INVALID', { seq: 0 })
}

const bytesOf = (row: Row | undefined, column: string): Uint8Array<ArrayBuffer> => {
  const value = row?.[column]
  if (!(value instanceof Uint8Array)) throw new HalliganError('LOG_INVALID', { reason: column })
  return new Uint8Array(value)
}

/** The saved tree as it stands in `log_state`. */
export const treeToBytes = (tree: MerkleTree): Uint8Array<ArrayBuffer> => utf8(JSON.stringify(saveTree(tree).hashes))

function treeFromBytes(size: number, bytes: Uint8Array): MerkleTree {
  const hashes = JSON.parse(fromUtf8(bytes)) as string[]
  return restoreTree({ size, hashes })
}

/** Values for `INSERT OR REPLACE INTO log_state`. */
export const tipToRow = (tip: Tip): readonly SqlValue[] => [tip.tree.size, tip.last, treeToBytes(tip.tree)]

/**
 * Reads the end of the log and checks that state, last entry, newest checkpoint and station key belong together. Signing
 * on top of an end that does not hold would vouch for somebody else's work.
 * @returns the tip and the station's public key
 * @throws HalliganError LOG_INVALID {reason}
 */
export async function loadTip(
  statements: Pick<Statements, 'get'>,
  primitives: Primitives,
  origin: string,
): Promise<{ tip: Tip; publicKey: Uint8Array<ArrayBuffer> }> {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new HalliganError('LOG_INVALID', { reason }, cause)
  }
  const state = await statements.get('SELECT size, last, frontier FROM log_state')
  const newest = await statements.get('SELECT seq, bytes FROM entries ORDER BY seq DESC LIMIT 1')
  const note = (await statements.get('SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1'))?.['note']
  const publicKey = bytesOf(await statements.get('SELECT public FROM station_key'), 'public')
  const size = state?.['size']
  if (typeof size !== 'number' || newest?.['seq'] !== size - 1) return refuse('log-state')
  const last = leafHash(primitives, bytesOf(newest, 'bytes'))
  if (!sameBytes(last, bytesOf(state, 'last'))) refuse('last-entry')
  let tree: MerkleTree
  try {
    tree = treeFromBytes(size, bytesOf(state, 'frontier'))
  } catch (error) {
    return refuse('log-state', error)
  }
  const checkpoint = typeof note === 'string' ? parseCheckpoint(note) : null
  if (checkpoint?.origin !== origin || checkpoint.size !== size) return refuse('checkpoint')
  if (!sameBytes(checkpoint.root, treeRoot(primitives, tree))) refuse('checkpoint-root')
  if (!verifySignedNote(primitives, checkpoint.note, { name: origin, publicKey })) refuse('checkpoint-signature')
  const { at } = readEntry(bytesOf(newest, 'bytes'))
  return { tip: { tree, last, lastAt: at, clocks: null }, publicKey }
}

/** Leaf hash before entry 0. */
export const noLeaf = (): Uint8Array<ArrayBuffer> => new Uint8Array(32)

/** `prev` as entries carry it. */
export const prevOf = (tip: Tip): string => toBase64Url(tip.last)
