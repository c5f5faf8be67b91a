/**
 * Proof, at the tap that signs a manifest, that it names the very X25519 keys which the signer's security key opens. Without
 * it whoever can write the database between enrolment and signature could put keys of their own into the manifest, and
 * everything sealed later would be sealed to them: names and numbers on a page do not show that.
 */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { needsPassphrase, type Wrap } from '../../../shared/domain/credential.ts'
import type { Custody } from '../../../shared/domain/custody.ts'
import type { Person } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import type { Passphrase } from '../crypto/passphrase.ts'
import { openWrap } from '../crypto/wrap.ts'
import type { Session } from '../session.ts'
import { valuesPerTouch, type AllowedKey, type ProvenTap } from '../tap/ask.ts'

export interface CustodyTasks extends Pick<JobOf<'acknowledge'>, 'vault' | 'wraps'> {
  /** What this person must prove, by id. */
  readonly custodiesOf: (person: string) => readonly Custody[]
}

export interface CustodyProof {
  /** Keys of these people; those who still have to prove something are asked for PRF values. */
  readonly allow: (people: readonly Person[]) => AllowedKey[]
  /** Whether those of them who still have to prove something need a passphrase for it: all, some or none. */
  readonly passphrase: (people: readonly Person[]) => 'ask' | 'offer' | undefined
  /**
   * Takes what this touch proves.
   * @returns whether everything of that person is proven now; if not, they must touch once more.
   * @throws HalliganError TAP_NO_PRF, TAP_PASSPHRASE_NEEDED, TAP_PASSPHRASE_WRONG {custodian}, TAP_WRAP_DAMAGED {custodian}:
   *   touch again or enrol anew; MANIFEST_INVALID {detail} when the manifest names another key than the one that was opened,
   *   or a passphrase that the wrap does not need.
   */
  readonly take: (proven: ProvenTap) => boolean
}

/**
 * What is done with a custodian's secret key while it is open: nothing, one more wrap of it, or more proof. It is wiped
 * afterwards. What this throws, `take` throws, and that safe is not proven.
 */
type SpendSecret = (custody: Custody, secretKey: Uint8Array, person: Person) => void

/**
 * Nothing proven yet.
 * @param custodiesOf what somebody must prove; may become less while others tap.
 */
export function createCustodyProof(
  session: Session,
  { vault, wraps, custodiesOf }: CustodyTasks,
  spend: SpendSecret = () => undefined,
): CustodyProof {
  const provenSafes = new Map<string, Set<string>>()

  const pendingOf = (person: string): Custody[] =>
    custodiesOf(person).filter(({ safe }) => provenSafes.get(person)?.has(safe) !== true)
  const findWrap = (person: string, key: string, { safe }: Custody): Wrap | undefined =>
    wraps.find((wrap) => wrap.vault === vault && wrap.safe === safe && wrap.person === person && wrap.key === key)
  /** What the next touch of this key is asked to prove. */
  const nextOf = (person: string, key: string): { custody: Custody; wrap: Wrap }[] =>
    pendingOf(person)
      .flatMap((custody) => {
        const wrap = findWrap(person, key, custody)
        return wrap === undefined ? [] : [{ custody, wrap }]
      })
      .slice(0, valuesPerTouch)

  function prove(
    person: Person,
    { custody, wrap }: { readonly custody: Custody; readonly wrap: Wrap },
    value: SecretBytes,
    passphrase: Passphrase | null,
  ): void {
    const { sodium } = session
    // Opening proves that the secret key is the one of the wrap's public key.
    const secretKey = value.use((prf) => openWrap(sodium, wrap, prf, passphrase))
    try {
      // Keys are enrolled by an unsigned plan: what is signed must not promise more than was done.
      if (custody.passphrase && !needsPassphrase(wrap)) {
        throw new HalliganError('MANIFEST_INVALID', { detail: `a wrap of ${person.name} lacks the passphrase` })
      }
      if (wrap.publicKey !== custody.publicKey) {
        throw new HalliganError('MANIFEST_INVALID', { detail: `it names another key for ${person.name}` })
      }
      spend(custody, secretKey, person)
    } finally {
      sodium.memzero(secretKey)
    }
    const safes = provenSafes.get(person.id) ?? new Set()
    provenSafes.set(person.id, safes.add(custody.safe))
  }

  return {
    allow: (people) =>
      people.flatMap(({ id, keys }) =>
        keys.map(({ credentialId, transports }) => {
          const [first, second] = nextOf(id, credentialId)
          const salts = first === undefined ? null : { first: first.wrap.salt, second: second?.wrap.salt ?? null }
          return { id: credentialId, transports, salts }
        }),
      ),
    passphrase: (people) => {
      const pending = people.filter(({ id }) => pendingOf(id).length > 0)
      const asked = pending.filter(({ id }) => pendingOf(id).some(({ passphrase }) => passphrase))
      if (asked.length === 0) return undefined
      return asked.length === pending.length ? 'ask' : 'offer'
    },
    take: ({ person, key, prf, tap, passphrase }) => {
      if (pendingOf(person.id).length === 0) return true
      const next = nextOf(person.id, key.credentialId)
      if (next.length === 0) throw new HalliganError('TAP_WRAP_DAMAGED', { custodian: person.id })
      if (prf === null) throw new HalliganError('TAP_NO_PRF')
      const values = [prf.first, prf.second]
      for (const [at, task] of next.entries()) {
        const value = values[at]
        // A key that gives one value per touch proves one safe per touch.
        if (value !== undefined && value !== null) prove(person, task, value, passphrase)
      }
      const isComplete = pendingOf(person.id).length === 0
      // The same challenge again: Ed25519 is deterministic, and where the key keeps no counter the next touch signs the same.
      if (!isComplete) session.seen.delete(tap.assertion.signature)
      return isComplete
    },
  }
}
