/** The FIDO metadata file: believed only with its maker's signature, read only for what a policy needs. */
import { sign, X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { metadataRoots, parseModels, readModels } from '../../../electron/vault/people/models.ts'
import { toBase64, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { certify, createMaker, type Certified } from '../../support/attestation-ca.ts'
import { createHandClock, makePlace, type Place } from '../../support/vault-place.ts'

const wall = Date.UTC(2026, 10, 23)
const host = 'mds.fidoalliance.org'
const root = certify({ subject: { unit: 'Root', name: 'Metadata root' }, ca: true })
const middle = certify({ subject: { unit: 'Middle', name: 'Metadata middle' }, ca: true, issuer: root })
const leafOf = (name: string, until = 2500): Certified =>
  certify({ subject: { unit: 'Leaf', name }, issuer: middle, host: name, until })
const signer = leafOf(host)
const yubi = createMaker('Test key 5 NFC')
const solo = createMaker('Another key')

const entryOf = ({ model }: typeof yubi, change: object = {}, statement: object = {}): object => ({
  aaguid: model.aaguid,
  metadataStatement: {
    description: model.name,
    protocolFamily: 'fido2',
    attestationTypes: ['basic_full'],
    attachmentHint: ['external', 'wired'],
    attestationRootCertificates: [toBase64(yubi.root.certificate)],
    icon: 'data:image/png;base64,AAAA',
    ...statement,
  },
  statusReports: [{ status: 'FIDO_CERTIFIED' }],
  ...change,
})

const part = (value: unknown): string => toBase64Url(utf8(JSON.stringify(value)))
interface Making {
  readonly by?: Certified
  readonly chain?: readonly Certified[]
  readonly alg?: string
  readonly payload?: object
}
function makeBlob(
  entries: readonly object[],
  { by = signer, chain = [by, middle], alg = 'ES256', payload }: Making = {},
) {
  const header = part({ alg, typ: 'JWT', x5c: chain.map(({ certificate }) => toBase64(certificate)) })
  const body = part(payload ?? { legalHeader: '', no: 42, nextUpdate: '2026-12-01', entries })
  const signed = `${header}.${body}`
  const signature = sign('sha256', utf8(signed), { key: by.secret, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${toBase64Url(new Uint8Array(signature))}`
}
const parse = (blob: string) => parseModels(utf8(blob), [root.certificate], wall)
const refused = (why: string): Error => expect.objectContaining({ code: 'METADATA_INVALID', detail: { why } }) as Error

describe('the metadata file', () => {
  it('gives the security keys that can prove their model, by name', () => {
    const blob = makeBlob([entryOf(yubi), entryOf(solo, {}, { attestationTypes: ['attca', 'basic_surrogate'] })])
    expect(parse(`${blob}\n`)).toEqual({
      number: 42,
      nextUpdate: '2026-12-01',
      models: [
        { ...solo.model, roots: yubi.model.roots },
        { ...yubi.model, roots: yubi.model.roots },
      ],
    })
  })

  it('leaves out what is no security key, proves nothing, or was broken', () => {
    const other = createMaker('Other')
    const left = [
      { aaid: '4e4e#4005', statusReports: [] },
      entryOf(other, {}, { protocolFamily: 'u2f' }),
      entryOf(other, {}, { attestationTypes: ['basic_surrogate'] }),
      entryOf(other, {}, { attachmentHint: ['internal'] }),
      entryOf(other, {}, { attestationRootCertificates: [] }),
      entryOf(other, {}, { attestationRootCertificates: ['AAAA'] }),
      entryOf(other, {}, { attestationRootCertificates: ['not base64!'] }),
      entryOf(other, { aaguid: 'no aaguid' }),
      entryOf(other, { statusReports: [{ status: 'FIDO_CERTIFIED' }, { status: 'REVOKED' }] }),
      entryOf(other, { statusReports: [{ status: 'ATTESTATION_KEY_COMPROMISE' }] }),
      'text',
      null,
    ] as object[]
    expect(parse(makeBlob([...left, entryOf(yubi)])).models.map(({ aaguid }) => aaguid)).toEqual([yubi.model.aaguid])
    expect(() => parse(makeBlob(left))).toThrow(refused('content'))
  })

  it('names models in plain lines, whatever the file calls them', () => {
    const named = entryOf(yubi, {}, { description: `  A\u202eB\n\tC ${'x'.repeat(200)}` })
    expect(parse(makeBlob([named])).models[0]?.name).toBe(`A B C ${'x'.repeat(114)}`)
  })

  it('is refused without the signature of the FIDO Alliance', () => {
    const good = makeBlob([entryOf(yubi)])
    const [head = '', body = '', signature = ''] = good.split('.')
    const other = makeBlob([entryOf(solo)]).split('.')[1] ?? ''
    expect(() => parse([head, other, signature].join('.'))).toThrow(refused('signature'))
    expect(() => parse([head, body, toBase64Url(new Uint8Array(64))].join('.'))).toThrow(refused('signature'))
    expect(() => parse([head, body, ''].join('.'))).toThrow(refused('signature'))
    // Any other customer of the same authority has a certificate, too.
    expect(() => parse(makeBlob([entryOf(yubi)], { by: leafOf('example.org') }))).toThrow(refused('signer'))
    expect(() => parse(makeBlob([entryOf(yubi)], { by: leafOf(host, 2025) }))).toThrow(refused('expired'))
    const strange = certify({ subject: { unit: 'Leaf', name: host }, host })
    expect(() => parse(makeBlob([entryOf(yubi)], { by: strange, chain: [strange] }))).toThrow(refused('unknown-root'))
    expect(() => parse(makeBlob([entryOf(yubi)], { chain: [signer] }))).toThrow(refused('unknown-root'))
    expect(() => parse(makeBlob([entryOf(yubi)], { alg: 'RS256' }))).toThrow(refused('signature'))
    expect(() => parse(makeBlob([entryOf(yubi)], { alg: 'none' }))).toThrow(refused('form'))
    // The product's own roots know nothing of ours.
    expect(() => parseModels(utf8(good), metadataRoots(), wall)).toThrow(refused('unknown-root'))
  })

  it('is refused in every other form', () => {
    for (const text of ['', 'a.b', '{}', 'a.b.c', '..', 'a.b.c.d', '%.%.%']) {
      expect(() => parse(text)).toThrow(refused('form'))
    }
    expect(() => parseModels(Uint8Array.of(0xff, 0xfe), [root.certificate], wall)).toThrow(refused('form'))
    expect(() => parse(makeBlob([], { payload: { no: 1 } }))).toThrow(refused('content'))
  })

  it('is held to the roots that FIDO names: GlobalSign R3 and R46', () => {
    expect(metadataRoots().map((der) => new X509Certificate(der).fingerprint256)).toEqual([
      'CB:B5:22:D7:B7:F1:27:AD:6A:01:13:86:5B:DF:1C:D4:10:2E:7D:07:59:AF:63:5A:7C:F4:72:0D:C9:63:C5:3B',
      '4F:A3:12:6D:8D:3A:11:D1:C4:85:5A:4F:80:7C:BA:D6:CF:91:9D:3A:5A:88:B0:3B:EA:2C:63:72:D9:3C:40:C9',
    ])
  })
})

describe('reading it', () => {
  let place: Place
  beforeEach(() => {
    place = makePlace()
  })
  afterEach(() => {
    place.remove()
  })

  it('refuses what cannot be read, is no file, or is far too large', async () => {
    const clock = createHandClock()
    await expect(readModels(join(place.root, 'none'), clock)).rejects.toEqual(refused('unreadable'))
    await expect(readModels(place.root, clock)).rejects.toEqual(refused('unreadable'))
    const big = join(place.root, 'big')
    writeFileSync(big, new Uint8Array(41 * 1_048_576))
    await expect(readModels(big, clock)).rejects.toEqual(refused('size'))
    const small = join(place.root, 'small')
    writeFileSync(small, makeBlob([entryOf(yubi)]))
    await expect(readModels(small, clock)).rejects.toEqual(refused('unknown-root'))
  })
})
