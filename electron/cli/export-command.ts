/**
 * `halligan export`: writes an export and says so in the log. It opens the vault as the app does, with the writer's lock, so that
 * the log cannot grow meanwhile; it cannot while the app is open.
 */
import type { Selection } from '../../shared/domain/selection.ts'
import { formatNumber } from '../../shared/quantities.ts'
import { systemClock } from '../platform/clock.ts'
import { exportVault, type ExportOptions } from '../vault/export-vault.ts'
import { exitCode } from './exit-codes.ts'
import type { Output } from './output.ts'
import { requireVault } from './vault-folder.ts'

export interface ExportFlags {
  readonly vault: string
  /** Folder for the files; one that is not empty gets a new folder inside. */
  readonly to: string
  readonly archive: boolean
  readonly from?: string
  readonly toTime?: string
  readonly credential?: string
  readonly person?: string
}

const ends = { from: '0000-01-01T00:00:00.000Z', to: '9999-12-31T23:59:59.999Z' }

/** `2026-11-23`, or with a time, as the log writes it; null when it is no time. A day's end is its last millisecond. */
function readTime(text: string, side: keyof typeof ends): string | null {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const time = `${text}${ends[side].slice(10)}`
    return Number.isNaN(Date.parse(time)) ? null : time
  }
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}

/**
 * What the flags ask for; null is the whole log.
 * @returns a sentence when they cannot be meant
 */
export function readSelection(flags: Omit<ExportFlags, 'vault' | 'to' | 'archive'>): Selection | null | string {
  const { from, toTime, credential, person } = flags
  const isPeriod = from !== undefined || toTime !== undefined
  const asked = [isPeriod, credential !== undefined, person !== undefined].filter(Boolean).length
  if (asked > 1) return '--from/--to-time, --credential and --person exclude one another'
  const isId = (text: string): boolean => /^[A-Za-z0-9_-]{22}$/.test(text)
  if (credential !== undefined) {
    return isId(credential) ? { kind: 'credential', credential } : '--credential takes an id of 22 characters'
  }
  if (person !== undefined) return isId(person) ? { kind: 'person', person } : '--person takes an id of 22 characters'
  if (!isPeriod) return null
  const begin = readTime(from ?? ends.from, 'from')
  const end = readTime(toTime ?? ends.to, 'to')
  if (begin === null || end === null) return '--from and --to-time take 2026-11-23 or 2026-11-23T14:00Z (UTC)'
  return begin <= end ? { kind: 'period', from: begin, to: end } : '--from is later than --to-time'
}

/** The running program: its version, and the folder of its files (null puts none into exports). */
export type Program = Pick<ExportOptions, 'appVersion' | 'programDir'>

/** Runs the command. @returns exit code 0, or 2 when the flags cannot be meant. @throws HalliganError as {@link exportVault} */
export async function runExport(flags: ExportFlags, program: Program, output: Output): Promise<number> {
  const selection = readSelection(flags)
  if (typeof selection === 'string') {
    output.writeError(`error: ${selection}\n`)
    return exitCode.failed
  }
  await requireVault(flags.vault)
  // The station's known checkpoint belongs to the app; what it knows stays true of the longer log.
  const { path, recorded } = await exportVault({
    dir: flags.vault,
    wish: { selection, archive: flags.archive, chosen: flags.to },
    ...program,
    clock: systemClock,
    knownCheckpointFile: null,
  })
  output.write(`Exported to ${path}\n`)
  if (recorded === null)
    output.write('The vault is damaged: all of it was exported as it stands, unchecked and unrecorded.\n')
  else output.write(`It is recorded in the log, after entry ${formatNumber(recorded.size - 1)}.\n`)
  return exitCode.ok
}
