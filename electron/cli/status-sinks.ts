/** How far each sink of the manifest in force has come, by what this station wrote down. */
import { fromUtf8 } from '../../shared/bytes.ts'
import { placeHash } from '../../shared/audit/sink-settings.ts'
import { manifestSchema } from '../../shared/domain/manifest.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import type { Database } from '../vault/store/driver.ts'
import { createCursors } from '../vault/sync/cursors.ts'

export interface SinkStatus {
  readonly sink: string
  readonly name: string
  readonly kind: string
  /** Entries that it has acknowledged. */
  readonly acknowledged: number
  readonly acknowledgedAt: string | null
  /** True while it is known to hold another log, and nobody has settled it. */
  readonly diverged: boolean
}

/** In the manifest's order; empty when it names none, or cannot be read (`halligan verify` says so). */
export async function readSinks(database: Database): Promise<SinkStatus[]> {
  const row = await database.get('SELECT bytes FROM manifests ORDER BY version DESC LIMIT 1')
  const bytes = row?.['bytes']
  const sinks = bytes instanceof Uint8Array ? readManifestSinks(bytes) : []
  // A vault that an older Halligan wrote last has no such table yet, and no sinks.
  const table = await database.get(`SELECT 1 FROM sqlite_master WHERE name = 'sink_cursors'`)
  if (table === undefined) return []
  const cursors = createCursors(database)
  const found: SinkStatus[] = []
  for (const settings of sinks) {
    const { size, at, divergence } = await cursors.load(settings.id, placeHash(nodePrimitives, settings))
    const { id: sink, name, kind } = settings
    found.push({ sink, name, kind, acknowledged: size, acknowledgedAt: at, diverged: divergence !== null })
  }
  return found
}

function readManifestSinks(bytes: Uint8Array) {
  try {
    return manifestSchema.parse(JSON.parse(fromUtf8(bytes))).sinks ?? []
  } catch {
    return []
  }
}

/** One line for each sink. @param size entries of the log */
export const saySinks = (sinks: readonly SinkStatus[], size: number): string[] =>
  sinks.map(({ name, acknowledged, acknowledgedAt, diverged }) => {
    if (diverged) return `"${name}" holds another log than this vault: somebody rewrote one of the two.`
    const at = acknowledgedAt === null ? '' : `, last at ${acknowledgedAt}`
    return `"${name}" has ${acknowledged} of ${size} entries${at}.`
  })
