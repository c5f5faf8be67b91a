/**
 * When each channel last took an alert, from the log alone. A delivery from before the channel had its present settings proves
 * nothing of those.
 */
import { channelHash } from '../../../shared/audit/channel-settings.ts'
import type { SignedManifest } from '../../../shared/contracts/strongroom.ts'
import { limits } from '../../../shared/limits.ts'
import type { Primitives } from '../../../shared/primitives.ts'
import { readEntryOrNull } from '../audit/timeline.ts'
import type { Statements } from '../store/driver.ts'

const pageRows = 200

/** A channel's newest delivery. */
export interface Proof {
  readonly at: string
  readonly receipt: string | null
}

export const proofMs = limits.channelProofDays * 86_400_000

/** Manifest version since which `channel` has its present settings. */
function versionSince(chain: readonly SignedManifest[], channel: string, primitives: Primitives): number {
  let since = Infinity
  let wanted: string | null = null
  for (const { manifest } of chain.toReversed()) {
    const settings = manifest.alerts?.channels.find(({ id }) => id === channel)
    const hash = settings === undefined ? null : channelHash(primitives, settings)
    wanted ??= hash
    if (hash === null || hash !== wanted) break
    since = manifest.version
  }
  return since
}

/** Number of the entry that brought each manifest version into force. */
async function findChanges(database: Pick<Statements, 'all'>): Promise<Map<number, number>> {
  const rows = await database.all(`SELECT bytes FROM entries WHERE type = 'manifest.changed'`)
  const changes = new Map<number, number>()
  for (const { bytes } of rows) {
    const entry = readEntryOrNull(bytes)
    if (entry?.type === 'manifest.changed') changes.set(entry.data.version, entry.seq)
  }
  return changes
}

/**
 * The newest delivery on each of `channels` with its present settings, none older than {@link proofMs} before `now` (ms
 * since 1970) unless it is found on the way.
 */
export async function findProofs(
  database: Pick<Statements, 'all'>,
  primitives: Primitives,
  chain: readonly SignedManifest[],
  channels: readonly string[],
  now: number,
): Promise<Map<string, Proof>> {
  const proofs = new Map<string, Proof>()
  const changes = await findChanges(database)
  const since = new Map(
    channels.map((id) => [id, changes.get(versionSince(chain, id, primitives)) ?? Infinity] as const),
  )
  for (let before = Number.MAX_SAFE_INTEGER; proofs.size < channels.length;) {
    const rows = await database.all(
      `SELECT seq, bytes FROM entries WHERE type = 'alert.delivered' AND seq < ? ORDER BY seq DESC LIMIT ${pageRows}`,
      before,
    )
    let oldest = Infinity
    for (const row of rows) {
      before = Number(row['seq'])
      const entry = readEntryOrNull(row['bytes'])
      if (entry?.type !== 'alert.delivered') continue
      oldest = Date.parse(entry.at)
      const { channel, receipt } = entry.data
      const isProof = !proofs.has(channel) && entry.seq > (since.get(channel) ?? Infinity)
      if (isProof) proofs.set(channel, { at: entry.at, receipt })
    }
    if (rows.length < pageRows || oldest < now - proofMs) break
  }
  return proofs
}
