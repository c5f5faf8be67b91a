import type { WaitingAlert } from '../../../shared/contracts/alert-views.ts'
import type { AlertReader } from './alert-facts.ts'
import type { createOutbox, OutboxRow } from './outbox.ts'

const listedMax = 500

/** What waits to be sent, with what it will say; without what cannot be read. @param attemptsOf tries that are in no row yet */
export async function listWaiting(
  {
    outbox,
    reader,
  }: { readonly outbox: Pick<ReturnType<typeof createOutbox>, 'list'>; readonly reader: Pick<AlertReader, 'compose'> },
  attemptsOf: (row: OutboxRow) => number,
): Promise<WaitingAlert[]> {
  const shown: WaitingAlert[] = []
  for (const row of await outbox.list(listedMax)) {
    const message = await reader.compose(row).catch(() => null)
    if (message === null) continue
    const { event, severity, title, at } = message
    const { cause, channel } = row
    shown.push({ cause, channel, event, severity, title, at, attempts: Math.max(row.attempts, attemptsOf(row)) })
  }
  return shown
}
