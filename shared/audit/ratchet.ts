/** The station key's ratchet: each boot's key is signed into the log by the one before (docs/format.md). */
import { canonicalMessage } from '../canonical.ts'

/** Where a `log.key-rotated` entry stands, and the key it makes active. All base64url. */
export interface KeyRotation {
  readonly vault: string
  readonly station: string
  /** Boot that the entry begins. */
  readonly boot: string
  readonly seq: number
  /** Leaf hash of the entry before: the old key vouches for the whole past with its last signature. */
  readonly prev: string
  /** New Ed25519 public key. */
  readonly key: string
}

/** Message that the previous station key signs (Ed25519) in a `log.key-rotated` entry. */
export const stationKeyMessage = ({ vault, station, boot, seq, prev, key }: KeyRotation): Uint8Array<ArrayBuffer> =>
  canonicalMessage('station-key', { vault, station, boot, seq, prev, key })
