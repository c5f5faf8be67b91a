/** Checkpoints: C2SP tlog-checkpoint notes of our log (docs/format.md, "Checkpoints"). */
import { fromBase64, toBase64 } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'
import { formatSignedNote, parseSignedNote, type SignedNote } from './note.ts'

/** Origin of a log's checkpoints and the name of the keys that sign them. */
export const logOrigin = (vault: string, station: string): string => `halligan.localhost/log/${vault}/${station}`

export interface CheckpointBody {
  readonly origin: string
  readonly size: number
  /** RFC 6962 root of the first `size` entries, 32 bytes. */
  readonly root: Uint8Array
}

export interface Checkpoint extends CheckpointBody {
  readonly note: SignedNote
}

/** Text of a checkpoint note, with its final newline. */
export const formatCheckpointBody = ({ origin, size, root }: CheckpointBody): string =>
  `${origin}\n${size}\n${toBase64(root)}\n`

/**
 * A checkpoint signed by the station.
 * @param sign Ed25519 by the active station key, 64 bytes.
 */
export const signCheckpoint = (
  primitives: Pick<Primitives, 'sha256'>,
  body: CheckpointBody,
  publicKey: Uint8Array,
  sign: (message: Uint8Array<ArrayBuffer>) => Uint8Array,
): string => formatSignedNote(primitives, formatCheckpointBody(body), { name: body.origin, publicKey }, sign)

const bodyPattern = /^([^\s+]+)\n([1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n$/u

/** The checkpoint in a note, no signature verified; null when the note is not a checkpoint of our kind. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const note = parseSignedNote(text)
  if (note === null) return null
  const [, origin, digits, encodedRoot] = bodyPattern.exec(note.text) ?? []
  if (origin === undefined || digits === undefined || encodedRoot === undefined) return null
  const size = Number(digits)
  if (!Number.isSafeInteger(size)) return null
  try {
    return { origin, size, root: fromBase64(encodedRoot), note }
  } catch {
    return null
  }
}
