/**
 * Who must sign a manifest, given the one before it (docs/format.md, section 3). One rule for whoever asks: the verification
 * of a chain, the strongroom that collects the signatures, the vault process that records them.
 */
import { sameBytes } from '../bytes.ts'
import { canonicalBytes } from '../canonical.ts'
import { allowedModels } from '../domain/key-models.ts'
import type { Manifest, Person, Safe, SecurityKey } from '../domain/manifest.ts'
import type { Tap } from '../domain/tap.ts'
import type { ErrorCode } from '../errors.ts'

/** The key with this credential id if it is listed for this person. */
export const findKey = (manifest: Manifest, person: string, credentialId: string): SecurityKey | undefined =>
  manifest.persons.find(({ id }) => id === person)?.keys.find((key) => key.credentialId === credentialId)

/** Ids of all custodians of all safes. */
export const custodiansOf = (manifest: Manifest): Set<string> =>
  new Set(manifest.safes.flatMap((safe) => safe.custodians.map(({ person }) => person)))

export type SigningRule =
  /** Nothing but one person's keys changed, and only as they may change them alone: that person signs, nobody else. */
  | { readonly kind: 'own-keys'; readonly person: string }
  | {
      readonly kind: 'quorum'
      /** How many distinct people of `custodians` must sign, with keys that the version before lists and this one keeps. */
      readonly quorum: number
      readonly custodians: ReadonlySet<string>
      /** Each must sign, with a key that the new version lists for them. */
      readonly added: readonly string[]
    }

const isSame = (a: unknown, b: unknown): boolean => sameBytes(canonicalBytes(a), canonicalBytes(b))

/**
 * Whether somebody's keys changed as they may change them alone: each key that was there is there still, in its place, and
 * but for its label the same; new ones come after them. Anything looser would let one stolen key put another public key
 * under a known id, or strike off the keys by which its owner would answer.
 */
function isOwnChange(before: readonly SecurityKey[], after: readonly SecurityKey[]): boolean {
  // Who has none cannot sign: a first key is for the quorum to give.
  if (before.length === 0) return false
  return before.every((key, at) => {
    const kept = after[at]
    return kept !== undefined && isSame({ ...kept, label: key.label }, key)
  })
}

/**
 * Whether a safe of theirs names the models of key that it allows. A manifest only says of what model a key is: nobody may say
 * that alone of a key of their own.
 */
export const mustProveModels = ({ safes }: Manifest, person: string): boolean =>
  allowedModels(safes.filter(({ custodians }) => custodians.some((one) => one.person === person))) !== null

/** The manifest without what every version changes, and without the keys of the person with number `at`. */
function withoutKeys(
  { version: _version, previous: _previous, createdAt: _at, ...rest }: Manifest,
  at: number,
): unknown {
  return { ...rest, persons: rest.persons.map((person, index) => (index === at ? { ...person, keys: [] } : person)) }
}

/** The one person whose keys differ, if nothing else does. */
function findOwnChange(previous: Manifest, next: Manifest): Person | undefined {
  if (previous.persons.length !== next.persons.length) return undefined
  const differing = previous.persons.flatMap((person, at) => (isSame(person, next.persons[at]) ? [] : [at]))
  const [at] = differing
  if (at === undefined || differing.length > 1) return undefined
  const person = previous.persons[at]
  const after = next.persons[at]
  if (person === undefined || after === undefined || !isOwnChange(person.keys, after.keys)) return undefined
  if (after.keys.length > person.keys.length && mustProveModels(previous, person.id)) return undefined
  return isSame(withoutKeys(previous, at), withoutKeys(next, at)) ? person : undefined
}

/**
 * Who must sign `next`. Both must keep the rules of a manifest (`checkManifestRules`); that `next` continues `previous` is
 * for the caller to check.
 * @param previous null when `next` is the first version.
 */
export function signingRule(previous: Manifest | null, next: Manifest): SigningRule {
  const own = previous === null ? undefined : findOwnChange(previous, next)
  if (own !== undefined) return { kind: 'own-keys', person: own.id }
  const custodians = previous === null ? new Set<string>() : custodiansOf(previous)
  const added = [...custodiansOf(next)].filter((person) => !custodians.has(person))
  return { kind: 'quorum', quorum: previous?.quorum ?? 0, custodians, added }
}

/**
 * Whether a key counts for the quorum: the version before lists it for this person, and `next` does not strike it off while it
 * keeps the person. What is struck off is lost or stolen: whoever holds it now has no say in that.
 */
const mayVote = (previous: Manifest, next: Manifest, person: string, key: string): boolean =>
  findKey(previous, person, key) !== undefined &&
  (findKey(next, person, key) !== undefined || next.persons.every(({ id }) => id !== person))

/**
 * Whether as many custodians of a safe of `previous` as it takes to open what is sealed to it signed `next`, with keys that count.
 * Sealing anew takes opening: without them nobody can have done it.
 */
export function isSignedByHolders(
  previous: Manifest,
  next: Manifest,
  signatures: readonly Tap[],
  { threshold, custodians }: Safe,
): boolean {
  const counts = (person: string, key: string): boolean => mayVote(previous, next, person, key)
  const holders = custodians.map(({ person }) => person)
  return holders.length - missingSigners(holders, signatures, counts).length >= threshold
}

/** What the signatures so far amount to. */
export interface SigningProgress {
  readonly have: number
  readonly need: number
}

/**
 * A change of the manifest while it is signed.
 */
export interface Signing {
  readonly rule: SigningRule
  /**
   * Whether a signature by this key would count now: null, or TAP_NOT_CUSTODIAN, TAP_NOT_THIS_PERSON, TAP_KEY_UNKNOWN (it is not
   * listed where it would have to be), TAP_PERSON_ALREADY_COUNTED, TAP_AFTER_QUORUM.
   */
  readonly refuse: (person: string, key: string) => ErrorCode | null
  readonly add: (person: string) => void
  readonly progress: () => SigningProgress
}

/**
 * Nobody has signed yet.
 * @param beyondQuorum whether custodians may still sign when enough have: in a change of custodians their taps bring shares.
 */
export function createSigning(previous: Manifest | null, next: Manifest, beyondQuorum = false): Signing {
  const rule = signingRule(previous, next)
  const signed = new Set<string>()
  const isListed = (manifest: Manifest | null, person: string, key: string): boolean =>
    manifest !== null && findKey(manifest, person, key) !== undefined
  const countOf = (people: Iterable<string>): number => [...people].filter((person) => signed.has(person)).length

  function refuseByRule(person: string, key: string): ErrorCode | null {
    if (rule.kind === 'own-keys') {
      if (person !== rule.person) return 'TAP_NOT_THIS_PERSON'
      // A key that this very version adds would sign for itself.
      return isListed(previous, person, key) ? null : 'TAP_KEY_UNKNOWN'
    }
    if (rule.added.includes(person)) return isListed(next, person, key) ? null : 'TAP_KEY_UNKNOWN'
    if (!rule.custodians.has(person)) return 'TAP_NOT_CUSTODIAN'
    if (previous === null || !mayVote(previous, next, person, key)) return 'TAP_KEY_UNKNOWN'
    return beyondQuorum || countOf(rule.custodians) < rule.quorum ? null : 'TAP_AFTER_QUORUM'
  }

  return {
    rule,
    refuse: (person, key) => (signed.has(person) ? 'TAP_PERSON_ALREADY_COUNTED' : refuseByRule(person, key)),
    add: (person) => {
      signed.add(person)
    },
    progress: () => {
      if (rule.kind === 'own-keys') return { have: countOf([rule.person]), need: 1 }
      const have = Math.min(countOf(rule.custodians), rule.quorum) + countOf(rule.added)
      return { have, need: rule.quorum + rule.added.length }
    },
  }
}

/** Who of `wanted` did not sign with a key that counts for them. */
const missingSigners = (
  wanted: Iterable<string>,
  signatures: readonly Tap[],
  counts: (person: string, key: string) => boolean,
): string[] =>
  [...wanted].filter((person) => !signatures.some((tap) => tap.person === person && counts(person, tap.key)))

/**
 * Whether `signatures` are those that `next` must have. That each is valid is checked elsewhere.
 * @returns null, or who is missing in plain words with names.
 */
export function findMissingSignature(
  previous: Manifest | null,
  next: Manifest,
  signatures: readonly Tap[],
): string | null {
  const rule = signingRule(previous, next)
  const isListedIn =
    (manifest: Manifest) =>
    (person: string, key: string): boolean =>
      findKey(manifest, person, key) !== undefined
  const nameOf = (id: string): string => next.persons.find((person) => person.id === id)?.name ?? id
  if (rule.kind === 'own-keys') {
    const [signature, ...others] = signatures
    const isTheirs =
      signature?.person === rule.person &&
      missingSigners([rule.person], signatures, isListedIn(previous ?? next))[0] === undefined
    return isTheirs && others.length === 0 ? null : `only ${nameOf(rule.person)} signs, with a key of theirs`
  }
  const [missing] = missingSigners(rule.added, signatures, isListedIn(next))
  if (missing !== undefined) return `${nameOf(missing)} has not signed`
  if (previous === null) return null
  const counts = (person: string, key: string): boolean => mayVote(previous, next, person, key)
  const signed = rule.custodians.size - missingSigners(rule.custodians, signatures, counts).length
  return signed >= rule.quorum ? null : `${signed} of ${rule.quorum} custodians have signed`
}
