/**
 * The checkpoint this station saw last, kept outside the vault folder: whoever puts an older copy of the vault in place
 * does not put this back, and the log is found to be shorter than it was.
 */
import { constants } from 'node:fs'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { parseCheckpoint } from '../../../shared/audit/checkpoint.ts'
import { syncFolder } from '../store/folder.ts'

/** Commits in quick succession share one write. */
const writeEveryMs = 1000

export interface KnownFile {
  /** Says whose log this is: every vault has a file of its own, and a checkpoint of another log says nothing about this one. */
  readonly attach: (vault: string, origin: string) => void
  /** The checkpoints to hold the log against: the newest, then the evidence. */
  readonly read: () => Promise<string[]>
  /** Takes the newest checkpoint; written at once when `urgent`, else within a second. Never fails the caller. */
  readonly offer: (note: string, urgent: boolean) => void
  /**
   * The log does not hold the checkpoint of `size`. If that is the newest one, it becomes evidence that no later checkpoint
   * replaces: the verdict stays until somebody has dealt with it and removed the file.
   */
  readonly keepAsEvidence: (size: number) => Promise<void>
  /** Until now nothing was written: what is known must not be replaced before the log was held against it. */
  readonly release: () => void
  /** Writes what was offered last; resolves when it is on the disk. */
  readonly flush: () => Promise<void>
}

/** Endings of the files that hold evidence: one for each time that the log did not hold what was known. */
const evidenceNames = ['', '-2', '-3', '-4', '-5', '-6', '-7', '-8', '-9'].map((number) => `.evidence${number}`)

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

/** @param base path outside the vault folder, to which the vault's id is added; null keeps nothing. */
export function createKnownFile(base: string | null): KnownFile {
  let attached: { readonly file: string; readonly origin: string } | null = null
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
      if (attached !== null && note !== null) {
        // The vault must go on without this file (a full or read-only disk): it only makes completeness unknown.
        await writeNote(attached.file, note).catch(() => undefined)
      }
    })
    return writing
  }

  return {
    attach: (vault, origin) => {
      if (base !== null) attached = { file: `${base}-${vault}`, origin }
    },
    read: async () => {
      if (attached === null) return []
      const { file, origin } = attached
      const notes = await Promise.all(['', ...evidenceNames].map((ending) => readNote(`${file}${ending}`)))
      return notes.filter((note) => note !== null && (parseCheckpoint(note)?.origin ?? origin) === origin) as string[]
    },
    offer: (note, urgent) => {
      offered = note
      if (urgent) void write()
      else timer ??= setTimeout(() => void write(), writeEveryMs).unref()
    },
    keepAsEvidence: async (size) => {
      await writing
      if (attached === null) return
      const { file, origin } = attached
      const newest = parseCheckpoint((await readNote(file)) ?? '')
      if (newest?.origin !== origin || newest.size !== size) return
      for (const ending of evidenceNames) {
        if ((await readNote(`${file}${ending}`)) !== null) continue
        await rename(file, `${file}${ending}`).catch(() => undefined)
        return
      }
    },
    release: () => {
      released = true
      void write()
    },
    flush: write,
  }
}
