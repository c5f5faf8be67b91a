/** Pages of the log for people: newest first, filtered in SQL, entries parsed from the bytes that were hashed. */
import { fromUtf8 } from '../../../shared/bytes.ts'
import { entrySchema, type Entry } from '../../../shared/audit/entry.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input, Output } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
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

/** `text` as a LIKE pattern that matches it anywhere, its own wildcards escaped with a backslash. */
const containing = (text: string): string => `%${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`

/** One page, and whether there is more before it. */
export async function readTimeline(
  statements: Pick<Statements, 'all'>,
  { before, limit, filter }: Input<typeof appContract, 'timeline.page'>,
): Promise<Output<typeof appContract, 'timeline.page'>> {
  const conditions: string[] = []
  const values: SqlValue[] = []
  const add = (condition: string, ...more: SqlValue[]): void => {
    conditions.push(condition)
    values.push(...more)
  }
  if (before !== null) add('seq < ?', before)
  if (filter.types.length > 0) add(`type IN (${filter.types.map(() => '?').join(', ')})`, ...filter.types)
  if (filter.person !== null) add('person = ?', filter.person)
  if (filter.credential !== null) add('credential = ?', filter.credential)
  if (filter.text !== '') add(String.raw`words LIKE ? ESCAPE '\'`, containing(filter.text))
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const rows = await statements.all(
    `SELECT bytes FROM entries ${where} ORDER BY seq DESC LIMIT ?`,
    ...values,
    // One more than asked for answers whether there is more.
    limit + 1,
  )
  return { entries: rows.slice(0, limit).map(({ bytes }) => readEntry(bytes)), more: rows.length > limit }
}
