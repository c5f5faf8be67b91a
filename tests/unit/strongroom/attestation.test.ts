/** Models of security keys: what proves one, and everything that only looks like it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verifyRegistrationResponse } from '@simplewebauthn/server'
import { convertAAGUIDToString, decodeAttestationObject, parseAuthenticatorData } from '@simplewebauthn/server/helpers'
import { describe, expect, it } from 'vitest'
import { checkCertificatePath } from '../../../electron/platform/certificate-path.ts'
import { checkAttestation, type ModelDemand } from '../../../electron/strongroom/tap/attestation.ts'
import { verifyRegistration } from '../../../electron/strongroom/tap/registration.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { KeyModel } from '../../../shared/domain/manifest.ts'
import { isTapOrigin, rpId, windowOrigin } from '../../../shared/domain/tap.ts'
import { aaguidText, certify, createMaker, selfAttestor, type Attestor } from '../../support/attestation-ca.ts'
import { createSoftwareKey } from '../../support/software-key.ts'
import vectors from '../../vectors/attestation/webauthn-packed.json' with { type: 'json' }

const wall = Date.UTC(2026, 10, 23)
const challenge = new Uint8Array(32).fill(7)
const demandOf = (...models: KeyModel[]): ModelDemand => ({ models, wall })

async function register(
  attestor: Attestor | null,
  demand: ModelDemand | null,
  change: (object: Uint8Array) => void = () => undefined,
): ReturnType<typeof verifyRegistration> {
  const key = createSoftwareKey({ attestor })
  const made = key.register({ challenge, origin: windowOrigin, rpId })
  change(made.attestationObject)
  const created = {
    ok: true as const,
    key: key.credentialId,
    attestationObject: toBase64Url(made.attestationObject),
    clientDataJSON: toBase64Url(made.clientDataJSON),
    transports: made.transports,
  }
  return verifyRegistration(created, challenge, isTapOrigin, demand)
}

const refusedFor = (why: string) => ({ code: 'TAP_ATTESTATION_REFUSED', detail: { why, format: 'packed' } })

describe('a policy that names models', () => {
  const maker = createMaker()
  const demand = demandOf(maker.model)

  it('accepts a key that a pinned root vouches for, and says which model', async () => {
    const key = await register(maker.attestor(), demand)
    expect(key.attestation).toEqual({ format: 'packed', model: 'Test key 5' })
    expect(key.aaguid).toBe(maker.model.aaguid)
  })

  it('follows intermediates, and takes a pinned leaf for its own root', async () => {
    const middle = certify({ subject: { unit: 'Middle', name: 'Middle' }, issuer: maker.root, ca: true })
    const below = maker.attestor({ issuer: middle })
    await expect(
      register({ ...below, chain: [...(below.chain ?? []), middle.certificate] }, demand),
    ).resolves.toMatchObject({ attestation: { format: 'packed' } })
    const leaf = maker.attestor()
    const pinned = { ...maker.model, roots: [toBase64Url(leaf.chain?.[0] ?? new Uint8Array(0))] }
    await expect(register(leaf, demandOf(pinned))).resolves.toMatchObject({ attestation: { format: 'packed' } })
  })

  it('refuses a root that is not pinned for this very model', async () => {
    const other = createMaker('Other')
    const forged = { ...other.attestor({ aaguid: maker.aaguid }), aaguid: maker.aaguid }
    await expect(register(forged, demand)).rejects.toMatchObject(refusedFor('unknown-root'))
    // Its root is pinned, but for another model.
    await expect(register(forged, demandOf(maker.model, other.model))).rejects.toMatchObject(refusedFor('unknown-root'))
  })

  it('refuses a model outside the policy, and a certificate for another model', async () => {
    const other = createMaker('Other')
    await expect(register(other.attestor(), demand)).rejects.toMatchObject({
      code: 'TAP_MODEL_NOT_ALLOWED',
      detail: { model: other.model.aaguid },
    })
    // Authenticator data names the allowed model, the certificate of the same maker another.
    const mixed = maker.attestor({ aaguid: other.aaguid })
    await expect(register(mixed, demand)).rejects.toMatchObject(refusedFor('statement'))
  })

  it('refuses no attestation, self attestation and a list of no certificates', async () => {
    await expect(register(null, demand)).rejects.toMatchObject({
      code: 'TAP_ATTESTATION_REFUSED',
      detail: { why: 'none', format: 'none' },
    })
    await expect(register(selfAttestor(maker.aaguid), demand)).rejects.toMatchObject(refusedFor('self'))
    await expect(register({ ...maker.attestor(), chain: [] }, demand)).rejects.toMatchObject(refusedFor('self'))
  })

  it('refuses what is out of date: leaf, intermediate, root', async () => {
    await expect(register(maker.attestor({ until: 2025 }), demand)).rejects.toMatchObject(refusedFor('expired'))
    const middle = certify({ subject: { unit: 'M', name: 'M' }, issuer: maker.root, ca: true, until: 2025 })
    const below = maker.attestor({ issuer: middle })
    await expect(
      register({ ...below, chain: [...(below.chain ?? []), middle.certificate] }, demand),
    ).rejects.toMatchObject(refusedFor('expired'))
    const old = createMaker('Old', { until: 2025 })
    await expect(register(old.attestor(), demandOf(old.model))).rejects.toMatchObject(refusedFor('expired'))
  })

  it('refuses a leaf that vouches for another: it is no authority', async () => {
    const leaf = certify({ subject: { unit: 'Authenticator Attestation', name: 'Leaf' }, issuer: maker.root })
    const below = maker.attestor({ issuer: leaf })
    await expect(
      register({ ...below, chain: [...(below.chain ?? []), leaf.certificate] }, demand),
    ).rejects.toMatchObject(refusedFor('unknown-root'))
  })

  it('refuses a signature by somebody else, and bytes changed after it', async () => {
    const [one, two] = [maker.attestor(), maker.attestor()]
    await expect(register({ ...one, sign: two.sign }, demand)).rejects.toMatchObject(refusedFor('statement'))
    // The last byte is the public key's: signed, and not judged before.
    const flip = (object: Uint8Array): void => {
      object[object.length - 1]! ^= 1
    }
    await expect(register(maker.attestor(), demand, flip)).rejects.toMatchObject(refusedFor('statement'))
  })

  it('records the model’s number without a policy, but believes no statement', async () => {
    const key = await register(maker.attestor(), null)
    expect(key).toMatchObject({ aaguid: maker.model.aaguid })
    expect(key).not.toHaveProperty('attestation')
  })

  it('never asks the network for what a certificate names', async () => {
    let asked = 0
    const server = createServer((_request, response) => {
      asked++
      response.end()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const crl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/list`
    const listed = createMaker('Listed', { crl })
    await register(listed.attestor({ crl }), demandOf(listed.model))
    await register(listed.attestor({ crl }), null)
    expect(asked).toBe(0)
    // The test would notice: the library's own path does ask.
    const { validateCertificatePath, convertCertBufferToPEM } = await import('@simplewebauthn/server/helpers')
    const [leaf = new Uint8Array(0)] = (listed.attestor({ crl }).chain ?? []).map((one) => new Uint8Array(one))
    await validateCertificatePath([convertCertBufferToPEM(leaf)], [convertCertBufferToPEM(listed.root.certificate)])
    expect(asked).toBeGreaterThan(0)
    server.close()
  })

  it('refuses formats that the library would follow to roots of its own', () => {
    const object = new Map<string, unknown>([
      ['fmt', 'apple'],
      ['attStmt', new Map()],
    ]) as unknown as ReturnType<typeof decodeAttestationObject>
    for (const one of [null, demand]) {
      expect(() => checkAttestation(object, maker.model.aaguid, one)).toThrow(
        expect.objectContaining({ code: 'TAP_ATTESTATION_REFUSED' }) as Error,
      )
    }
  })

  it('cannot be confused by certificates that are none', () => {
    const root = maker.root.certificate
    expect(checkCertificatePath([], [root], wall)).toBe('unreadable')
    expect(checkCertificatePath([new Uint8Array(40)], [root], wall)).toBe('unreadable')
    expect(checkCertificatePath([root], [new Uint8Array(40)], wall)).toBe('unknown-root')
    expect(checkCertificatePath([root], [], wall)).toBe('unknown-root')
    expect(checkCertificatePath([root], [root], wall)).toBeNull()
  })
})

describe('the vectors of WebAuthn Level 3, section 16', () => {
  const bytes = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, 'hex'))
  const root = toBase64Url(bytes(vectors.root))
  const { packed, self } = vectors

  function judge(one: typeof packed, roots: string[]): unknown {
    const object = decodeAttestationObject(bytes(one.attestationObject))
    const { aaguid } = parseAuthenticatorData(object.get('authData'))
    const text = convertAAGUIDToString(aaguid ?? new Uint8Array(16))
    expect(text).toBe(aaguidText(bytes(one.aaguid)))
    return checkAttestation(object, text, demandOf({ aaguid: text, name: 'W3C', roots }))
  }

  it('packed.ES256: its root is the one printed, and the statement is whole', async () => {
    expect(judge(packed, [root])).toEqual({ format: 'packed', model: 'W3C' })
    const made = (object: string) =>
      verifyRegistrationResponse({
        response: {
          id: toBase64Url(bytes(packed.credentialId)),
          rawId: toBase64Url(bytes(packed.credentialId)),
          type: 'public-key',
          response: {
            attestationObject: toBase64Url(bytes(object)),
            clientDataJSON: toBase64Url(bytes(packed.clientDataJSON)),
          },
          clientExtensionResults: {},
        },
        expectedChallenge: toBase64Url(bytes(packed.challenge)),
        expectedOrigin: 'https://example.org',
        expectedRPID: 'example.org',
        supportedAlgorithmIDs: [-7],
      })
    await expect(made(packed.attestationObject)).resolves.toMatchObject({ verified: true })
    const changed = `${packed.attestationObject.slice(0, -1)}2`
    await expect(made(changed)).resolves.toMatchObject({ verified: false })
    // A synced passkey of another site: the strongroom has reasons of its own to refuse it.
    const created = {
      ok: true as const,
      key: toBase64Url(bytes(packed.credentialId)),
      attestationObject: toBase64Url(bytes(packed.attestationObject)),
      clientDataJSON: toBase64Url(bytes(packed.clientDataJSON)),
      transports: [],
    }
    const own = (origin: string): boolean => origin === 'https://example.org'
    await expect(verifyRegistration(created, bytes(packed.challenge), own, null)).rejects.toMatchObject({
      code: 'TAP_RP_WRONG',
    })
  })

  it('packed.ES256 under another root, and packed-self.ES256, prove nothing', () => {
    const other = toBase64Url(createMaker().root.certificate)
    expect(() => judge(packed, [other])).toThrow(expect.objectContaining(refusedFor('unknown-root')) as Error)
    expect(() => judge(self, [root])).toThrow(expect.objectContaining(refusedFor('self')) as Error)
  })
})
