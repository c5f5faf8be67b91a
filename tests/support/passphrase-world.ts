/** A sealed world whose safe asks for passphrases: every key's wrap is made anew under one of its own. */
import { randomBytes } from 'node:crypto'
import { loadSodium } from '../../electron/platform/sodium.ts'
import {
  createPassphrase,
  freshStretch,
  type Passphrase,
  type StretchCost,
} from '../../electron/strongroom/crypto/passphrase.ts'
import { openWrap, sealWrap } from '../../electron/strongroom/crypto/wrap.ts'
import { createSecretKeeper } from '../../electron/strongroom/secret-keeper.ts'
import { utf8 } from '../../shared/bytes.ts'
import { passphraseWrapSuite, type PassphraseWrap, type Wrap } from '../../shared/domain/credential.ts'
import { rpId, windowOrigin } from '../../shared/domain/tap.ts'
import { createWorld, type World, type WorldOptions } from './sealed-world.ts'
import { bytesOf } from './sealing-oracle.ts'
import type { SoftwareKey } from './software-key.ts'

const sodium = await loadSodium()
/** As cheap as Argon2id gets: what is tested is not how long it takes. */
export const cheap: StretchCost = { passes: 1, memory: 8192 }

export const makePassphrase = (text: string): Promise<Passphrase> => {
  const keeper = createSecretKeeper()
  return createPassphrase(keeper, keeper.keep(utf8(text)))
}

/** What a key gives for a salt. */
export const prfOfKey = (key: SoftwareKey, salt: string): Uint8Array =>
  key.assert({ challenge: new Uint8Array(32), origin: windowOrigin, rpId, prf: [bytesOf(salt)] }).prf[0] ??
  new Uint8Array(0)

/** The wrap with a passphrase on top. */
export async function addPassphrase(wrap: Wrap, prf: Uint8Array, text: string): Promise<PassphraseWrap> {
  const { vault, safe, person, key, publicKey, salt } = wrap
  const header = {
    format: 'halligan/wrap/v2' as const,
    suite: passphraseWrapSuite,
    ...{ vault, safe, person, key, publicKey, salt },
    stretch: freshStretch(randomBytes, cheap),
  }
  const made = sealWrap(sodium, header, openWrap(sodium, wrap, prf), prf, randomBytes(24), await makePassphrase(text))
  return made as PassphraseWrap
}

export const passphraseOf = (name: string): string => `the passphrase of ${name}`

/** A world as `createWorld` makes it, with {@link passphraseOf} each custodian's name. */
export async function createPassphraseWorld(options: WorldOptions = {}): Promise<World> {
  const world = createWorld({ ...options, policy: { ...options.policy, passphrase: true } })
  const wraps = await Promise.all(
    world.wraps.map(async (wrap) => {
      const person = world.custodians.find(({ id }) => id === wrap.person)
      const key = person?.keys.find(({ credentialId }) => credentialId === wrap.key)
      if (person === undefined || key === undefined) throw new Error('no such key')
      return addPassphrase(wrap, prfOfKey(key, wrap.salt), passphraseOf(person.name))
    }),
  )
  return { ...world, wraps }
}
