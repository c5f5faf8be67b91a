/** The strongroom's half of the tap channel (docs/format-sealing.md, "Tap channel"). */
import { webcrypto } from 'node:crypto'
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { tapChannel } from '../../../shared/contracts/tap-channel.ts'
import type { TapPassphrase, TapSecret } from '../../../shared/contracts/tap.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import type { SecretKeeper } from '../secret-keeper.ts'

const { subtle } = webcrypto

/** PRF values of one touch: under the current salt and, where the key gave it, under the fresh one. */
export interface PrfValues {
  readonly first: SecretBytes
  readonly second: SecretBytes | null
}

/** Good for one touch: the private key never leaves WebCrypto and is dropped with this object. */
export interface TouchChannel {
  /** Raw uncompressed point, base64url: what the page encrypts to. */
  readonly strongroomKey: string
  /**
   * Decrypts the page's answer to the touch over `challenge`. The caller owns and wipes the values.
   * @throws HalliganError TAP_MALFORMED when it does not open or has another length.
   */
  open(secret: TapSecret, challenge: Uint8Array<ArrayBuffer>): Promise<PrfValues>
  /**
   * Likewise for a passphrase that was entered.
   * @param minimum bytes. What is entered to open something is only wrong when it is short, not malformed.
   * @throws HalliganError TAP_MALFORMED when it does not open, or is shorter or longer than it may be.
   */
  openPassphrase(passphrase: TapPassphrase, challenge: Uint8Array<ArrayBuffer>, minimum?: number): Promise<SecretBytes>
}

/** A fresh channel for one touch; what comes through it is kept by `secrets`. */
export async function openTouchChannel(secrets: SecretKeeper): Promise<TouchChannel> {
  const pair = await subtle.generateKey(tapChannel.curve, false, ['deriveBits'])
  const point = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
  return {
    strongroomKey: toBase64Url(point),
    open: async (secret, challenge) => {
      const values = await decrypt(pair.privateKey, secret, challenge, tapChannel.info).catch((error: unknown) => {
        throw new HalliganError('TAP_MALFORMED', { part: 'secret' }, error)
      })
      return takeValues(values, secrets)
    },
    openPassphrase: async (passphrase, challenge, minimum = 1) => {
      const padded = await decrypt(pair.privateKey, passphrase, challenge, tapChannel.passphraseInfo).catch(
        (error: unknown) => {
          throw new HalliganError('TAP_MALFORMED', { part: 'passphrase' }, error)
        },
      )
      return takePassphrase(padded, minimum, secrets)
    },
  }
}

/** Without its padding: one byte 0x80, then zeros. */
function takePassphrase(padded: Uint8Array, minimum: number, { keep }: SecretKeeper): SecretBytes {
  try {
    const end = padded.findLastIndex((byte) => byte !== 0)
    if (padded[end] !== 0x80 || end < minimum || end > limits.passphraseMax) {
      throw new HalliganError('TAP_MALFORMED', { part: 'passphrase' })
    }
    return keep(padded.slice(0, end))
  } finally {
    padded.fill(0)
  }
}

async function decrypt(
  privateKey: webcrypto.CryptoKey,
  { pageKey, iv, box }: TapSecret,
  challenge: Uint8Array<ArrayBuffer>,
  info: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const peer = await subtle.importKey('raw', fromBase64Url(pageKey), tapChannel.curve, false, [])
  const shared = new Uint8Array(
    await subtle.deriveBits({ name: 'ECDH', public: peer }, privateKey, tapChannel.sharedBits),
  )
  try {
    const hkdf = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey'])
    const key = await subtle.deriveKey(
      { name: 'HKDF', hash: 'SHA-256', salt: challenge, info },
      hkdf,
      tapChannel.cipher,
      false,
      ['decrypt'],
    )
    const cipher = { name: tapChannel.cipher.name, iv: fromBase64Url(iv), additionalData: challenge }
    return new Uint8Array(await subtle.decrypt(cipher, key, fromBase64Url(box)))
  } finally {
    shared.fill(0)
  }
}

function takeValues(values: Uint8Array, { keep }: SecretKeeper): PrfValues {
  const size = tapChannel.valueBytes
  try {
    if (values.length !== size && values.length !== 2 * size) {
      throw new HalliganError('TAP_MALFORMED', { part: 'secret' })
    }
    return {
      first: keep(values.slice(0, size)),
      second: values.length === size ? null : keep(values.slice(size)),
    }
  } finally {
    values.fill(0)
  }
}
