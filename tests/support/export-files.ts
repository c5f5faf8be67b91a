/** Exports in memory, as docs/format.md, section 6 says, made from a test log. */
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import { exportDescriptionFile, type ExportDescription } from '../../shared/audit/export-description.ts'
import { checkpointPart, exportFiles, logLine } from '../../shared/audit/export.ts'
import type { ExportPlace } from '../../shared/audit/export-place.ts'
import { createPartPlanner } from '../../shared/audit/part-plan.ts'
import type { Selection } from '../../shared/domain/selection.ts'
import { parseCheckpoint } from '../../shared/audit/checkpoint.ts'
import { concatBytes, fromUtf8, toBase64Url, utf8 } from '../../shared/bytes.ts'
import type { TestLog } from '../unit/audit/log-writer.ts'
import type { StationKey } from '../unit/audit/test-keys.ts'

/** Names and bytes of an export's files. */
export type Files = Map<string, Uint8Array>

const at = '2026-11-24T09:30:00.000Z'
const lines = (items: readonly Uint8Array[]): Uint8Array => concatBytes(...items.map(logLine))
const notesFile = (notes: readonly string[]): Uint8Array =>
  utf8(notes.map((note, index) => checkpointPart(note, index === 0)).join(''))

/** What the station says of the log that it exports. */
export interface Facts {
  readonly selection: Selection | null
  readonly selected: number
  readonly shown: number
}

/** The files with `export.json` beside them, signed by this key. Everything it says can be bent. */
export function describeExport(
  files: Files,
  log: TestLog,
  key: StationKey,
  facts: Facts,
  change: Partial<ExportDescription> = {},
): Files {
  const first = JSON.parse(fromUtf8(log.entries[0] ?? new Uint8Array(0))) as {
    station: string
    data: { vault: string }
  }
  const head = parseCheckpoint(log.checkpoints.at(-1) ?? '')
  if (head === null) throw new Error('a log without a checkpoint')
  const described = [...files].filter(([name]) => name !== exportFiles.description)
  const description: ExportDescription = {
    format: 'halligan/export/v1',
    kind: facts.selection === null ? 'whole' : 'part',
    vault: first.data.vault,
    station: first.station,
    at,
    size: head.size,
    root: toBase64Url(head.root),
    ...facts,
    files: described
      .map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: toBase64Url(nodePrimitives.sha256(bytes)) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...change,
  }
  return new Map([...described, [exportFiles.description, exportDescriptionFile(description, key.sign)]])
}

const forPeople: readonly (readonly [string, Uint8Array])[] = [
  [exportFiles.readme, utf8('Read me.\n')],
  ['log.csv', utf8('seq,at,what\r\n')],
]

/** A whole export's files, without `export.json`. */
export const bareWhole = ({ entries, checkpoints, manifests }: TestLog): Files =>
  new Map([
    [exportFiles.log, lines(entries)],
    [exportFiles.checkpoints, notesFile(checkpoints)],
    [exportFiles.manifests, lines(manifests)],
    ...forPeople,
  ])

/** A whole export. */
export const wholeExport = (log: TestLog, key: StationKey): Files =>
  describeExport(bareWhole(log), log, key, wholeFacts(log))

export const wholeFacts = ({ entries }: TestLog): Facts => ({
  selection: null,
  selected: entries.length,
  shown: entries.length,
})

export interface PartFiles {
  readonly entries: Uint8Array[]
  readonly proofs: Uint8Array[]
  readonly facts: Facts
}

/** What a part of a log shows, with its proofs (each line with its newline). */
export function choosePart(log: TestLog, selection: Selection): PartFiles {
  const planner = createPartPlanner(nodePrimitives, selection)
  for (const entry of log.entries) planner.add(entry)
  const plan = planner.finish()
  const entries = plan.shown.map((seq) => log.entries[seq] ?? new Uint8Array(0))
  return {
    entries,
    proofs: entries.map(plan.proofLine),
    facts: { selection, selected: plan.selected, shown: entries.length },
  }
}

/** A part's files, without `export.json`. */
export const barePart = (log: TestLog, { entries, proofs }: Pick<PartFiles, 'entries' | 'proofs'>): Files =>
  new Map([
    [exportFiles.entries, lines(entries)],
    [exportFiles.proofs, concatBytes(...proofs)],
    [exportFiles.checkpoints, notesFile(log.checkpoints.slice(-1))],
    [exportFiles.manifests, lines(log.manifests)],
    ...forPeople,
  ])

/** A part of a log. */
export function partExport(log: TestLog, key: StationKey, selection: Selection): Files {
  const part = choosePart(log, selection)
  return describeExport(barePart(log, part), log, key, part.facts)
}

/** Hands a file over in chunks of an odd size, as a stream would. */
async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield await Promise.resolve(bytes.subarray(start, start + size))
  }
}

/** The files as a verifier reads them. */
export const placeOf =
  (files: Files, chunk = 65_537): ExportPlace =>
  (name) => {
    const bytes = files.get(name)
    return Promise.resolve(bytes === undefined ? null : { size: bytes.length, bytes: () => inChunks(bytes, chunk) })
  }
