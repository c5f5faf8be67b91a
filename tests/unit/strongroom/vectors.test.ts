import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadSodium } from '../../../electron/platform/sodium.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { commitToKey, commitToShare } from '../../../electron/strongroom/crypto/commitments.ts'
import { decodePayload, encodePayload, paddedLength } from '../../../electron/strongroom/crypto/payload.ts'
import { isKeyRing, makeKeyRing } from '../../../electron/strongroom/crypto/key-ring.ts'
import { openRecord } from '../../../electron/strongroom/crypto/record.ts'
import { combineShares, splitContentKey } from '../../../electron/strongroom/crypto/shamir.ts'
import { openShare } from '../../../electron/strongroom/crypto/share.ts'
import { openWrap } from '../../../electron/strongroom/crypto/wrap.ts'
import { splitCodes } from '../../../electron/strongroom/fields/codes.ts'
import { computeRunningCode } from '../../../electron/strongroom/fields/totp.ts'
import { sealedRecordHash } from '../../../shared/audit/records.ts'
import { fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { payloadIndexSchema, sealedRecordSchema, wrapSchema } from '../../../shared/domain/credential.ts'
import { securityKeySchema } from '../../../shared/domain/manifest.ts'
import { bytesOf, hashOf, message, prfOf, recoverByHand, textOf } from '../../support/sealing-oracle.ts'
import { makePassphrase } from '../../support/passphrase-world.ts'
import { makeVector, vectorFile } from '../../vectors/sealing/generate.ts'

const readVector = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../vectors/sealing/${file}`, import.meta.url), 'utf8'))
const sodium = await loadSodium()
const vector = makeVector()
const record = sealedRecordSchema.parse(vector.record)
const custodians = vector.custodians.map(({ index, prf, secretKey, wrap }) => ({
  index,
  prf: bytesOf(prf),
  secretKey: bytesOf(secretKey),
  wrap: wrapSchema.parse(wrap),
}))
const { vault, safe, credential, version, threshold } = record.header
const wrong = await makePassphrase('kedgeree lantern moss 7')

function openAt(at: number): Uint8Array {
  const custodian = custodians[at]
  const listed = record.header.shares[at]
  if (custodian === undefined || listed === undefined) throw new Error('no such custodian')
  const secretKey = openWrap(sodium, custodian.wrap, custodian.prf)
  const keys = { publicKey: bytesOf(custodian.wrap.publicKey), secretKey }
  const name = { vault, safe, credential, version, threshold, custodian: listed.custodian, index: listed.index }
  return openShare(sodium, name, listed.commitment, bytesOf(record.boxes[at] ?? ''), keys)
}

describe('committed sealing vector', () => {
  it('is what its generator makes', () => {
    expect(readVector('sealing.json')).toEqual(JSON.parse(JSON.stringify(vector)))
    expect(vectorFile.pathname).toContain('sealing.json')
  })

  it('opens a wrap with a passphrase as well, and with no other', async () => {
    const { passphrase, wrap } = vector.withPassphrase
    const [first] = custodians
    if (first === undefined) throw new Error('no custodian')
    const parsed = wrapSchema.parse(wrap)
    expect(openWrap(sodium, parsed, first.prf, await makePassphrase(passphrase))).toEqual(first.secretKey)
    expect(() => openWrap(sodium, parsed, first.prf, wrong)).toThrow('TAP_PASSPHRASE_WRONG')
  })

  it('holds a key ring, and for no other keys, safe, person or secret key', () => {
    const { mac, ...ring } = vector.keyRing
    const [first, second] = custodians
    if (first === undefined || second === undefined) throw new Error('no custodians')
    const facts = { ...ring, keys: z.array(securityKeySchema).parse(ring.keys) }
    expect(makeKeyRing(sodium, first.secretKey, facts)).toBe(mac)
    expect(isKeyRing(sodium, first.secretKey, facts, mac)).toBe(true)
    expect(isKeyRing(sodium, second.secretKey, facts, mac)).toBe(false)
    for (const other of [
      { keys: facts.keys.toReversed() },
      { keys: facts.keys.slice(0, 1) },
      { safe: facts.vault },
      { person: facts.vault },
      { vault: facts.safe },
    ]) {
      expect(isKeyRing(sodium, first.secretKey, { ...facts, ...other }, mac)).toBe(false)
    }
  })

  it('opens with the product, for every pair of custodians', () => {
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [2, 1],
    ] as const) {
      const payload = openRecord(sodium, record, [openAt(a), openAt(b)])
      expect(payload.values.map(textOf)).toEqual(vector.payload.values)
      expect(textOf(payload.runbook)).toBe(vector.payload.runbook)
      expect(payload.index).toEqual(vector.payload.index)
    }
  })

  it('opens with the recovery tool written from the page alone, for every pair', () => {
    for (const pair of [
      [0, 1],
      [1, 2],
      [2, 0],
    ]) {
      const given = custodians.filter((_, at) => pair.includes(at))
      const recovered = recoverByHand(record, given)
      expect(recovered.fields.map(({ value }) => textOf(value))).toEqual(vector.payload.values)
      expect(textOf(recovered.runbook)).toBe(vector.payload.runbook)
    }
    expect(() => recoverByHand(record, custodians.slice(0, 1))).toThrow()
  })

  it('holds every intermediate byte', () => {
    let drawn = 0
    const coefficients = bytesOf(vector.coefficients)
    const shares = splitContentKey(bytesOf(vector.contentKey), 2, 3, (n) => coefficients.slice(drawn, (drawn += n)))
    expect(shares.map(textOf)).toEqual(vector.shares)
    expect(textOf(combineShares(shares.slice(1)))).toBe(vector.contentKey)
    expect(custodians.map((_, at) => textOf(openAt(at)))).toEqual(vector.shares)
    expect(commitToKey(record.header, bytesOf(vector.contentKey))).toBe(record.header.keyCommitment)
    for (const [at, { custodian, index, commitment }] of record.header.shares.entries()) {
      expect(commitToShare(record.header, custodian, index, bytesOf(vector.shares[at] ?? ''))).toBe(commitment)
    }
    const index = payloadIndexSchema.parse(vector.payload.index)
    const payload = { index, runbook: bytesOf(vector.payload.runbook), values: vector.payload.values.map(bytesOf) }
    const padded = encodePayload(sodium, payload)
    expect(textOf(padded)).toBe(vector.payload.padded)
    expect(paddedLength(index)).toBe(padded.length)
    expect(decodePayload(sodium, padded).values.map(textOf)).toEqual(vector.payload.values)
    const body = hashOf(bytesOf(record.body))
    expect(sealedRecordHash(nodePrimitives, record)).toBe(hashOf(message('record', { header: record.header, body })))
  })

  it('opens with a word on how it is rotated in its header, and not with another or none', () => {
    const noted = sealedRecordSchema.parse(vector.noted)
    const { rotationNote, ...header } = noted.header
    expect(rotationNote).toContain('\n\tSet a new password')
    const shares = [openAt(0), openAt(2)]
    const { values } = openRecord(sodium, noted, shares)
    expect(values.map(textOf)).toEqual(vector.payload.values)
    expect(textOf(recoverByHand(noted, custodians.slice(1)).runbook)).toBe(vector.payload.runbook)
    const bent = [header, { ...header, rotationNote: `${rotationNote ?? ''} ` }]
    for (const other of bent) {
      expect(() => openRecord(sodium, { ...noted, header: other }, shares)).toThrow('RECORD_DAMAGED')
    }
    const body = hashOf(bytesOf(noted.body))
    expect(sealedRecordHash(nodePrimitives, noted)).toBe(hashOf(message('record', { header: noted.header, body })))
  })

  it('numbers recovery codes as the page says', () => {
    const codes = splitCodes(bytesOf(vector.payload.values[3] ?? ''))
    expect(codes.map(fromUtf8)).toEqual(['alpha-1111', 'bravo-2222', 'charlie-3333'])
    expect(splitCodes(utf8(' \n\t\r\n'))).toEqual([])
  })
})

const hexBytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

describe('published vectors', () => {
  it('WebAuthn Level 3: PRF over hmac-secret', () => {
    const schema = z.object({
      credRandom: z.string(),
      vectors: z.array(z.object({ input: z.string(), salt: z.string(), output: z.string() })),
    })
    const { credRandom, vectors } = schema.parse(readVector('webauthn-prf.json'))
    expect(vectors).toHaveLength(2)
    for (const { input, salt, output } of vectors) {
      expect(Buffer.from(prfOf(hexBytes(credRandom), hexBytes(input))).toString('hex')).toBe(output)
      const hashed = nodePrimitives.sha256(hexBytes(`${Buffer.from('WebAuthn PRF\0').toString('hex')}${input}`))
      expect(Buffer.from(hashed).toString('hex')).toBe(salt)
    }
  })

  it('RFC 6238, Appendix B: running codes for all three hashes', () => {
    const lengths = { SHA1: 20, SHA256: 32, SHA512: 64 } as const
    const schema = z.object({
      vectors: z.array(z.object({ seconds: z.number(), SHA1: z.string(), SHA256: z.string(), SHA512: z.string() })),
    })
    const { vectors } = schema.parse(readVector('rfc6238.json'))
    for (const expected of vectors) {
      for (const [algorithm, length] of Object.entries(lengths) as [keyof typeof lengths, number][]) {
        const seed = utf8('1234567890'.repeat(7).slice(0, length))
        const made = computeRunningCode(seed, { algorithm, digits: 8, period: 30 }, expected.seconds * 1000 + 1)
        expect(fromUtf8(made.code)).toBe(expected[algorithm])
        expect(made.validForMs).toBe(30_000 - ((expected.seconds * 1000 + 1) % 30_000))
        const six = computeRunningCode(seed, { algorithm, digits: 6, period: 30 }, expected.seconds * 1000)
        expect(fromUtf8(six.code)).toBe(expected[algorithm].slice(2))
      }
    }
  })
})
