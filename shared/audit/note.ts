/** C2SP signed notes (c2sp.org/signed-note) with Ed25519 keys. Signing is handed in; this file holds no private key. */
import { concatBytes, fromBase64, sameBytes, toBase64, utf8 } from '../bytes.ts'
import type { Primitives } from '../primitives.ts'

/** A key that may sign notes: its name and its 32-byte Ed25519 public key. */
export interface NoteKey {
  readonly name: string
  readonly publicKey: Uint8Array
}

/** One signature line, not yet checked. */
export interface NoteSignature {
  readonly name: string
  /** 4 bytes. */
  readonly keyId: Uint8Array
  readonly signature: Uint8Array
}

export interface SignedNote {
  /** With its final newline: what the signatures are about. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** The specification asks verifiers to accept at least 16. */
const signaturesMax = 16
/** Characters; a checkpoint of ours has about 350. */
export const noteLengthMax = 16_384
const linePattern = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u
// eslint-disable-next-line no-control-regex -- control characters are what the specification forbids
const forbidden = /[\u0000-\u0009\u000b-\u001f]/

/** First 4 bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key): names an Ed25519 key in a signature line. */
export const noteKeyId = ({ sha256 }: Pick<Primitives, 'sha256'>, key: NoteKey): Uint8Array<ArrayBuffer> =>
  sha256(concatBytes(utf8(key.name), Uint8Array.of(0x0a, 0x01), key.publicKey)).slice(0, 4)

/**
 * The note with one signature over its text.
 * @param sign Ed25519 over the bytes given, 64 bytes.
 * @throws RangeError when `text` does not end with a newline or `key.name` cannot stand in a signature line.
 */
export function formatSignedNote(
  primitives: Pick<Primitives, 'sha256'>,
  text: string,
  key: NoteKey,
  sign: (message: Uint8Array<ArrayBuffer>) => Uint8Array,
): string {
  if (!text.endsWith('\n') || forbidden.test(text)) throw new RangeError('not a note text')
  if (!/^[^\s+]+$/u.test(key.name)) throw new RangeError('not a key name')
  const value = toBase64(concatBytes(noteKeyId(primitives, key), sign(utf8(text))))
  return `${text}\n— ${key.name} ${value}\n`
}

function parseSignatureLine(line: string): NoteSignature | null {
  const [, name, value] = linePattern.exec(line) ?? []
  if (name === undefined || value === undefined) return null
  try {
    const bytes = fromBase64(value)
    return bytes.length < 5 ? null : { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) }
  } catch {
    return null
  }
}

/** The parts of a note, nothing verified; null when it is not a well-formed note. */
export function parseSignedNote(note: string): SignedNote | null {
  if (note.length > noteLengthMax || forbidden.test(note) || !note.isWellFormed() || !note.endsWith('\n')) return null
  // The last empty line separates: text may hold empty lines, signature lines may not.
  const split = note.lastIndexOf('\n\n')
  if (split === -1) return null
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > signaturesMax) return null
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const signature = parseSignatureLine(line)
    if (signature === null) return null
    signatures.push(signature)
  }
  return { text: note.slice(0, split + 1), signatures }
}

/**
 * True when at least one signature is by `key` and every signature by `key` verifies. Lines of other keys are ignored,
 * as the specification demands.
 */
export function verifySignedNote(primitives: Primitives, note: SignedNote, key: NoteKey): boolean {
  const keyId = noteKeyId(primitives, key)
  const own = note.signatures.filter(({ name, keyId: id }) => name === key.name && sameBytes(id, keyId))
  const message = utf8(note.text)
  return own.length > 0 && own.every(({ signature }) => primitives.verifyEd25519(key.publicKey, message, signature))
}
