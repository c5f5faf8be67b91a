/**
 * Where an export is written to: a folder, or one file. Until it is published everything has a name that no reader takes for an
 * export, so that what a crash or a full disk leaves behind is never mistaken for one.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, rmdir, stat, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { toBase64Url } from '../../../shared/bytes.ts'
import { exportFiles } from '../../../shared/audit/export.ts'
import type { ExportDescription } from '../../../shared/audit/export-description.ts'
import { tarEnd, tarHeader, tarMemberBytesMax, tarPadding } from '../../../shared/audit/tar.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { syncFolder } from '../store/folder.ts'

/** Takes the bytes of one file, in order. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>

/** One file as `export.json` lists it. */
export type WrittenFile = ExportDescription['files'][number]

export interface ExportTarget {
  /** Where the export is once it is published. */
  readonly path: string
  /** Adds a file; durable when the export is published. */
  readonly add: (name: string, fill: (write: WriteBytes) => Promise<void>) => Promise<WrittenFile>
  /** Gives everything its name, durably. */
  readonly publish: () => Promise<void>
  /** Takes away whatever was written; never throws. */
  readonly abandon: () => Promise<void>
}

const unfinished = '.partial'

/** Passes bytes on, and says afterwards what they were. */
function createMeasure(name: string, pass: WriteBytes) {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    write: async (part: Uint8Array): Promise<void> => {
      hash.update(part)
      bytes += part.length
      await pass(part)
    },
    done: (): WrittenFile => ({ name, bytes, sha256: toBase64Url(hash.digest()) }),
  }
}

const exportName = (at: string): string => `halligan-export-${at.replaceAll(/[:.]/g, '-')}`

interface Settled {
  readonly folder: string
  /** True when it was made for this export and is removed with it. */
  readonly isNew: boolean
}

/** An empty folder is used as it is; in one that holds anything else, a new one is made, so that nothing is overwritten. */
async function settleFolder(chosen: string, at: string): Promise<Settled> {
  const made = await mkdir(chosen, { recursive: true, mode: 0o700 })
  if ((await readdir(chosen)).length === 0) return { folder: chosen, isNew: made !== undefined }
  const inside = path.join(chosen, exportName(at))
  await mkdir(inside, { mode: 0o700 })
  return { folder: inside, isNew: true }
}

async function openFolderTarget(chosen: string, at: string): Promise<ExportTarget> {
  const { folder, isNew } = await settleFolder(chosen, at)
  const names: string[] = []
  return {
    path: folder,
    add: async (name, fill) => {
      names.push(name)
      const handle = await open(path.join(folder, name + unfinished), 'wx', 0o600)
      try {
        const measure = createMeasure(name, (bytes) => handle.appendFile(bytes))
        await fill(measure.write)
        await handle.sync()
        return measure.done()
      } finally {
        await handle.close()
      }
    },
    publish: async () => {
      // The description makes it an export: it comes last.
      const last = (name: string): number => (name === exportFiles.description ? 1 : 0)
      for (const name of names.toSorted((a, b) => last(a) - last(b))) {
        await rename(path.join(folder, name + unfinished), path.join(folder, name))
      }
      await syncFolder(folder)
    },
    abandon: async () => {
      const files = names.flatMap((name) => [name, name + unfinished])
      await Promise.allSettled(files.map((name) => rm(path.join(folder, name), { force: true })))
      if (isNew) await rmdir(folder).catch(() => undefined)
    },
  }
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += (await handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten
  }
}

async function openArchiveTarget(chosen: string, at: string, mtimeMs: number): Promise<ExportTarget> {
  const made = await mkdir(chosen, { recursive: true, mode: 0o700 })
  const name = exportName(at)
  const file = path.join(chosen, `${name}.tar`)
  if ((await stat(file).catch(() => null)) !== null) throw new HalliganError('EXPORT_FAILED', { reason: 'EEXIST' })
  const handle = await open(file + unfinished, 'wx', 0o600)
  let end = 0
  const append = async (bytes: Uint8Array): Promise<void> => {
    await writeAt(handle, bytes, end)
    end += bytes.length
  }
  return {
    path: file,
    add: async (member, fill) => {
      const start = end
      // How long the file will be is known when it has been written: its header is filled in then.
      end += tarHeader('', 0, mtimeMs).length
      const measure = createMeasure(member, append)
      await fill(measure.write)
      const written = measure.done()
      if (written.bytes > tarMemberBytesMax) throw new HalliganError('EXPORT_FAILED', { reason: 'too-large' })
      await append(tarPadding(written.bytes))
      await writeAt(handle, tarHeader(`${name}/${member}`, written.bytes, mtimeMs), start)
      return written
    },
    publish: async () => {
      await append(tarEnd())
      await handle.sync()
      await handle.close()
      await rename(file + unfinished, file)
      await syncFolder(chosen)
    },
    abandon: async () => {
      await handle.close().catch(() => undefined)
      await rm(file + unfinished, { force: true }).catch(() => undefined)
      if (made !== undefined) await rmdir(chosen).catch(() => undefined)
    },
  }
}

/**
 * Opens a new export in the folder `chosen`, which is made if it is not there.
 * @param archive one file instead of several
 * @param at time of the export, for names
 * @throws what the file system says, HalliganError EXPORT_FAILED
 */
export const openExportTarget = (
  chosen: string,
  archive: boolean,
  at: { readonly text: string; readonly ms: number },
): Promise<ExportTarget> => (archive ? openArchiveTarget(chosen, at.text, at.ms) : openFolderTarget(chosen, at.text))
