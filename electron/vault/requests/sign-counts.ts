/** Signature counters of security keys: one that goes back hints at a copied key. An alert, never a lock-out. */
import type { Statements } from '../store/driver.ts'
import { fromBase64Url } from '../../../shared/bytes.ts'
import type { Assertion } from '../../../shared/domain/tap.ts'

/** Last counter seen of each of `keys`; 0 when none was. */
export async function loadSignCounts(
  statements: Pick<Statements, 'all'>,
  keys: readonly string[],
): Promise<{ key: string; count: number }[]> {
  const known = new Map<string, number>()
  for (const { key, count } of await statements.all('SELECT key, count FROM sign_counts')) {
    if (typeof key === 'string' && typeof count === 'number') known.set(key, count)
  }
  return keys.map((key) => ({ key, count: known.get(key) ?? 0 }))
}

export async function saveSignCount(statements: Statements, key: string, count: number): Promise<void> {
  await statements.run('INSERT OR REPLACE INTO sign_counts (key, count) VALUES (?, ?)', key, count)
}

/** Counter in an assertion that was verified (WebAuthn Level 3, section 6.1: 4 bytes at offset 33, big-endian). */
export function readSignCount({ authenticatorData }: Assertion): number {
  const bytes = fromBase64Url(authenticatorData)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(33)
}
