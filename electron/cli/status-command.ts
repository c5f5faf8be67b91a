/** `halligan status`: how long the log is and what people owe. It verifies nothing; that is `halligan verify`. */
import { headWords } from '../../shared/audit/head-words.ts'
import { readEntry } from '../../shared/audit/entry-reader.ts'
import { appendLeaf, emptyTree, leafHash, treeRoot } from '../../shared/audit/merkle.ts'
import { parseRecordHeader } from '../../shared/audit/records.ts'
import { fromUtf8, toBase64Url } from '../../shared/bytes.ts'
import type { Due } from '../../shared/contracts/ceremony-views.ts'
import { manifestSchema, type Manifest } from '../../shared/domain/manifest.ts'
import type { LogHead } from '../../shared/domain/statements.ts'
import { HalliganError } from '../../shared/errors.ts'
import { systemClock } from '../platform/clock.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import type { Database } from '../vault/store/driver.ts'
import { exitCode } from './exit-codes.ts'
import type { Output } from './output.ts'
import { readSinks, saySinks, type SinkStatus } from './status-sinks.ts'
import { createStatusLedger, type CredentialStatus, type OwedClassification } from './status-ledger.ts'
import { requireVault } from './vault-folder.ts'
import { readEntryPages, withVaultDatabase } from './vault-source.ts'

export interface StatusArguments {
  readonly vault: string
  readonly json: boolean
}

interface Status {
  readonly size: number
  readonly root: string
  readonly words: readonly string[]
  readonly lastAt: string | null
  readonly credentials: readonly CredentialStatus[]
  readonly owed: readonly OwedClassification[]
  /** What is due now, and what comes next of each kind; most urgent first. */
  readonly due: readonly Due[]
  readonly sinks: readonly SinkStatus[]
}

async function readIntervals(database: Database): Promise<Map<string, number>> {
  const intervals = new Map<string, number>()
  for (const { header } of await database.all('SELECT header FROM records')) {
    const parsed = header instanceof Uint8Array ? parseRecordHeader(header) : null
    if (parsed !== null) intervals.set(`${parsed.credential} ${parsed.version}`, parsed.rotationDays)
  }
  return intervals
}

/** Every version, in order. One that cannot be read is `halligan verify`'s to name. */
async function readManifests(database: Database): Promise<Manifest[]> {
  const rows = await database.all('SELECT bytes FROM manifests ORDER BY version')
  return rows.flatMap(({ bytes }) => {
    try {
      return bytes instanceof Uint8Array ? [manifestSchema.parse(JSON.parse(fromUtf8(bytes)))] : []
    } catch {
      return []
    }
  })
}

async function readStatus(database: Database): Promise<Status> {
  const ledger = createStatusLedger()
  let tree = emptyTree
  for await (const page of readEntryPages(database)) {
    for (const bytes of page) {
      tree = appendLeaf(nodePrimitives, tree, leafHash(nodePrimitives, bytes))
      const reading = readEntry(bytes)
      if (!reading.ok) throw new HalliganError('LOG_INVALID', { seq: tree.size - 1 })
      ledger.add(reading.value)
    }
  }
  const head: LogHead = { size: tree.size, root: toBase64Url(treeRoot(nodePrimitives, tree)) }
  const intervals = await readIntervals(database)
  return {
    ...head,
    words: headWords(nodePrimitives, head),
    lastAt: ledger.lastAt(),
    ...ledger.report({
      wallMs: systemClock.wall(),
      rotationDays: (credential, version) => intervals.get(`${credential} ${version}`),
      manifests: await readManifests(database),
    }),
    sinks: await readSinks(database),
  }
}

const rotationWords = {
  leaver: 'was in the hands of somebody who has left: rotate it now',
  used: 'was opened since it was sealed: rotate it now',
  due: 'is older than its interval: rotate it',
  fresh: '',
} as const

const drillWords = {
  staff: 'since the safe changed',
  never: 'yet',
  interval: 'for 90 days',
  used: '',
  leaver: '',
} as const

/** Drills; rotations and classifications have lines of their own. */
const sayDrill = ({ kind, name, why }: Due): string =>
  kind === 'drill-safe'
    ? `The safe "${name}" has not passed a drill ${drillWords[why]}.`
    : `${name} has not tested a key ${drillWords[why]}.`

function sayStatus(status: Status): string[] {
  const due = status.credentials.filter(({ rotation }) => rotation !== 'fresh')
  return [
    `${status.size} entries, last at ${status.lastAt ?? 'never'}.`,
    `Head: ${status.words.join(' ')}.`,
    `${status.credentials.length} credentials, ${due.length} to rotate, ${status.owed.length} uses to classify.`,
    ...due.map(({ name, version, rotation }) => `"${name}" (version ${version}) ${rotationWords[rotation]}.`),
    ...status.owed.map(({ name, grantedAt }) => `"${name}" was opened at ${grantedAt}: say what it was for.`),
    ...status.due.filter(({ kind, isDue }) => isDue && kind.startsWith('drill-')).map(sayDrill),
    ...saySinks(status.sinks, status.size),
  ]
}

/** Runs the command. @returns exit code 0 or 4. @throws HalliganError VAULT_MISSING, LOG_INVALID {seq}, STORAGE_* */
export async function runStatus(args: StatusArguments, output: Output): Promise<number> {
  await requireVault(args.vault)
  const status = await withVaultDatabase(args.vault, readStatus)
  if (args.json) output.write(`${JSON.stringify(status, null, 2)}\n`)
  else for (const line of sayStatus(status)) output.write(`${line}\n`)
  const isDue = status.due.some((one) => one.isDue) || status.sinks.some(({ diverged }) => diverged)
  return isDue ? exitCode.due : exitCode.ok
}
