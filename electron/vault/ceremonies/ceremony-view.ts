/** The open ceremony and those that are over, as the app window sees them. */
import { leadNow, type TrackedCeremony } from '../../../shared/audit/ceremony-track.ts'
import { headWords } from '../../../shared/audit/head-words.ts'
import { minutesHash, minutesWords } from '../../../shared/audit/minutes.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import type { CeremonyView, PastCeremony } from '../../../shared/contracts/ceremony-views.ts'
import type { Minutes, Task } from '../../../shared/domain/ceremony.ts'
import { limits } from '../../../shared/limits.ts'
import type { Primitives } from '../../../shared/primitives.ts'
import { readEntryOrNull } from '../audit/timeline.ts'
import type { Statements } from '../store/driver.ts'
import { isBroughtAbout, type CeremonyMeans } from './finish-step.ts'

const pastMax = 200
/** An answer to the window stays well below what a message may be. */
const pastBytesMax = limits.messageBytes / 2

const doneWords: Readonly<Record<Exclude<Task['kind'], 'confirm' | 'read-head'>, string>> = {
  seal: 'A new version is sealed.',
  prove: 'The newest versions are proven to open.',
  destroy: 'No older version exists any more.',
  enrol: 'Their keys are enrolled.',
  reshare: 'The change is in force.',
  'key-drill': 'The key has passed its drill.',
  'safe-drill': 'The safe has passed its drill.',
  practice: 'The practice credential was opened and its window has ended.',
  classify: 'Every reveal is classified.',
}

function describeState(task: Task, isDone: boolean, unclassified: number): string | null {
  if (task.kind === 'confirm' || task.kind === 'read-head') return null
  if (isDone) return doneWords[task.kind]
  return task.kind === 'classify' ? `Reveals that nobody has classified: ${unclassified}.` : null
}

const describeMinutes = (
  primitives: Primitives,
  content: Minutes,
): { hash: string; words: string[]; wanted: string[] } => ({
  hash: minutesHash(primitives, content),
  words: minutesWords(primitives, content),
  wanted: content.participants.filter(({ signs }) => signs).map(({ person }) => person),
})

function viewSteps(means: CeremonyMeans, open: TrackedCeremony, unclassified: number): CeremonyView['steps'] {
  return open.opened.data.script.map((step, at) => {
    const isDone = isBroughtAbout(means, open, step.task)
    const { result, person, initials, note, at: finishedAt } = open.steps[at] ?? {}
    return {
      ...step,
      finished:
        result === undefined || person === undefined || initials === undefined || finishedAt === undefined
          ? null
          : { result, person, initials, note: note ?? '', at: finishedAt },
      isBroughtAbout: isDone,
      state: describeState(step.task, isDone, unclassified),
    }
  })
}

export function viewCeremony(means: CeremonyMeans): CeremonyView | null {
  const { context, ceremonies } = means
  const open = ceremonies.open()
  if (open === null) return null
  const { ceremony, kind, title, witnesses } = open.opened.data
  const unclassified = ceremonies.unclassified()
  return {
    id: ceremony,
    kind,
    title,
    lead: leadNow(open),
    witnesses,
    openedAt: open.opened.at,
    now: open.steps.length,
    steps: viewSteps(means, open, unclassified.length),
    exceptions: open.exceptions.map(({ seq: _seq, ...exception }) => exception),
    unclassified: unclassified.slice(0, 1000),
    minutes:
      open.minutes === null
        ? null
        : { ...describeMinutes(context.primitives, open.minutes.content), signed: [...(open.joint?.signed ?? [])] },
  }
}

/** Ceremonies that are over, newest first; read when somebody asks. */
export async function readPast(statements: Pick<Statements, 'all'>, primitives: Primitives): Promise<PastCeremony[]> {
  const ends = await statements.all(
    `SELECT bytes FROM entries WHERE type IN
       ('ceremony.opened', 'minutes.written', 'joint.opened', 'joint.signed', 'ceremony.cancelled', 'ceremony.closed')
     ORDER BY seq`,
  )
  const past: PastCeremony[] = []
  let opened: Extract<Entry, { type: 'ceremony.opened' }> | null = null
  let minutes: SignedMinutes | null = null
  for (const { bytes } of ends) {
    const entry = readEntryOrNull(bytes)
    if (entry === null) continue
    if (entry.type === 'ceremony.opened') {
      opened = entry
      minutes = null
    } else if (entry.type === 'minutes.written') {
      minutes = { content: entry.data.minutes, act: null, signed: new Set() }
    } else if (minutes !== null) noteSignature(minutes, entry)
    if ((entry.type === 'ceremony.cancelled' || entry.type === 'ceremony.closed') && opened !== null) {
      past.push(describePast(primitives, opened, minutes, entry))
      opened = null
    }
  }
  return fitPast(past.reverse())
}

interface SignedMinutes {
  readonly content: Minutes
  /** The newest statement over them, and who has signed that one. */
  act: string | null
  signed: Set<string>
}

function noteSignature(minutes: SignedMinutes, entry: Entry): void {
  if (entry.type === 'joint.opened') {
    const { act, detail } = entry.data.statement
    if (detail.kind !== 'minutes' || detail.ceremony !== minutes.content.ceremony) return
    minutes.act = act
    minutes.signed = new Set()
  } else if (entry.type === 'joint.signed' && entry.data.act === minutes.act) minutes.signed.add(entry.data.person)
}

function describePast(
  primitives: Primitives,
  { at, data: { ceremony: id, kind, title } }: Extract<Entry, { type: 'ceremony.opened' }>,
  minutes: SignedMinutes | null,
  { type, at: endedAt }: Entry,
): PastCeremony {
  const isClosed = type === 'ceremony.closed'
  return {
    id,
    kind,
    title,
    openedAt: at,
    endedAt,
    result: isClosed ? 'closed' : 'cancelled',
    minutes: minutes === null ? null : describePastMinutes(primitives, minutes),
  }
}

function describePastMinutes(
  primitives: Primitives,
  { content, signed }: SignedMinutes,
): NonNullable<PastCeremony['minutes']> {
  const { hash, words } = describeMinutes(primitives, content)
  return {
    hash,
    words,
    beforeWords: headWords(primitives, content.headBefore),
    afterWords: headWords(primitives, content.headAfter),
    content,
    signed: [...signed],
  }
}

/** As many of the newest as one answer holds. */
function fitPast(past: readonly PastCeremony[]): PastCeremony[] {
  let bytes = 0
  return past.slice(0, pastMax).filter((one) => {
    bytes += JSON.stringify(one).length * 2
    return bytes <= pastBytesMax
  })
}
