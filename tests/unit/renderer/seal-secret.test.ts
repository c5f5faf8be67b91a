import { gcm } from '@noble/ciphers/aes.js'
import { p256 } from '@noble/curves/nist.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sealSecret } from '../../../renderer/tap/seal-secret.ts'
import { fromBase64Url, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { tapSecretSchema, type TapSecret } from '../../../shared/contracts/tap.ts'

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })

/** The strongroom's half, written once more with another library. */
function openSecret(secret: TapSecret, strongroomSecret: Uint8Array, challenge: Uint8Array): Uint8Array {
  const shared = p256.getSharedSecret(strongroomSecret, fromBase64Url(secret.pageKey), false).slice(1, 33)
  const key = hkdf(sha256, shared, challenge, utf8('halligan/tap-channel/v1\n'), 32)
  return gcm(key, fromBase64Url(secret.iv), challenge).decrypt(fromBase64Url(secret.box))
}

it('is read by the strongroom, for this touch only', async () => {
  await fc.assert(
    fc.asyncProperty(bytes32, fc.option(bytes32), bytes32, async (first, second, challenge) => {
      const { secretKey } = p256.keygen()
      const point = toBase64Url(p256.getPublicKey(secretKey, false))
      const secret = await sealSecret({ first, second }, point, toBase64Url(challenge))
      expect(tapSecretSchema.safeParse(secret).success).toBe(true)
      expect([...openSecret(secret, secretKey, challenge)]).toEqual([...first, ...(second ?? [])])
      const other = Uint8Array.from(challenge, (byte, index) => (index === 0 ? byte ^ 1 : byte))
      expect(() => openSecret(secret, secretKey, other)).toThrow()
      expect(() => openSecret(secret, p256.keygen().secretKey, challenge)).toThrow()
    }),
    { numRuns: 25 },
  )
})

it('never seals two touches alike', async () => {
  const point = toBase64Url(p256.getPublicKey(p256.keygen().secretKey, false))
  const challenge = toBase64Url(new Uint8Array(32))
  const values = { first: new Uint8Array(32), second: null }
  const [one, two] = await Promise.all([sealSecret(values, point, challenge), sealSecret(values, point, challenge)])
  expect(one.pageKey).not.toBe(two.pageKey)
  expect(one.box).not.toBe(two.box)
})
