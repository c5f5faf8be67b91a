/**
 * The checkpoint this station saw last, kept outside the vault folder: whoever puts an older copy of the vault in place
 * does not put this back, and the log is found to be shorter than it was.
 */
import { constants } from 'node:fs'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { syncFolder } from '../store/folder.ts'

/** Commits in quick succession share one write. */
const writeEveryMs = 1000

export interface KnownFile {
  /** The checkpoint to hold the log against; null when none is known. */
  readonly read: () => Promise<string | null>
  /** Takes the newest checkpoint; written at once when `urgent`, else within a second. Never fails the caller. */
  readonly offer: (note: string, urgent: boolean) => void
  /**
   * The log does not hold what is known. What is known becomes evidence that no later checkpoint replaces: the verdict stays
   * until somebody has dealt with it and removed the file.
   */
  readonly keepAsEvidence: () => Promise<void>
  /** Until now nothing was written: what is known must not be replaced before the log was held against it. */
  readonly release: () => void
  /** Puts aside what another vault left here. */
  readonly setAside: () => Promise<void>
  /** Writes what was offered last; resolves when it is on the disk. */
  readonly flush: () => Promise<void>
}

async function readNote(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    // Missing or unreadable: completeness cannot be judged, which is what the verifier then says.
    return null
  }
}

async function writeNote(file: string, note: string): Promise<void> {
  const fresh = `${file}.new`
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const handle = await open(
    fresh,
    constants.O_CREAT | constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW,
    0o600,
  )
  try {
    await handle.writeFile(note)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, file)
  await syncFolder(path.dirname(file))
}

/** @param file path outside the vault folder; null keeps nothing. */
export function createKnownFile(file: string | null): KnownFile {
  let offered: string | null = null
  let released = false
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> = Promise.resolve()

  function write(): Promise<void> {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (!released) return writing
    writing = writing.then(async () => {
      const note = offered
      offered = null
      if (file !== null && note !== null) {
        // The vault must go on without this file (a full or read-only disk): it only makes completeness unknown.
        await writeNote(file, note).catch(() => undefined)
      }
    })
    return writing
  }

  const move = async (to: string): Promise<void> => {
    await writing
    if (file !== null) await rename(file, to).catch(() => undefined)
  }
  const evidence = `${file ?? ''}.evidence`

  return {
    read: async () => (file === null ? null : ((await readNote(evidence)) ?? (await readNote(file)))),
    offer: (note, urgent) => {
      offered = note
      if (urgent) void write()
      else timer ??= setTimeout(() => void write(), writeEveryMs).unref()
    },
    keepAsEvidence: async () => {
      if (file !== null && (await readNote(evidence)) === null) await move(evidence)
    },
    release: () => {
      released = true
      void write()
    },
    setAside: () => move(`${file ?? ''}.other-vault`),
    flush: write,
  }
}
