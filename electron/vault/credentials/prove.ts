/**
 * Enough custodians of a safe open their shares of records, and nothing is revealed: a drill of the safe, or the proof that new
 * versions open. Everything the strongroom claims is checked again; passed or not, the log says so.
 */
import type { EntryData, NewEntry } from '../../../shared/audit/entry.ts'
import { toBase64Url, fromBase64Url } from '../../../shared/bytes.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { JobOf, strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { needsPassphrase, type Wrap } from '../../../shared/domain/credential.ts'
import type { Safe } from '../../../shared/domain/manifest.ts'
import { hasGoneBack } from '../../../shared/domain/sign-count.ts'
import type { JointStatement } from '../../../shared/domain/statements.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { insist, newId, stationActor, vaultFacts } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createPlainOperation } from '../operations/plain-operation.ts'
import { checkJointTap, describeJointTap, writeJointStatement } from '../people/change/joint.ts'
import { loadWraps, saveWrap } from '../people/wraps.ts'
import { startStopwatch } from '../requests/deadlines.ts'
import type { RequestMeans } from '../requests/means.ts'
import { loadSignCounts, readSignCount, saveSignCount } from '../requests/sign-counts.ts'
import type { LoadedRecord } from './catalogue.ts'

type ProveInput = Input<typeof appContract, 'credential.prove'>
type JointSigned = Input<typeof strongroomContract, 'jointSigned'>
type Failure = EntryData<'proof.failed'>['failures'][number]

/** @throws HalliganError CREDENTIAL_UNKNOWN, RECORD_DAMAGED, SHARE_DAMAGED, POLICY_INVALID {field, why} */
async function loadRecords(
  { catalogue }: RequestMeans,
  { purpose, safe, credentials }: ProveInput,
): Promise<LoadedRecord[]> {
  if (new Set(credentials).size !== credentials.length) {
    throw new HalliganError('POLICY_INVALID', { field: 'credentials', why: 'twice' })
  }
  // One record shows that the quorum's shares combine; more would only make people wait.
  if (purpose === 'drill' && credentials.length !== 1) {
    throw new HalliganError('POLICY_INVALID', { field: 'credentials', why: 'one-for-a-drill' })
  }
  const loaded: LoadedRecord[] = []
  for (const credential of credentials) {
    const one = await catalogue.load(credential)
    if (one.record.header.safe !== safe) {
      throw new HalliganError('POLICY_INVALID', {
        field: 'credentials',
        why: 'other-safe',
        name: one.record.header.name,
      })
    }
    loaded.push(one)
  }
  return loaded
}

const describeRecord = ({ record: { header }, hash }: LoadedRecord) => ({
  credential: header.credential,
  version: header.version,
  name: header.name,
  record: hash,
})

/**
 * Opens a proof; resolves once `joint.opened` is on the disk.
 * @throws HalliganError VAULT_NOT_READY, POLICY_INVALID {field, why}, CREDENTIAL_UNKNOWN, RECORD_DAMAGED, SHARE_DAMAGED, STORAGE_*
 */
export async function createProof(means: RequestMeans, input: ProveInput): Promise<Operation> {
  const { context, registry } = means
  const { hash } = registry.require()
  const safe = registry.requireSafe(input.safe)
  const records = await loadRecords(means, input)
  const { database } = context.store
  const wraps = await loadWraps(database, safe.id)
  const keys = safe.custodians.flatMap(({ person }) => registry.requirePerson(person).keys)
  const signCounts = await loadSignCounts(
    database,
    keys.map(({ credentialId }) => credentialId),
  )
  const { purpose } = input
  // Written last, so that no other append can come between the head it names and its own entry.
  const statement = writeJointStatement(context, hash, {
    kind: 'prove',
    purpose,
    safe: safe.id,
    records: records.map(describeRecord),
  })
  await context.log.append([{ type: 'joint.opened', actor: stationActor, data: { statement } }])
  const job: JobOf<'prove'> = {
    kind: 'prove',
    ...vaultFacts(context, newId(context)),
    manifests: registry.chain(),
    statement,
    records: records.map(({ record, sealed, resealed }) => ({
      record: { ...record, body: '' },
      bodyHash: toBase64Url(context.primitives.sha256(fromBase64Url(record.body))),
      sealed,
      resealed,
    })),
    wraps,
    signCounts,
  }
  const threshold = Math.max(safe.threshold, ...records.map(({ record }) => record.header.threshold))
  return runProof(means, { job, statement, safe, purpose, threshold })
}

interface OpenProof {
  readonly job: JobOf<'prove'>
  readonly statement: JointStatement
  readonly safe: Safe
  readonly purpose: ProveInput['purpose']
  /** Distinct people needed. */
  readonly threshold: number
}

/** A new wrap may only replace the one that this very tap has opened, for the same secret key. */
function checkWraps(wraps: readonly Wrap[], safe: Safe, vault: string, tap: Tap): void {
  insist(wraps.length <= 1, 'wraps')
  for (const wrap of wraps) {
    const custody = safe.custodians.find(({ person }) => person === tap.person)
    insist(wrap.vault === vault && wrap.safe === safe.id, 'wrap.safe')
    insist(wrap.person === tap.person && wrap.key === tap.key, 'wrap.key')
    insist(wrap.publicKey === custody?.publicKey, 'wrap.publicKey')
    insist(needsPassphrase(wrap) === (safe.policy.passphrase === true), 'wrap.passphrase')
  }
}

function runProof(
  { context, registry }: RequestMeans,
  { job, statement, safe, purpose, threshold }: OpenProof,
): Operation {
  const { manifest } = registry.require()
  const { act } = statement
  const counters = new Map(job.signCounts.map(({ key, count }) => [key, count]))
  const sinceOpened = startStopwatch(context.clock)
  const signed = new Map<string, string>()
  const failures: Failure[] = []
  let refusal: ErrorCode | null = null
  let isPassed = false
  let hasErased = false
  const durationMs = (): number => Math.max(0, Math.round(sinceOpened.elapsedMs()))

  function judge(person: string): void {
    if (!safe.custodians.some((one) => one.person === person)) throw new HalliganError('TAP_NOT_CUSTODIAN')
    // Two keys of one person are one person.
    if (signed.has(person)) throw new HalliganError('TAP_PERSON_ALREADY_COUNTED')
    if (signed.size >= threshold) throw new HalliganError('TAP_AFTER_QUORUM')
  }

  async function sign(input: JointSigned): Promise<void> {
    insist(!isPassed, 'passed')
    const { tap, wraps } = input
    judge(tap.person)
    checkJointTap(context, manifest, statement, tap)
    checkWraps(wraps, safe, job.vault, tap)
    const signCount = readSignCount(tap.assertion)
    const signCountWentBack = hasGoneBack(counters.get(tap.key) ?? 0, signCount)
    const entry = describeJointTap(act, registry.requirePerson(tap.person), { ...input, signCount, signCountWentBack })
    const [written] = await context.log.append([entry], async (statements) => {
      await saveSignCount(statements, tap.key, signCount)
      for (const wrap of wraps) await saveWrap(statements, wrap)
    })
    counters.set(tap.key, signCount)
    hasErased ||= wraps.length > 0
    signed.set(tap.person, written?.at ?? statement.createdAt)
  }

  async function pass(people: string[]): Promise<void> {
    insist(!isPassed, 'passed-twice')
    const isEnough = new Set(people).size === people.length && people.length >= threshold
    insist(isEnough && people.every((person) => signed.has(person)), 'people')
    const data = { act, purpose, safe: safe.id, people, durationMs: durationMs() }
    await context.log.append([{ type: 'proof.passed', actor: stationActor, data }])
    isPassed = true
  }

  function describeFailure(code: ErrorCode): NewEntry {
    const people = [...signed.keys()]
    const data = { act, purpose, safe: safe.id, people, code, failures, durationMs: durationMs() }
    return { type: 'proof.failed', actor: stationActor, data }
  }

  const operation = createPlainOperation(context, {
    id: job.operation,
    kind: 'prove',
    person: null,
    need: threshold,
    job,
    calls: {
      jointSigned: async (input) => {
        await sign(input)
        return {}
      },
      proofPassed: async ({ people }) => {
        await pass(people)
        return {}
      },
    },
    isDone: () => isPassed,
    viewTaps: () => [...signed].map(([person, at]) => ({ person, at, counts: true })),
  })
  return {
    ...operation,
    noteRefusal: (code, person) => {
      refusal = code
      // Whoever failed over and over is one line; what failed first of many is what matters.
      const isKnown = failures.some((one) => one.person === person && one.code === code)
      if (!isKnown && failures.length < limits.custodians) failures.push({ person, code })
    },
    conclude: async (ending) => {
      const outcome = await operation.conclude(ending)
      if (!isPassed) await context.log.append([describeFailure(outcome.code ?? refusal ?? 'INTERNAL')])
      // Replaced wraps must be gone from the write-ahead log too: an old one opens with an old PRF output.
      if (hasErased) await context.store.eraseRemnants()
      return outcome.result === 'cancelled' ? { ...outcome, detail: refusal } : outcome
    },
  }
}
