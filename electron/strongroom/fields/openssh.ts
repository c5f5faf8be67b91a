/** A fresh SSH key pair as files (OpenSSH `PROTOCOL.key`; RFC 8709 for `ssh-ed25519`). */
import { concatBytes, utf8 } from '../../../shared/bytes.ts'
import type { Sodium } from '../../platform/sodium.ts'

const keyType = 'ssh-ed25519'
const lineLength = 70

/** RFC 4251 `string`: length in four bytes, then the bytes. */
function toSshString(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.length)
  return concatBytes(length, bytes)
}

const base64Letters = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')

/** Padded base64 as bytes: a string of a private key could not be wiped. */
function toBase64Bytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(0x3d)
  for (let at = 0, to = 0; at < bytes.length; at += 3, to += 4) {
    const three = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    const letters = Math.min(4, bytes.length - at + 1)
    for (let letter = 0; letter < letters; letter++) {
      out[to + letter] = base64Letters[(three >> (18 - 6 * letter)) & 63] ?? 0
    }
  }
  return out
}

export interface SshKeyPair {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----` …, without a passphrase: what it is sealed in protects it. The caller wipes it. */
  readonly privateKey: Uint8Array<ArrayBuffer>
  /** One line for `authorized_keys`. */
  readonly publicKey: string
}

/**
 * An Ed25519 pair from libsodium.
 * @param comment one line, behind the public key and inside the private one.
 */
export function makeSshKeyPair(sodium: Sodium, random: (length: number) => Uint8Array, comment: string): SshKeyPair {
  const { publicKey, privateKey } = sodium.crypto_sign_keypair()
  const publicBlob = concatBytes(toSshString(utf8(keyType)), toSshString(publicKey))
  // The same four random bytes twice tell a wrong passphrase; here they only fill their place.
  const check = random(4)
  // libsodium's secret key is seed and public key, as OpenSSH has it.
  const framedKey = toSshString(privateKey)
  const content = concatBytes(check, check, publicBlob, framedKey, toSshString(utf8(comment)))
  const padding = Uint8Array.from({ length: (8 - (content.length % 8)) % 8 }, (_, at) => at + 1)
  const none = toSshString(utf8('none'))
  const secret = concatBytes(content, padding)
  const framedSecret = toSshString(secret)
  const whole = concatBytes(
    utf8('openssh-key-v1\0'),
    none,
    none,
    toSshString(new Uint8Array(0)),
    Uint8Array.of(0, 0, 0, 1),
    toSshString(publicBlob),
    framedSecret,
  )
  const encoded = toBase64Bytes(whole)
  const lines: Uint8Array[] = []
  for (let at = 0; at < encoded.length; at += lineLength) {
    lines.push(encoded.subarray(at, at + lineLength), utf8('\n'))
  }
  const file = concatBytes(
    utf8('-----BEGIN OPENSSH PRIVATE KEY-----\n'),
    ...lines,
    utf8('-----END OPENSSH PRIVATE KEY-----\n'),
  )
  for (const bytes of [privateKey, framedKey, content, secret, framedSecret, whole, encoded]) sodium.memzero(bytes)
  return { privateKey: file, publicKey: `${keyType} ${new TextDecoder().decode(toBase64Bytes(publicBlob))} ${comment}` }
}
