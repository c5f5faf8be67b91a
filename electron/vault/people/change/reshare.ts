/**
 * A change of people comes into force: the old quorum signs the next manifest, every record concerned is sealed anew to the new
 * custodians and laid aside, each of them opens and checks their new shares there, and one transaction switches. Before it nothing
 * has changed; after it nothing of what was before is left.
 */
import { createSigning, findKey } from '../../../../shared/audit/manifest-signers.ts'
import { checkTapSignature, tapSource } from '../../../../shared/audit/tap.ts'
import { fromBase64Url } from '../../../../shared/bytes.ts'
import type { OperationView } from '../../../../shared/contracts/app.ts'
import type { Input, Output } from '../../../../shared/contracts/contract.ts'
import type { JobOf, strongroomContract } from '../../../../shared/contracts/strongroom.ts'
import type { Wrap } from '../../../../shared/domain/credential.ts'
import { changedSafes } from '../../../../shared/domain/custody-change.ts'
import type { Manifest, Person } from '../../../../shared/domain/manifest.ts'
import type { JointStatement } from '../../../../shared/domain/statements.ts'
import type { Tap } from '../../../../shared/domain/tap.ts'
import { HalliganError } from '../../../../shared/errors.ts'
import { insist, newId, stationActor, vaultFacts, type VaultContext } from '../../context.ts'
import type { Operation } from '../../operations/operation.ts'
import { createPlainOperation } from '../../operations/plain-operation.ts'
import type { History } from '../../requests/history.ts'
import { loadSignCounts, readSignCount, saveSignCount } from '../../requests/sign-counts.ts'
import type { Statements } from '../../store/driver.ts'
import { describeChange, describeSignature, storeManifest, writeNext } from '../amendment.ts'
import type { InForce, Registry } from '../registry.ts'
import { loadWraps, saveWrap } from '../wraps.ts'
import { arrivalsOf, replaceWraps, requireComplete, sayEnrolledAgain } from './arrivals.ts'
import { deleteChangeDraft, saveChangeDraft, type ChangeDraft, type ChangeHolder } from './change-draft.ts'
import { findLeavers } from './change-rules.ts'
import { checkJointTap, describeJointTap, writeJointStatement } from './joint.ts'
import { changeManifest } from './next-manifest.ts'
import { clearStaged, fillPage, switchRecords } from './record-pages.ts'
import { createRecordReader, findOldRecords, type OldRecord } from './reshare-plan.ts'
import { createStaging } from './staging.ts'

type Calls = typeof strongroomContract
type JointSigned = Input<Calls, 'jointSigned'>

/** Many people come to one table: longer than a form may stand open. */
const lifetimeMs = 2 * 60 * 60_000

export interface ReshareMeans {
  readonly context: VaultContext
  readonly registry: Registry
  readonly history: Pick<History, 'reseals'>
  readonly holder: ChangeHolder
}

const nameIn = (manifests: readonly Manifest[], id: string): string =>
  manifests.flatMap(({ persons }) => persons).find((person) => person.id === id)?.name ?? id

/** Wraps of everybody in the safes concerned: those in force, and those that come with the change. */
async function collectWraps(
  statements: Statements,
  before: Manifest,
  next: Manifest,
  draft: ChangeDraft,
  records: readonly OldRecord[],
): Promise<Wrap[]> {
  const concerned = new Set([...changedSafes(before, next), ...records.flatMap(({ from, to }) => [from, to])])
  const inForce = await Promise.all([...concerned].map((safe) => loadWraps(statements, safe)))
  return [...inForce.flat(), ...arrivalsOf(before, draft).flatMap(({ wraps }) => wraps)]
}

/**
 * @throws HalliganError VAULT_NOT_READY, CHANGE_UNKNOWN, CHANGE_INCOMPLETE {people}, AMENDMENT_EMPTY, MANIFEST_INVALID {detail}
 */
export async function createReshare(means: ReshareMeans): Promise<Operation> {
  const { context, registry, history, holder } = means
  const { log, primitives, store } = context
  const { database } = store
  const before = registry.require()
  const { change } = holder.get()
  requireComplete(before.manifest, holder.get())
  const next = await writeNext(context, before, () => changeManifest(before.manifest, holder.get()))
  await database.transaction(clearStaged)
  const records = await findOldRecords(database, before.manifest, change)
  await sayEnrolledAgain(context, registry, holder)
  const manifests = [next.manifest, before.manifest]
  const manifestPair = { before: before.manifest, next: next.manifest }
  const reader = createRecordReader(database, primitives, history, (person) => nameIn(manifests, person))
  const signing = createSigning(before.manifest, next.manifest, true)
  const signatures: Tap[] = []
  const staging = createStaging(context, records, reader, next)
  const checked = new Set<string>()
  const checkers = findCheckers(next.manifest, records)
  const taps: OperationView['taps'] = []
  let joint: JointStatement | null = null
  let isSwitched = false

  const isSigned = (): boolean => signing.progress().have >= signing.progress().need
  const noteTap = (person: string, at: string | undefined): void => {
    taps.push({ person, at: at ?? next.manifest.createdAt, counts: true })
  }

  async function addSignature(tap: Tap): Promise<void> {
    const refused = signing.refuse(tap.person, tap.key)
    if (refused !== null) throw new HalliganError(refused)
    const person = checkManifestTap(context, [before.manifest, next.manifest], next, tap)
    const [entry] = await log.append([describeSignature(next, person, tap)])
    signatures.push(tap)
    signing.add(tap.person)
    noteTap(tap.person, entry?.at)
  }

  async function openJoint({
    records: count,
    root,
  }: Input<Calls, 'jointOpened'>): Promise<Output<Calls, 'jointOpened'>> {
    insist(joint === null && records.length > 0, 'joint')
    insist(count === records.length && staging.isComplete(), 'records')
    insist((await staging.readRoot()) === root, 'root')
    const { version } = next.manifest
    const statement = writeJointStatement(context, before.hash, {
      kind: 'reshare',
      next: { version, hash: next.hash },
      records: count,
      root,
    })
    await log.append([{ type: 'joint.opened', actor: stationActor, data: { statement } }])
    joint = statement
    return { statement }
  }

  async function addCheck(input: JointSigned): Promise<void> {
    const { tap, wraps, signCount } = input
    insist(joint !== null, 'joint')
    if (!checkers.has(tap.person)) throw new HalliganError('TAP_NOT_CUSTODIAN')
    if (checked.has(tap.person)) throw new HalliganError('TAP_PERSON_ALREADY_COUNTED')
    checkJointTap(context, next.manifest, joint, tap)
    insist(readSignCount(tap.assertion) === signCount, 'sign-count')
    const person = { id: tap.person, name: nameIn(manifests, tap.person) }
    const { draft, inForce } = replaceWraps(manifestPair, holder.get(), wraps, tap)
    const [entry] = await log.append([describeJointTap(joint.act, person, input)], async (statements) => {
      await saveSignCount(statements, tap.key, signCount)
      for (const wrap of inForce) await saveWrap(statements, wrap)
      if (draft !== holder.get()) await saveChangeDraft(statements, draft)
    })
    holder.set(draft)
    checked.add(tap.person)
    noteTap(tap.person, entry?.at)
  }

  async function switchOver(): Promise<void> {
    insist(!isSwitched && isSigned(), 'signatures')
    insist(staging.isComplete(), 'records')
    insist(records.length === 0 || joint !== null, 'joint')
    insist(
      [...checkers].every((person) => checked.has(person)),
      'checks',
    )
    // The old records die with the switch: what takes their place is read from the disk once more.
    const checkedRoot = joint?.detail.kind === 'reshare' ? joint.detail.root : null
    insist(joint === null || (await staging.readRoot()) === checkedRoot, 'root')
    const leaversOf = ({ from, to }: OldRecord): string[] => findLeavers(before.manifest, change, from, to)
    const entries = [...staging.describe(joint?.act ?? '', leaversOf), describeChange(next)]
    await log.append(entries, async (statements) => {
      insist((await switchRecords(statements)) === records.length, 'switched')
      for (const { wraps } of arrivalsOf(before.manifest, holder.get())) {
        for (const wrap of wraps) await saveWrap(statements, wrap)
      }
      await storeManifest(statements, next.manifest, signatures)
      await deleteChangeDraft(statements)
    })
    registry.add({ manifest: next.manifest, signatures })
    holder.set(null)
    isSwitched = true
    // Old records, and the wraps of those who left, must be gone from the write-ahead log too.
    await store.eraseRemnants()
  }

  const id = newId(context)
  const job: JobOf<'reshare'> = {
    kind: 'reshare',
    ...vaultFacts(context, id),
    manifests: registry.chain(),
    next: next.manifest,
    moves: change.moves,
    records: records.length,
    wraps: await collectWraps(database, before.manifest, next.manifest, holder.get(), records),
    rings: arrivalsOf(before.manifest, holder.get()).flatMap(({ person, rings }) =>
      rings.map((ring) => ({ person, ...ring })),
    ),
    signCounts: await loadSignCounts(database, [
      ...new Set(
        manifests.flatMap(({ persons }) => persons.flatMap(({ keys }) => keys.map((key) => key.credentialId))),
      ),
    ]),
  }
  const operation = createPlainOperation(context, {
    id,
    kind: 'reshare',
    person: null,
    need: signing.progress().need + checkers.size,
    lifetimeMs,
    job,
    calls: {
      manifestSigned: async ({ tap }) => {
        await addSignature(tap)
        return {}
      },
      oldRecords: async ({ from }) => ({ records: await fillPage(records, from, reader.vouch) }),
      resealed: async ({ from, records: page }) => {
        insist(joint === null, 'joint')
        await staging.add(from, page)
        return {}
      },
      newRecords: async ({ from }) => ({ records: await staging.read(from) }),
      jointOpened: openJoint,
      jointSigned: async (input) => {
        await addCheck(input)
        return {}
      },
      reshared: async () => {
        await switchOver()
        return {}
      },
    },
    isDone: () => isSwitched,
    viewTaps: () => [...taps],
  })
  return {
    ...operation,
    conclude: async (ending) => {
      // Of no use to anybody any more. What is left over because this fails goes when the vault is opened.
      if (!isSwitched) await database.transaction(clearStaged).catch(() => undefined)
      const outcome = await operation.conclude(ending)
      await store.eraseRemnants()
      return outcome
    },
  }
}

/** Everybody who will hold a share of a record that is sealed anew. */
function findCheckers({ safes }: Manifest, records: readonly OldRecord[]): ReadonlySet<string> {
  const targets = new Set(records.map(({ to }) => to))
  return new Set(
    safes.filter(({ id }) => targets.has(id)).flatMap(({ custodians }) => custodians.map(({ person }) => person)),
  )
}

/** Whose tap on `next` this is. @throws HalliganError TAP_KEY_UNKNOWN, or why the tap is not valid */
function checkManifestTap(
  { primitives }: VaultContext,
  manifests: readonly Manifest[],
  next: InForce,
  tap: Tap,
): Person {
  const known = manifests.find((manifest) => findKey(manifest, tap.person, tap.key) !== undefined)
  const key = known === undefined ? undefined : findKey(known, tap.person, tap.key)
  const person = known?.persons.find(({ id }) => id === tap.person)
  if (key === undefined || person === undefined) throw new HalliganError('TAP_KEY_UNKNOWN')
  const challenge = fromBase64Url(next.hash)
  const check = { assertion: tap.assertion, publicKey: key.publicKey, challenge, ...tapSource }
  const problem = checkTapSignature(primitives, check)
  if (problem !== null) throw new HalliganError(problem)
  return person
}
