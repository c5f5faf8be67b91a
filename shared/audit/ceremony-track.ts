/**
 * The ceremony that is open in a log, followed entry by entry: which steps are finished, what was noted, who tapped for it. Both
 * the vault process, which runs it, and the verifier, which checks its minutes, know it from here and nowhere else.
 */
import { leadsOf, type Minutes, type ScriptStep } from '../domain/ceremony.ts'
import type { Manifest } from '../domain/manifest.ts'
import type { JointStatement } from '../domain/statements.ts'
import { limits } from '../limits.ts'
import { createCeremonyFacts, type CeremonyFacts } from './ceremony-facts.ts'
import type { Entry, EntryData } from './entry.ts'

type Opened = Extract<Entry, { type: 'ceremony.opened' }>

/** A version of who holds what, as the log names it. */
export type ManifestMark = EntryData<'manifest.changed'>

export interface TrackedCeremony {
  readonly opened: Opened
  /** In force when it was opened; null in a log that has none (a ceremony there is a lie). */
  readonly manifestBefore: ManifestMark | null
  /** Finished steps, in order: their number is that of the step that is on. */
  readonly steps: readonly Minutes['steps'][number][]
  readonly exceptions: readonly Minutes['exceptions'][number][]
  /** Keys that each person tapped with for this ceremony. */
  readonly taps: ReadonlyMap<string, ReadonlySet<string>>
  /** What its steps have to bring about, as far as it has happened since. */
  readonly facts: CeremonyFacts
  readonly minutes: { readonly content: Minutes; readonly seq: number } | null
  /** Number of the newest entry that minutes tell of. */
  readonly lastSeq: number
  /** The newest statement over its minutes, who has signed it, and how many other joint statements came after it. */
  readonly joint: {
    readonly statement: JointStatement
    readonly signed: ReadonlySet<string>
    readonly later: number
  } | null
}

interface Tracking extends TrackedCeremony {
  readonly steps: Minutes['steps'][number][]
  readonly exceptions: Minutes['exceptions'][number][]
  readonly taps: Map<string, Set<string>>
  minutes: TrackedCeremony['minutes']
  lastSeq: number
  joint: { readonly statement: JointStatement; readonly signed: Set<string>; later: number } | null
}

export interface CeremonyTrack {
  /** Takes the next entry of the log; entries of other ceremonies than the open one change nothing. */
  readonly apply: (entry: Entry) => void
  readonly open: () => TrackedCeremony | null
  /** In force now. */
  readonly manifest: () => ManifestMark | null
  /** Reveals that nobody has classified. */
  readonly unclassified: () => readonly string[]
}

/** Number and person of the step that is on; undefined when all are finished. */
export const stepOn = ({ opened, steps }: Pick<TrackedCeremony, 'opened' | 'steps'>): ScriptStep | undefined =>
  opened.data.script[steps.length]

type Led = Pick<TrackedCeremony, 'opened' | 'exceptions'>

/** Who leads: whoever opened it, or the last who took over. */
export const leadNow = ({ opened, exceptions }: Led): string =>
  leadsOf({ lead: opened.data.lead, exceptions }).at(-1) ?? opened.data.lead

/** Somebody who took part and will not sign, by an exception. */
export const isAbsent = ({ exceptions }: Pick<TrackedCeremony, 'exceptions'>, person: string): boolean =>
  exceptions.some(({ absent }) => absent === person)

/**
 * Whether `person` can lead in the place of a lead who has to leave: somebody else, who is still there, whom the vault trusts with
 * something already, and whose key can sign the minutes.
 */
export function mayTakeOver(manifest: Manifest | undefined, ceremony: Led, person: string): boolean {
  const found = manifest?.persons.find(({ id }) => id === person)
  if (found === undefined || person === leadNow(ceremony) || isAbsent(ceremony, person)) return false
  return found.keys.length > 0 && (found.roles.includes('lead') || found.roles.includes('custodian'))
}

/** A hostile log may not fill the memory: an honest ceremony stays far below. */
const unclassifiedMax = 10_000

function toStep(entry: Extract<Entry, { type: 'ceremony.step' }>): Minutes['steps'][number] {
  const { ceremony: _ceremony, ...step } = entry.data
  return { ...step, at: entry.at, seq: entry.seq }
}

function toException(entry: Extract<Entry, { type: 'ceremony.exception' }>): Minutes['exceptions'][number] {
  const { ceremony: _ceremony, ...exception } = entry.data
  return { ...exception, at: entry.at, seq: entry.seq }
}

export function createCeremonyTrack(): CeremonyTrack {
  let open: Tracking | null = null
  let manifest: ManifestMark | null = null
  const versions = new Map<string, Set<number>>()
  const unclassified = new Set<string>()

  function begin(entry: Opened): void {
    open = {
      opened: entry,
      manifestBefore: manifest,
      steps: [],
      exceptions: [],
      taps: new Map(),
      facts: createCeremonyFacts(entry.data.script, {
        versionsOf: (credential) => versions.get(credential) ?? new Set(),
        unclassified: () => unclassified.size,
      }),
      minutes: null,
      lastSeq: entry.seq,
      joint: null,
    }
    noteTap({ person: entry.data.statement.person, key: entry.data.key })
  }

  function noteTap({ person, key }: { readonly person: string; readonly key: string }): void {
    if (open?.minutes !== null) return
    const keys = open.taps.get(person) ?? new Set()
    if (keys.size < limits.keysPerPerson) keys.add(key)
    if (open.taps.size < limits.persons) open.taps.set(person, keys)
  }

  function applyJoint(entry: Entry): void {
    if (open === null) return
    if (entry.type === 'joint.opened') {
      const { statement } = entry.data
      const { detail } = statement
      if (detail.kind === 'minutes' && detail.ceremony === open.opened.data.ceremony) {
        open.joint = { statement, signed: new Set(), later: 0 }
      } else if (open.joint !== null) open.joint.later++
    }
    if (entry.type === 'joint.signed' && entry.data.act === open.joint?.statement.act) {
      open.joint.signed.add(entry.data.person)
    }
  }

  function applyOwn(entry: Entry): void {
    if (open === null || !('ceremony' in entry.data) || entry.data.ceremony !== open.opened.data.ceremony) return
    switch (entry.type) {
      case 'ceremony.step':
        // A hostile log may go on finishing steps: more than the script has change nothing.
        if (open.steps.length < open.opened.data.script.length) open.steps.push(toStep(entry))
        open.lastSeq = entry.seq
        return
      case 'ceremony.exception':
        if (open.exceptions.length < limits.ceremonySteps) open.exceptions.push(toException(entry))
        open.lastSeq = entry.seq
        return
      case 'minutes.written':
        open.minutes ??= { content: entry.data.minutes, seq: entry.seq }
        return
      case 'ceremony.cancelled':
      case 'ceremony.closed':
        open = null
        return
      default:
      // No other type is of a ceremony.
    }
  }

  /** What stands for itself, ceremony or none. */
  function learn(entry: Entry): void {
    switch (entry.type) {
      case 'manifest.changed':
        manifest = entry.data
        return
      case 'credential.sealed': {
        const known = versions.get(entry.data.credential)
        if (known === undefined) versions.set(entry.data.credential, new Set([entry.data.version]))
        else known.add(entry.data.version)
        return
      }
      case 'credential.destroyed':
        versions.get(entry.data.credential)?.delete(entry.data.version)
        return
      case 'request.granted':
        if (unclassified.size < unclassifiedMax) unclassified.add(entry.data.request)
        return
      case 'request.classified':
        unclassified.delete(entry.data.request)
        return
      default:
    }
  }

  return {
    apply: (entry) => {
      learn(entry)
      if (entry.type === 'ceremony.opened') {
        begin(entry)
        return
      }
      if (open === null) return
      if (open.minutes === null) {
        const tap = open.facts.apply(entry)
        if (tap !== null) {
          noteTap(tap)
          open.lastSeq = entry.seq
        }
      }
      applyJoint(entry)
      applyOwn(entry)
    },
    open: () => open,
    manifest: () => manifest,
    unclassified: () => [...unclassified],
  }
}
