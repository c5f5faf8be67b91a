/**
 * A FIDO2 security key in software, for tests: real WebAuthn bytes (Level 3, sections 5.8.1, 6.1, 6.5) and a PRF as
 * hmac-secret computes it. Its `behaviour` can be changed at any time to make the keys that must be refused.
 */
import { createHash, createHmac, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { concatBytes, fromBase64Url, toBase64Url, utf8 } from '../../shared/bytes.ts'
import type { Attestor } from './attestation-ca.ts'

/** What this key does when touched. */
export interface KeyBehaviour {
  /** User present; false makes flags that no honest key sends. */
  up: boolean
  /** User verified. Without it the PRF gives nothing, as in the WebAuthn spec. */
  uv: boolean
  /** Backup eligible: a synced passkey. */
  be: boolean
  /** Counter of the next assertion; null = this key keeps none (always 0). */
  signCount: number | null
  /** works: a value per input; first-only: one value at most; none: no PRF; unstable: other values every time. */
  prf: 'works' | 'first-only' | 'none' | 'unstable'
  /** Flips a bit of every signature. */
  breakSignature: boolean
  /** Proves its model with this at registration; null = "none", and an AAGUID of zeros. */
  attestor: Attestor | null
}

export interface CeremonyInput {
  /** 32 bytes. */
  readonly challenge: Uint8Array
  readonly origin: string
  readonly rpId: string
}

export interface SoftwareKey {
  readonly credentialIdBytes: Uint8Array<ArrayBuffer>
  /** Base64url of the credential id. */
  readonly credentialId: string
  /** The public key as a manifest holds it. */
  readonly publicKey: { kty: 'EC'; crv: 'P-256'; x: string; y: string } | { kty: 'OKP'; crv: 'Ed25519'; x: string }
  readonly behaviour: KeyBehaviour
  register(input: CeremonyInput): {
    attestationObject: Uint8Array<ArrayBuffer>
    clientDataJSON: Uint8Array<ArrayBuffer>
    transports: 'usb'[]
  }
  assert(input: CeremonyInput & { readonly prf?: readonly Uint8Array[] }): {
    authenticatorData: Uint8Array<ArrayBuffer>
    clientDataJSON: Uint8Array<ArrayBuffer>
    /** ES256: ASN.1 DER; Ed25519: 64 bytes. */
    signature: Uint8Array<ArrayBuffer>
    prf: Uint8Array<ArrayBuffer>[]
  }
}

const flags = { up: 0x01, uv: 0x04, be: 0x08, attested: 0x40 } as const

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)
const sha256 = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => own(createHash('sha256').update(bytes).digest())

function cborHead(major: number, value: number): Uint8Array<ArrayBuffer> {
  if (value < 24) return Uint8Array.of((major << 5) | value)
  if (value < 0x100) return Uint8Array.of((major << 5) | 24, value)
  return Uint8Array.of((major << 5) | 25, value >> 8, value & 0xff)
}

type Cbor = number | string | Uint8Array | readonly Cbor[] | ReadonlyMap<number | string, Cbor>

/** CBOR (RFC 8949) of what attestations are made of: small integers, text, bytes, maps in the order given. */
function encodeCbor(value: Cbor): Uint8Array<ArrayBuffer> {
  if (typeof value === 'number') return value >= 0 ? cborHead(0, value) : cborHead(1, -1 - value)
  if (typeof value === 'string') return concatBytes(cborHead(3, utf8(value).length), utf8(value))
  if (value instanceof Uint8Array) return concatBytes(cborHead(2, value.length), value)
  if (!(value instanceof Map)) {
    const items = value as readonly Cbor[]
    return concatBytes(cborHead(4, items.length), ...items.map(encodeCbor))
  }
  const pairs = [...(value as ReadonlyMap<number | string, Cbor>)].map(([key, item]) =>
    concatBytes(encodeCbor(key), encodeCbor(item)),
  )
  return concatBytes(cborHead(5, value.size), ...pairs)
}

/** COSE_Key (RFC 9053) of a public key. */
function coseKey(key: SoftwareKey['publicKey']): Uint8Array<ArrayBuffer> {
  const x = fromBase64Url(key.x)
  if (key.kty === 'OKP') return encodeCbor(new Map<number, Cbor>([[1, 1], [3, -8], [-1, 6], [-2, x]])) // prettier-ignore
  return encodeCbor(new Map<number, Cbor>([[1, 2], [3, -7], [-1, 1], [-2, x], [-3, fromBase64Url(key.y)]])) // prettier-ignore
}

function makePair(alg: 'ES256' | 'EdDSA'): { secret: KeyObject; publicKey: SoftwareKey['publicKey'] } {
  if (alg === 'EdDSA') {
    const pair = generateKeyPairSync('ed25519')
    const { x = '' } = pair.publicKey.export({ format: 'jwk' })
    return { secret: pair.privateKey, publicKey: { kty: 'OKP', crv: 'Ed25519', x } }
  }
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' })
  return { secret: pair.privateKey, publicKey: { kty: 'EC', crv: 'P-256', x, y } }
}

const clientData = (type: 'webauthn.create' | 'webauthn.get', input: CeremonyInput): Uint8Array<ArrayBuffer> =>
  utf8(JSON.stringify({ type, challenge: toBase64Url(input.challenge), origin: input.origin, crossOrigin: false }))

/** A new key, touched and verified by default. */
export function createSoftwareKey(
  options: Partial<KeyBehaviour> & { readonly alg?: 'ES256' | 'EdDSA' } = {},
): SoftwareKey {
  const { alg = 'ES256', ...overrides } = options
  const { secret, publicKey } = makePair(alg)
  const credentialIdBytes = own(randomBytes(32))
  const prfSecret = randomBytes(32)
  const behaviour: KeyBehaviour = {
    up: true,
    uv: true,
    be: false,
    signCount: 1,
    prf: 'works',
    breakSignature: false,
    attestor: null,
    ...overrides,
  }

  function authenticatorData(rpId: string, attested: Uint8Array | undefined): Uint8Array<ArrayBuffer> {
    const head = new Uint8Array(37)
    head.set(sha256(utf8(rpId)), 0)
    head[32] =
      (behaviour.up ? flags.up : 0) |
      (behaviour.uv ? flags.uv : 0) |
      (behaviour.be ? flags.be : 0) |
      (attested === undefined ? 0 : flags.attested)
    new DataView(head.buffer).setUint32(33, behaviour.signCount ?? 0)
    if (behaviour.signCount !== null) behaviour.signCount += 1
    return attested === undefined ? head : concatBytes(head, attested)
  }

  function evaluatePrf(inputs: readonly Uint8Array[]): Uint8Array<ArrayBuffer>[] {
    if (!behaviour.uv || behaviour.prf === 'none') return []
    const values = inputs.map((input) => {
      // WebAuthn Level 3, 10.1.4: the salt is SHA-256("WebAuthn PRF" || 0x00 || input).
      const salt = sha256(concatBytes(utf8('WebAuthn PRF'), Uint8Array.of(0), input))
      const key = behaviour.prf === 'unstable' ? randomBytes(32) : prfSecret
      return own(createHmac('sha256', key).update(salt).digest())
    })
    return behaviour.prf === 'first-only' ? values.slice(0, 1) : values
  }

  return {
    credentialIdBytes,
    credentialId: toBase64Url(credentialIdBytes),
    publicKey,
    behaviour,
    register: (input) => {
      const idLength = Uint8Array.of(credentialIdBytes.length >> 8, credentialIdBytes.length & 0xff)
      const { attestor } = behaviour
      const aaguid = attestor?.aaguid ?? new Uint8Array(16)
      const attested = concatBytes(aaguid, idLength, credentialIdBytes, coseKey(publicKey))
      const authData = authenticatorData(input.rpId, attested)
      const clientDataJSON = clientData('webauthn.create', input)
      const statement = new Map<string, Cbor>()
      if (attestor !== null) {
        statement.set('alg', -7).set('sig', attestor.sign(authData, clientDataJSON, secret))
        if (attestor.chain !== null) statement.set('x5c', attestor.chain)
      }
      const attestation = new Map<string, Cbor>([
        ['fmt', attestor === null ? 'none' : 'packed'],
        ['attStmt', statement],
        ['authData', authData],
      ])
      return {
        attestationObject: encodeCbor(attestation),
        clientDataJSON,
        transports: ['usb'],
      }
    },
    assert: (input) => {
      const authData = authenticatorData(input.rpId, undefined)
      const clientDataJSON = clientData('webauthn.get', input)
      const message = concatBytes(authData, sha256(clientDataJSON))
      const signature = own(sign(alg === 'EdDSA' ? null : 'sha256', message, secret))
      if (behaviour.breakSignature) signature[signature.length - 1]! ^= 1
      return { authenticatorData: authData, clientDataJSON, signature, prf: evaluatePrf(input.prf ?? []) }
    },
  }
}
