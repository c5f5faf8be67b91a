/** What became of an alert, in the log: the entry and the outbox's row change in one transaction. */
import type { ChannelSettings } from '../../../shared/domain/alert.ts'
import { stationActor, type VaultContext } from '../context.ts'
import type { AlertReader } from './alert-facts.ts'
import type { AlertNotes } from './channel-worker.ts'
import { markFailed, settleRow } from './outbox.ts'
import type { Proof } from './proofs.ts'

interface Listener {
  readonly onProven: (proof: Proof) => void
  /** A row waits no more. */
  readonly onSettled: () => Promise<void>
}

/** The notes that the worker of one channel takes. */
export const createAlertNotes = (
  { log, reader }: { readonly log: VaultContext['log']; readonly reader: AlertReader },
  { id: channel, name }: ChannelSettings,
  { onProven, onSettled }: Listener,
): AlertNotes => ({
  delivered: async (row, attempts, receipt) => {
    const { event } = (await reader.about(row.cause)).about
    const data = { cause: row.cause, event, channel, name, attempts, receipt }
    const [entry] = await log.append([{ type: 'alert.delivered', actor: stationActor, data }], (statements) =>
      settleRow(statements, row),
    )
    if (entry !== undefined) onProven({ at: entry.at, receipt })
    await onSettled()
  },
  failed: async (row, attempts, code, final) => {
    // Of an entry that cannot be read any more it is only known that somebody should have heard of it.
    const event = await reader.about(row.cause).then(
      ({ about }) => about.event,
      () => 'log-failed' as const,
    )
    const data = { cause: row.cause, event, channel, name, attempts, code, final }
    await log.append([{ type: 'alert.failed', actor: stationActor, data }], (statements) =>
      final ? settleRow(statements, row) : markFailed(statements, row, attempts),
    )
    if (final) await onSettled()
  },
})
