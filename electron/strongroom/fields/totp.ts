/** Running codes (RFC 6238 on RFC 4226). The seed stays here; only the code of the moment leaves. */
import { createHmac } from 'node:crypto'
import type { TotpParameters } from '../../../shared/domain/credential.ts'

export interface RunningCode {
  /** ASCII digits. */
  readonly code: Uint8Array<ArrayBuffer>
  readonly validForMs: number
}

/**
 * The code at `wallMs` (milliseconds since the Unix epoch; T0 = 0). The caller wipes it.
 * @param seed the raw shared secret, any length.
 */
export function computeRunningCode(
  seed: Uint8Array,
  { algorithm, digits, period }: TotpParameters,
  wallMs: number,
): RunningCode {
  const periodMs = period * 1000
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(wallMs / periodMs)))
  const mac = createHmac(algorithm, seed).update(counter).digest()
  // RFC 4226, section 5.3: dynamic truncation.
  const offset = (mac[mac.length - 1] ?? 0) & 0x0f
  let rest = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits
  mac.fill(0)
  const code = new Uint8Array(digits)
  for (let at = digits - 1; at >= 0; at--) {
    code[at] = 0x30 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  return { code, validForMs: periodMs - (wallMs % periodMs) }
}
