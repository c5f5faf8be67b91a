/** The small parts that hold secrets: what they refuse, what they overwrite. */
import { webcrypto } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { concatBytes, fromUtf8, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { tapChannel } from '../../../shared/contracts/tap-channel.ts'
import type { TapSecret } from '../../../shared/contracts/tap.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import type { PayloadField, SealedRecord } from '../../../shared/domain/credential.ts'
import { SecretBytes } from '../../../electron/platform/secret-bytes.ts'
import { loadSodium, randomBytes } from '../../../electron/platform/sodium.ts'
import { decodePayload, encodePayload, padBytes, paddedLength } from '../../../electron/strongroom/crypto/payload.ts'
import { createEnding } from '../../../electron/strongroom/ending.ts'
import { fillForm } from '../../../electron/strongroom/operations/seal-form.ts'
import { createSecretKeeper } from '../../../electron/strongroom/secret-keeper.ts'
import type { Session } from '../../../electron/strongroom/session.ts'
import { openTouchChannel } from '../../../electron/strongroom/tap/channel.ts'
import { fromCose, toCose } from '../../../electron/strongroom/tap/cose.ts'
import { createPipe } from '../../support/node-app.ts'
import { bytesOf, makePayload } from '../../support/sealing-oracle.ts'
import { createSoftwareKey } from '../../support/software-key.ts'

const sodium = await loadSodium()
const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'
if (isCampaign) vi.setConfig({ testTimeout: 300_000 })
const runs = isCampaign ? 2000 : 60

describe('SecretBytes', () => {
  it('has no form that anybody could log', () => {
    const secret = new SecretBytes(utf8('hunter2'))
    const holder = { secret }
    expect(() => JSON.stringify(holder)).toThrow('JSON')
    expect(() => `bytes: ${secret as unknown as string}`).toThrow(TypeError)
    expect(() => String(secret)).toThrow(TypeError)
    expect(() => Number(secret)).toThrow(TypeError)
    expect(inspect(holder, { depth: 9, showHidden: true })).toBe('{ secret: [secret] }')
    expect(Object.keys(secret)).toEqual([])
    expect(structuredClone(holder)).toEqual({ secret: {} })
  })

  it('lends its bytes, and zeros are never lent as if they were the secret', () => {
    const bytes = utf8('hunter2')
    const secret = new SecretBytes(bytes)
    expect(secret.use((lent) => lent.length)).toBe(7)
    expect(secret.length).toBe(7)
    secret.wipe()
    secret.wipe()
    expect([...bytes]).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(() => secret.use(() => 'never')).toThrow('wiped')
  })

  it('a keeper wipes everything at once, and what comes too late at once too', () => {
    const keeper = createSecretKeeper()
    const [early, late] = [utf8('early'), utf8('late')]
    keeper.keep(early)
    keeper.wipeAll()
    keeper.keep(late)
    expect([...early, ...late].every((byte) => byte === 0)).toBe(true)
  })
})

describe('the seal form', () => {
  it('overwrites what was entered, whether it was sealed or refused', async () => {
    const entered = [utf8('hunter2'), utf8('hunter3')]
    const [theirs, ours] = createPipe()
    let message: (message: unknown) => void = () => undefined
    // Messages go in without being cloned, so that the test holds the very bytes that the form is given.
    const port: Port = { ...theirs, onMessage: (listener) => { message = listener } } // prettier-ignore
    const ending = createEnding()
    const host = { openPage: () => Promise.resolve({}), closePage: () => Promise.resolve({}) }
    const session = {
      host,
      ending,
      onPagePort: (_page: string, listener: (port: Port) => void) => {
        listener(port)
      },
      onPageGone: () => undefined,
      pause: () => Promise.resolve(),
    } as unknown as Session
    const about = {
      name: 'A',
      kind: 'login' as const,
      version: 1,
      safe: 'S',
      sealedBy: 'B',
      custodians: [],
      threshold: 2,
      copyAllowed: false,
    }
    const seen: string[] = []
    const filled = fillForm(session, about, ({ values }) => {
      seen.push(...values.map(fromUtf8))
      return {} as SealedRecord
    })
    const field = { label: 'A', type: 'text' as const, secret: true, totp: null, fileName: null }
    const submit = (id: number, value: Uint8Array, runbook: Uint8Array): void => {
      const input = { runbook, fields: [{ ...field, value }] }
      message({ contract: 'seal', kind: 'call', id, method: 'submit', input })
    }
    submit(0, entered[0] ?? utf8(''), Uint8Array.of(0xff))
    submit(1, entered[1] ?? utf8(''), utf8('Steps'))
    await filled
    expect(seen).toEqual(['hunter3'])
    expect(entered.flatMap((bytes) => [...bytes]).every((byte) => byte === 0)).toBe(true)
    ours.close()
  })
})

describe('randomness', () => {
  it('comes in the length asked for and does not repeat', () => {
    expect(randomBytes(0)).toHaveLength(0)
    const drawn = Array.from({ length: 100 }, () => toBase64Url(randomBytes(32)))
    expect(new Set(drawn).size).toBe(100)
    expect(bytesOf(drawn[0] ?? '')).toHaveLength(32)
  })
})

describe('the end', () => {
  it('is latched: the first cause stays, listeners run once, later work is refused', async () => {
    const ending = createEnding()
    const heard: string[] = []
    ending.onEnd(({ code }) => heard.push(code))
    const pending = ending.orEnd(new Promise(() => undefined))
    ending.end({ code: 'CANCELLED', reason: 'suspended' })
    ending.end({ code: 'REQUEST_EXPIRED', reason: 'time-elapsed' })
    ending.onEnd(({ reason }) => heard.push(reason))
    expect(heard).toEqual(['CANCELLED', 'suspended'])
    await expect(pending).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(ending.orEnd(Promise.resolve(1))).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('the tap channel', () => {
  /** The page's half, as docs/format-sealing.md says. */
  async function encryptInPage(
    strongroomKey: string,
    challenge: Uint8Array<ArrayBuffer>,
    plain: Uint8Array<ArrayBuffer>,
  ): Promise<TapSecret> {
    const { subtle } = webcrypto
    const curve = { name: 'ECDH', namedCurve: 'P-256' }
    const pair = await subtle.generateKey(curve, false, ['deriveBits'])
    const peer = await subtle.importKey('raw', bytesOf(strongroomKey), curve, false, [])
    const bits = await subtle.deriveBits({ name: 'ECDH', public: peer }, pair.privateKey, 256)
    const hkdf = await subtle.importKey('raw', bits, 'HKDF', false, ['deriveKey'])
    const info = utf8('halligan/tap-channel/v1\n')
    const derive = { name: 'HKDF', hash: 'SHA-256', salt: challenge, info }
    const key = await subtle.deriveKey(derive, hkdf, { name: 'AES-GCM', length: 256 }, false, ['encrypt'])
    const iv = randomBytes(12)
    const box = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: challenge }, key, plain)
    const pageKey = toBase64Url(new Uint8Array(await subtle.exportKey('raw', pair.publicKey)))
    return { pageKey, iv: toBase64Url(iv), box: toBase64Url(new Uint8Array(box)) }
  }

  it('carries one or two values, for this touch and challenge only', async () => {
    const secrets = createSecretKeeper()
    const [one, two] = [await openTouchChannel(secrets), await openTouchChannel(secrets)]
    const [challenge, other] = [randomBytes(32), randomBytes(32)]
    const [first, second] = [randomBytes(32), randomBytes(32)]
    expect(bytesOf(one.strongroomKey)).toHaveLength(65)
    expect(one.strongroomKey).not.toBe(two.strongroomKey)
    const both = await encryptInPage(one.strongroomKey, challenge, concatBytes(first, second))
    const opened = await one.open(both, challenge)
    expect(opened.first.use((bytes) => bytes.slice())).toEqual(first)
    expect(opened.second?.use((bytes) => bytes.slice())).toEqual(second)
    const single = await one.open(await encryptInPage(one.strongroomKey, challenge, first), challenge)
    expect(single.second).toBeNull()
    await expect(one.open(both, other)).rejects.toMatchObject({ code: 'TAP_MALFORMED' })
    await expect(two.open(both, challenge)).rejects.toMatchObject({ code: 'TAP_MALFORMED' })
    secrets.wipeAll()
    expect(() => opened.first.use(() => 1)).toThrow('wiped')
  })

  it('refuses other lengths, flipped bits, and points that are not on the curve', async () => {
    const channel = await openTouchChannel(createSecretKeeper())
    const challenge = randomBytes(32)
    for (const length of [0, 31, 33, 63, 65, 80]) {
      const wrong = await encryptInPage(channel.strongroomKey, challenge, randomBytes(length))
      await expect(channel.open(wrong, challenge)).rejects.toMatchObject({ code: 'TAP_MALFORMED' })
    }
    const sound = await encryptInPage(channel.strongroomKey, challenge, randomBytes(32))
    for (const member of ['pageKey', 'iv', 'box'] as const) {
      const bytes = bytesOf(sound[member])
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
      const changed = { ...sound, [member]: toBase64Url(bytes) }
      await expect(channel.open(changed, challenge)).rejects.toMatchObject({ code: 'TAP_MALFORMED' })
    }
    expect(tapChannel.info).toEqual(utf8('halligan/tap-channel/v1\n'))
  })
})

describe('the payload', () => {
  const label = fc
    .string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', 'b', ' ', 'Ä', '\u{1f511}', '"', '\\') })
    .map((text) => `x${text}x`)
  const payload = fc
    .tuple(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.tuple(label, fc.uint8Array({ maxLength: 5000 })), { minLength: 1, maxLength: 8 }),
    )
    .map(([runbook, entered]) => {
      const fields: PayloadField[] = entered.map(([text, value], id) => ({
        id,
        label: text,
        type: 'file',
        secret: true,
        length: value.length,
        totp: null,
        fileName: 'f',
      }))
      const index = { format: 'halligan/payload/v1' as const, runbook: runbook.length, fields }
      return { index, runbook, values: entered.map(([, value]) => value) }
    })

  it('comes back as it went in, padded, and as the page says to the byte', () => {
    fc.assert(
      fc.property(payload, (made) => {
        const padded = encodePayload(sodium, made)
        expect(padded).toEqual(makePayload(made.index, made.runbook, made.values))
        expect(padded.length % padBytes).toBe(0)
        expect(padded).toHaveLength(paddedLength(made.index))
        expect(decodePayload(sodium, padded)).toEqual(made)
      }),
      { numRuns: runs },
    )
  })

  it('gains a whole block where it is a multiple already', () => {
    const base = { format: 'halligan/payload/v1' as const, runbook: 0 }
    const field = { id: 0, label: 'a', type: 'file' as const, secret: true, totp: null, fileName: 'f' }
    const lengths = [4000, 4001, 4002].flatMap((from) => Array.from({ length: 60 }, (_, more) => from - 100 + more))
    const seen = new Set(
      lengths.map((length) => {
        const index = { ...base, fields: [{ ...field, length }] }
        const padded = encodePayload(sodium, { index, runbook: new Uint8Array(0), values: [new Uint8Array(length)] })
        expect(padded).toHaveLength(paddedLength(index))
        return padded.length
      }),
    )
    expect(seen).toEqual(new Set([4096, 8192]))
  })

  it('is refused when its lengths do not add up, without quoting it', () => {
    const index = { format: 'halligan/payload/v1', runbook: 0, fields: [] }
    const bad = [
      makePayload(index, utf8('secret-words'), []),
      makePayload({ ...index, runbook: 99 }, utf8('secret-words'), []),
      sodium.pad(utf8('\u0000\u0000\u0000\u000csecret-words'), padBytes),
      sodium.pad(Uint8Array.of(0xff, 0xff, 0xff, 0xff), padBytes),
      sodium.pad(new Uint8Array(0), padBytes),
      new Uint8Array(padBytes),
    ]
    for (const padded of bad) {
      try {
        decodePayload(sodium, padded)
        expect.unreachable()
      } catch (error) {
        expect(error).toMatchObject({ code: 'RECORD_DAMAGED', detail: { part: 'payload' } })
        expect(inspect(error, { depth: 9 })).not.toContain('secret-words')
      }
    }
  })
})

describe('public keys of security keys', () => {
  it.each(['ES256', 'EdDSA'] as const)('%s: JWK to COSE and back', (alg) => {
    const { publicKey } = createSoftwareKey({ alg })
    expect(fromCose(toCose(publicKey))).toEqual(publicKey)
  })

  it('refuses other algorithms and curves', () => {
    const cose = toCose(createSoftwareKey().publicKey)
    const alg = cose.indexOf(0x26)
    const rs256 = concatBytes(cose.slice(0, alg), Uint8Array.of(0x38, 0x22), cose.slice(alg + 1))
    expect(() => fromCose(rs256)).toThrow('TAP_ALGORITHM_UNSUPPORTED')
    expect(() => fromCose(Uint8Array.of(0xa1, 0x01, 0x03))).toThrow('TAP_ALGORITHM_UNSUPPORTED')
  })
})
