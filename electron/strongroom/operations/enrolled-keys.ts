/**
 * What the draft must hold about every custodian's security keys before anybody signs. Only one key of theirs is touched then:
 * whoever can write the draft must not put another in the place of the rest, or take a passphrase off one of them.
 */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { needsPassphrase } from '../../../shared/domain/credential.ts'
import { custodiesOf, type Custody } from '../../../shared/domain/custody.ts'
import type { Person } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Sodium } from '../../platform/sodium.ts'
import { isKeyRing } from '../crypto/key-ring.ts'

type Draft = Pick<JobOf<'acknowledge'>, 'manifest' | 'vault' | 'wraps' | 'rings'>
type Rings = Pick<Draft, 'vault' | 'rings'>

const refuse = (detail: string): HalliganError => new HalliganError('MANIFEST_INVALID', { detail })

const findRing = ({ rings }: Rings, person: string, { safe }: Custody): string | undefined => {
  const found = rings.filter((ring) => ring.person === person && ring.safe === safe)
  return found.length === 1 ? found[0]?.mac : undefined
}

/** One person's wraps: one per key and safe, of the form that the safe's policy asks for, and no others. */
function checkWraps({ vault, wraps }: Draft, { id, name, keys }: Person, custodies: readonly Custody[]): void {
  const own = wraps.filter(({ person }) => person === id)
  if (own.length !== custodies.length * keys.length) throw refuse(`${name} has not one wrap for each key and safe`)
  for (const { safe, publicKey, passphrase } of custodies) {
    for (const { credentialId } of keys) {
      const found = own.filter((wrap) => wrap.vault === vault && wrap.safe === safe && wrap.key === credentialId)
      const [wrap] = found
      if (wrap === undefined || found.length > 1) throw refuse(`${name} has not one wrap for each key and safe`)
      if (passphrase && !needsPassphrase(wrap)) throw refuse(`a wrap of ${name} lacks the passphrase`)
      if (!passphrase && needsPassphrase(wrap)) throw refuse(`a wrap of ${name} has a passphrase that no rule asks for`)
      if (wrap.publicKey !== publicKey) throw refuse(`it names another key for ${name}`)
    }
  }
}

/**
 * What can be seen without any touch, of everybody.
 * @throws HalliganError MANIFEST_INVALID {detail}, which says whose.
 */
export function checkEnrolledKeys(draft: Draft): void {
  const { manifest, wraps } = draft
  for (const person of manifest.persons) {
    const custodies = custodiesOf(manifest, person.id)
    checkWraps(draft, person, custodies)
    if (custodies.some((custody) => findRing(draft, person.id, custody) === undefined)) {
      throw refuse(`nothing proves which keys ${person.name} enrolled`)
    }
  }
  const people = new Set(manifest.persons.map(({ id }) => id))
  if (wraps.some(({ person }) => !people.has(person))) throw refuse('there is a wrap of nobody in the manifest')
}

/**
 * What the open secret key shows: that the manifest lists the keys that were enrolled with it, all of them and in their order.
 * @param secretKey the person's X25519 secret key for that safe, 32 bytes; the caller wipes it.
 * @throws HalliganError MANIFEST_INVALID {detail}, which says whose.
 */
export function checkKeyRing(
  sodium: Sodium,
  draft: Rings,
  { id, name, keys }: Person,
  custody: Custody,
  secretKey: Uint8Array,
): void {
  const mac = findRing(draft, id, custody)
  const facts = { vault: draft.vault, safe: custody.safe, person: id, keys }
  if (mac === undefined || !isKeyRing(sodium, secretKey, facts, mac)) {
    throw refuse(`the keys of ${name} are not those that were enrolled`)
  }
}
