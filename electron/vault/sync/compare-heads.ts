/** Whether a sink and we hold the same log, as far as the shorter of the two goes. */
import type { ErrorDetail } from '../../../shared/errors.ts'
import type { Cursor, Divergence } from './cursors.ts'
import type { DeliveryReader } from './deliveries.ts'

/** What a sink says of its newest entry; null when its kind cannot say anything. */
export type Head = { readonly size: number; readonly lastHash: string | null } | null

export type HeadVerdict =
  /** Go on from here. It may be less than was acknowledged once: the sink was cut, or restored from an older copy. */
  | { readonly kind: 'agreed'; readonly size: number; readonly hash: string | null }
  | { readonly kind: 'diverged'; readonly divergence: Divergence }

/** @param ours entries in our log */
export async function compareHeads(
  head: Head,
  cursor: Pick<Cursor, 'size' | 'hash'>,
  ours: number,
  reader: Pick<DeliveryReader, 'hashAt'>,
): Promise<HeadVerdict> {
  // Of a sink that cannot answer we know what it has acknowledged.
  const { size, lastHash } = head ?? { size: cursor.size, lastHash: cursor.hash }
  if (size === 0) return { kind: 'agreed', size, hash: null }
  const hash = size > ours ? null : await reader.hashAt(size - 1)
  if (hash !== null && hash === lastHash) return { kind: 'agreed', size, hash }
  return { kind: 'diverged', divergence: { size, ours: hash, theirs: lastHash } }
}

/** What a refusal says that the sink holds (electron/courier/sink.ts); undefined when it does not say. */
export function readRefusedHead({ size, lastHash }: ErrorDetail): Exclude<Head, null> | undefined {
  const isHead = typeof size === 'number' && typeof lastHash === 'string' && (size === 0) === (lastHash === '')
  return isHead ? { size, lastHash: lastHash === '' ? null : lastHash } : undefined
}

export const isSameDivergence = (a: Divergence | null, b: Divergence): boolean =>
  a !== null && a.size === b.size && a.ours === b.ours && a.theirs === b.theirs
