/**
 * What people paste for a one-time code: an `otpauth://totp/` address (the key-URI format that authenticator apps read)
 * or the bare base32 seed. Parsed here, in the seal page, and nowhere else.
 */
import { base32nopad } from '@scure/base'
import type { TotpParameters } from '../../shared/domain/credential.ts'

export interface ParsedTotp {
  /** The raw shared secret; whoever gets it wipes it. */
  readonly seed: Uint8Array<ArrayBuffer>
  readonly totp: TotpParameters
}

/** Why an input was not understood: a sentence for beside the field. */
export class OtpauthError extends Error {
  override readonly name = 'OtpauthError'
}

/** What an authenticator assumes where nothing is said (RFC 6238; key-URI format). */
export const defaultTotp: TotpParameters = { algorithm: 'SHA1', digits: 6, period: 30 }

function decodeSeed(text: string): Uint8Array<ArrayBuffer> {
  // Seeds are printed in groups, in lower case and with padding; RFC 4648 base32 has none of that to say.
  const plain = text.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase()
  if (plain === '') throw new OtpauthError('The seed is empty. Paste the text that stands below the QR code.')
  const wrong = /[^A-Z2-7]/.exec(plain)
  if (wrong !== null)
    throw new OtpauthError('A seed has only the letters A to Z and the digits 2 to 7. Check what you pasted.')
  let seed: Uint8Array<ArrayBuffer>
  try {
    seed = base32nopad.decode(plain) as Uint8Array<ArrayBuffer>
  } catch {
    throw new OtpauthError('The seed is cut short. Paste all of it.')
  }
  if (seed.length < 10 || seed.length > 128) {
    seed.fill(0)
    throw new OtpauthError('A seed has 16 to 204 characters. Check that all of it was pasted, and nothing else.')
  }
  return seed
}

function readAlgorithm(value: string | null): TotpParameters['algorithm'] {
  const name = (value ?? 'SHA1').toUpperCase().replace('-', '')
  if (name === 'SHA1' || name === 'SHA256' || name === 'SHA512') return name
  throw new OtpauthError('The address names an algorithm other than SHA-1, SHA-256 or SHA-512.')
}

function readDigits(value: string | null): TotpParameters['digits'] {
  const digits = Number(value ?? '6')
  if (digits === 6 || digits === 7 || digits === 8) return digits
  throw new OtpauthError('The address asks for a code that is not 6, 7 or 8 digits long.')
}

function readPeriod(value: string | null): number {
  const period = Number(value ?? '30')
  if (Number.isInteger(period) && period >= 10 && period <= 120) return period
  throw new OtpauthError('The address asks for a new code at an interval other than 10 to 120 seconds.')
}

/**
 * Parses a seed or an `otpauth://totp/` address.
 * @param fallback used where the input does not say (a bare seed says nothing)
 * @throws OtpauthError with a sentence for the person
 */
export function parseOtpauth(input: string, fallback: TotpParameters = defaultTotp): ParsedTotp {
  const text = input.trim()
  if (!/^otpauth:/i.test(text)) return { seed: decodeSeed(text), totp: fallback }
  // Browsers disagree on where the host of an unknown scheme is; of https they do not.
  const readable = text.replace(/^otpauth:/i, 'https:')
  if (!URL.canParse(readable))
    throw new OtpauthError('The address cannot be read. Paste all of it, from “otpauth:” on.')
  const address = new URL(readable)
  // The type stands where a web address has its server.
  if (address.host !== 'totp')
    throw new OtpauthError('Only time-based codes can be sealed (an address that begins with otpauth://totp/).')
  const query = address.searchParams
  const totp = {
    algorithm: readAlgorithm(query.get('algorithm')),
    digits: readDigits(query.get('digits')),
    period: readPeriod(query.get('period')),
  }
  return { seed: decodeSeed(query.get('secret') ?? ''), totp }
}

/** `SHA-1, 6 digits, a new code every 30 seconds`. */
export const describeTotp = (totp: TotpParameters): string =>
  `${totp.algorithm.replace('SHA', 'SHA-')}, ${String(totp.digits)} digits, a new code every ${String(totp.period)} seconds`
