/** Generated SSH keys are what OpenSSH writes. */
import { execFileSync } from 'node:child_process'
import { createPublicKey, sign, verify, createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromUtf8 } from '../../../shared/bytes.ts'
import { loadSodium, randomBytes } from '../../../electron/platform/sodium.ts'
import { makeSshKeyPair } from '../../../electron/strongroom/fields/openssh.ts'

const sodium = await loadSodium()
const hasSshKeygen = ((): boolean => {
  try {
    execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' })
    return true
  } catch (error) {
    return (error as { code?: string }).code !== 'ENOENT'
  }
})()

/** RFC 4251 strings of `bytes`. */
function strings(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    found.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return found
}

describe('a generated SSH key', () => {
  it.each(['', 'Cloud root', 'Größe & 日本'])('with the comment %j holds one pair', (comment) => {
    const { privateKey, publicKey } = makeSshKeyPair(sodium, randomBytes, comment)
    const text = fromUtf8(privateKey)
    expect(text).toMatch(
      /^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=]{1,70}\n)+-----END OPENSSH PRIVATE KEY-----\n$/,
    )
    const whole = Buffer.from(text.replace(/-----.*-----\n/g, ''), 'base64')
    expect(whole.subarray(0, 15).toString()).toBe('openssh-key-v1\0')
    const [cipher, kdf, options] = strings(whole.subarray(15))
    expect([cipher, kdf, options].map(String)).toEqual(['none', 'none', ''])
    const [publicBlob, secret] = strings(whole.subarray(15 + 8 + 8 + 4 + 4)) as [Buffer, Buffer]
    expect(publicKey.split(' ')[1]).toBe(publicBlob.toString('base64'))
    expect(secret.length % 8).toBe(0)
    const [, raw] = strings(publicBlob) as [Buffer, Buffer]
    const [type, again, pair, said] = strings(secret.subarray(8)) as [Buffer, Buffer, Buffer, Buffer]
    expect([type.toString(), said.toString()]).toEqual(['ssh-ed25519', comment])
    expect(again.equals(raw)).toBe(true)
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url'), d: pair.subarray(0, 32).toString('base64url') } // prettier-ignore
    const signature = sign(null, Buffer.from('x'), createPrivateKey({ key: jwk, format: 'jwk' }))
    expect(verify(null, Buffer.from('x'), createPublicKey({ key: jwk, format: 'jwk' }), signature)).toBe(true)
  })

  it('leaves no other copy of the private key in memory than the file', () => {
    const wiped: Buffer[] = []
    const spied = {
      ...sodium,
      memzero: (bytes: Uint8Array): void => {
        wiped.push(Buffer.from(bytes))
        bytes.fill(0)
      },
    }
    const { privateKey } = makeSshKeyPair(spied, randomBytes, 'Cloud root')
    const whole = Buffer.from(fromUtf8(privateKey).replace(/-----.*-----\n/g, ''), 'base64')
    const [, secret] = strings(whole.subarray(15 + 8 + 8 + 4 + 4)) as [Buffer, Buffer]
    const pair = strings(secret.subarray(8))[2]!
    const framed = (bytes: Buffer): Buffer => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return Buffer.concat([length, bytes])
    }
    for (const copy of [pair, framed(pair), secret, framed(secret), whole]) {
      expect(wiped.some((bytes) => bytes.equals(copy))).toBe(true)
    }
  })

  it.runIf(hasSshKeygen)('is read by ssh-keygen', () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-ssh-'))
    try {
      const { privateKey, publicKey } = makeSshKeyPair(sodium, randomBytes, 'Cloud root')
      const file = path.join(dir, 'key')
      writeFileSync(file, privateKey, { mode: 0o600 })
      expect(execFileSync('ssh-keygen', ['-y', '-f', file]).toString().trim()).toBe(publicKey)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
