/**
 * Each entry in its place: number, chain, station, boot, and the ratchet of station keys (docs/format.md, section 2).
 * After a problem it goes on from what is there, so that one change is one problem and not a thousand.
 */
import { fromBase64Url, toBase64Url, utf8 } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { logOrigin } from './checkpoint.ts'
import { standsAt } from './canonical-values.ts'
import type { MatchedEntry } from './entry-match.ts'
import type { Entry, EntryData } from './entry.ts'
import type { ReportProblem } from './problems.ts'
import { stationKeyMessage } from './ratchet.ts'

export interface Succession {
  /**
   * Takes the next entry.
   * @param previousLeaf leaf hash of the entry before, base64url.
   * @param vouched how many entries a valid checkpoint has vouched for so far.
   */
  readonly follow: (entry: Entry, previousLeaf: string, vouched: number) => 'same' | 'new'
  /**
   * Takes the next entry without reading it, when it stands where it must: next number, the same boot and station, time not
   * before, linked to the entry before. Only for types without a duty; neither a start nor a beginning is one.
   * @returns false when anything is else than it must be: then {@link follow} says what
   */
  readonly pass: (bytes: Uint8Array, matched: Readonly<MatchedEntry>, previousLeaf: Uint8Array) => boolean
  /** The next entry cannot be read. @param seq what is known of its number, else the one expected */
  readonly skip: (code: 'malformed' | 'not-canonical', seq?: number) => void
  /** False from the first problem on: nothing later is vouched for. */
  readonly isSound: () => boolean
  readonly distrust: () => void
  /** Station key active after the newest entry; 32 zero bytes (no valid key) before any. */
  readonly activeKey: () => Uint8Array<ArrayBuffer>
  /** Origin of the log's checkpoints; null while entry 0 is not there or not readable. */
  readonly origin: () => string | null
}

const noHash = toBase64Url(new Uint8Array(32))

interface Place {
  readonly vault: string
  readonly station: string
  readonly boot: string
  monotonic: number
  /** The same as bytes. */
  readonly stationBytes: Uint8Array
  readonly bootBytes: Uint8Array
}

const alphabet = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')

/** True when base64url of the 32 bytes of `hash` stands at `at`. */
function hashStandsAt(bytes: Uint8Array, at: number, hash: Uint8Array): boolean {
  let from = at
  for (let index = 0; index < 30; index += 3) {
    const three = ((hash[index] ?? 0) << 16) | ((hash[index + 1] ?? 0) << 8) | (hash[index + 2] ?? 0)
    if (bytes[from++] !== alphabet[three >> 18]) return false
    if (bytes[from++] !== alphabet[(three >> 12) & 63]) return false
    if (bytes[from++] !== alphabet[(three >> 6) & 63]) return false
    if (bytes[from++] !== alphabet[three & 63]) return false
  }
  const two = ((hash[30] ?? 0) << 10) | ((hash[31] ?? 0) << 2)
  return (
    bytes[from] === alphabet[two >> 12] &&
    bytes[from + 1] === alphabet[(two >> 6) & 63] &&
    bytes[from + 2] === alphabet[two & 63]
  )
}

const placeOf = ({ station, boot, monotonic }: Entry): Omit<Place, 'vault'> => ({
  station,
  boot,
  monotonic,
  stationBytes: utf8(station),
  bootBytes: utf8(boot),
})

/** @param hasGaps true in a part of a log: numbers ascend, and only neighbours are linked */
export function createSuccession(primitives: Primitives, report: ReportProblem, hasGaps = false): Succession {
  let place: Place | undefined
  let count = 0
  /** What the next `seq` must be; differs from the count after a gap. */
  let expected = 0
  let sound = true
  let previousBad = false
  let activeKey: Uint8Array<ArrayBuffer> = new Uint8Array(32)

  const broken: ReportProblem = (code, seq, detail) => {
    sound = false
    report(code, seq, detail)
  }

  function begin(entry: Entry): Place | undefined {
    if (entry.type !== 'vault.created' || entry.seq !== 0 || entry.prev !== noHash) {
      broken('log-first-entry-wrong', entry.seq, 'the log does not begin with the creation of a vault')
      return undefined
    }
    activeKey = fromBase64Url(entry.data.key)
    return { vault: entry.data.vault, ...placeOf(entry) }
  }

  function checkLink(entry: Entry, previousLeaf: string, vouched: number): void {
    if (hasGaps && entry.seq > expected) return
    if (entry.seq !== expected) {
      broken('entry-out-of-order', entry.seq, `entry ${entry.seq} stands where ${expected} should`)
      return
    }
    if (entry.prev === previousLeaf || previousBad) return
    // Either the entry before was changed, or this one's link was. A valid checkpoint over the one before clears it.
    const changed = vouched >= count ? entry.seq : entry.seq - 1
    broken(
      'entry-chain-broken',
      changed,
      `entry ${entry.seq} does not follow from entry ${entry.seq - 1}: entry ${changed} was changed`,
    )
  }

  function checkRotation(entry: Entry, data: EntryData<'log.key-rotated'>, vault: string): void {
    const { seq, station, boot, prev } = entry
    const message = stationKeyMessage({ vault, station, boot, seq, prev, key: data.key })
    const handedOn =
      data.previousKey === toBase64Url(activeKey) &&
      data.key !== data.previousKey &&
      primitives.verifyEd25519(activeKey, message, fromBase64Url(data.signature))
    if (!handedOn) broken('key-rotation-invalid', seq, 'the new station key is not signed by the one before it')
    activeKey = fromBase64Url(data.key)
  }

  function checkBoot(entry: Entry, before: Place): 'same' | 'new' {
    const rotation = entry.type === 'log.key-rotated' ? entry.data : undefined
    const changed = entry.boot !== before.boot
    if (entry.station !== before.station) {
      broken('entry-wrong-station', entry.seq, 'the entry is of another station')
    } else if (changed !== (rotation !== undefined)) {
      broken('entry-wrong-station', entry.seq, 'a start of the app and a new station key must come together')
    } else if (!changed && entry.monotonic < before.monotonic) {
      broken('entry-out-of-order', entry.seq, 'its monotonic time lies before that of the entry before')
    }
    if (rotation !== undefined) checkRotation(entry, rotation, before.vault)
    return changed ? 'new' : 'same'
  }

  return {
    follow: (entry, previousLeaf, vouched) => {
      let boot: 'same' | 'new' = 'same'
      if (count === 0) place = begin(entry)
      else {
        checkLink(entry, previousLeaf, vouched)
        if (entry.type === 'vault.created')
          broken('log-first-entry-wrong', entry.seq, 'a second vault begins inside the log')
        if (place !== undefined) {
          boot = checkBoot(entry, place)
          // Stays the log's own station, whatever an entry says.
          place = { ...place, boot: entry.boot, bootBytes: utf8(entry.boot), monotonic: entry.monotonic }
        }
      }
      count++
      expected = entry.seq + 1
      previousBad = false
      return boot
    },
    pass: (bytes, { seq, monotonic, boot, station, prev }, previousLeaf) => {
      if (place === undefined || previousBad || seq !== expected || monotonic < place.monotonic) return false
      if (!standsAt(bytes, boot, place.bootBytes) || !standsAt(bytes, station, place.stationBytes)) return false
      if (!hashStandsAt(bytes, prev, previousLeaf)) return false
      place.monotonic = monotonic
      count++
      expected++
      return true
    },
    skip: (code, seq = expected) => {
      broken(code === 'malformed' ? 'entry-malformed' : 'entry-not-canonical', seq, `entry ${seq} is ${code}`)
      count++
      expected = seq + 1
      previousBad = true
    },
    isSound: () => sound,
    distrust: () => {
      sound = false
    },
    activeKey: () => activeKey,
    origin: () => (place === undefined ? null : logOrigin(place.vault, place.station)),
  }
}
