/** Pages of the log for people: newest first, filtered in SQL, entries parsed from the bytes that were hashed. */
import { fromUtf8 } from '../../../shared/bytes.ts'
import { entrySchema, type Entry } from '../../../shared/audit/entry.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input, Output } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import type { SqlValue, Statements } from '../store/driver.ts'

/**
 * An entry from a row's `bytes`.
 * @throws HalliganError LOG_INVALID when they are not an entry
 */
export function readEntry(bytes: unknown): Entry {
  try {
    if (bytes instanceof Uint8Array) return entrySchema.parse(JSON.parse(fromUtf8(bytes)))
  } catch (error) {
    throw new HalliganError('LOG_INVALID', {}, error)
  }
  throw new HalliganError('LOG_INVALID')
}

/** {@link readEntry} where a damaged entry, which the verification at open names, must not keep the rest from being read. */
export function readEntryOrNull(bytes: unknown): Entry | null {
  try {
    return readEntry(bytes)
  } catch {
    return null
  }
}

type Filter = Input<typeof appContract, 'timeline.find'>['filter']

interface Condition {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

/** What `filter` asks of a row; none when every entry fits. */
function conditionsOf(filter: Filter): Condition[] {
  const { types, person, credential, text, from, before } = filter
  const conditions: Condition[] = []
  const add = (sql: string, ...values: SqlValue[]): void => void conditions.push({ sql, values })
  if (types.length > 0) add(`type IN (${types.map(() => '?').join(', ')})`, ...types)
  if (person !== null) add('person = ?', person)
  if (credential !== null) add('credential = ?', credential)
  // The column is lower case already, so no pattern is needed: twice as fast as LIKE, and nothing to escape.
  if (text !== '') add('instr(words, ?) > 0', text.toLowerCase())
  if (from !== null) add('at >= ?', from)
  if (before !== null) add('at < ?', before)
  return conditions
}

const whereOf = (conditions: readonly Condition[]): string =>
  conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`

/** Numbers of the entries that fit, newest first. One text for all of them: a row for each costs the driver ten times as much. */
export async function findEntries(
  statements: Pick<Statements, 'get'>,
  { filter }: Input<typeof appContract, 'timeline.find'>,
): Promise<Output<typeof appContract, 'timeline.find'>> {
  const newest = (await statements.get('SELECT MAX(seq) AS seq FROM entries'))?.['seq']
  const size = typeof newest === 'number' ? newest + 1 : 0
  const conditions = conditionsOf(filter)
  if (conditions.length === 0) return { size, seqs: null }
  // What is added meanwhile is found the next time: the list says how long the log was.
  const until: Condition = { sql: 'seq < ?', values: [size] }
  const all = [until, ...conditions]
  const row = await statements.get(
    `SELECT group_concat(seq) AS seqs FROM (SELECT seq FROM entries ${whereOf(all)} ORDER BY seq DESC LIMIT ?)`,
    ...all.flatMap(({ values }) => values),
    limits.timelineFound,
  )
  const text = row?.['seqs']
  const found = typeof text === 'string' ? text.split(',') : []
  return { size, seqs: Uint32Array.from(found, Number) }
}

/** One page, and whether there is more before it. */
export async function readTimeline(
  statements: Pick<Statements, 'all'>,
  { before, limit, filter }: Input<typeof appContract, 'timeline.page'>,
): Promise<Output<typeof appContract, 'timeline.page'>> {
  const older: Condition[] = before === null ? [] : [{ sql: 'seq < ?', values: [before] }]
  const conditions = [...older, ...conditionsOf(filter)]
  const rows = await statements.all(
    `SELECT bytes FROM entries ${whereOf(conditions)} ORDER BY seq DESC LIMIT ?`,
    ...conditions.flatMap(({ values }) => values),
    // One more than asked for answers whether there is more.
    limit + 1,
  )
  return { entries: rows.slice(0, limit).map(({ bytes }) => readEntry(bytes)), more: rows.length > limit }
}
