/** What brings about the step that is on, where an operation does that. */
import { stepOn } from '../../../shared/audit/ceremony-track.ts'
import type { appContract, CredentialView } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { Task } from '../../../shared/domain/ceremony.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { createDestruction } from '../credentials/destroy.ts'
import { createProof } from '../credentials/prove.ts'
import { createSeal } from '../credentials/seal.ts'
import type { OpenVault } from '../open-vault.ts'
import type { Operation } from '../operations/operation.ts'
import { createKeyDrill } from '../people/key-drill.ts'
import { openRequest } from '../requests/open-request.ts'

type RunInput = Input<typeof appContract, 'ceremony.run'>
type TaskOf<K extends Task['kind']> = Extract<Task, { kind: K }>

/** @throws HalliganError CREDENTIAL_UNKNOWN */
async function findCredential({ catalogue }: OpenVault, id: string): Promise<CredentialView> {
  const found = (await catalogue.list()).find((one) => one.id === id)
  if (found === undefined) throw new HalliganError('CREDENTIAL_UNKNOWN')
  return found
}

/** @throws HalliganError POLICY_INVALID {field: 'person'} */
function requireDoer({ person }: RunInput): string {
  if (person === null) throw new HalliganError('POLICY_INVALID', { field: 'person', why: 'missing' })
  return person
}

/** The new version is as the old one in everything but its secret, and how it is rotated where that was written anew. */
async function startSeal(opened: OpenVault, id: string, input: RunInput): Promise<Operation> {
  const { context, registry, catalogue } = opened
  const { safe, name, kind, requesters, rotationDays, ...found } = await findCredential(opened, id)
  const rotationNote = input.rotationNote ?? found.rotationNote ?? ''
  const person = requireDoer(input)
  return createSeal(context, registry, catalogue, {
    credential: id,
    safe,
    name,
    kind,
    // Who has gone since can ask no more.
    requesters: requesters.filter((one) => registry.nameOf(one) !== undefined),
    rotationDays,
    ...(rotationNote === '' ? {} : { rotationNote }),
    person,
  })
}

/**
 * Its oldest version, as long as more than `keep` older ones are left: the step is run again while there are more.
 * @throws HalliganError CEREMONY_STEP_WRONG when there is none to destroy
 */
async function startDestruction(
  opened: OpenVault,
  { credential, keep = 0 }: TaskOf<'destroy'>,
  input: RunInput,
): Promise<Operation> {
  const { olderVersions } = await findCredential(opened, credential)
  const oldest = olderVersions.length > keep ? olderVersions.at(-1) : undefined
  if (oldest === undefined) throw new HalliganError('CEREMONY_STEP_WRONG', { why: 'nothing-to-run' })
  return createDestruction(opened, { credential, version: oldest.version, person: requireDoer(input) })
}

/** A request like any other: in an emergency nothing may be different from what was practised. */
async function startPractice(opened: OpenVault, id: string, title: string, input: RunInput): Promise<Operation> {
  const { safe } = await findCredential(opened, id)
  const { policy } = opened.registry.requireSafe(safe)
  return openRequest(opened, {
    credential: id,
    requester: requireDoer(input),
    reason: `Practice in the ceremony “${title}”.`,
    incident: null,
    windowSeconds: Math.min(Math.max(practiceSeconds, policy.windowSecondsMin), policy.windowSecondsMax),
  })
}

/** Long enough to read the fields aloud. */
const practiceSeconds = 120

async function startTask(opened: OpenVault, task: Task, title: string, input: RunInput): Promise<Operation> {
  const { context, registry, changes } = opened
  switch (task.kind) {
    case 'seal':
      return startSeal(opened, task.credential, input)
    case 'key-drill':
      return createKeyDrill(context, registry, { person: task.person, key: task.key })
    case 'practice':
      return startPractice(opened, task.credential, title, input)
    case 'enrol':
      return changes.enrol(task.person, input.labels)
    case 'reshare':
      return changes.apply()
    case 'prove':
      return createProof(opened, { purpose: 'rotation', safe: task.safe, credentials: task.credentials })
    case 'safe-drill':
      return createProof(opened, { purpose: 'drill', safe: task.safe, credentials: [task.credential] })
    case 'destroy':
      return startDestruction(opened, task, input)
    case 'confirm':
    case 'read-head':
    case 'classify':
      throw new HalliganError('CEREMONY_STEP_WRONG', { why: 'nothing-to-run' })
  }
}

/**
 * Starts it. What is brought about already can be done again: a proof that failed for one key is repeated with another.
 * @throws HalliganError CEREMONY_UNKNOWN, CEREMONY_STEP_WRONG, POLICY_INVALID {field}, and what the operation throws
 */
export function createStepOperation(opened: OpenVault, input: RunInput): Promise<Operation> {
  const open = opened.ceremonies.require(input.ceremony)
  const step = stepOn(open)
  if (open.minutes !== null || step === undefined || input.step !== open.steps.length) {
    throw new HalliganError('CEREMONY_STEP_WRONG')
  }
  return startTask(opened, step.task, open.opened.data.title, input)
}
