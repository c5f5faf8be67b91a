/** Entries recognised from their bytes: canonical, of their type's shape, and where their members stand. The fast way of readEntry. */
import { actorSchema, entryData, type EntryType } from './entry.ts'
import { compileMatch } from './canonical-match.ts'
import {
  matchHash,
  matchId,
  matchText,
  matchTimestamp,
  readInteger,
  readValue,
  standsAt,
  type Match,
} from './canonical-values.ts'

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
const quote = 0x22

/** The type is written last: it is looked up from the end, and then matched again in its place. */
function findType(bytes: Uint8Array): TypeMatch | undefined {
  const end = bytes.length - 2
  if (bytes[end] !== 0x22) return undefined
  let start = end - 1
  while (start > end - typeNameMax && bytes[start] !== 0x22) start--
  start++
  for (const seen of lastSeen) {
    if (seen.name.length === end - start && standsAt(bytes, start, seen.name)) return seen.match
  }
  const match = types.get(latin(bytes, start, end))
  if (match !== undefined && lastSeen.length < lastSeenMax) lastSeen.push({ name: bytes.slice(start, end), match })
  return match
}

const found: MatchedEntry = { type: 'app.opened', seq: 0, monotonic: 0, at: 0, boot: 0, prev: 0, station: 0 }

const next = (match: Match, bytes: Uint8Array, at: number): number => (at === -1 ? -1 : match(bytes, at))

/** A string of known length, whatever is in it: for what the caller compares with bytes that it knows. */
const passString =
  (length: number): Match =>
  (bytes, at) =>
    bytes[at] === quote && bytes[at + 1 + length] === quote ? at + 2 + length : -1
const passId = passString(22)
const passHash = passString(43)

/**
 * Matches the bytes of an entry.
 * @param isLinked true when the caller itself holds `boot`, `prev` and `station` against bytes that are good: what is in them is not looked at
 * @returns what was found, good until the next call; null when the bytes are no entry, or one that takes the slow way
 */
export function matchEntry(bytes: Uint8Array, isLinked = false): Readonly<MatchedEntry> | null {
  const type = findType(bytes)
  if (type === undefined) return null
  const idMatch = isLinked ? passId : matchId
  const actorAt = actorKey(bytes, 0)
  if (actorAt === -1) return null
  const stationEnd = stationActor(bytes, actorAt)
  const at = next(atKey, bytes, stationEnd === -1 ? actorMatch(bytes, actorAt) : stationEnd)
  const boot = next(bootKey, bytes, next(matchTimestamp, bytes, at))
  const data = next(dataKey, bytes, next(idMatch, bytes, boot))
  const monotonicEnd = next(readInteger, bytes, next(monotonicKey, bytes, next(type.data, bytes, data)))
  found.monotonic = readValue()
  const prev = next(prevKey, bytes, monotonicEnd)
  const seqEnd = next(readInteger, bytes, next(seqKey, bytes, next(isLinked ? passHash : matchHash, bytes, prev)))
  found.seq = readValue()
  const station = next(stationKey, bytes, seqEnd)
  if (next(type.tail, bytes, next(idMatch, bytes, station)) !== bytes.length) return null
  if (found.monotonic < 0 || found.seq < 0) return null
  found.type = type.type
  found.at = at + 1
  found.boot = boot + 1
  found.prev = prev + 1
  found.station = station + 1
  return found
}
