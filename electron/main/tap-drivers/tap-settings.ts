/** Where taps take place is a matter of this machine, not of the vault: `tap-settings.json` in the user's data folder. */
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { tapSettingsSchema, type TapSettings } from '../../../shared/domain/tap-place.ts'
import { hasErrorCode } from '../error-code.ts'

const automatic: TapSettings = { driver: 'automatic', browserPath: null }

/** More than any settings need: somebody else's file is not read into memory. */
const mostBytes = 16_384

export interface KeptSettings {
  readonly settings: TapSettings
  /** There is a file, and it is none of ours: `settings` are the automatic ones. */
  readonly damaged: boolean
}

export interface TapSettingsFile {
  readonly read: () => KeptSettings
  /** Whole or not at all, for the user alone (0600). Throws what the file system says. */
  readonly write: (settings: TapSettings) => void
}

/** The settings' file in `userData`. */
export function openTapSettings(userData: string): TapSettingsFile {
  const file = path.join(userData, 'tap-settings.json')
  return {
    read: () => {
      let bytes: Buffer
      try {
        bytes = readSmallFile(file)
      } catch (error) {
        return { settings: automatic, damaged: !hasErrorCode(error, 'ENOENT') }
      }
      const parsed = tapSettingsSchema.safeParse(parseJson(bytes))
      // A relative path would mean another program in every folder that the app is started from.
      if (!parsed.success || !isAbsoluteOrNull(parsed.data.browserPath)) return { settings: automatic, damaged: true }
      return { settings: parsed.data, damaged: false }
    },
    write: (settings) => {
      const fresh = `${file}.new`
      rmSync(fresh, { force: true })
      writeFileSync(fresh, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
      renameSync(fresh, file)
    },
  }
}

const isAbsoluteOrNull = (browserPath: string | null): boolean => browserPath === null || path.isAbsolute(browserPath)

/** Not through a link, and not waiting for whoever may one day write into a pipe: main stands still while this runs. */
function readSmallFile(file: string): Buffer {
  // Windows has neither of the last two: there they are undefined, and count as 0.
  const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(handle)
    if (!stats.isFile() || stats.size > mostBytes) throw new Error('not a file of ours')
    return readFileSync(handle)
  } finally {
    closeSync(handle)
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return null
  }
}
