/** Signed notes and checkpoints against published examples and other libraries. */
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { formatCheckpointBody, logOrigin, parseCheckpoint, signCheckpoint } from '../../../shared/audit/checkpoint.ts'
import { formatSignedNote, noteKeyId, parseSignedNote, verifySignedNote } from '../../../shared/audit/note.ts'
import { fromBase64, toBase64, toHex } from '../../../shared/bytes.ts'

/** Verifier keys as golang.org/x/mod/sumdb/note writes them: name+id+base64(0x01 ‖ key). */
const published = [
  {
    // golang.org/x/mod/sumdb/note, package documentation
    vkey: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    note:
      'If you think cryptography is the answer to your problem,\n' +
      "then you don't know what your problem is.\n\n" +
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
  },
  {
    // SignedNote for Elixir, README
    vkey: 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    note:
      'This is an example message.\n\n' +
      '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
  },
]

function readVkey(vkey: string): { name: string; id: string; publicKey: Uint8Array } {
  const [name = '', id = '', ...key] = vkey.split('+')
  return { name, id, publicKey: fromBase64(key.join('+')).slice(1) }
}

const secret = new Uint8Array(32).fill(9)
const publicKey = ed25519.getPublicKey(secret)
const sign = (message: Uint8Array): Uint8Array => ed25519.sign(message, secret)

describe('a signed note', () => {
  it.each(published)('of others verifies: $vkey', ({ vkey, note }) => {
    const key = readVkey(vkey)
    expect(toHex(noteKeyId(nodePrimitives, key))).toBe(key.id)
    const parsed = parseSignedNote(note)
    expect(parsed).not.toBeNull()
    expect(verifySignedNote(nodePrimitives, parsed!, key)).toBe(true)
    expect(verifySignedNote(nodePrimitives, { ...parsed!, text: `x${parsed!.text}` }, key)).toBe(false)
  })

  it('parses the example of the specification, which has an empty line in its text', () => {
    const note = parseSignedNote(
      'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n' +
        '— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n',
    )
    expect(note?.text.endsWith('sera.\n')).toBe(true)
    expect(note?.signatures[0]?.name).toBe('quasimodo.example/salvatore')
  })

  it('is refused when it is not well formed', () => {
    const good = formatSignedNote(nodePrimitives, 'text\n', { name: 'a.example', publicKey }, sign)
    expect(parseSignedNote(good)).not.toBeNull()
    const bad = [
      '',
      'text\n',
      good.slice(0, -1),
      good.replace('—', '--'),
      good.replace('— ', '—'),
      good.replace('text', 'te\txt'),
      good.replace('text', 'te\rxt'),
      good.replace('a.example', 'a+example'),
      good.replace(/=\n$/, '\n'),
      `${good}\n`,
      good + '— b !!!\n',
      good + '— b AAAA\n',
      good + good.slice(good.indexOf('—')).repeat(16),
      'x'.repeat(20_000) + good,
    ]
    for (const note of bad) expect(parseSignedNote(note), JSON.stringify(note).slice(0, 80)).toBeNull()
  })

  it('needs one signature by the key, none of it false, and ignores the others', () => {
    const key = { name: 'a.example', publicKey }
    const good = formatSignedNote(nodePrimitives, 'text\n', key, sign)
    const line = good.slice(good.indexOf('—'))
    const falseLine = `— a.example ${toBase64(new Uint8Array([...noteKeyId(nodePrimitives, key), ...new Uint8Array(64)]))}\n`
    const verify = (note: string): boolean => verifySignedNote(nodePrimitives, parseSignedNote(note)!, key)
    expect(verify(good)).toBe(true)
    expect(verify(good + line.replace('a.example', 'witness.example'))).toBe(true)
    expect(verify(good + falseLine)).toBe(false)
    expect(verify(good.replace('a.example', 'b.example'))).toBe(false)
  })

  it('cannot be made of what is no note', () => {
    expect(() => formatSignedNote(nodePrimitives, 'text', { name: 'a', publicKey }, sign)).toThrow(RangeError)
    expect(() => formatSignedNote(nodePrimitives, 'text\n', { name: 'a b', publicKey }, sign)).toThrow(RangeError)
  })
})

describe('a checkpoint', () => {
  const origin = logOrigin('AAAAAAAAAAAAAAAAAAAAAA', 'BBBBBBBBBBBBBBBBBBBBBB')

  it('of the specification has the same text', () => {
    const root = fromBase64('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=')
    expect(formatCheckpointBody({ origin: 'example.com/behind-the-sofa', size: 20852163, root })).toBe(
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
    )
  })

  it('survives being written and read', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (size, root) => {
          const note = signCheckpoint(nodePrimitives, { origin, size, root }, publicKey, sign)
          const read = parseCheckpoint(note)
          expect(read).toMatchObject({ origin, size })
          expect(toHex(read!.root)).toBe(toHex(root))
          expect(verifySignedNote(nodePrimitives, read!.note, { name: origin, publicKey })).toBe(true)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('is refused with another text', () => {
    const root = toBase64(new Uint8Array(32))
    const make = (text: string): string => formatSignedNote(nodePrimitives, text, { name: origin, publicKey }, sign)
    expect(parseCheckpoint(make(`${origin}\n5\n${root}\n`))).not.toBeNull()
    for (const text of [
      `${origin}\n05\n${root}\n`,
      `${origin}\n0\n${root}\n`,
      `${origin}\n-5\n${root}\n`,
      `${origin}\n9999999999999999\n${root}\n`,
      `${origin}\n5\n${root}\nextension\n`,
      `${origin}\n5\n${root.slice(4)}\n`,
      `${origin}\n5\n${root.replace('A=', 'B=')}\n`,
      `\n5\n${root}\n`,
      `${origin} \n5\n${root}\n`,
    ]) {
      expect(parseCheckpoint(make(text)), text).toBeNull()
    }
  })
})
