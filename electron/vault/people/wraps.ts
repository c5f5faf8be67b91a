/** Custodians' wrapped secret keys at rest. An old wrap is overwritten, never kept beside the new one. */
import { fromUtf8 } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { wrapSchema, type Wrap } from '../../../shared/domain/credential.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import type { Row, Statements } from '../store/driver.ts'

/** Stores `wrap` in the place of the one for the same safe, person and key (secure_delete overwrites that). */
export async function saveWrap(statements: Statements, wrap: Wrap): Promise<void> {
  const { safe, person, key } = wrap
  await statements.run(
    'INSERT OR REPLACE INTO wraps (safe, person, key, bytes) VALUES (?, ?, ?, ?)',
    safe,
    person,
    key,
    canonicalBytes(wrap),
  )
}

function readWrap({ bytes }: Row): Wrap | null {
  try {
    return wrapSchema.parse(JSON.parse(fromUtf8(bytes as Uint8Array)))
  } catch {
    // Left out: the custodian's other key, or another custodian, still works.
    return null
  }
}

/** Every readable wrap of a safe. */
export async function loadWraps(statements: Pick<Statements, 'all'>, safe: string): Promise<Wrap[]> {
  const rows = await statements.all('SELECT bytes FROM wraps WHERE safe = ? ORDER BY person, key', safe)
  return rows.map(readWrap).filter((wrap) => wrap !== null)
}

/** Forgets every wrap of one person, or of everybody. */
export async function deleteWraps(statements: Statements, person: string | null): Promise<void> {
  if (person === null) await statements.run('DELETE FROM wraps')
  else await statements.run('DELETE FROM wraps WHERE person = ?', person)
}

/** Deletes every wrap for whose safe, person and key `manifest` has no place any more (secure_delete overwrites it). */
export async function deleteStrayWraps(statements: Statements, { safes, persons }: Manifest): Promise<void> {
  const keysOf = new Map(persons.map(({ id, keys }) => [id, keys.map(({ credentialId }) => credentialId)]))
  const places = new Set(
    safes.flatMap(({ id, custodians }) =>
      custodians.flatMap(({ person }) => (keysOf.get(person) ?? []).map((key) => `${id} ${person} ${key}`)),
    ),
  )
  for (const row of await statements.all('SELECT safe, person, key FROM wraps')) {
    const { safe, person, key } = row as Readonly<Record<'safe' | 'person' | 'key', string>>
    if (places.has(`${safe} ${person} ${key}`)) continue
    await statements.run('DELETE FROM wraps WHERE safe = ? AND person = ? AND key = ?', safe, person, key)
  }
}

/** Every readable wrap of one person, under any of their keys. */
export async function loadWrapsOf(statements: Pick<Statements, 'all'>, person: string): Promise<Wrap[]> {
  const rows = await statements.all('SELECT bytes FROM wraps WHERE person = ? ORDER BY safe, key', person)
  return rows.map(readWrap).filter((wrap) => wrap !== null)
}
