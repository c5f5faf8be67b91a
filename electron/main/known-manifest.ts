/**
 * The newest manifest that this machine has seen in force, for every vault id a file `known-manifest-<vault id>` in the user's
 * data folder. Strongrooms, and nobody else, ask for it and add to it: a vault process, or whoever wrote its database, cannot
 * hand them a list of who holds what that was made up or that ends before a key was struck off.
 */
import { closeSync, constants, fstatSync, fsyncSync, openSync, readdirSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs' // prettier-ignore
import path from 'node:path'
import { z } from 'zod'
import { knownManifestSchema, type KnownManifest } from '../../shared/contracts/broker.ts'
import { idSchema } from '../../shared/domain/forms.ts'
import { HalliganError } from '../../shared/errors.ts'
import { hasErrorCode } from './error-code.ts'

/** More than any of them needs: somebody else's file is not read into memory. */
const mostBytes = 16_384
const namePattern = /^known-manifest-([A-Za-z0-9_-]{22})$/

const fileSchema = z.strictObject({
  format: z.literal('halligan/known-manifest/v1'),
  vault: idSchema,
  ...knownManifestSchema.shape,
  /** Where that vault was. A vault process could else say that its folder holds another vault, which nobody knows yet. */
  folder: z.string().max(8192),
})
type Kept = z.infer<typeof fileSchema>

export interface KnownManifests {
  /**
   * Null: nothing is known, so that what comes first is believed.
   * @throws HalliganError MANIFEST_MEMORY_DAMAGED {file} when there is a file and it cannot be read; MANIFEST_OLDER {detail}
   *   when another vault was seen in this folder.
   */
  readonly find: (vault: string) => KnownManifest | null
  /**
   * Durable when it returns. The same again changes nothing.
   * @throws what `find` throws; MANIFEST_OLDER {detail} when it is not newer than what is known; STORAGE_FAILED.
   */
  readonly see: (vault: string, seen: KnownManifest) => void
}

/**
 * What is known in `userData`.
 * @param folder of the vault that this run is about, as main was told it, absolute.
 */
export function openKnownManifests(userData: string, folder: string): KnownManifests {
  // What was read once stays known in this run, whatever happens to the file.
  const known = new Map<string, Kept>()
  const fileOf = (vault: string): string => path.join(userData, `known-manifest-${vault}`)

  function load(vault: string): Kept | null {
    const kept = known.get(vault) ?? readKept(fileOf(vault), vault)
    if (kept !== null) known.set(vault, kept)
    return kept
  }
  function find(vault: string): Kept | null {
    const kept = load(vault)
    if (kept !== null) return kept
    const others = [...new Set([...known.keys(), ...listVaults(userData)])]
    if (others.some((other) => load(other)?.folder === folder)) {
      throw new HalliganError('MANIFEST_OLDER', { detail: 'another vault was in this folder' })
    }
    return null
  }
  return {
    find: (vault) => {
      const kept = find(vault)
      return kept === null ? null : { version: kept.version, hash: kept.hash }
    },
    see: (vault, { version, hash }) => {
      const before = find(vault)
      if (before !== null && version <= before.version) {
        if (version === before.version && hash === before.hash) return
        throw new HalliganError('MANIFEST_OLDER', { detail: 'not newer than what is known' })
      }
      const kept: Kept = { format: 'halligan/known-manifest/v1', vault, version, hash, folder }
      writeKept(fileOf(vault), kept)
      known.set(vault, kept)
    },
  }
}

function listVaults(userData: string): string[] {
  try {
    return readdirSync(userData).flatMap((name) => namePattern.exec(name)?.[1] ?? [])
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return []
    throw new HalliganError('MANIFEST_MEMORY_DAMAGED', {}, error)
  }
}

/** Null when there is none. One that is there and is not ours is not the same as none: then anybody could make it none. */
function readKept(file: string, vault: string): Kept | null {
  try {
    const kept = fileSchema.parse(JSON.parse(readBounded(file)))
    if (kept.vault === vault) return kept
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null
    throw new HalliganError('MANIFEST_MEMORY_DAMAGED', { file: path.basename(file) }, error)
  }
  throw new HalliganError('MANIFEST_MEMORY_DAMAGED', { file: path.basename(file) })
}

/** A pipe would be waited for, a link may lead anywhere: neither is opened as a file. */
function readBounded(file: string): string {
  const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!fstatSync(handle).isFile()) throw new Error('not a file')
    const bytes = Buffer.alloc(mostBytes + 1)
    const length = readSync(handle, bytes, 0, bytes.length, 0)
    if (length > mostBytes) throw new Error('too long')
    return bytes.toString('utf8', 0, length)
  } finally {
    closeSync(handle)
  }
}

function writeKept(file: string, kept: Kept): void {
  const fresh = `${file}.new`
  try {
    rmSync(fresh, { force: true })
    writeFileSync(fresh, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(fresh, file)
    syncFolder(path.dirname(file))
  } catch (error) {
    throw new HalliganError('STORAGE_FAILED', {}, error)
  }
}

/** So that the new name is durable too. Windows has no such call, and no need of one. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, constants.O_RDONLY)
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
