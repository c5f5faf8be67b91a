/** Encrypts what a key returned to the strongroom process, before anything else in this page or its host can see it. */
import { fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import { tapChannel } from '../../shared/contracts/tap-channel.ts'
import type { TapPassphrase, TapSecret } from '../../shared/contracts/tap.ts'

/** The PRF outputs of one touch: 32 bytes each. */
export interface PrfValues {
  readonly first: Uint8Array
  readonly second: Uint8Array | null
}

async function agreeOnKey(
  privateKey: CryptoKey,
  peer: CryptoKey,
  salt: BufferSource,
  info: BufferSource,
): Promise<CryptoKey> {
  const { subtle } = crypto
  const shared = new Uint8Array(
    await subtle.deriveBits({ name: tapChannel.curve.name, public: peer }, privateKey, tapChannel.sharedBits),
  )
  try {
    const base = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey'])
    const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info }
    return await subtle.deriveKey(derivation, base, tapChannel.cipher, false, ['encrypt'])
  } finally {
    shared.fill(0)
  }
}

/**
 * Seals `values` to `strongroomKey` (raw P-256 point, base64url) for the touch on `challenge` (base64url). The caller
 * wipes `values`; what is made of them here is wiped here.
 */
export async function sealSecret(values: PrfValues, strongroomKey: string, challenge: string): Promise<TapSecret> {
  const plain = new Uint8Array(values.first.length + (values.second?.length ?? 0))
  try {
    plain.set(values.first)
    if (values.second !== null) plain.set(values.second, values.first.length)
    return await seal(plain, tapChannel.info, strongroomKey, challenge)
  } finally {
    plain.fill(0)
  }
}

/** Likewise for a passphrase (1 to 255 bytes), padded so that its length does not show. The caller wipes it. */
export async function sealPassphrase(
  passphrase: Uint8Array,
  strongroomKey: string,
  challenge: string,
): Promise<TapPassphrase> {
  const plain = new Uint8Array(tapChannel.passphraseBytes)
  try {
    plain.set(passphrase)
    plain[passphrase.length] = 0x80
    return await seal(plain, tapChannel.passphraseInfo, strongroomKey, challenge)
  } finally {
    plain.fill(0)
  }
}

async function seal(
  plain: Uint8Array<ArrayBuffer>,
  info: BufferSource,
  strongroomKey: string,
  challenge: string,
): Promise<TapSecret> {
  const { subtle } = crypto
  const bound = fromBase64Url(challenge)
  const peer = await subtle.importKey('raw', fromBase64Url(strongroomKey), tapChannel.curve, false, [])
  const pair = await subtle.generateKey(tapChannel.curve, false, ['deriveBits'])
  const key = await agreeOnKey(pair.privateKey, peer, bound, info)
  const iv = crypto.getRandomValues(new Uint8Array(tapChannel.ivBytes))
  const box = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bound }, key, plain)
  const pageKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
  return { pageKey: toBase64Url(pageKey), iv: toBase64Url(iv), box: toBase64Url(new Uint8Array(box)) }
}
