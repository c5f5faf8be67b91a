/**
 * Taps verified ahead, on the other cores: signatures are most of the work of a real log. What is worked out here is the very function
 * that the verifier asks for, on the very bytes; whatever was not foreseen, it still works out itself.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { concatBytes, fromBase64Url, fromUtf8 } from '../../shared/bytes.ts'
import type { LogSource } from '../../shared/audit/verify-log.ts'
import type { Primitives } from '../../shared/primitives.ts'

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null

interface Foreseen {
  /** All inputs of the function, as one string. */
  readonly name: string
  readonly holds: boolean
}

/** Lengths first: the end of one input must not be taken for the beginning of the next. */
const nameOf = (...parts: readonly Uint8Array[]): string =>
  `${parts.map(({ length }) => length).join(' ')}:${Buffer.concat(parts).toString('latin1')}`
/** Entries that carry a tap are longer than this; a shorter one would only be verified later. */
const tappedBytesMin = 500
/** Answers that are kept; a batch has at most a few thousand. */
const foreseenMax = 20_000

/** P-256 keys of a JSON value, by credential id: wherever `{credentialId, publicKey}` stands. */
function collectKeys(value: unknown, keys: Map<string, { x: string; y: string }>): void {
  if (!isObject(value)) return
  const { credentialId, publicKey } = value
  if (typeof credentialId === 'string' && isObject(publicKey)) {
    const { x, y } = publicKey
    if (typeof x === 'string' && typeof y === 'string') keys.set(credentialId, { x, y })
  }
  for (const inner of Object.values(value)) collectKeys(inner, keys)
}

/** Verifies in the thread pool; false on anything malformed, as the port promises. */
const verifyAside = (key: KeyObject, message: Uint8Array, signature: Uint8Array): Promise<boolean> =>
  new Promise((resolve) => {
    verify('sha256', message, key, signature, (error, holds) => {
      resolve(error === null && holds)
    })
  })

/**
 * A source whose taps are verified while the batch before is being checked, and primitives that know the answers.
 * @param primitives what is asked when nothing was foreseen
 */
export function verifyAhead(primitives: Primitives): {
  readonly primitives: Primitives
  readonly prepare: (source: LogSource) => LogSource
} {
  const keys = new Map<string, { x: string; y: string }>()
  const foreseen = new Map<string, boolean>()
  const readable = new Map<string, KeyObject>()

  function keyObject(x: string, y: string): KeyObject {
    const name = `${x} ${y}`
    const known = readable.get(name)
    if (known !== undefined) return known
    const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
    if (readable.size < foreseenMax) readable.set(name, key)
    return key
  }

  async function foresee(bytes: Uint8Array): Promise<Foreseen | null> {
    try {
      const { data } = JSON.parse(fromUtf8(bytes)) as { data: Json }
      const { key, assertion } = isObject(data['signed']) ? data['signed'] : data
      const { x, y } = keys.get(String(key)) ?? { x: '', y: '' }
      if (x === '' || !isObject(assertion)) return null
      const part = (name: string): Uint8Array => fromBase64Url(String(assertion[name]))
      const message = concatBytes(part('authenticatorData'), primitives.sha256(part('clientDataJSON')))
      const signature = part('signature')
      const holds = await verifyAside(keyObject(x, y), message, signature)
      return { name: nameOf(fromBase64Url(x), fromBase64Url(y), message, signature), holds }
    } catch {
      // Not ours to say: the verifier will come to the same entry.
      return null
    }
  }

  async function* ahead(batches: AsyncIterable<readonly Uint8Array[]>): AsyncGenerator<readonly Uint8Array[]> {
    let before: { readonly batch: readonly Uint8Array[]; readonly work: Promise<(Foreseen | null)[]> } | undefined
    for await (const batch of batches) {
      const work = Promise.all(batch.filter(({ length }) => length >= tappedBytesMin).map(foresee))
      if (before !== undefined) yield* settle(before.batch, await before.work)
      before = { batch, work }
    }
    if (before !== undefined) yield* settle(before.batch, await before.work)
  }

  function* settle(
    batch: readonly Uint8Array[],
    answers: readonly (Foreseen | null)[],
  ): Generator<readonly Uint8Array[]> {
    foreseen.clear()
    for (const answer of answers) if (answer !== null) foreseen.set(answer.name, answer.holds)
    yield batch
  }

  return {
    primitives: {
      ...primitives,
      verifyP256: (x, y, message, signature) =>
        foreseen.get(nameOf(x, y, message, signature)) ?? primitives.verifyP256(x, y, message, signature),
    },
    prepare: (source) => ({
      ...source,
      manifests: async () => {
        const lines = await source.manifests()
        for (const line of lines) {
          try {
            collectKeys(JSON.parse(fromUtf8(line)), keys)
          } catch {
            // The verifier says what is wrong with it.
          }
        }
        return lines
      },
      entries: () => ahead(source.entries()),
    }),
  }
}
