/** The short signed text about a request that leaves with the people when there is no network. */
import { describeRequest, type GrantedEntry, type OpenedEntry } from '../../../shared/audit/alert-source.ts'
import { shortenFacts } from '../../../shared/audit/alert-text.ts'
import { headWords } from '../../../shared/audit/head-words.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { readEntryOrNull } from '../audit/timeline.ts'
import type { VaultContext } from '../context.ts'
import type { OpenVault } from '../open-vault.ts'

type TextMeans = Pick<VaultContext, 'log' | 'primitives'>

/** Writes and signs the text from the entries themselves, over the log's present head. @param granted null: not yet */
export function writeRequestText(
  { log, primitives }: TextMeans,
  opened: OpenedEntry,
  granted: GrantedEntry | null,
): string {
  const { vaultName: vault, stationName: station } = log.genesis
  const head = log.head()
  const source = { ...describeRequest({ vault, station }, opened, granted), size: head.size }
  return log.signAlert(shortenFacts(source, headWords(primitives, head)))
}

/**
 * The text about a request of this log, as it stands now.
 * @throws HalliganError REQUEST_UNKNOWN, VAULT_DAMAGED {reason: log-frozen}
 */
export async function findRequestText({ context, history }: OpenVault, request: string): Promise<string> {
  const known = history.find(request)
  if (known === undefined) throw new HalliganError('REQUEST_UNKNOWN')
  const rows = await context.store.database.all(
    `SELECT bytes FROM entries WHERE type IN ('request.opened', 'request.granted') AND credential = ? ORDER BY seq DESC LIMIT 1000`,
    known.credential,
  )
  let opened: OpenedEntry | undefined
  let granted: GrantedEntry | null = null
  for (const { bytes } of rows) {
    const entry = readEntryOrNull(bytes)
    if (entry?.type === 'request.granted' && entry.data.request === request) granted = entry
    if (entry?.type === 'request.opened' && entry.data.statement.request === request) opened = entry
    if (opened !== undefined) break
  }
  if (opened === undefined) throw new HalliganError('REQUEST_UNKNOWN')
  return writeRequestText(context, opened, granted)
}
