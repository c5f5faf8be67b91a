/** Entries as people read them in a table: the same sentences as the timeline's, with what they belong to. */
import type { Entry } from '../../../shared/audit/entry.ts'
import { entryTypeNames } from '../../../shared/audit/entry-names.ts'
import { describeEntry, type Names } from '../../../shared/audit/entry-sentences.ts'
import { fromUtf8 } from '../../../shared/bytes.ts'
import type { SignedManifest } from '../../../shared/contracts/strongroom.ts'

export interface ReportRow {
  readonly seq: number
  readonly at: string
  /** Who did it, by name; `Station` for what the machine did by itself. */
  readonly person: string
  /** What kind of event, in a few words. */
  readonly kind: string
  readonly sentence: string
  /** Name of the credential it is about, of which request, why; empty where there is none. */
  readonly credential: string
  readonly request: string
  readonly reason: string
  readonly incident: string
  readonly result: string
}

interface AskedFor {
  readonly credential: string
  readonly reason: string
  readonly incident: string
}

/** Requests whose words are remembered while a log is read; the entries of one stand close together. */
const requestsMax = 50_000

const withCode = (word: string, code: string | null): string => (code === null ? word : `${word}: ${code}`)

/** How it ended, in one stable word and, after a failure, its code; empty for what has no result. */
function resultOf(entry: Entry): string {
  switch (entry.type) {
    case 'tap.accepted':
      return entry.data.counts || entry.data.request === null ? 'accepted' : 'accepted, not counted'
    case 'tap.refused':
      return withCode('refused', entry.data.code)
    case 'request.granted':
      return 'opened'
    case 'request.failed':
    case 'drill.failed':
    case 'log.verification-failed':
      return withCode('failed', entry.data.code)
    case 'request.waiting':
      return 'waiting'
    case 'request.resumed':
      return 'waited'
    case 'request.vetoed':
      return 'stopped'
    case 'request.cancelled':
      return entry.data.reason === 'outdated' ? 'cancelled: outdated' : 'cancelled'
    case 'request.expired':
      return 'expired'
    case 'window.closed':
      return `closed: ${entry.data.reason}`
    case 'request.classified':
      return entry.data.statement.detail.kind === 'classify' ? entry.data.statement.detail.outcome : ''
    case 'operation.ended':
      return withCode(entry.data.result, entry.data.code)
    case 'drill.passed':
      return 'passed'
    default:
      return ''
  }
}

function requestOf({ type, data }: Entry): string | null {
  if (type === 'request.opened' || type === 'request.resumed') return data.statement.request
  return 'request' in data ? data.request : null
}

const credentialOf = ({ data }: Entry): string | null =>
  'credential' in data && typeof data.credential === 'string' ? data.credential : null

/** Turns entries into rows, in order: later ones are told with the names that earlier ones gave. */
export interface RowReader {
  /** @param place where it stands in the log, for an entry that cannot say it itself */
  readonly read: (entryBytes: Uint8Array, place: number) => ReportRow
  readonly person: (id: string) => string
  readonly credential: (id: string) => string
}

/** @param chain every version of who holds what, for names */
export function createRowReader(chain: readonly SignedManifest[]): RowReader {
  const people = new Map<string, string>()
  const safes = new Map<string, string>()
  const credentials = new Map<string, string>()
  const requests = new Map<string, AskedFor>()
  for (const { manifest } of chain) {
    for (const { id, name } of manifest.persons) people.set(id, name)
    for (const { id, name } of manifest.safes) safes.set(id, name)
  }
  const names: Names = {
    person: (id) => people.get(id) ?? 'somebody no longer listed',
    credential: (id) => credentials.get(id) ?? 'a credential',
    request: (id) => requests.get(id)?.credential ?? 'a credential',
    safe: (id) => safes.get(id) ?? 'a safe',
    // Advice on what to do next is for whoever sits before the app; the table has the stable code among the results.
    failure: () => '',
  }

  function learn(entry: Entry): void {
    if (entry.actor.kind === 'person') people.set(entry.actor.id, entry.actor.name)
    if (entry.type === 'key.enrolled') people.set(entry.data.person, entry.data.name)
    if (entry.type === 'credential.sealed') credentials.set(entry.data.credential, entry.data.name)
    if (entry.type !== 'request.opened') return
    const { statement, credentialName } = entry.data
    credentials.set(statement.credential, credentialName)
    const asked = { credential: credentialName, reason: statement.reason, incident: statement.incident ?? '' }
    requests.set(statement.request, asked)
    const [oldest] = requests.keys()
    if (requests.size > requestsMax && oldest !== undefined) requests.delete(oldest)
  }

  function describe(entry: Entry): ReportRow {
    learn(entry)
    const request = requestOf(entry)
    const asked = request === null ? undefined : requests.get(request)
    const credential = credentialOf(entry)
    return {
      seq: entry.seq,
      at: entry.at,
      person: entry.actor.kind === 'person' ? entry.actor.name : 'Station',
      kind: entryTypeNames[entry.type],
      sentence: describeEntry(entry, names).trim(),
      credential: credential === null ? (asked?.credential ?? '') : names.credential(credential),
      request: request ?? '',
      reason: asked?.reason ?? '',
      incident: asked?.incident ?? '',
      result: resultOf(entry),
    }
  }

  return {
    read: (entryBytes, place) => {
      try {
        // Not held against the schema: that is the verifier's work, and this is only a table.
        return describe(JSON.parse(fromUtf8(entryBytes)) as Entry)
      } catch {
        const unreadable = { person: '', credential: '', request: '', reason: '', incident: '', result: '' }
        return { seq: place, at: '', kind: 'Unreadable', sentence: 'This entry cannot be read.', ...unreadable }
      }
    },
    person: names.person,
    credential: names.credential,
  }
}
