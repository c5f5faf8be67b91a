/** Reads what an alert is made of back from the log: nothing but numbers waits in the outbox. */
import type { Entry } from '../../../shared/audit/entry.ts'
import type { Names } from '../../../shared/audit/entry-sentences.ts'
import { headWords } from '../../../shared/audit/head-words.ts'
import type { AlertMessage } from '../../../shared/domain/alert.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { readEntry, readEntryOrNull } from '../audit/timeline.ts'
import type { VaultContext } from '../context.ts'
import type { Registry } from '../people/registry.ts'
import type { History } from '../requests/history.ts'
import { judgeEntry, type AlertAbout } from './events.ts'
import type { OutboxRow } from './outbox.ts'
import { composeAlert, type AlertFacts } from './texts.ts'

export interface FactsMeans {
  readonly context: VaultContext
  readonly registry: Pick<Registry, 'chain'>
  readonly history: Pick<History, 'find'>
}

export interface AlertReader {
  /** @throws HalliganError LOG_INVALID when its entry cannot be read, or is none that anybody is alerted of; STORAGE_* */
  readonly compose: (row: OutboxRow) => Promise<AlertMessage>
  /** As {@link AlertReader.compose}, of the entry alone. */
  readonly about: (cause: number) => Promise<{ readonly entry: Entry; readonly about: AlertAbout }>
}

/** How far back the opening entry of a request is looked for among those of its credential. */
const openingsMax = 50

const requestOf = ({ data }: Entry): string | null => {
  if ('request' in data) return data.request
  if ('statement' in data && 'request' in data.statement) return data.statement.request
  return null
}

export function createAlertReader({ context, registry, history }: FactsMeans): AlertReader {
  const { store, log, primitives, clock } = context
  const { genesis } = log
  const { database } = store

  function namesFor(entry: Entry): Names {
    const manifests = registry
      .chain()
      .map(({ manifest }) => manifest)
      .toReversed()
    const first = <T>(find: (manifest: (typeof manifests)[number]) => T | undefined): T | undefined => {
      for (const manifest of manifests) {
        const found = find(manifest)
        if (found !== undefined) return found
      }
      return undefined
    }
    const asked = requestOf(entry)
    const known = asked === null ? undefined : history.find(asked)
    return {
      person: (id) =>
        entry.actor.kind === 'person' && entry.actor.id === id
          ? entry.actor.name
          : (first(({ persons }) => persons.find((one) => one.id === id)?.name) ?? 'somebody no longer listed'),
      safe: (id) => first(({ safes }) => safes.find((one) => one.id === id)?.name) ?? 'a safe',
      credential: (id) => (known?.credential === id ? known.credentialName : 'a credential'),
      request: (id) => history.find(id)?.credentialName ?? 'a credential',
      failure: (code) => `(${code})`,
    }
  }

  async function findRequest(entry: Entry): Promise<AlertFacts['request']> {
    if (entry.type === 'request.opened') return entry.data
    const request = requestOf(entry)
    const known = request === null ? undefined : history.find(request)
    if (known === undefined) return null
    const rows = await database.all(
      `SELECT bytes FROM entries WHERE credential = ? AND type = 'request.opened' ORDER BY seq DESC LIMIT ${openingsMax}`,
      known.credential,
    )
    for (const { bytes } of rows) {
      const opened = readEntryOrNull(bytes)
      if (opened?.type === 'request.opened' && opened.data.statement.request === known.id) return opened.data
    }
    return null
  }

  function vetoersOf(safe: string | null): readonly string[] {
    const manifest = registry.chain().at(-1)?.manifest
    return manifest?.safes.find(({ id }) => id === safe)?.policy.delay?.vetoers ?? []
  }

  const about: AlertReader['about'] = async (cause) => {
    const row = await database.get('SELECT bytes FROM entries WHERE seq = ?', cause)
    const entry = readEntry(row?.['bytes'])
    const judged = judgeEntry(entry, (request) => history.find(request)?.safe)
    if (judged === null) throw new HalliganError('LOG_INVALID', { seq: cause })
    return { entry, about: judged }
  }

  return {
    about,
    compose: async ({ cause, channel, size, root }) => {
      const judged = await about(cause)
      return composeAlert({
        ...judged,
        channel,
        request: await findRequest(judged.entry),
        names: namesFor(judged.entry),
        vetoers: vetoersOf(judged.about.safe),
        vault: { id: genesis.vault, name: genesis.vaultName },
        station: genesis.stationName,
        head: { size, root },
        headWords: headWords(primitives, { size, root }),
        now: clock.wall(),
      })
    },
  }
}
