/** Verifies an export, whole or part, wherever its files are: a folder, an archive, or what somebody chose in a browser. */
import { toBase64Url } from '../bytes.ts'
import { HalliganError } from '../errors.ts'
import type { Primitives } from '../primitives.ts'
import { logOrigin } from './checkpoint.ts'
import { isExportSigned, readExportDescription, type ExportDescription } from './export-description.ts'
import { findSignerProblem, signerName } from './export-signer.ts'
import { readWhole, type ExportFile, type ExportPlace } from './export-place.ts'
import { createExportSource, readRawLines } from './export-source.ts'
import { exportFiles, filesForPeople } from './export.ts'
import { createProblemList, withProblems, type ReportProblem } from './problems.ts'
import type { VerifyReport } from './report.ts'
import { runLogVerifier, type LogSource, type VerifyLogOptions } from './verify-log.ts'
import { createPartVerifier } from './verify-part.ts'
import type { LogEnd } from './verify.ts'

/** Hashes a file as it streams by: SHA-256. */
export interface StreamingHash {
  readonly update: (chunk: Uint8Array) => void
  readonly digest: () => Uint8Array
}

export interface VerifyExportOptions extends Omit<VerifyLogOptions, 'onEntry'> {
  readonly createHash: () => StreamingHash
  /** Stands between the files and the verifier; may work ahead, and must hand on the same bytes. */
  readonly prepare?: (source: LogSource) => LogSource
}

/** All of these are held in memory while the log is read; what is longer is not ours. */
const manifestsBytesMax = 256 * 1_048_576
/** More than `export.json` may have, which then cannot be read. */
const descriptionBytesMax = 131_072

type KindFiles = Readonly<Record<ExportDescription['kind'], readonly string[]>>
/** What verification reads: each must be listed, or it could be another export's. */
const filesRead: KindFiles = {
  whole: [exportFiles.log, exportFiles.checkpoints, exportFiles.manifests],
  part: [exportFiles.entries, exportFiles.proofs, exportFiles.checkpoints, exportFiles.manifests],
}

/** A file that is not there is as good as empty: what is missing in it is then named. */
const emptyFile: ExportFile = {
  size: 0,
  bytes: async function* () {
    yield await Promise.resolve(new Uint8Array(0))
  },
}

async function* readManifests(file: ExportFile): AsyncGenerator<Uint8Array> {
  let length = 0
  for await (const part of file.bytes()) {
    length += part.length
    if (length > manifestsBytesMax) throw new HalliganError('VAULT_DAMAGED', { file: exportFiles.manifests })
    yield part
  }
}

async function openSource(place: ExportPlace): Promise<{ kind: ExportDescription['kind']; source: LogSource }> {
  const find = async (name: string): Promise<ExportFile> => (await place(name)) ?? emptyFile
  const log = await place(exportFiles.log)
  const kind = log === null ? 'part' : 'whole'
  const entries = log ?? (await place(exportFiles.entries))
  if (entries === null) throw new HalliganError('VAULT_MISSING', { file: exportFiles.log })
  const checkpoints = await find(exportFiles.checkpoints)
  const manifests = await find(exportFiles.manifests)
  const source = createExportSource({
    log: entries.bytes,
    checkpoints: checkpoints.bytes,
    manifests: () => readManifests(manifests),
  })
  return { kind, source }
}

interface Judged {
  readonly report: VerifyReport
  readonly end: LogEnd
  /** Entries that the selection names; null when there is none that can be read. */
  readonly selected: number | null
}

async function judgeWhole(primitives: Primitives, source: LogSource, options: VerifyExportOptions): Promise<Judged> {
  const verifier = await runLogVerifier(primitives, source, options)
  return { report: verifier.report(), end: verifier.end(), selected: verifier.size() }
}

async function judgePart(
  primitives: Primitives,
  source: LogSource,
  proofs: ExportFile,
  description: ExportDescription | null,
  options: VerifyExportOptions,
): Promise<Judged> {
  const checkpoints: string[] = []
  for await (const notes of source.checkpoints()) checkpoints.push(...notes.slice(0, 2 - checkpoints.length))
  const { knownCheckpoint, knownWords } = options
  const verifier = createPartVerifier(primitives, {
    manifests: await source.manifests(),
    checkpoints,
    selection: description?.selection ?? null,
    knownCheckpoint,
    ...(knownWords === undefined ? {} : { knownWords }),
  })
  const lines = readRawLines(proofs.bytes())
  let done = 0
  for await (const batch of source.entries()) {
    for (const bytes of batch) {
      const line = await lines.next()
      verifier.add(bytes, line.done === true ? undefined : line.value)
      done++
    }
    options.onProgress?.(done)
  }
  if ((await lines.next()).done !== true) verifier.addStrayProof()
  return { ...verifier.report(), end: verifier.end() }
}

/** Holds what `export.json` says against what is here. */
function checkDescription(
  said: ExportDescription,
  kind: ExportDescription['kind'],
  judged: Judged,
  report: ReportProblem,
) {
  const { report: found, end, selected } = judged
  const claims: readonly (readonly [string, boolean])[] = [
    ['kind', said.kind === kind],
    ['selection', (said.selection === null) === (kind === 'whole')],
    ['vault or station', end.origin === logOrigin(said.vault, said.station)],
    ['size', said.size === found.size],
    ['root', said.root === found.root],
    ['shown', said.shown === found.checked.entries],
    ['selected', selected === null || said.selected === selected],
  ]
  const wrong = claims.filter(([, holds]) => !holds).map(([name]) => name)
  if (wrong.length > 0) report('export-mismatch', null, `another ${wrong.join(', ')} than what is here`)
}

/** Holds every file against the size and digest that the station signed. */
async function checkFiles(
  said: ExportDescription,
  place: ExportPlace,
  createHash: () => StreamingHash,
  report: ReportProblem,
): Promise<void> {
  for (const name of filesRead[said.kind]) {
    if (!said.files.some((file) => file.name === name)) report('export-file-changed', null, `${name} is not listed`)
  }
  for (const { name, bytes, sha256 } of said.files) {
    const file = await place(name)
    if (file === null) {
      report('export-file-changed', null, `${name} is missing`)
      continue
    }
    const hash = createHash()
    let length = 0
    for await (const chunk of file.bytes()) {
      hash.update(chunk)
      length += chunk.length
    }
    if (length !== bytes || toBase64Url(hash.digest()) !== sha256) {
      report('export-file-changed', null, `${name} is not the file that the station exported`)
    }
  }
}

/**
 * Without `export.json`. Nobody signs for what is saved of a damaged vault: then there is a whole log and nothing for people. Whoever
 * forges a table must not get rid of its digest by taking away the file that says it.
 */
async function checkUndescribed(
  place: ExportPlace,
  kind: ExportDescription['kind'],
  report: ReportProblem,
): Promise<void> {
  const beside: string[] = []
  for (const name of filesForPeople) if ((await place(name)) !== null) beside.push(name)
  if (kind === 'whole' && beside.length === 0) return
  const why = kind === 'part' ? 'and a part always has one' : `and nobody vouches for ${beside.join(', ')}`
  report('export-malformed', null, `${exportFiles.description} is missing, ${why}`)
}

/**
 * Verifies an export.
 * @throws HalliganError VAULT_MISSING {file} when there are no entries at all, VAULT_DAMAGED {file} when a file is too long,
 *   and what reading the files throws
 */
export async function verifyExport(
  primitives: Primitives,
  place: ExportPlace,
  options: VerifyExportOptions,
): Promise<VerifyReport> {
  const problems = createProblemList()
  const { kind, source: opened } = await openSource(place)
  const source = options.prepare?.(opened) ?? opened
  const file = await place(exportFiles.description)
  const reading = file === null ? null : readExportDescription(await readWhole(file, descriptionBytesMax))
  const signed = reading?.ok === true ? reading.value : null
  const said = signed?.export ?? null
  const judged =
    kind === 'whole'
      ? await judgeWhole(primitives, source, options)
      : await judgePart(primitives, source, (await place(exportFiles.proofs)) ?? emptyFile, said, options)
  if (signed !== null && said !== null) {
    if (!isExportSigned(primitives, signed, judged.end.activeKey)) {
      problems.add('export-signature-invalid', null, `${exportFiles.description} is not signed by the station's key`)
    }
    const unsigned = findSignerProblem(primitives, said, judged.end.inForce)
    if (unsigned !== null) {
      problems.add('export-signature-invalid', null, `the tap of whoever signs for the export: ${unsigned}`)
    }
    checkDescription(said, kind, judged, problems.add)
    await checkFiles(said, place, options.createHash, problems.add)
  } else if (file !== null) {
    problems.add('export-malformed', null, `${exportFiles.description} cannot be read`)
  } else {
    await checkUndescribed(place, kind, problems.add)
  }
  const { report } = judged
  if (said === null) return withProblems(report, problems.list())
  const { at, selection, selected, shown, files } = said
  return {
    ...withProblems(report, problems.list()),
    export: {
      at,
      selection,
      selected,
      shown,
      files: files.length,
      signedBy: signerName(said, judged.end.inForce),
    },
  }
}
