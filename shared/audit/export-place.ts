/** Where the files of an export are: a folder, an archive, or what somebody chose in a browser. */
import { listTar, type ByteStore, type TarMember } from './tar.ts'
import { exportFiles } from './export.ts'

/** One file of an export. */
export interface ExportFile {
  /** Bytes; a hint for progress and bounds. */
  readonly size: number
  readonly bytes: () => AsyncIterable<Uint8Array>
}

/** Finds the file of that name; null when it is not there. */
export type ExportPlace = (name: string) => Promise<ExportFile | null>

/** All of a file at once, or its beginning where it is longer than `bytesMax`: only for those that are small by their nature. */
export async function readWhole(file: ExportFile, bytesMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of file.bytes()) {
    parts.push(part)
    length += part.length
    if (length > bytesMax) break
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const folderOf = (name: string): string => name.slice(0, name.lastIndexOf('/') + 1)

/**
 * An export in one file.
 * @returns null when it is not an archive with exactly one export in it
 */
export async function openArchive(store: ByteStore): Promise<ExportPlace | null> {
  const members = await listTar(store)
  if (members === null) return null
  const files = new Map<string, TarMember>(members.map((member) => [member.name, member]))
  // The description is in every export but one of a damaged vault, which is whole. A part without it was tampered with: that is
  // to be said of an archive as of a folder.
  const main = [exportFiles.description, exportFiles.log, exportFiles.entries].map((wanted) =>
    [...files.keys()].filter((name) => name.slice(folderOf(name).length) === wanted),
  )
  const [found, ...others] = main.find((names) => names.length > 0) ?? []
  if (found === undefined || others.length > 0) return null
  const folder = folderOf(found)
  return (name) => {
    const member = files.get(folder + name)
    if (member === undefined) return Promise.resolve(null)
    const { start, size } = member
    // An archive that was cut off holds the beginning of its last file; the verifier says what is missing.
    const end = Math.min(start + size, store.size)
    return Promise.resolve({ size: Math.max(0, end - start), bytes: () => store.slice(start, end) })
  }
}
