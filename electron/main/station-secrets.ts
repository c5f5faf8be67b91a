/**
 * What sinks and alert channels ask for as proof of who we are: passwords, tokens, client keys, addresses of web hooks. They must
 * work while nobody is there, so no quorum seals them: they are kept in a file of this user's, encrypted by the system's keychain
 * where there is a real one. They open nothing of a vault. One file for all vaults that this user opens: none touches another's.
 */
import { closeSync, constants, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { channelSecretSchema, type ChannelSecret } from '../../shared/domain/alert.ts'
import { hashSchema, idSchema } from '../../shared/domain/forms.ts'
import { keptSecretSchema, sinkSecretSchema, type KeptSecret, type SinkSecret } from '../../shared/domain/sink.ts'
import { HalliganError } from '../../shared/errors.ts'

export interface Keychain {
  readonly encrypt: (text: string) => Uint8Array
  /** @throws when the keychain is another one, or locked */
  readonly decrypt: (bytes: Uint8Array) => string
}

interface SecretsByOwner {
  readonly sink: SinkSecret
  readonly channel: ChannelSecret
}
type OwnerKind = keyof SecretsByOwner

interface KeptFor {
  /** Id of the sink or channel. */
  readonly owner: string
  /** Hash of the settings that it was set for, and is good for. */
  readonly settings: string
}

/** What is kept for all sinks, or all channels, of one vault. */
export interface SecretDrawer<S extends SinkSecret | ChannelSecret> {
  /** Which there are, and where. What cannot be read any more is not there. */
  readonly list: () => (KeptFor & { readonly where: KeptSecret })[]
  readonly reveal: () => (KeptFor & { readonly secret: S })[]
  /**
   * Replaces what is kept for that owner; nothing in `secret` forgets it.
   * @throws HalliganError STORAGE_FAILED, {reason: 'too-many'} rather than to forget another one's
   */
  readonly keep: (kept: KeptFor & { readonly secret: S }) => void
  /** Forgets what is kept for those not among `owners`. What cannot be forgotten now (disk full) is the next time. */
  readonly forgetOthers: (owners: readonly string[]) => void
}

export interface StationSecrets {
  readonly drawer: <K extends OwnerKind>(kind: K, vault: string) => SecretDrawer<SecretsByOwner[K]>
}

const secretSchemas = { sink: sinkSecretSchema, channel: channelSecretSchema } as const

const bodySchema = {
  settings: hashSchema,
  where: keptSecretSchema,
  /** base64 of the secret as JSON, encrypted where `where` says so. */
  value: z.base64().max(262_144),
}
const entrySchema = z.strictObject({
  kind: z.enum(['sink', 'channel']),
  /** Null: kept by a version that did not say for which vault. It is the first one's that names its owner. */
  vault: idSchema.nullable(),
  owner: idSchema,
  ...bodySchema,
})
type Entry = z.infer<typeof entrySchema>

const drawerMax = 64
const fileSchema = z.strictObject({
  format: z.literal('halligan/station-secrets/v1'),
  secrets: z.array(entrySchema).max(65_536),
})
const olderFileSchema = z
  .strictObject({
    format: z.literal('halligan/sink-secrets/v1'),
    secrets: z.array(z.strictObject({ sink: idSchema, ...bodySchema })).max(1024),
  })
  .transform(({ secrets }) =>
    secrets.map(({ sink, ...body }): Entry => ({ kind: 'sink', vault: null, owner: sink, ...body })),
  )
const anyFileSchema = z.union([fileSchema.transform(({ secrets }) => secrets), olderFileSchema])

/** A name beside `file` that is not taken: what is set aside must not cover what was set aside before. */
function chooseNameAside(file: string): string {
  const first = `${file}.damaged`
  let name = first
  for (let count = 2; existsSync(name); count++) name = `${first}-${count}`
  return name
}

/**
 * A file that is there but not ours to understand is set aside: the next secret would be written over it otherwise.
 * @throws when it can be neither read nor set aside
 */
function readEntries(file: string): readonly Entry[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  try {
    return anyFileSchema.parse(JSON.parse(text))
  } catch {
    renameSync(file, chooseNameAside(file))
    // Then nothing is kept, which the screen says.
    return []
  }
}

function writeEntries(file: string, secrets: readonly Entry[]): void {
  const fresh = `${file}.new`
  const flags = constants.O_CREAT | constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW
  const handle = openSync(fresh, flags, 0o600)
  try {
    writeFileSync(handle, JSON.stringify({ format: 'halligan/station-secrets/v1', secrets }))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(fresh, file)
}

/** @param findKeychain asked each time: a keyring may be unlocked, or go, while we run */
export function openStationSecrets(file: string, findKeychain: () => Keychain | null): StationSecrets {
  let known: readonly Entry[] | null = null
  /** @throws when the file cannot be read: nothing may be written over it then */
  const load = (): readonly Entry[] => (known ??= readEntries(file))
  const look = (): readonly Entry[] => {
    try {
      return load()
    } catch {
      return []
    }
  }
  const save = (next: readonly Entry[]): void => {
    writeEntries(file, next)
    known = next
  }

  function open<K extends OwnerKind>(kind: K, { where, value }: Entry): SecretsByOwner[K] | null {
    try {
      const bytes = Buffer.from(value, 'base64')
      const text = where === 'file' ? bytes.toString('utf8') : findKeychain()?.decrypt(bytes)
      return text === undefined ? null : secretSchemas[kind].parse(JSON.parse(text))
    } catch {
      return null
    }
  }

  function close(place: Pick<Entry, 'kind' | 'vault' | 'owner' | 'settings'>, secret: object): Entry {
    const text = JSON.stringify(secret)
    const keychain = findKeychain()
    const bytes = keychain === null ? Buffer.from(text, 'utf8') : keychain.encrypt(text)
    return {
      ...place,
      where: keychain === null ? 'file' : 'keychain',
      value: Buffer.from(bytes).toString('base64'),
    }
  }

  return {
    drawer: (kind, vault) => {
      const isOurs = (entry: Entry): boolean => entry.kind === kind && entry.vault === vault
      const ours = (): readonly Entry[] => look().filter(isOurs)
      return {
        list: () =>
          ours()
            .filter((entry) => open(kind, entry) !== null)
            .map(({ owner, settings, where }) => ({ owner, settings, where })),
        reveal: () =>
          ours().flatMap((entry) => {
            const secret = open(kind, entry)
            return secret === null ? [] : [{ owner: entry.owner, settings: entry.settings, secret }]
          }),
        keep: ({ owner, settings, secret }) => {
          try {
            const isReplaced = (entry: Entry): boolean =>
              entry.kind === kind && entry.owner === owner && (entry.vault === vault || entry.vault === null)
            const others = load().filter((entry) => !isReplaced(entry))
            const isNothing = Object.keys(secret).length === 0
            const next = isNothing ? others : [...others, close({ kind, vault, owner, settings }, secret)]
            if (next.filter(isOurs).length > drawerMax)
              throw new HalliganError('STORAGE_FAILED', { reason: 'too-many' })
            save(next)
          } catch (error) {
            throw error instanceof HalliganError ? error : new HalliganError('STORAGE_FAILED', {}, error)
          }
        },
        forgetOthers: (owners) => {
          try {
            const before = load()
            const next = before.flatMap((entry) => {
              if (entry.kind !== kind) return [entry]
              const isNamed = owners.includes(entry.owner)
              if (entry.vault === null) return [isNamed ? { ...entry, vault } : entry]
              return entry.vault !== vault || isNamed ? [entry] : []
            })
            const isSame = next.length === before.length && next.every((entry, index) => entry === before[index])
            if (!isSame) save(next)
          } catch {
            // It is in the file still, and asked for again at the next start.
          }
        },
      }
    },
  }
}
