/** A passphrase as this process holds it: bytes, and what Argon2id made of them, computed once per salt. */
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { needsPassphrase, type Stretch, type Wrap } from '../../../shared/domain/credential.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import type { SecretKeeper } from '../secret-keeper.ts'

/** How dear each guess is made. `memory` in bytes. */
export type StretchCost = Omit<Stretch, 'salt'>

/**
 * libsodium's MODERATE: 3 passes over 256 MiB, 0.9 s on the machine that measured it (docs/adr/0014-passphrase.md). Every wrap
 * names its own, so that this can grow.
 */
export const usualStretchCost: StretchCost = { passes: 3, memory: 268_435_456 }

export interface Passphrase {
  /** 32 bytes, kept for the next wrap with the same salt and lent: the caller must not wipe them. */
  readonly stretch: (how: Stretch) => Uint8Array
  readonly wipe: () => void
}

/** libsodium with Argon2id: as large as the other, so it is loaded only where somebody enters a passphrase. */
const loadStretching = async () => {
  const { default: sumo } = await import('libsodium-wrappers-sumo')
  await sumo.ready
  return sumo
}

/** Takes over `bytes` (UTF-8, NFKC); everything made of them is wiped with it. */
export async function createPassphrase({ keep }: SecretKeeper, bytes: SecretBytes): Promise<Passphrase> {
  const sumo = await loadStretching()
  const stretched = new Map<string, SecretBytes>()
  return {
    stretch: (how) => {
      const { salt, passes, memory } = how
      const name = `${salt} ${passes} ${memory}`
      const known = stretched.get(name)
      if (known !== undefined) return known.use((value) => value)
      const algorithm = sumo.crypto_pwhash_ALG_ARGON2ID13
      const made = keep(
        bytes.use((text) => sumo.crypto_pwhash(32, text, fromBase64Url(salt), passes, memory, algorithm)),
      )
      stretched.set(name, made)
      return made.use((value) => value)
    },
    wipe: () => {
      bytes.wipe()
      for (const value of stretched.values()) value.wipe()
    },
  }
}

/** A passphrase and how it is stretched: what a wrap is made with. */
export interface PassphraseFactor {
  readonly passphrase: Passphrase
  readonly stretch: Stretch
}

/**
 * What the successor of `wrap` is made with: the same passphrase, stretched already; null where it has none.
 * @throws HalliganError TAP_PASSPHRASE_NEEDED.
 */
export function factorOf(wrap: Wrap, passphrase: Passphrase | null): PassphraseFactor | null {
  if (!needsPassphrase(wrap)) return null
  if (passphrase === null) throw new HalliganError('TAP_PASSPHRASE_NEEDED')
  return { passphrase, stretch: wrap.stretch }
}

/** Parameters for a new passphrase. */
export const freshStretch = (random: (length: number) => Uint8Array, cost: StretchCost): Stretch => ({
  salt: toBase64Url(random(16)),
  ...cost,
})
