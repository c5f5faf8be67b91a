/** Finishing the step that is on, and writing down what went otherwise. */
import { leadNow, mayTakeOver, stepOn, type TrackedCeremony } from '../../../shared/audit/ceremony-track.ts'
import type { NewEntry } from '../../../shared/audit/entry.ts'
import { utf8 } from '../../../shared/bytes.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { Task } from '../../../shared/domain/ceremony.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { personActor, type VaultContext } from '../context.ts'
import type { Registry } from '../people/registry.ts'
import type { Ceremonies } from './ceremonies.ts'
import { mayFinish } from './ceremony-people.ts'

/** UTF-8 bytes of all notes and exceptions of one ceremony: its minutes must fit into one entry. */
const notesBytesMax = 300_000
const exceptionsMax = 200

export interface CeremonyMeans {
  readonly context: VaultContext
  readonly registry: Registry
  readonly ceremonies: Ceremonies
  /** Whether a step's task is brought about where the log alone does not tell. */
  readonly isTaskDone: (task: Task) => boolean
}

const bytesOf = (text: string): number => utf8(text).length

/** @throws HalliganError CEREMONY_STEP_WRONG once minutes are written */
function requireRunning({ minutes }: TrackedCeremony): void {
  if (minutes !== null) throw new HalliganError('CEREMONY_STEP_WRONG', { why: 'minutes-written' })
}

/** @throws HalliganError POLICY_INVALID {field: 'note'} */
function requireRoom({ steps, exceptions }: TrackedCeremony, text: string): void {
  const used = [...steps.map(({ note }) => note), ...exceptions.map(({ what }) => what)].reduce(
    (sum, one) => sum + bytesOf(one),
    0,
  )
  if (used + bytesOf(text) > notesBytesMax || exceptions.length >= exceptionsMax) {
    throw new HalliganError('POLICY_INVALID', { field: 'note', why: 'too-much' })
  }
}

/** Whether what the step is for has happened since the ceremony was opened. */
export const isBroughtAbout = (
  { isTaskDone }: Pick<CeremonyMeans, 'isTaskDone'>,
  open: TrackedCeremony,
  task: Task,
): boolean => open.facts.isBroughtAbout(task) ?? isTaskDone(task)

/**
 * Entry `ceremony.step`.
 * @throws HalliganError CEREMONY_UNKNOWN, CEREMONY_STEP_WRONG, CEREMONY_STEP_UNFINISHED, PERSON_UNKNOWN, POLICY_INVALID {field}
 */
export async function finishStep(
  means: CeremonyMeans,
  input: Input<typeof appContract, 'ceremony.step'>,
): Promise<void> {
  const { context, registry, ceremonies } = means
  const open = ceremonies.require(input.ceremony)
  requireRunning(open)
  const step = stepOn(open)
  if (step === undefined || input.step !== open.steps.length) throw new HalliganError('CEREMONY_STEP_WRONG')
  const person = registry.requirePerson(input.person)
  if (!mayFinish(open, step, person)) {
    throw new HalliganError('POLICY_INVALID', { field: 'person', why: 'not-of-this-step', name: person.name })
  }
  if (input.result === 'excepted') {
    if (!open.exceptions.some((one) => one.step === input.step)) {
      throw new HalliganError('CEREMONY_STEP_UNFINISHED', { why: 'exception-missing' })
    }
  } else if (!isBroughtAbout(means, open, step.task)) throw new HalliganError('CEREMONY_STEP_UNFINISHED')
  requireRoom(open, input.note)
  const { ceremony, result, initials, note } = input
  const data = { ceremony, step: input.step, title: step.title, result, person: person.id, initials, note }
  const entry: NewEntry = { type: 'ceremony.step', actor: personActor(person, false), data }
  await context.log.append([entry])
}

/**
 * Entry `ceremony.exception`.
 * @throws HalliganError CEREMONY_UNKNOWN, CEREMONY_STEP_WRONG, PERSON_UNKNOWN, POLICY_INVALID {field}
 */
export async function noteException(
  { context, registry, ceremonies }: CeremonyMeans,
  input: Input<typeof appContract, 'ceremony.except'>,
): Promise<void> {
  const open = ceremonies.require(input.ceremony)
  requireRunning(open)
  if (input.step !== null && input.step >= open.opened.data.script.length)
    throw new HalliganError('CEREMONY_STEP_WRONG')
  const decider = registry.requirePerson(input.decidedBy)
  if (input.absent === leadNow(open)) {
    // Somebody has to answer for the minutes: whoever decides this does, from here on, and signs them.
    if (!mayTakeOver(registry.require().manifest, open, decider.id))
      throw new HalliganError('POLICY_INVALID', { field: 'decidedBy', why: 'cannot-lead', name: decider.name })
  } else if (input.absent !== null) registry.requirePerson(input.absent)
  requireRoom(open, input.what)
  const { ceremony, step, what, decidedBy, absent } = input
  const data = { ceremony, step, what, decidedBy, absent }
  await context.log.append([{ type: 'ceremony.exception', actor: personActor(decider, false), data }])
}
