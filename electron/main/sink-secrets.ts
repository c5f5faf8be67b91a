/**
 * What sinks ask for as proof of who we are: passwords, tokens, client keys. They must work while nobody is there, so no quorum
 * seals them: they are kept in a file of this user's, encrypted by the system's keychain where there is a real one. They open
 * nothing of the vault.
 */
import { closeSync, constants, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { hashSchema, idSchema } from '../../shared/domain/forms.ts'
import { keptSecretSchema, sinkSecretSchema, type KeptSecret, type SinkSecret } from '../../shared/domain/sink.ts'
import { HalliganError } from '../../shared/errors.ts'

export interface Keychain {
  readonly encrypt: (text: string) => Uint8Array
  /** @throws when the keychain is another one, or locked */
  readonly decrypt: (bytes: Uint8Array) => string
}

interface SecretOfSink {
  readonly sink: string
  /** Hash of the settings that it was set for, and is good for. */
  readonly settings: string
  readonly secret: SinkSecret
}

export interface SinkSecrets {
  /** Which there are, and where. What cannot be read any more is not there. */
  readonly list: () => { sink: string; settings: string; where: KeptSecret }[]
  readonly reveal: () => SecretOfSink[]
  /**
   * Replaces what is kept for that sink; nothing in `secret` forgets it.
   * @throws HalliganError STORAGE_FAILED, {reason: 'too-many'} rather than to forget another sink's
   */
  readonly keep: (kept: SecretOfSink) => void
  /** Forgets what is kept for sinks that are not among `sinks`. What cannot be forgotten now (disk full) is the next time. */
  readonly forgetOthers: (sinks: readonly string[]) => void
}

const entrySchema = z.strictObject({
  sink: idSchema,
  settings: hashSchema,
  where: keptSecretSchema,
  /** base64 of the secret as JSON, encrypted where `where` says so. */
  value: z.base64().max(262_144),
})
const secretsMax = 64
type Entry = z.infer<typeof entrySchema>
const fileSchema = z.strictObject({
  format: z.literal('halligan/sink-secrets/v1'),
  secrets: z.array(entrySchema).max(secretsMax),
})

function readEntries(file: string): readonly Entry[] {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).secrets
  } catch {
    // Missing or not ours: then nothing is kept, which the screen says.
    return []
  }
}

function writeEntries(file: string, secrets: readonly Entry[]): void {
  const fresh = `${file}.new`
  const flags = constants.O_CREAT | constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW
  try {
    const handle = openSync(fresh, flags, 0o600)
    try {
      writeFileSync(handle, JSON.stringify({ format: 'halligan/sink-secrets/v1', secrets }))
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(fresh, file)
  } catch (error) {
    throw new HalliganError('STORAGE_FAILED', {}, error)
  }
}

/** @param findKeychain asked each time: a keyring may be unlocked, or go, while we run */
export function openSinkSecrets(file: string, findKeychain: () => Keychain | null): SinkSecrets {
  let entries = readEntries(file)

  function open({ where, value }: Entry): SinkSecret | null {
    try {
      const bytes = Buffer.from(value, 'base64')
      const text = where === 'file' ? bytes.toString('utf8') : findKeychain()?.decrypt(bytes)
      return text === undefined ? null : sinkSecretSchema.parse(JSON.parse(text))
    } catch {
      return null
    }
  }

  function close({ sink, settings, secret }: SecretOfSink): Entry {
    const text = JSON.stringify(secret)
    const keychain = findKeychain()
    const bytes = keychain === null ? Buffer.from(text, 'utf8') : keychain.encrypt(text)
    return {
      sink,
      settings,
      where: keychain === null ? 'file' : 'keychain',
      value: Buffer.from(bytes).toString('base64'),
    }
  }

  return {
    list: () =>
      entries.filter((entry) => open(entry) !== null).map(({ sink, settings, where }) => ({ sink, settings, where })),
    reveal: () =>
      entries.flatMap((entry) => {
        const secret = open(entry)
        return secret === null ? [] : [{ sink: entry.sink, settings: entry.settings, secret }]
      }),
    keep: (kept) => {
      const others = entries.filter(({ sink }) => sink !== kept.sink)
      const next = Object.keys(kept.secret).length === 0 ? others : [...others, close(kept)]
      if (next.length > secretsMax) throw new HalliganError('STORAGE_FAILED', { reason: 'too-many' })
      writeEntries(file, next)
      entries = next
    },
    forgetOthers: (sinks) => {
      const next = entries.filter(({ sink }) => sinks.includes(sink))
      if (next.length === entries.length) return
      try {
        writeEntries(file, next)
        entries = next
      } catch {
        // It is in the file still, and asked for again at the next start.
      }
    },
  }
}
