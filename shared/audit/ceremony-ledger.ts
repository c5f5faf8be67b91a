/**
 * Ceremonies in a log, held against what the log itself shows: scripts and their signatures, who may do what, steps that claim
 * what did not happen, and minutes made once more from the entries (docs/format.md, section 5).
 */
import { sameBytes } from '../bytes.ts'
import { canonicalBytes } from '../canonical.ts'
import type { Minutes } from '../domain/ceremony.ts'
import type { Manifest } from '../domain/manifest.ts'
import type { LogHead } from '../domain/statements.ts'
import type { Primitives } from '../primitives.ts'
import { createCeremonyTrack, leadNow, mayTakeOver, stepOn, type TrackedCeremony } from './ceremony-track.ts'
import type { Entry, EntryType } from './entry.ts'
import type { JointLedger } from './joint-ledger.ts'
import { custodiansOf } from './manifest-signers.ts'
import { composeMinutes, minutesHash, scriptHash } from './minutes.ts'
import type { Problem } from './report.ts'

const types = [
  'ceremony.opened',
  'ceremony.step',
  'ceremony.exception',
  'ceremony.cancelled',
  'minutes.written',
  'ceremony.closed',
] as const satisfies readonly EntryType[]
type CeremonyEntry = Extract<Entry, { type: (typeof types)[number] }>
type EntryOf<T extends CeremonyEntry['type']> = Extract<Entry, { type: T }>

export const isCeremonyEntry = (entry: Entry): entry is CeremonyEntry =>
  (types as readonly EntryType[]).includes(entry.type)

export interface CeremonyLedgerMeans {
  readonly primitives: Primitives
  readonly log: {
    readonly vault: string
    readonly vaultName: string
    readonly station: string
    readonly stationName: string
  }
  readonly inForce: () => { readonly manifest: Manifest; readonly hash: string } | undefined
  /** What is wrong with a head that an entry speaks of; null when it is this log's. */
  readonly headProblem: (head: LogHead) => string | null
  readonly joints: Pick<JointLedger, 'find' | 'close'>
  readonly report: (code: Problem['code'], detail: string) => void
  /** True in a part of a log: what others did in a ceremony may not be shown. */
  readonly hasGaps: boolean
}

export interface CeremonyLedger {
  /** Takes every entry, after its own taps were checked. */
  readonly take: (entry: Entry) => void
  /** Minutes that were signed by all who must. */
  readonly count: () => number
}

const isListed = (manifest: Manifest | undefined, person: string): boolean =>
  manifest?.persons.some(({ id }) => id === person) === true

/** True when this person may give up the ceremony: its lead, or anybody who holds a share of anything. */
export const mayCancel = (manifest: Manifest, lead: string, person: string): boolean =>
  person === lead || custodiansOf(manifest).has(person)

export function createCeremonyLedger(means: CeremonyLedgerMeans): CeremonyLedger {
  const { primitives, hasGaps } = means
  const track = createCeremonyTrack()
  /** In force when the ceremony was opened. */
  let before: Manifest | undefined
  let minutes = 0

  const mismatch = (detail: string): void => {
    means.report('ceremony-mismatch', detail)
  }
  const disapprove = (what: string): void => {
    means.report('tap-statement-mismatch', `${what}: the tap approved something else`)
  }

  function checkOpened({ data }: EntryOf<'ceremony.opened'>): void {
    const { ceremony, kind, title, lead, witnesses, script, statement } = data
    const { detail } = statement
    const says =
      detail.kind === 'ceremony-open' &&
      detail.ceremony === ceremony &&
      detail.ceremonyKind === kind &&
      detail.title === title &&
      detail.steps === script.length &&
      detail.script === scriptHash(primitives, script) &&
      statement.person === lead
    if (!says) disapprove(`ceremony "${title}"`)
    const open = track.open()
    if (open !== null) mismatch(`"${title}" was opened while "${open.opened.data.title}" was open`)
    const manifest = means.inForce()?.manifest
    const strangers = [lead, ...witnesses].filter((person) => !isListed(manifest, person))
    if (strangers.length > 0) mismatch(`"${title}" names people that the manifest does not list`)
  }

  function checkStep({ data }: EntryOf<'ceremony.step'>, open: TrackedCeremony): void {
    const { step, title, result, person } = data
    const on = stepOn(open)
    const what = `step ${step + 1} "${title}"`
    if (on === undefined || step !== open.steps.length || on.title !== title)
      mismatch(`${what} is not the step that is on`)
    if (open.minutes !== null) mismatch(`${what} was finished after the minutes`)
    if (!isListed(means.inForce()?.manifest, person)) mismatch(`${what} was finished by somebody who is not listed`)
    if (result === 'excepted' && !open.exceptions.some((one) => one.step === step)) {
      mismatch(`${what} was left out without an exception`)
    }
    if (result === 'done' && !hasGaps && on !== undefined && open.facts.isBroughtAbout(on.task) === false) {
      mismatch(`${what} is said to be done, and the log does not show it`)
    }
  }

  function checkException(
    { data: { step, decidedBy, absent } }: EntryOf<'ceremony.exception'>,
    open: TrackedCeremony,
  ): void {
    if (open.minutes !== null) mismatch('an exception was noted after the minutes')
    if (step !== null && step >= open.opened.data.script.length)
      mismatch('an exception is of a step that is not in the script')
    if (!isListed(means.inForce()?.manifest, decidedBy))
      mismatch('an exception was decided by somebody who is not listed')
    if (absent === leadNow(open) && !mayTakeOver(means.inForce()?.manifest, open, decidedBy))
      mismatch('an exception lets the lead go, and who decided it cannot lead in their place')
  }

  function checkCancelled(
    { data: { ceremony, statement } }: EntryOf<'ceremony.cancelled'>,
    open: TrackedCeremony,
  ): void {
    const { detail, person } = statement
    const { title } = open.opened.data
    const says = detail.kind === 'ceremony-cancel' && detail.ceremony === ceremony && detail.title === title
    if (!says) disapprove(`giving up "${title}"`)
    const manifest = means.inForce()?.manifest
    if (manifest === undefined || !mayCancel(manifest, leadNow(open), person)) {
      mismatch(`"${title}" was given up by somebody who is neither its lead nor a custodian`)
    }
  }

  /** The names of those members in which minutes differ from what the log makes of them. */
  function findDifferences(said: Minutes, expected: Minutes): string[] {
    // In a part the taps of others, and so who took part, need not be shown.
    const names = Object.keys(expected) as (keyof Minutes)[]
    return names
      .filter((name) => !(hasGaps && name === 'participants'))
      .filter((name) => !sameBytes(canonicalBytes({ it: said[name] }), canonicalBytes({ it: expected[name] })))
  }

  function checkMinutes({ seq, at, data }: EntryOf<'minutes.written'>, open: TrackedCeremony): void {
    const said = data.minutes
    const what = `minutes of "${open.opened.data.title}"`
    if (open.minutes !== null) mismatch(`${what} were written a second time`)
    if (stepOn(open) !== undefined) mismatch(`${what} were written before its last step`)
    const inForce = means.inForce()
    if (inForce === undefined || before === undefined) return
    const expected = composeMinutes(open, {
      ...means.log,
      writtenAt: said.writtenAt,
      program: said.program,
      headAfter: said.headAfter,
      manifestAfter: { version: inForce.manifest.version, hash: inForce.hash },
      before,
      after: inForce.manifest,
    })
    const differing = findDifferences(said, expected)
    if (differing.length > 0) mismatch(`${what}: ${differing.join(', ')} are not as the log has them`)
    if (said.writtenAt > at) mismatch(`${what} were written later than their entry`)
    const wrongHead = means.headProblem(said.headAfter)
    if (wrongHead !== null || said.headAfter.size > seq || (!hasGaps && said.headAfter.size <= open.lastSeq)) {
      mismatch(`${what}: the head after it ${wrongHead ?? 'does not cover the ceremony'}`)
    }
  }

  function checkClosed({ data }: EntryOf<'ceremony.closed'>, open: TrackedCeremony): void {
    const { title } = open.opened.data
    const content = open.minutes?.content
    if (content === undefined) {
      mismatch(`"${title}" was closed without minutes`)
      return
    }
    const hash = minutesHash(primitives, content)
    if (data.minutes !== hash) mismatch(`"${title}" was closed with other minutes than were written`)
    const joint = means.joints.find(data.act)
    means.joints.close(data.act)
    const detail = joint?.statement.detail
    const says =
      detail?.kind === 'minutes' &&
      detail.ceremony === data.ceremony &&
      detail.title === title &&
      detail.minutes === hash
    if (joint === undefined || !says) {
      mismatch(`"${title}": what was signed are not its minutes`)
      return
    }
    const lead = leadNow(open)
    const missing = content.participants.filter(
      ({ person, signs }) => (signs || person === lead) && !joint.signers.has(person),
    )
    if (missing.length > 0)
      mismatch(`minutes of "${title}" without the signature of ${missing.map(({ name }) => name).join(', ')}`)
    else minutes++
  }

  function check(entry: CeremonyEntry): void {
    if (entry.type === 'ceremony.opened') {
      checkOpened(entry)
      before = means.inForce()?.manifest
      return
    }
    const open = track.open()
    if (open?.opened.data.ceremony !== entry.data.ceremony) {
      // A part shows what is signed together, and not always what it is about.
      if (hasGaps) return
      mismatch('an entry is of a ceremony that is not open')
      return
    }
    switch (entry.type) {
      case 'ceremony.step':
        checkStep(entry, open)
        return
      case 'ceremony.exception':
        checkException(entry, open)
        return
      case 'ceremony.cancelled':
        checkCancelled(entry, open)
        return
      case 'minutes.written':
        checkMinutes(entry, open)
        return
      case 'ceremony.closed':
        checkClosed(entry, open)
    }
  }

  return {
    take: (entry) => {
      if (isCeremonyEntry(entry)) check(entry)
      track.apply(entry)
    },
    count: () => minutes,
  }
}
