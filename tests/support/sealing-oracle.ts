/**
 * A second implementation of docs/format-sealing.md, from that page alone and on other libraries (@noble): it shares no
 * code with electron/strongroom, so that both can be wrong only in the same way if the page is wrong. Test-only.
 */
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { u32 } from '@noble/ciphers/utils.js'
import { x25519 } from '@noble/curves/ed25519.js'
import { argon2id } from '@noble/hashes/argon2.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'

/** JCS for what our objects hold: text without surrogates, integers, booleans, null. Names sort by UTF-16 unit. */
function jcs(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(jcs).join(',')}]`
  const named = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${named.map(([name, inner]) => `${JSON.stringify(name)}:${jcs(inner)}`).join(',')}}`
}

export const bytesOf = (base64url: string): Uint8Array => new Uint8Array(Buffer.from(base64url, 'base64url'))
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'))
export const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
export const message = (purpose: string, value: unknown): Uint8Array => ascii(`halligan/${purpose}/v1\n${jcs(value)}`)
const newline = Uint8Array.of(0x0a)

// Section 1
export const prfOf = (secret: Uint8Array, salt: Uint8Array): Uint8Array =>
  hmac(sha256, secret, sha256(join(ascii('WebAuthn PRF'), Uint8Array.of(0), salt)))

// Section 2
interface WrapHeaderLike {
  readonly publicKey: string
}
interface WrapLike extends WrapHeaderLike {
  readonly nonce: string
  readonly box: string
}
const wrapKey = (header: WrapHeaderLike, prf: Uint8Array): Uint8Array =>
  blake2b(message('wrap-key', header), { key: prf, dkLen: 32 })

export function makeWrap<H extends WrapHeaderLike>(
  header: H,
  secretKey: Uint8Array,
  prf: Uint8Array,
  nonce: Uint8Array,
): H & WrapLike {
  const aead = xchacha20poly1305(wrapKey(header, prf), nonce, message('wrap', header))
  return { ...header, nonce: textOf(nonce), box: textOf(aead.encrypt(secretKey)) }
}
export function openWrapByHand({ nonce, box, ...header }: WrapLike, prf: Uint8Array): Uint8Array {
  const aead = xchacha20poly1305(wrapKey(header, prf), bytesOf(nonce), message('wrap', header))
  const secretKey = aead.decrypt(bytesOf(box))
  if (textOf(x25519.getPublicKey(secretKey)) !== header.publicKey) throw new Error('another key')
  return secretKey
}

interface PassphraseHeaderLike extends WrapHeaderLike {
  readonly stretch: { readonly salt: string; readonly passes: number; readonly memory: number }
}
function passphraseWrapKey(header: PassphraseHeaderLike, prf: Uint8Array, passphrase: string): Uint8Array {
  const { salt, passes, memory } = header.stretch
  const options = { t: passes, m: memory / 1024, p: 1, dkLen: 32, version: 0x13 }
  const stretched = argon2id(ascii(passphrase.normalize('NFKC')), bytesOf(salt), options)
  const mix = blake2b(join(ascii('halligan/wrap-mix/v1\n'), stretched), { key: prf, dkLen: 32 })
  return blake2b(message('wrap-key', header), { key: mix, dkLen: 32 })
}
export function makePassphraseWrap<H extends PassphraseHeaderLike>(
  header: H,
  secretKey: Uint8Array,
  prf: Uint8Array,
  passphrase: string,
  nonce: Uint8Array,
): H & WrapLike & { readonly check: string } {
  const aead = xchacha20poly1305(passphraseWrapKey(header, prf, passphrase), nonce, message('wrap', header))
  const wrap = { ...header, nonce: textOf(nonce), box: textOf(aead.encrypt(secretKey)) }
  return { ...wrap, check: textOf(blake2b(message('wrap-check', wrap), { key: prf, dkLen: 32 })) }
}
export function openPassphraseWrapByHand(
  { check, ...wrap }: PassphraseHeaderLike & WrapLike & { readonly check: string },
  prf: Uint8Array,
  passphrase: string,
): Uint8Array {
  if (textOf(blake2b(message('wrap-check', wrap), { key: prf, dkLen: 32 })) !== check) throw new Error('another key')
  const { nonce, box, ...header } = wrap
  const aead = xchacha20poly1305(passphraseWrapKey(header, prf, passphrase), bytesOf(nonce), message('wrap', header))
  return aead.decrypt(bytesOf(box))
}

interface KeyRingLike {
  readonly vault: string
  readonly safe: string
  readonly person: string
  readonly keys: readonly object[]
}
export function keyRingByHand({ vault, safe, person, keys }: KeyRingLike, secretKey: Uint8Array): Uint8Array {
  const key = blake2b(message('key-ring-key', { vault, safe, person }), { key: secretKey, dkLen: 32 })
  return blake2b(message('key-ring', { vault, safe, person, keys }), { key, dkLen: 32 })
}

// Section 5: multiplication bit by bit, division by search. Slow and plain on purpose.
export function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 0; bit < 8; bit++) {
    if ((b >> bit) & 1) product ^= a << bit
  }
  for (let bit = 15; bit >= 8; bit--) if ((product >> bit) & 1) product ^= 0x11d << (bit - 8)
  return product
}
const inverses = new Map<number, number>()
for (let a = 1; a < 256; a++) for (let b = 1; b < 256; b++) if (multiply(a, b) === 1) inverses.set(a, b)
const divide = (a: number, b: number): number => {
  const inverse = inverses.get(b)
  if (inverse === undefined) throw new Error('division by zero')
  return multiply(a, inverse)
}

export function expandKey(key: Uint8Array): Uint8Array {
  const expanded = new Uint8Array(80)
  expanded[15] = 1
  for (let i = 0; i < 32; i++) expanded[79 - 2 * i] = key[i] ?? 0
  return expanded
}
/** `draws(n)` gives n random bytes; asked in the order of section 5. */
export function splitByHand(key: Uint8Array, k: number, n: number, draws: (n: number) => Uint8Array): Uint8Array[] {
  const expanded = expandKey(key)
  const shares = Array.from({ length: n }, (_, i) => {
    const share = new Uint8Array(82)
    share.set([0x08, i + 1])
    return share
  })
  for (let j = 79; j >= 0; j--) {
    const coefficients = [expanded[j] ?? 0, ...draws(k - 1)]
    for (const share of shares) {
      const x = share[1] ?? 0
      share[2 + j] = coefficients.reduceRight((sum, coefficient) => multiply(sum, x) ^ coefficient, 0)
    }
  }
  return shares
}
export function combineByHand(shares: readonly Uint8Array[]): Uint8Array {
  const at = (share: Uint8Array, i: number): number => share[i] ?? 0
  const key = new Uint8Array(32)
  for (let i = 0; i < 32; i++) {
    const j = 79 - 2 * i
    key[i] = shares.reduce((sum, a) => {
      const weight = shares.reduce(
        (product, b) => (a === b ? product : multiply(product, divide(at(b, 1), at(b, 1) ^ at(a, 1)))),
        1,
      )
      return sum ^ multiply(at(a, 2 + j), weight)
    }, 0)
  }
  return key
}

// Section 6
function boxKey(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const sigma = u32(ascii('expand 32-byte k'))
  const out = new Uint32Array(8)
  hsalsa(sigma, u32(x25519.getSharedSecret(secretKey, publicKey)), new Uint32Array(4), out)
  return new Uint8Array(out.buffer)
}
const boxNonce = (ephemeral: Uint8Array, publicKey: Uint8Array): Uint8Array =>
  blake2b(join(ephemeral, publicKey), { dkLen: 24 })
export function sealBoxByHand(plain: Uint8Array, publicKey: Uint8Array, ephemeralSecret: Uint8Array): Uint8Array {
  const ephemeral = x25519.getPublicKey(ephemeralSecret)
  const cipher = xsalsa20poly1305(boxKey(ephemeralSecret, publicKey), boxNonce(ephemeral, publicKey))
  return join(ephemeral, cipher.encrypt(plain))
}
export function openBoxByHand(box: Uint8Array, secretKey: Uint8Array): Uint8Array {
  const ephemeral = box.slice(0, 32)
  const publicKey = x25519.getPublicKey(secretKey)
  return xsalsa20poly1305(boxKey(secretKey, ephemeral), boxNonce(ephemeral, publicKey)).decrypt(box.slice(32))
}

// Section 7
export const keyCommitmentOf = (name: object, key: Uint8Array): string =>
  textOf(sha256(join(message('key-commitment', name), newline, key)))
export const shareCommitmentOf = (name: object, share: Uint8Array): string =>
  textOf(sha256(join(message('share-commitment', name), newline, share)))
export const hashOf = (bytes: Uint8Array): string => textOf(sha256(bytes))
export const envelopeOf = (name: object, share: Uint8Array): Uint8Array => join(message('share', name), newline, share)

// Section 3
export function padByHand(payload: Uint8Array): Uint8Array {
  const padded = new Uint8Array((Math.floor(payload.length / 4096) + 1) * 4096)
  padded.set(payload)
  padded[payload.length] = 0x80
  return padded
}
export function makePayload(index: object, runbook: Uint8Array, values: readonly Uint8Array[]): Uint8Array {
  const head = ascii(jcs(index))
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, head.length)
  return padByHand(join(length, head, runbook, ...values))
}
function splitPayload(padded: Uint8Array): RecoveredCredential {
  const end = padded.lastIndexOf(0x80)
  if (end < 0 || padded.slice(end + 1).some((byte) => byte !== 0)) throw new Error('padding')
  const payload = padded.slice(0, end)
  const headEnd = 4 + new DataView(payload.buffer).getUint32(0)
  const index = JSON.parse(Buffer.from(payload.slice(4, headEnd)).toString('utf8')) as {
    runbook: number
    fields: { label: string; length: number }[]
  }
  let at = headEnd
  const take = (length: number): Uint8Array => payload.slice(at, (at += length))
  const runbook = take(index.runbook)
  const fields = index.fields.map(({ label, length }) => ({ label, value: take(length) }))
  if (at !== payload.length) throw new Error('length')
  return { runbook, fields }
}

export interface RecoveredCredential {
  readonly runbook: Uint8Array
  readonly fields: readonly { readonly label: string; readonly value: Uint8Array }[]
}

interface RecordLike {
  readonly header: {
    readonly vault: string
    readonly safe: string
    readonly credential: string
    readonly version: number
    readonly threshold: number
    readonly keyCommitment: string
    readonly nonce: string
    readonly shares: readonly { custodian: string; index: number; commitment: string; box: string }[]
  }
  readonly boxes: readonly string[]
  readonly body: string
}

/** Body of a record under `key` (section 4). */
export const makeBody = (header: { nonce: string }, key: Uint8Array, padded: Uint8Array): string =>
  textOf(xchacha20poly1305(key, bytesOf(header.nonce), message('credential', header)).encrypt(padded))

/** Section 9: wraps of k custodians with the PRF value that each one's security key gave. */
export function recoverByHand(
  { header, boxes, body }: RecordLike,
  given: readonly { readonly wrap: WrapLike & { readonly person: string }; readonly prf: Uint8Array }[],
): RecoveredCredential {
  const { vault, safe, credential, version, threshold } = header
  const shares = given.map(({ wrap, prf }) => {
    const secretKey = openWrapByHand(wrap, prf)
    const at = header.shares.findIndex(({ custodian }) => custodian === wrap.person)
    const { custodian, index, commitment, box } = header.shares[at] ?? fail('no such custodian')
    const sealed = bytesOf(boxes[at] ?? '')
    if (hashOf(sealed) !== box) fail('box')
    const envelope = openBoxByHand(sealed, secretKey)
    const head = envelopeOf({ vault, safe, credential, version, custodian, index, threshold }, new Uint8Array(0))
    if (textOf(envelope.slice(0, head.length)) !== textOf(head)) fail('envelope')
    const share = envelope.slice(head.length)
    if (share[0] !== 8 || share[1] !== index) fail('share')
    if (shareCommitmentOf({ vault, credential, version, custodian, index }, share) !== commitment) fail('commitment')
    return share
  })
  const key = combineByHand(shares)
  if (keyCommitmentOf({ vault, credential, version }, key) !== header.keyCommitment) fail('content key')
  const aead = xchacha20poly1305(key, bytesOf(header.nonce), message('credential', header))
  return splitPayload(aead.decrypt(bytesOf(body)))
}

function fail(what: string): never {
  throw new Error(what)
}
