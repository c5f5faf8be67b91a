/**
 * A maker of security keys for tests: a root, and leaf certificates that sign "packed" attestation statements (WebAuthn Level 3,
 * section 8.2). DER is written by hand: Node reads certificates and makes none.
 */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { concatBytes, toBase64Url, utf8 } from '../../shared/bytes.ts'

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = concatBytes(...parts)
  const { length } = content
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return concatBytes(Uint8Array.of(tag, ...head), content)
}
const sequence = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => der(0x30, ...parts)
const octets = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => der(0x04, bytes)
const bits = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => der(0x03, Uint8Array.of(0), bytes)
const truth = der(0x01, Uint8Array.of(0xff))

function oid(text: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const encoded = rest.flatMap((arc) => {
    const groups = [arc & 0x7f]
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80)
    return groups
  })
  return der(0x06, Uint8Array.of(first * 40 + second, ...encoded))
}

const ecdsaSha256 = sequence(oid('1.2.840.10045.4.3.2'))

interface Subject {
  readonly unit: string
  readonly name: string
}
const nameOf = ({ unit, name }: Subject): Uint8Array<ArrayBuffer> => {
  const part = (type: string, tag: number, text: string) => der(0x31, sequence(oid(type), der(tag, utf8(text))))
  return sequence(
    part('2.5.4.6', 0x13, 'AA'),
    part('2.5.4.10', 0x0c, 'Halligan tests'),
    part('2.5.4.11', 0x0c, unit),
    part('2.5.4.3', 0x0c, name),
  )
}
const time = (year: number): Uint8Array<ArrayBuffer> => der(0x18, utf8(`${year}0101000000Z`))
const extension = (id: string, critical: boolean, value: Uint8Array): Uint8Array<ArrayBuffer> =>
  sequence(oid(id), ...(critical ? [truth] : []), octets(value))

export interface Certified {
  readonly certificate: Uint8Array<ArrayBuffer>
  readonly secret: KeyObject
  readonly subject: Subject
}

export interface CertificateOptions {
  readonly subject: Subject
  readonly issuer?: Certified
  readonly ca?: boolean
  readonly until?: number
  /** Value of the extension id-fido-gen-ce-aaguid: 16 bytes. */
  readonly aaguid?: Uint8Array
  /** Address of a revocation list. */
  readonly crl?: string
  /** Host name it is issued to (subjectAltName). */
  readonly host?: string
}

/** A certificate for a fresh P-256 key; without an issuer it signs itself. */
export function certify({
  subject,
  issuer,
  ca = false,
  until = 2500,
  aaguid,
  crl,
  host,
}: CertificateOptions): Certified {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const extensions = [
    extension('2.5.29.19', true, ca ? sequence(truth) : sequence()),
    ...(aaguid === undefined ? [] : [extension('1.3.6.1.4.1.45724.1.1.4', false, octets(aaguid))]),
    ...(host === undefined ? [] : [extension('2.5.29.17', false, sequence(der(0x82, utf8(host))))]),
    ...(crl === undefined
      ? []
      : [extension('2.5.29.31', false, sequence(sequence(der(0xa0, der(0xa0, der(0x86, utf8(crl)))))))]),
  ]
  const body = sequence(
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, Uint8Array.of(1), randomBytes(8)),
    ecdsaSha256,
    nameOf(issuer?.subject ?? subject),
    sequence(time(2020), time(until)),
    nameOf(subject),
    new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })),
    der(0xa3, sequence(...extensions)),
  )
  const signature = new Uint8Array(sign('sha256', body, issuer?.secret ?? pair.privateKey))
  return { certificate: sequence(body, ecdsaSha256, bits(signature)), secret: pair.privateKey, subject }
}

/** Attests one model: what a software key is given to prove it with. */
export interface Attestor {
  /** 16 bytes: the AAGUID of the authenticator data. */
  readonly aaguid: Uint8Array
  /** Null: self attestation, by the new key itself. */
  readonly chain: readonly Uint8Array[] | null
  readonly sign: (authData: Uint8Array, clientDataJSON: Uint8Array, own: KeyObject) => Uint8Array
}

export const aaguidText = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

export interface Maker {
  readonly root: Certified
  readonly aaguid: Uint8Array<ArrayBuffer>
  /** As a policy names it and a manifest pins it. */
  readonly model: { readonly aaguid: string; readonly name: string; readonly roots: string[] }
  readonly attestor: (options?: Partial<CertificateOptions> & { readonly claims?: Uint8Array }) => Attestor
}

const messageOf = (authData: Uint8Array, clientDataJSON: Uint8Array): Uint8Array =>
  concatBytes(authData, new Uint8Array(createHash('sha256').update(clientDataJSON).digest()))

/** A maker with one model and one root. */
export function createMaker(name = 'Test key 5', rootOptions: Partial<CertificateOptions> = {}): Maker {
  const root = certify({ subject: { unit: 'Root', name: `${name} root` }, ca: true, ...rootOptions })
  const aaguid = new Uint8Array(randomBytes(16))
  return {
    root,
    aaguid,
    model: { aaguid: aaguidText(aaguid), name, roots: [toBase64Url(root.certificate)] },
    attestor: ({ claims = aaguid, ...options } = {}) => {
      const leaf = certify({
        subject: { unit: 'Authenticator Attestation', name },
        issuer: root,
        aaguid,
        ...options,
      })
      return {
        aaguid: claims,
        chain: [leaf.certificate],
        sign: (authData, clientDataJSON) =>
          new Uint8Array(sign('sha256', messageOf(authData, clientDataJSON), leaf.secret)),
      }
    },
  }
}

/** Signs with the new key itself (WebAuthn calls it self attestation): proves nothing about the model. */
export const selfAttestor = (aaguid: Uint8Array): Attestor => ({
  aaguid,
  chain: null,
  sign: (authData, clientDataJSON, own) => new Uint8Array(sign('sha256', messageOf(authData, clientDataJSON), own)),
})
