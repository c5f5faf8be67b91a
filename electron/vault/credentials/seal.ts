/** Sealing a credential, or a new version of one: one person's tap, no quorum; the strongroom has the secret, we get the box. */
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { checkStoredRecord, sealedRecordHash, type StoredRecord } from '../../../shared/audit/records.ts'
import { challengeOf, checkTapSignature, tapSource } from '../../../shared/audit/tap.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { JobOf, strongroomContract } from '../../../shared/contracts/strongroom.ts'
import type { RecordHeader, SealedRecord } from '../../../shared/domain/credential.ts'
import type { Person, Safe } from '../../../shared/domain/manifest.ts'
import type { ActStatement, LogHead } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { insist, newId, personActor, vaultFacts, type VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createPlainOperation } from '../operations/plain-operation.ts'
import type { Registry } from '../people/registry.ts'
import type { Statements } from '../store/driver.ts'
import type { Catalogue } from './catalogue.ts'

type SealInput = Input<typeof appContract, 'credential.seal'>
type Sealed = Input<typeof strongroomContract, 'sealed'>

const sameJson = (a: unknown, b: unknown): boolean => toBase64Url(canonicalBytes(a)) === toBase64Url(canonicalBytes(b))

function checkInput(registry: Registry, input: SealInput): { person: Person; safe: Safe } {
  const safe = registry.requireSafe(input.safe)
  const person = registry.requirePerson(input.person)
  const maySeal = person.roles.includes('custodian') || person.roles.includes('lead')
  if (!maySeal)
    throw new HalliganError('POLICY_INVALID', { field: 'person', why: 'not-custodian-or-lead', name: person.name })
  if (person.keys.length === 0) throw new HalliganError('SETUP_INCOMPLETE', { people: person.name })
  for (const id of input.requesters) registry.requirePerson(id)
  if (new Set(input.requesters).size !== input.requesters.length) {
    throw new HalliganError('POLICY_INVALID', { field: 'requesters', why: 'twice' })
  }
  checkSatisfiable(registry, input, safe)
  return { person, safe }
}

/**
 * What nobody could ever open must not be sealed: for every requester enough custodians must be left whose tap counts, and at
 * least one requester must have a key to ask with.
 */
function checkSatisfiable(registry: Registry, { requesters }: SealInput, safe: Safe): void {
  const people = requesters.map((id) => registry.requirePerson(id))
  if (!people.some(({ keys }) => keys.length > 0)) {
    throw new HalliganError('POLICY_INVALID', { field: 'requesters', why: 'no-requester-with-key' })
  }
  const holders = safe.custodians
    .map(({ person }) => registry.requirePerson(person))
    .filter(({ keys }) => keys.length > 0)
    .map(({ id }) => id)
  for (const { id, name } of people) {
    const counting = holders.filter((custodian) => safe.policy.requesterMayTap || custodian !== id)
    if (counting.length < safe.threshold) {
      throw new HalliganError('POLICY_INVALID', { field: 'requesters', why: 'quorum-out-of-reach', name })
    }
  }
}

/** The header must say what this operation was started for, nothing else. */
function checkHeader(
  header: RecordHeader,
  job: JobOf<'seal'>,
  safe: Safe,
  manifest: { version: number; hash: string },
): void {
  const wanted = {
    vault: job.vault,
    safe: job.safe,
    credential: job.credential,
    version: job.version,
    manifest,
    name: job.name,
    kind: job.credentialKind,
    requesters: job.requesters,
    rotationDays: job.rotationDays,
    rotationNote: job.rotationNote,
    sealedBy: job.person,
    threshold: safe.threshold,
  }
  // What neither of them has is the same, too.
  for (const [field, value] of Object.entries(wanted))
    insist(sameJson(Reflect.get(header, field) ?? null, value ?? null), `header.${field}`)
  const places = (list: readonly { index: number; custodian: string }[]): string =>
    [...list]
      .sort((a, b) => a.index - b.index)
      .map(({ index, custodian }) => `${index}:${custodian}`)
      .join()
  const custodians = safe.custodians.map(({ index, person }) => ({ index, custodian: person }))
  insist(places(header.shares) === places(custodians), 'header.shares')
}

function toStored({ header, boxes, body }: SealedRecord): StoredRecord {
  return {
    credential: header.credential,
    version: header.version,
    header: canonicalBytes(header),
    body: fromBase64Url(body),
    boxes: boxes.map((box, index) => ({ index: header.shares[index]?.index ?? 0, box: fromBase64Url(box) })),
  }
}

async function saveRecord(statements: Statements, stored: StoredRecord): Promise<void> {
  const { credential, version, header, body, boxes } = stored
  await statements.run(
    'INSERT INTO records (credential, version, header, body) VALUES (?, ?, ?, ?)',
    credential,
    version,
    header,
    body,
  )
  await statements.runEach(
    'INSERT INTO shares (credential, version, idx, box) VALUES (?, ?, ?, ?)',
    boxes.map(({ index, box }) => [credential, version, index, box]),
  )
}

/**
 * @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN, POLICY_INVALID, SETUP_INCOMPLETE, CREDENTIAL_UNKNOWN
 */
export async function createSeal(
  context: VaultContext,
  registry: Registry,
  catalogue: Catalogue,
  input: SealInput,
): Promise<Operation> {
  const { manifest, hash } = registry.require()
  const { person, safe } = checkInput(registry, input)
  const version = input.credential === null ? 1 : (await catalogue.find(input.credential)).data.version + 1
  const id = newId(context)
  const heads: LogHead[] = []
  const job: JobOf<'seal'> = {
    kind: 'seal',
    ...vaultFacts(context, id),
    manifests: registry.chain(),
    person: person.id,
    credential: input.credential ?? newId(context),
    version,
    safe: safe.id,
    name: input.name,
    credentialKind: input.kind,
    requesters: input.requesters,
    rotationDays: input.rotationDays,
    ...(input.rotationNote === undefined ? {} : { rotationNote: input.rotationNote }),
  }
  let isSealed = false

  function checkStatement(statement: ActStatement, record: string): void {
    const { credential, name } = job
    const detail: ActStatement['detail'] = { kind: 'seal', safe: safe.id, credential, version, name, record }
    insist(sameJson(statement.detail, detail), 'statement.detail')
    insist(statement.vault === job.vault && statement.station === job.station, 'statement.vault')
    insist(statement.person === person.id, 'statement.person')
    insist(statement.manifest === hash, 'statement.manifest')
    // Only a head that we gave out: the tap then co-signs this log and no other.
    insist(
      heads.some((head) => sameJson(head, statement.head)),
      'statement.head',
    )
  }

  async function storeSealed({ record, statement, tap }: Sealed): Promise<void> {
    insist(!isSealed, 'sealed-twice')
    checkHeader(record.header, job, safe, { version: manifest.version, hash })
    const recordHash = sealedRecordHash(context.primitives, record)
    const stored = toStored(record)
    const facts = { record: recordHash, name: job.name, nameOf: (who: string) => registry.nameOf(who) ?? who }
    insist(record.boxes.length === record.header.shares.length, 'boxes')
    insist(checkStoredRecord(context.primitives, stored, facts).length === 0, 'record')
    checkStatement(statement, recordHash)
    insist(tap.person === person.id, 'tap.person')
    const key = registry.keyOf(tap.person, tap.key)
    if (key === undefined) throw new HalliganError('TAP_KEY_UNKNOWN')
    const challenge = challengeOf(context.primitives, 'act', statement)
    const check = { assertion: tap.assertion, publicKey: key.publicKey, challenge, ...tapSource }
    const problem = checkTapSignature(context.primitives, check)
    if (problem !== null) throw new HalliganError(problem)
    const { credential, name } = job
    const data = { credential, version, safe: safe.id, name, kind: job.credentialKind, record: recordHash }
    const [entry] = await context.log.append(
      [
        {
          type: 'credential.sealed',
          actor: personActor(person, true),
          data: { ...data, statement, key: tap.key, assertion: tap.assertion },
        },
      ],
      (statements) => saveRecord(statements, stored),
    )
    isSealed = true
    if (entry?.type === 'credential.sealed') catalogue.add(entry, record.header)
  }

  return createPlainOperation(context, {
    id,
    kind: 'seal',
    person: person.id,
    need: 1,
    job,
    calls: {
      sealed: async (sealed) => {
        await storeSealed(sealed)
        return {}
      },
    },
    isDone: () => isSealed,
    noteHead: (head) => {
      heads.push(head)
    },
  })
}
