/** What the tap page does with a passphrase before anybody else sees it. */
import { gcm } from '@noble/ciphers/aes.js'
import { p256 } from '@noble/curves/nist.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPassphraseDesk, type PassphraseAsked } from '../../../renderer/tap/passphrase-desk.ts'
import { encodePassphrase, judgePassphrase, strengthNeeded } from '../../../renderer/tap/passphrase-strength.ts'
import { sealPassphrase, sealSecret } from '../../../renderer/tap/seal-secret.ts'
import { openTouchChannel } from '../../../electron/strongroom/tap/channel.ts'
import { createSecretKeeper } from '../../../electron/strongroom/secret-keeper.ts'
import { fromBase64Url, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { tapPassphraseSchema, type TapPassphrase } from '../../../shared/contracts/tap.ts'
import { limits } from '../../../shared/limits.ts'

const passphrases = fc.uint8Array({ minLength: 1, maxLength: limits.passphraseMax })
const challenges = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new Uint8Array(bytes))

/** The strongroom's half, on another library. */
function openByHand(sealed: TapPassphrase, secretKey: Uint8Array, challenge: Uint8Array): Uint8Array {
  const shared = p256.getSharedSecret(secretKey, fromBase64Url(sealed.pageKey), false).slice(1, 33)
  const key = hkdf(sha256, shared, challenge, utf8('halligan/tap-channel/passphrase/v1\n'), 32)
  return gcm(key, fromBase64Url(sealed.iv), challenge).decrypt(fromBase64Url(sealed.box))
}

describe('on its way to the strongroom', () => {
  it('is padded, encrypted, and read by nobody else and for nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(passphrases, challenges, async (passphrase, challenge) => {
        const { secretKey } = p256.keygen()
        const point = toBase64Url(p256.getPublicKey(secretKey, false))
        const sealed = await sealPassphrase(passphrase, point, toBase64Url(challenge))
        expect(tapPassphraseSchema.safeParse(sealed).success).toBe(true)
        const padded = openByHand(sealed, secretKey, challenge)
        expect([...padded]).toEqual([...passphrase, 0x80, ...new Uint8Array(255 - passphrase.length)])
        expect(() => openByHand(sealed, p256.keygen().secretKey, challenge)).toThrow()
        expect(() => openByHand(sealed, secretKey, new Uint8Array(32))).toThrow()
      }),
      { numRuns: 25 },
    )
  })

  it('is read by the strongroom, which tells it from a key’s answer', async () => {
    await fc.assert(
      fc.asyncProperty(passphrases, challenges, async (passphrase, challenge) => {
        const channel = await openTouchChannel(createSecretKeeper())
        const bound = toBase64Url(challenge)
        const sealed = await sealPassphrase(passphrase, channel.strongroomKey, bound)
        const opened = await channel.openPassphrase(sealed, challenge)
        expect(opened.use((bytes) => [...bytes])).toEqual([...passphrase])
        const short = channel.openPassphrase(sealed, challenge, passphrase.length + 1)
        await expect(short).rejects.toMatchObject({ code: 'TAP_MALFORMED' })
        // The same keys, the same challenge, another purpose.
        await expect(channel.open(sealed, challenge)).rejects.toMatchObject({ code: 'TAP_MALFORMED' })
        const values = { first: new Uint8Array(32).fill(1), second: null }
        const secret = await sealSecret(values, channel.strongroomKey, bound)
        await expect(channel.openPassphrase(secret, challenge)).rejects.toMatchObject({ code: 'TAP_MALFORMED' })
      }),
      { numRuns: 15 },
    )
  })

  it('is refused when it is nothing or has no end', async () => {
    const challenge = new Uint8Array(32)
    const channel = await openTouchChannel(createSecretKeeper())
    const empty = await sealPassphrase(new Uint8Array(0), channel.strongroomKey, toBase64Url(challenge))
    await expect(channel.openPassphrase(empty, challenge)).rejects.toMatchObject({ code: 'TAP_MALFORMED' })
  })
})

describe('choosing one', () => {
  it('has one form, however the keyboard makes a letter', () => {
    expect(encodePassphrase('e\u0301\ufb01')).toEqual(utf8('\u00e9fi'))
  })

  it.each(['password1234', 'qwertyuiop12', 'aaaaaaaaaaaaaaaa', 'short', '', '123456789012', 'letmeinletmein'])(
    'refuses "%s"',
    (text) => {
      expect(judgePassphrase(text).problem).not.toBeNull()
    },
  )

  it.each(['lantern kedgeree moss 7', 'vier Möwen zählen Kohle', 'correct horse battery'])('takes "%s"', (text) => {
    const { strength, problem } = judgePassphrase(text)
    expect(problem).toBeNull()
    expect(strength).toBeGreaterThanOrEqual(strengthNeeded)
  })

  it('counts bytes, and refuses what would not fit', () => {
    const words = 'lantern kedgeree moss '
    expect(judgePassphrase(words.repeat(20)).problem).toContain('too long')
    expect(judgePassphrase('ä'.repeat(128)).problem).toContain('too long')
    // Short, and yet hard to guess: still too short, and never shown as strong.
    expect(judgePassphrase('xK9$vQ2!').strength).toBeLessThanOrEqual(1)
  })
})

describe('the place where the page waits', () => {
  it('gives what was entered to whoever asked, once', async () => {
    const seen: (PassphraseAsked | null)[] = []
    const desk = createPassphraseDesk((asked) => seen.push(asked))
    const asked = desk.ask({ kind: 'choose' })
    const bytes = new Uint8Array([1, 2])
    desk.give(bytes)
    expect(await asked).toBe(bytes)
    expect(seen).toEqual([{ kind: 'choose' }, null])
    // Nobody waits: what is typed now is overwritten.
    const late = new Uint8Array([3, 4])
    desk.give(late)
    expect([...late]).toEqual([0, 0])
  })

  it('gives nothing after it was cancelled, or when it is asked anew', async () => {
    const desk = createPassphraseDesk(() => undefined)
    const first = desk.ask({ kind: 'enter', optional: false })
    const second = desk.ask({ kind: 'enter', optional: true })
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    desk.cancel()
    await expect(second).rejects.toMatchObject({ name: 'AbortError' })
  })
})
