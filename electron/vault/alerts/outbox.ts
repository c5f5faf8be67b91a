/**
 * Alerts that no receiver has taken yet, one row for each entry and channel. A row comes with its entry, in one transaction, and
 * goes with the entry that says what became of it: neither can be lost without the other.
 */
import { z } from 'zod'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { AlertSettings } from '../../../shared/domain/alert.ts'
import { countSchema, hashSchema, idSchema } from '../../../shared/domain/forms.ts'
import type { LogHead } from '../../../shared/domain/statements.ts'
import type { Statements } from '../store/driver.ts'
import { judgeEntry, routeAlert, type SafeOfRequest } from './events.ts'

const rowSchema = z.object({
  channel: idSchema,
  cause: countSchema,
  size: countSchema,
  root: hashSchema,
  attempts: countSchema,
  /** True when a failure of it is on record. */
  failed: z.literal([0, 1]).transform((failed) => failed === 1),
})
export type OutboxRow = z.infer<typeof rowSchema>

export interface Outbox {
  /** The oldest that waits for `channel`. */
  readonly next: (channel: string) => Promise<OutboxRow | null>
  /** Oldest first. */
  readonly list: (max: number) => Promise<readonly OutboxRow[]>
  /** How many wait, by channel. */
  readonly count: () => Promise<ReadonlyMap<string, number>>
}

const columns = 'channel, cause, size, root, attempts, failed'

export const createOutbox = (database: Pick<Statements, 'get' | 'all'>): Outbox => ({
  next: async (channel) => {
    const row = await database.get(
      `SELECT ${columns} FROM alert_outbox WHERE channel = ? ORDER BY cause LIMIT 1`,
      channel,
    )
    return row === undefined ? null : rowSchema.parse(row)
  },
  list: async (max) => {
    const rows = await database.all(`SELECT ${columns} FROM alert_outbox ORDER BY cause, channel LIMIT ?`, max)
    return rows.map((row) => rowSchema.parse(row))
  },
  count: async () => {
    const rows = await database.all('SELECT channel, COUNT(*) AS n FROM alert_outbox GROUP BY channel')
    return new Map(rows.map(({ channel, n }) => [String(channel), Number(n)]))
  },
})

/** Removes a row that is settled. Belongs into the transaction of the entry that says so. */
export const settleRow = async (statements: Statements, { channel, cause }: OutboxRow): Promise<void> => {
  await statements.run('DELETE FROM alert_outbox WHERE channel = ? AND cause = ?', channel, cause)
}

/** Remembers that a failure is on record. Belongs into the transaction of that entry. */
export const markFailed = async (
  statements: Statements,
  { channel, cause }: OutboxRow,
  attempts: number,
): Promise<void> => {
  await statements.run(
    'UPDATE alert_outbox SET failed = 1, attempts = ? WHERE channel = ? AND cause = ?',
    attempts,
    channel,
    cause,
  )
}

/**
 * Puts what somebody must be alerted of into the outbox. Runs within every append; without channels it does nothing.
 * @param head after the entries
 */
export async function queueAlerts(
  statements: Statements,
  settings: AlertSettings | undefined,
  safeOf: SafeOfRequest,
  entries: readonly Entry[],
  { size, root }: LogHead,
): Promise<void> {
  if (settings === undefined) return
  // A request and what became of it may stand in one commit.
  const opened = new Map(
    entries.flatMap((entry) =>
      entry.type === 'request.opened' ? [[entry.data.statement.request, entry.data.statement.safe] as const] : [],
    ),
  )
  const rows = entries.flatMap((entry) => {
    const about = judgeEntry(entry, (request) => opened.get(request) ?? safeOf(request))
    if (about === null) return []
    return routeAlert(settings, about).map((channel) => [channel, entry.seq, size, root, 0, 0])
  })
  const [first] = entries
  if (rows.length === 0 || first === undefined) return
  // A row about an entry that is only now written was planted: it must not make the entry, and what waits for it, fail.
  await statements.run('DELETE FROM alert_outbox WHERE cause >= ?', first.seq)
  await statements.insertRows(`alert_outbox (${columns})`, rows)
}
