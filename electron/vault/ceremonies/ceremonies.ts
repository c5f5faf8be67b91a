/**
 * The ceremony that is open, from the log alone: read from its entries at every open, kept up as entries are added, and taken over
 * from the verified ones. A power cut, or a night, changes nothing.
 */
import { createCeremonyTrack, type CeremonyTrack, type TrackedCeremony } from '../../../shared/audit/ceremony-track.ts'
import type { Entry, EntryType } from '../../../shared/audit/entry.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { readEntryOrNull } from '../audit/timeline.ts'
import type { Statements } from '../store/driver.ts'

export interface Ceremonies {
  /** Takes a durable entry. */
  readonly apply: (entry: Entry) => void
  /** As History.adopt: what was verified replaces what the index of the database told. */
  readonly adopt: (verified: CeremonyTrack, size: number) => void
  readonly open: () => TrackedCeremony | null
  /** The open ceremony, if it is this one. @throws HalliganError CEREMONY_UNKNOWN */
  readonly require: (ceremony: string) => TrackedCeremony
  readonly manifest: CeremonyTrack['manifest']
  /** Requests that opened something and were never classified. */
  readonly unclassified: CeremonyTrack['unclassified']
}

/** What a ceremony stands on, wherever in the log. */
const wholeTypes = [
  'ceremony.opened',
  'ceremony.cancelled',
  'ceremony.closed',
  'manifest.changed',
  'request.granted',
  'request.classified',
] as const satisfies readonly EntryType[]

/** What is told of the open one, after its beginning. */
const sinceTypes = [
  'ceremony.step',
  'ceremony.exception',
  'minutes.written',
  'joint.opened',
  'joint.signed',
  'proof.passed',
  'drill.passed',
  'manifest.signed',
  'key.enrolled',
  'tap.accepted',
  'request.opened',
  'window.closed',
] as const satisfies readonly EntryType[]

/** Versions of what is being rotated. */
const versionTypes = ['credential.sealed', 'credential.destroyed'] as const satisfies readonly EntryType[]

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ')

export function createCeremonies(): Ceremonies & { readonly replay: (entries: readonly Entry[]) => void } {
  let track = createCeremonyTrack()
  /** Applied while the verification at open still reads; null afterwards. */
  let meanwhile: Entry[] | null = []
  return {
    replay: (entries) => {
      for (const entry of entries) track.apply(entry)
    },
    apply: (entry) => {
      track.apply(entry)
      meanwhile?.push(entry)
    },
    adopt: (verified, size) => {
      for (const entry of meanwhile?.filter(({ seq }) => seq >= size) ?? []) verified.apply(entry)
      if (meanwhile !== null) track = verified
      meanwhile = null
    },
    open: () => track.open(),
    require: (ceremony) => {
      const open = track.open()
      if (open?.opened.data.ceremony !== ceremony) throw new HalliganError('CEREMONY_UNKNOWN')
      return open
    },
    manifest: () => track.manifest(),
    unclassified: () => track.unclassified(),
  }
}

/** Reads the log at rest. */
export async function loadCeremonies(
  statements: Pick<Statements, 'all'>,
  ceremonies: Pick<ReturnType<typeof createCeremonies>, 'replay'>,
): Promise<void> {
  const read = async (where: string, ...values: (string | number)[]): Promise<Entry[]> => {
    const rows = await statements.all(`SELECT bytes FROM entries WHERE ${where} ORDER BY seq`, ...values)
    return rows.flatMap(({ bytes }) => readEntryOrNull(bytes) ?? [])
  }
  const whole = await read(`type IN (${marks(wholeTypes)})`, ...wholeTypes)
  const last = whole.findLast(({ type }) => type.startsWith('ceremony.'))
  if (last?.type !== 'ceremony.opened') {
    ceremonies.replay(whole)
    return
  }
  const since = await read(`type IN (${marks(sinceTypes)}) AND seq > ?`, ...sinceTypes, last.seq)
  const credentials = [
    ...new Set(last.data.script.flatMap(({ task }) => ('credential' in task ? [task.credential] : []))),
  ]
  const versions = await read(
    `type IN (${marks(versionTypes)}) AND credential IN (${marks(credentials)})`,
    ...versionTypes,
    ...credentials,
  )
  ceremonies.replay([...whole, ...since, ...versions].sort((a, b) => a.seq - b.seq))
}
