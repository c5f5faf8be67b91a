/** Entries recognised from their bytes: canonical, of their type's shape, and where their members stand. The fast way of readEntry. */
import { actorSchema, entryData, type EntryType } from './entry.ts'
import {
  compileMatch,
  matchHash,
  matchId,
  matchText,
  matchTimestamp,
  readInteger,
  type Match,
} from './canonical-match.ts'

/** What {@link matchEntry} found, until the next call. Offsets are into the bytes given. */
export interface MatchedEntry {
  type: EntryType
  seq: number
  monotonic: number
  /** First character of each value, after its quote. */
  at: number
  boot: number
  prev: number
  station: number
}

interface TypeMatch {
  readonly type: EntryType
  readonly data: Match
  readonly tail: Match
}

const latin = (bytes: Uint8Array, start: number, end: number): string => {
  let text = ''
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0)
  return text
}

const types = new Map<string, TypeMatch>(
  (Object.keys(entryData) as EntryType[]).map((type) => [
    type,
    { type, data: compileMatch(entryData[type]), tail: matchText(`,"type":${JSON.stringify(type)}}`) },
  ]),
)
/** The few types that a log consists of, by length and last letters: no string is made for each entry. */
const lastSeen: { name: Uint8Array; match: TypeMatch }[] = []
const lastSeenMax = 16

const actorMatch = compileMatch(actorSchema)
const stationActor = matchText('{"kind":"station"}')
const actorKey = matchText('{"actor":')
const atKey = matchText(',"at":')
const bootKey = matchText(',"boot":')
const dataKey = matchText(',"data":')
const monotonicKey = matchText(',"monotonic":')
const prevKey = matchText(',"prev":')
const seqKey = matchText(',"seq":')
const stationKey = matchText(',"station":')
const typeNameMax = 40

function isSame(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false
  for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name[at]) return false
  return true
}

/** The type is written last: it is looked up from the end, and then matched again in its place. */
function findType(bytes: Uint8Array): TypeMatch | undefined {
  const end = bytes.length - 2
  if (bytes[end] !== 0x22) return undefined
  let start = end - 1
  while (start > end - typeNameMax && bytes[start] !== 0x22) start--
  start++
  for (const seen of lastSeen) if (isSame(bytes, start, end, seen.name)) return seen.match
  const match = types.get(latin(bytes, start, end))
  if (match !== undefined && lastSeen.length < lastSeenMax) lastSeen.push({ name: bytes.slice(start, end), match })
  return match
}

const found: MatchedEntry = { type: 'app.opened', seq: 0, monotonic: 0, at: 0, boot: 0, prev: 0, station: 0 }

const readCount = (bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } | null => {
  const read = at === -1 ? null : readInteger(bytes, at)
  return read !== null && read.value >= 0 ? read : null
}

const next = (match: Match, bytes: Uint8Array, at: number): number => (at === -1 ? -1 : match(bytes, at))

/**
 * Matches the bytes of an entry.
 * @returns what was found, good until the next call; null when the bytes are no entry, or one that takes the slow way
 */
export function matchEntry(bytes: Uint8Array): Readonly<MatchedEntry> | null {
  const type = findType(bytes)
  if (type === undefined) return null
  const actorAt = actorKey(bytes, 0)
  if (actorAt === -1) return null
  const stationEnd = stationActor(bytes, actorAt)
  const at = atKey(bytes, stationEnd === -1 ? Math.max(actorMatch(bytes, actorAt), 0) : stationEnd)
  const boot = next(bootKey, bytes, next(matchTimestamp, bytes, at))
  const data = next(dataKey, bytes, next(matchId, bytes, boot))
  const monotonic = readCount(bytes, next(monotonicKey, bytes, next(type.data, bytes, data)))
  if (monotonic === null) return null
  const prev = prevKey(bytes, monotonic.end)
  const seq = readCount(bytes, next(seqKey, bytes, next(matchHash, bytes, prev)))
  if (seq === null) return null
  const station = stationKey(bytes, seq.end)
  if (next(type.tail, bytes, next(matchId, bytes, station)) !== bytes.length) return null
  found.type = type.type
  found.seq = seq.value
  found.monotonic = monotonic.value
  found.at = at + 1
  found.boot = boot + 1
  found.prev = prev + 1
  found.station = station + 1
  return found
}
