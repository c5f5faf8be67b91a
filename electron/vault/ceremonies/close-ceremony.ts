/** Closing a ceremony: minutes are written once, and everybody who took part signs them with a tap, in any order. */
import { composeMinutes, minutesHash } from '../../../shared/audit/minutes.ts'
import { leadNow, type TrackedCeremony } from '../../../shared/audit/ceremony-track.ts'
import type { NewEntry } from '../../../shared/audit/entry.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { OperationView } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { strongroomContract } from '../../../shared/contracts/strongroom.ts'
import type { Minutes } from '../../../shared/domain/ceremony.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import { hasGoneBack } from '../../../shared/domain/sign-count.ts'
import type { JointStatement } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { insist, newId, stationActor, vaultFacts } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createPlainOperation } from '../operations/plain-operation.ts'
import { checkJointTap, describeJointTap, writeJointStatement } from '../people/change/joint.ts'
import { loadSignCounts, readSignCount, saveSignCount } from '../requests/sign-counts.ts'
import type { CeremonyMeans } from './finish-step.ts'

export interface CloseMeans extends CeremonyMeans {
  readonly program: () => Promise<Minutes['program']>
  /** What a request opened, for saying which reveals are unclassified. */
  readonly nameOfReveal: (request: string) => string
}

/** Other joint statements after which one of minutes is not taken up again: a verifier forgets the oldest of many. */
const laterMax = 32
const namedMax = 5

type JointSigned = Input<typeof strongroomContract, 'jointSigned'>

/** @throws HalliganError CEREMONY_UNFINISHED {steps, uses, why} */
function requireFinished({ ceremonies, nameOfReveal }: CloseMeans, open: TrackedCeremony): void {
  const missing = open.opened.data.script.slice(open.steps.length).map(({ title }) => `“${title}”`)
  const uses = ceremonies.unclassified()
  if (missing.length === 0 && uses.length === 0) return
  const listed = (names: readonly string[]): string =>
    [...names.slice(0, namedMax), ...(names.length > namedMax ? [`${names.length - namedMax} more`] : [])].join(', ')
  const why = [
    ...(missing.length === 0 ? [] : [`steps are open: ${listed(missing)}`]),
    ...(uses.length === 0 ? [] : [`reveals are not classified: ${listed(uses.map(nameOfReveal))}`]),
  ].join('; ')
  throw new HalliganError('CEREMONY_UNFINISHED', { steps: missing.length, uses: uses.length, why })
}

/** Who held what when the ceremony was opened. */
function manifestBefore({ registry }: CeremonyMeans, { manifestBefore: mark }: TrackedCeremony): Manifest {
  const found = registry.chain().find(({ manifest }) => manifest.version === mark?.version)
  if (found === undefined) throw new HalliganError('MANIFEST_INVALID', { detail: 'the one before the ceremony' })
  return found.manifest
}

/** Entry `minutes.written`, unless it is there. @throws HalliganError CEREMONY_UNFINISHED {steps, uses, why} */
async function writeMinutes(means: CloseMeans, open: TrackedCeremony): Promise<Minutes> {
  if (open.minutes !== null) return open.minutes.content
  requireFinished(means, open)
  const { context, registry } = means
  const { genesis } = context.log
  const { manifest, hash } = registry.require()
  const program = await means.program()
  const minutes = composeMinutes(open, {
    vault: genesis.vault,
    vaultName: genesis.vaultName,
    station: genesis.station,
    stationName: genesis.stationName,
    writtenAt: toTimestamp(context.clock.wall()),
    program,
    headAfter: context.log.head(),
    manifestAfter: { version: manifest.version, hash },
    before: manifestBefore(means, open),
    after: manifest,
  })
  const lead = minutes.participants.find(({ person }) => person === leadNow(open))
  // Nobody answers for them: somebody takes over by an exception, or it is given up.
  if (lead?.signs !== true) throw new HalliganError('POLICY_INVALID', { field: 'lead', why: 'cannot-sign' })
  const data = { ceremony: minutes.ceremony, minutes }
  await context.log.append([{ type: 'minutes.written', actor: stationActor, data }])
  return minutes
}

/** The statement that people sign: that of an earlier try while it can still be signed, so that nobody has to come back. */
async function openStatement(
  { context, registry }: CloseMeans,
  open: TrackedCeremony,
  minutes: Minutes,
): Promise<{ readonly statement: JointStatement; readonly signed: readonly string[] }> {
  const { hash: manifest } = registry.require()
  const hash = minutesHash(context.primitives, minutes)
  const { joint } = open
  if (joint !== null && joint.statement.manifest === manifest && joint.later <= laterMax) {
    return { statement: joint.statement, signed: [...joint.signed] }
  }
  const { ceremony, title } = minutes
  const statement = writeJointStatement(context, manifest, { kind: 'minutes', ceremony, title, minutes: hash })
  await context.log.append([{ type: 'joint.opened', actor: stationActor, data: { statement } }])
  return { statement, signed: [] }
}

/**
 * Writes the minutes where they are not written, and asks those who took part for their taps.
 * @throws HalliganError CEREMONY_UNKNOWN, CEREMONY_UNFINISHED {steps, uses, why}, POLICY_INVALID {field: 'lead'}
 */
export async function createClosing(means: CloseMeans, ceremony: string): Promise<Operation> {
  const { context, registry, ceremonies } = means
  const open = ceremonies.require(ceremony)
  const minutes = await writeMinutes(means, open)
  const { statement, signed: before } = await openStatement(means, open, minutes)
  const wanted = minutes.participants.filter(({ signs }) => signs).map(({ person }) => person)
  const signed = new Set(before.filter((person) => wanted.includes(person)))
  const people = wanted.map((id) => registry.requirePerson(id))
  const keys = people.flatMap((person) => person.keys.map(({ credentialId }) => credentialId))
  const signCounts = await loadSignCounts(context.store.database, keys)
  const countBefore = new Map(signCounts.map(({ key, count }) => [key, count]))
  const taps: OperationView['taps'] = []
  const id = newId(context)
  let isClosed = false

  const describeEnd = (): NewEntry => ({
    type: 'ceremony.closed',
    actor: stationActor,
    data: { ceremony, minutes: minutesHash(context.primitives, minutes), act: statement.act },
  })

  async function takeSignature({ tap, wraps }: JointSigned): Promise<void> {
    insist(!isClosed, 'signed-already')
    insist(wraps.length === 0, 'wraps')
    const person = people.find(({ id: one }) => one === tap.person)
    if (person === undefined) throw new HalliganError('TAP_NOT_THIS_PERSON')
    checkJointTap(context, registry.require().manifest, statement, tap)
    if (signed.has(person.id)) throw new HalliganError('TAP_PERSON_ALREADY_COUNTED')
    ceremonies.require(ceremony)
    const signCount = readSignCount(tap.assertion)
    const signCountWentBack = hasGoneBack(countBefore.get(tap.key) ?? 0, signCount)
    const entry = describeJointTap(statement.act, person, { tap, signCount, signCountWentBack, wraps })
    const isLast = signed.size + 1 === wanted.length
    const written = await context.log.append([entry, ...(isLast ? [describeEnd()] : [])], (statements) =>
      saveSignCount(statements, tap.key, signCount),
    )
    signed.add(person.id)
    taps.push({ person: person.id, at: written[0]?.at ?? minutes.writtenAt, counts: true })
    isClosed = isLast
  }

  return createPlainOperation(context, {
    id,
    kind: 'minutes',
    person: null,
    need: wanted.length,
    job: {
      kind: 'minutes',
      ...vaultFacts(context, id),
      manifests: registry.chain(),
      statement,
      minutes,
      signed: [...signed],
      signCounts,
    },
    calls: {
      jointSigned: async (input) => {
        await takeSignature(input)
        return {}
      },
    },
    isDone: () => isClosed,
    viewTaps: () => [...taps],
  })
}
