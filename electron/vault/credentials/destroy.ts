/**
 * An old version is erased for good: entry and deletion in one transaction, overwritten in the file (secure_delete), and the
 * write-ahead log emptied. One person signs; the newest version must have been proven to open.
 */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { personActor } from '../context.ts'
import { readEntryOrNull } from '../audit/timeline.ts'
import type { Operation } from '../operations/operation.ts'
import { createAct } from '../people/act.ts'
import type { RequestMeans } from '../requests/means.ts'
import type { Statements } from '../store/driver.ts'
import type { Store } from '../store/store.ts'

/** Deletes a record with its shares. */
async function deleteRecord(statements: Statements, credential: string, version: number): Promise<void> {
  await statements.run('DELETE FROM shares WHERE credential = ? AND version = ?', credential, version)
  await statements.run('DELETE FROM records WHERE credential = ? AND version = ?', credential, version)
}

/**
 * @throws HalliganError CREDENTIAL_UNKNOWN also for a version that is not there any more; POLICY_INVALID {field} for the newest, or
 *   a person who is neither a custodian of the safe nor a lead; VERSION_NOT_PROVEN, VAULT_NOT_READY, PERSON_UNKNOWN,
 *   SETUP_INCOMPLETE
 */
export async function createDestruction(
  { context, registry, catalogue, history }: RequestMeans,
  { credential, version, person: personId }: Input<typeof appContract, 'credential.destroy'>,
): Promise<Operation> {
  registry.require()
  const newest = (await catalogue.find(credential)).data
  if (version >= newest.version) throw new HalliganError('POLICY_INVALID', { field: 'version', why: 'newest' })
  const old = await catalogue.findVersion(credential, version)
  const safe = registry.requireSafe(old.safe)
  const person = registry.requirePerson(personId)
  const isCustodian = safe.custodians.some((one) => one.person === person.id)
  if (!isCustodian && !person.roles.includes('lead')) {
    throw new HalliganError('POLICY_INVALID', { field: 'person', why: 'not-custodian-or-lead', name: person.name })
  }
  if (history.proofs.versionAt(credential, newest.version) === null) throw new HalliganError('VERSION_NOT_PROVEN')
  const { name, record } = old
  const operation = createAct(context, registry, {
    kind: 'destroy',
    person: person.id,
    detail: { kind: 'destroy', credential, version, name, record },
    perform: async (statement, tap) => {
      const data = { credential, version, name, statement, key: tap.key, assertion: tap.assertion }
      await context.log.append(
        [{ type: 'credential.destroyed', actor: personActor(person, true), data }],
        (statements) => deleteRecord(statements, credential, version),
      )
      // Before anybody is told that it is gone.
      await context.store.eraseRemnants()
    },
  })
  return operation
}

/**
 * Deletes what the log says was destroyed and is there all the same (a record put back). Never the newest version.
 * @returns whether there was any
 */
export async function eraseDestroyed({
  database,
  eraseRemnants,
}: Pick<Store, 'database' | 'eraseRemnants'>): Promise<boolean> {
  const rows = await database.all(`SELECT bytes FROM entries WHERE type = 'credential.destroyed'`)
  let found = false
  for (const { bytes } of rows) {
    const entry = readEntryOrNull(bytes)
    if (entry?.type !== 'credential.destroyed') continue
    const { credential, version } = entry.data
    const left = await database.all(
      'SELECT version FROM records WHERE credential = ? AND version >= ?',
      credential,
      version,
    )
    const isThere = left.some((row) => row['version'] === version)
    if (!isThere || left.length < 2) continue
    await database.transaction((statements) => deleteRecord(statements, credential, version))
    found = true
  }
  if (found) await eraseRemnants()
  return found
}
