/** What is sealed, as bytes: index, runbook, field values (docs/format-sealing.md, "Payload"). Values never become text. */
import { fromUtf8, sameBytes } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { payloadIndexSchema, type PayloadField, type PayloadIndex } from '../../../shared/domain/credential.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Sodium } from '../../platform/sodium.ts'

/** Every padded payload is a multiple of this, so that its length says little about what is inside. */
export const padBytes = 4096

export interface Payload {
  readonly index: PayloadIndex
  readonly runbook: Uint8Array
  /** `values[i]` belongs to `index.fields[i]`. */
  readonly values: readonly Uint8Array[]
}

/** Length of the padded payload (ISO/IEC 7816-4 always adds at least one byte). */
export function paddedLength(index: PayloadIndex): number {
  const raw = 4 + canonicalBytes(index).length + index.runbook + sumLengths(index.fields)
  return (Math.floor(raw / padBytes) + 1) * padBytes
}

const sumLengths = (fields: readonly PayloadField[]): number => fields.reduce((sum, field) => sum + field.length, 0)

/** u32be(index length) ‖ canonical index ‖ runbook ‖ values, padded to {@link padBytes}. The caller wipes it. */
export function encodePayload(sodium: Sodium, payload: Payload): Uint8Array {
  const head = canonicalBytes(payload.index)
  const raw = new Uint8Array(4 + head.length + payload.index.runbook + sumLengths(payload.index.fields))
  try {
    new DataView(raw.buffer).setUint32(0, head.length)
    raw.set(head, 4)
    let at = 4 + head.length
    for (const part of [payload.runbook, ...payload.values]) {
      raw.set(part, at)
      at += part.length
    }
    return sodium.pad(raw, padBytes)
  } finally {
    sodium.memzero(raw)
  }
}

/**
 * Inverse of {@link encodePayload}; the parts are copies that the caller owns and wipes.
 * @throws HalliganError RECORD_DAMAGED when the bytes are not a payload (they were authentic, so whoever sealed them
 *   was broken or hostile).
 */
export function decodePayload(sodium: Sodium, padded: Uint8Array): Payload {
  let raw = new Uint8Array(0)
  try {
    raw = new Uint8Array(sodium.unpad(padded, padBytes))
    return splitPayload(raw)
  } catch {
    // The cause is dropped on purpose: a message of JSON.parse quotes what it read.
    throw new HalliganError('RECORD_DAMAGED', { part: 'payload' })
  } finally {
    sodium.memzero(raw)
  }
}

function splitPayload(raw: Uint8Array): Payload {
  const headLength = new DataView(raw.buffer, raw.byteOffset, raw.length).getUint32(0)
  const head = raw.subarray(4, 4 + headLength)
  const index = payloadIndexSchema.parse(JSON.parse(fromUtf8(head)))
  let at = 4 + headLength
  // One form only: two different byte strings never mean the same payload.
  const whole = at + index.runbook + sumLengths(index.fields)
  if (whole !== raw.length || !sameBytes(canonicalBytes(index), head)) throw new RangeError('payload')
  const take = (length: number): Uint8Array => raw.slice(at, (at += length))
  return { index, runbook: take(index.runbook), values: index.fields.map((field) => take(field.length)) }
}
