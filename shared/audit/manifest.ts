/** The manifest chain: hash, rules of one version, signatures from version to version (docs/format.md, "Manifest"). */
import { fromBase64Url, toBase64Url } from '../bytes.ts'
import { canonicalMessage } from '../canonical.ts'
import type { SignedManifest } from '../contracts/strongroom.ts'
import type { Manifest } from '../domain/manifest.ts'
import type { Tap } from '../domain/tap.ts'
import type { Primitives } from '../primitives.ts'
import { custodiansOf, findKey, findMissingSignature } from './manifest-signers.ts'
import { checkManifestModels } from './manifest-models.ts'
import { checkTapSignature, tapSource } from './tap.ts'
import type { Problem } from './report.ts'

/** SHA-256 of the manifest's canonical message, base64url: names it, and is the challenge of its signatures. */
export const manifestHash = ({ sha256 }: Pick<Primitives, 'sha256'>, manifest: Manifest): string =>
  toBase64Url(sha256(canonicalMessage('manifest', manifest)))

const firstDuplicate = (values: readonly string[]): string | undefined =>
  values.find((value, index) => values.indexOf(value) !== index)

function checkSafe(manifest: Manifest, safe: Manifest['safes'][number]): string | null {
  const { name, custodians, threshold, policy } = safe
  if (firstDuplicate(custodians.map(({ person }) => person)) !== undefined) return `safe "${name}" lists a person twice`
  for (const { person: id } of custodians) {
    const person = manifest.persons.find((one) => one.id === id)
    if (person === undefined) return `safe "${name}" has a custodian who is not listed`
    if (!person.roles.includes('custodian')) return `${person.name} is in safe "${name}" without being a custodian`
    if (person.keys.length === 0) return `${person.name} is a custodian of safe "${name}" without a security key`
  }
  const indices = custodians.map(({ index }) => index).sort((a, b) => a - b)
  if (indices.some((index, at) => index !== at + 1)) return `safe "${name}": share indices are not 1 to n`
  if (threshold > custodians.length) return `safe "${name}" needs more custodians than it has`
  if (policy.windowSecondsMin > policy.windowSecondsMax)
    return `safe "${name}": shortest window is longer than the longest`
  return checkVetoers(manifest, safe)
}

/** Who can stop a waiting request does so with a tap. */
function checkVetoers({ persons }: Manifest, { name, policy }: Manifest['safes'][number]): string | null {
  const vetoers = policy.delay?.vetoers ?? []
  if (firstDuplicate(vetoers) !== undefined) return `safe "${name}" lists somebody twice who can stop a request`
  for (const id of vetoers) {
    const person = persons.find((one) => one.id === id)
    if (person === undefined) return `safe "${name}": somebody who can stop a request is not listed`
    if (person.keys.length === 0) return `${person.name} can stop a request of safe "${name}" without a security key`
  }
  return null
}

/**
 * Rules that a schema cannot say: references, uniqueness, thresholds that can be met.
 * @returns null, or the first broken rule in plain words with names.
 */
export function checkManifestRules(manifest: Manifest): string | null {
  const { persons, safes, stations } = manifest
  if (safes.length === 0) return 'no safe'
  if (stations.length === 0) return 'no station'
  for (const listed of [persons, safes, stations]) {
    if (firstDuplicate(listed.map(({ id }) => id)) !== undefined) return 'an id is used twice'
  }
  // One key in two persons' names would let one person count twice.
  const keys = persons.flatMap((person) => person.keys.map((key) => ({ person: person.name, ...key })))
  const shared = firstDuplicate(keys.map(({ credentialId }) => credentialId))
  if (shared !== undefined) {
    const owners = keys.filter(({ credentialId }) => credentialId === shared).map(({ person }) => person)
    return `one security key is listed twice: ${owners.join(', ')}`
  }
  for (const safe of safes) {
    const broken = checkSafe(manifest, safe)
    if (broken !== null) return broken
  }
  const models = checkManifestModels(manifest)
  if (models !== null) return models
  if (manifest.quorum > custodiansOf(manifest).size) return 'the quorum is larger than the number of custodians'
  return null
}

interface Signing {
  readonly manifest: Manifest
  readonly hash: string
  readonly previous: Manifest | null
}

function checkSignature(primitives: Primitives, { manifest, hash, previous }: Signing, tap: Tap): string | null {
  const key =
    (previous === null ? undefined : findKey(previous, tap.person, tap.key)) ?? findKey(manifest, tap.person, tap.key)
  const name = manifest.persons.find(({ id }) => id === tap.person)?.name ?? tap.person
  if (key === undefined) return `signature by a key that is not ${name}'s`
  const check = { assertion: tap.assertion, publicKey: key.publicKey, challenge: fromBase64Url(hash), ...tapSource }
  const problem = checkTapSignature(primitives, check)
  return problem === null ? null : `signature of ${name}: ${problem}`
}

export type ManifestChain =
  | { readonly ok: true; readonly current: Manifest; readonly hashes: readonly string[] }
  | { readonly ok: false; readonly problem: Problem }

/**
 * Whether `manifest` may follow `previous` (null: be the first), leaving its signatures aside.
 * @param previousHash of `previous`, base64url; null when there is none.
 * @returns null, or rule 1 or 2 of docs/format.md, section 3, that it breaks.
 */
export function checkContinuation(
  previous: Manifest | null,
  previousHash: string | null,
  manifest: Manifest,
): Problem | null {
  if (manifest.version !== (previous?.version ?? 0) + 1) {
    return problemOf(manifest, 'manifest-chain-broken', 'a version is missing')
  }
  if (manifest.previous !== previousHash) {
    return problemOf(manifest, 'manifest-chain-broken', 'does not continue the one before')
  }
  if (previous !== null && manifest.vault !== previous.vault) {
    return problemOf(manifest, 'manifest-chain-broken', 'is of another vault')
  }
  const rule = checkManifestRules(manifest)
  return rule === null ? null : problemOf(manifest, 'manifest-malformed', rule)
}

const problemOf = ({ version }: Manifest, code: Problem['code'], detail: string): Problem => ({
  code,
  seq: null,
  detail: `manifest version ${version}: ${detail}`.slice(0, 300),
})

/** Checks one version against the one before; its signatures must be complete. Null when it holds. */
function checkVersion(
  primitives: Primitives,
  signing: Signing,
  signatures: readonly Tap[],
  previousHash: string | null,
): Problem | null {
  const { manifest, previous } = signing
  const broken = checkContinuation(previous, previousHash, manifest)
  if (broken !== null) return broken
  if (firstDuplicate(signatures.map(({ person }) => person)) !== undefined) {
    return problemOf(manifest, 'manifest-signature-invalid', 'a person signed twice')
  }
  for (const tap of signatures) {
    const invalid = checkSignature(primitives, signing, tap)
    if (invalid !== null) return problemOf(manifest, 'manifest-signature-invalid', invalid)
  }
  const missing = findMissingSignature(previous, manifest, signatures)
  return missing === null ? null : problemOf(manifest, 'manifest-quorum-missing', missing)
}

/**
 * Verifies the chain of manifests from version 1, with every signature. The objects must have passed their schema.
 * @returns the newest manifest and every version's hash (base64url, version 1 first), or the first problem.
 */
export function verifyManifestChain(primitives: Primitives, chain: readonly SignedManifest[]): ManifestChain {
  const hashes: string[] = []
  let previous: Manifest | null = null
  for (const { manifest, signatures } of chain) {
    const hash = manifestHash(primitives, manifest)
    const problem = checkVersion(primitives, { manifest, hash, previous }, signatures, hashes.at(-1) ?? null)
    if (problem !== null) return { ok: false, problem }
    hashes.push(hash)
    previous = manifest
  }
  if (previous === null) {
    return { ok: false, problem: { code: 'manifest-malformed', seq: null, detail: 'there is no manifest' } }
  }
  return { ok: true, current: previous, hashes }
}
