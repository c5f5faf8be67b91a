/**
 * Writes sealing.json: one credential sealed to three custodians (k = 2) with keys and nonces that anybody can recompute, made
 * by the second implementation (tests/support/sealing-oracle.ts), never by the product. Run with
 * `npx tsx tests/vectors/sealing/generate.ts`.
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { x25519 } from '@noble/curves/ed25519.js'
import {
  envelopeOf,
  hashOf,
  keyCommitmentOf,
  keyRingByHand,
  makeBody,
  makePassphraseWrap,
  makePayload,
  makeWrap,
  prfOf,
  sealBoxByHand,
  shareCommitmentOf,
  splitByHand,
  textOf,
} from '../../support/sealing-oracle.ts'

const sha256 = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest())
/** `length` bytes that depend on `name` only: SHA-256("halligan sealing vector <name> <block>") joined. */
function fixed(name: string, length = 32): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
    sha256(`halligan sealing vector ${name} ${block}`),
  )
  return new Uint8Array(Buffer.concat(blocks)).slice(0, length)
}
const id = (name: string): string => textOf(fixed(name, 16))
const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'))

/** The vector as an object; the same at every call. */
export function makeVector() {
  const names = { vault: id('vault'), safe: id('safe'), credential: id('credential'), version: 3 }
  const { vault, safe, credential, version } = names
  const threshold = 2
  const custodians = ['one', 'two', 'three'].map((name, at) => {
    const secretKey = fixed(`secret key ${name}`)
    const prfSecret = fixed(`prf secret ${name}`)
    const salt = fixed(`salt ${name}`)
    const header = {
      format: 'halligan/wrap/v1',
      suite: 'webauthn-prf+blake2b-256+xchacha20poly1305-ietf',
      vault,
      safe,
      person: id(`person ${name}`),
      key: textOf(fixed(`security key ${name}`)),
      publicKey: textOf(x25519.getPublicKey(secretKey)),
      salt: textOf(salt),
    }
    const prf = prfOf(prfSecret, salt)
    const wrap = makeWrap(header, secretKey, prf, fixed(`wrap nonce ${name}`, 24))
    return { index: at + 1, prfSecret: textOf(prfSecret), prf: textOf(prf), secretKey: textOf(secretKey), wrap }
  })

  const [first] = custodians
  if (first === undefined) throw new Error('no custodian')
  const { nonce: _nonce, box: _box, ...members } = first.wrap
  const passphrase = 'kedgeree lantern moß 7'
  const passphraseWrap = makePassphraseWrap(
    {
      ...members,
      format: 'halligan/wrap/v2',
      suite: 'webauthn-prf+argon2id13+blake2b-256+xchacha20poly1305-ietf',
      // Little, so that anybody recomputes it in a moment; the product takes more.
      stretch: { salt: textOf(fixed('passphrase salt', 16)), passes: 2, memory: 65_536 },
    },
    fixed('secret key one'),
    prfOf(fixed('prf secret one'), fixed('salt one')),
    passphrase,
    fixed('passphrase wrap nonce', 24),
  )

  const ring = {
    ...{ vault, safe, person: first.wrap.person },
    keys: [
      {
        credentialId: first.wrap.key,
        label: 'Main key',
        publicKey: { kty: 'EC', crv: 'P-256', x: textOf(fixed('key x')), y: textOf(fixed('key y')) },
        aaguid: '00000000-0000-0000-0000-000000000000',
        transports: ['usb', 'nfc'],
        enrolledAt: '2026-11-23T02:59:00.000Z',
      },
      {
        credentialId: textOf(fixed('spare security key one')),
        label: 'Spare “ä”',
        publicKey: { kty: 'OKP', crv: 'Ed25519', x: textOf(fixed('spare key x')) },
        aaguid: 'aaaaaaaa-0000-0000-0000-000000000001',
        transports: [],
        enrolledAt: '2026-11-23T03:00:00.000Z',
        attestation: { format: 'packed', model: 'Test key 5' },
      },
    ],
  }

  const runbook = utf8('# When the provider is down\n\nSign in, then rotate.\n')
  const values = [
    utf8('root'),
    utf8('pässwörd \u{1f511} 0OIl1'),
    utf8('12345678901234567890'),
    utf8('alpha-1111\n\n  bravo-2222\r\ncharlie-3333'),
    fixed('file', 5000),
  ]
  const plain = { secret: true, totp: null, fileName: null }
  const fields = [
    { ...plain, label: 'User', type: 'text', secret: false },
    { ...plain, label: 'Password', type: 'text' },
    { ...plain, label: 'Second factor', type: 'totp', totp: { algorithm: 'SHA1', digits: 8, period: 30 } },
    { ...plain, label: 'Recovery codes', type: 'codes' },
    { ...plain, label: 'Key file', type: 'file', fileName: 'root.pem' },
  ].map((field, at) => ({ id: at, ...field, length: values[at]?.length ?? 0 }))
  const index = { format: 'halligan/payload/v1', runbook: runbook.length, fields }
  const padded = makePayload(index, runbook, values)

  const contentKey = fixed('content key')
  const coefficients = fixed('coefficients', 80)
  let drawn = 0
  const shares = splitByHand(contentKey, threshold, custodians.length, (n) => coefficients.slice(drawn, (drawn += n)))
  const boxes = custodians.map(({ index: x, wrap }, at) => {
    const share = shares[at] ?? new Uint8Array(0)
    const name = { vault, safe, credential, version, custodian: wrap.person, index: x, threshold }
    const publicKey = new Uint8Array(Buffer.from(wrap.publicKey, 'base64url'))
    return sealBoxByHand(envelopeOf(name, share), publicKey, fixed(`ephemeral ${x}`))
  })
  const header = {
    format: 'halligan/credential/v1',
    suite: 'xchacha20poly1305-ietf+x25519-sealedbox+shamir-gf256',
    vault,
    safe,
    credential,
    version,
    manifest: { version: 1, hash: textOf(fixed('manifest hash')) },
    name: 'Cloud root “ä”',
    kind: 'login',
    requesters: [id('person one')],
    rotationDays: 90,
    sealedBy: id('person one'),
    sealedAt: '2026-11-23T02:59:00.000Z',
    threshold,
    keyCommitment: keyCommitmentOf({ vault, credential, version }, contentKey),
    shares: custodians.map(({ index: x, wrap }, at) => ({
      custodian: wrap.person,
      index: x,
      commitment: shareCommitmentOf(
        { vault, credential, version, custodian: wrap.person, index: x },
        shares[at] ?? new Uint8Array(0),
      ),
      box: hashOf(boxes[at] ?? new Uint8Array(0)),
    })),
    nonce: textOf(fixed('body nonce', 24)),
  }
  const noted = {
    ...header,
    rotationNote: 'Sign in as root → “Security credentials”.\n\tSet a new password, seal it, prove it, then end all sessions.',
    nonce: textOf(fixed('noted body nonce', 24)),
  }
  const recordOf = (its: typeof header) => {
    const body = makeBody(its, contentKey, padded)
    return { header: its, boxes: boxes.map(textOf), body }
  }
  return {
    source: 'tests/vectors/sealing/generate.ts; every key and nonce is a SHA-256 of its name',
    custodians,
    withPassphrase: { passphrase, wrap: passphraseWrap },
    keyRing: { ...ring, mac: textOf(keyRingByHand(ring, fixed('secret key one'))) },
    contentKey: textOf(contentKey),
    coefficients: textOf(coefficients),
    shares: shares.map(textOf),
    payload: { index, runbook: textOf(runbook), values: values.map(textOf), padded: textOf(padded) },
    record: recordOf(header),
    /** The same with a word on how it is rotated. */
    noted: recordOf(noted),
  }
}

export const vectorFile = new URL('sealing.json', import.meta.url)

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(vectorFile, `${JSON.stringify(makeVector(), null, 1)}\n`)
}
