/** The manifest chain as this process believes it: verified from version 1, here, from what the job handed over. */
import { manifestHash, verifyManifestChain } from '../../../shared/audit/manifest.ts'
import { fromBase64Url } from '../../../shared/bytes.ts'
import type { SignedManifest } from '../../../shared/contracts/strongroom.ts'
import type { Manifest, Person, Safe, SecurityKey } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { ShareHolder } from '../crypto/record.ts'

export interface TrustedManifests {
  readonly current: Manifest
  /** Base64url. */
  readonly hash: string
  /** The version with exactly this number and hash; undefined when the chain has no such version. */
  readonly find: (version: number, hash: string) => Manifest | undefined
}

/**
 * Verifies the chain and that it is this vault's.
 * @throws HalliganError MANIFEST_INVALID {problem, detail}.
 */
export function trustManifests(vault: string, chain: readonly SignedManifest[]): TrustedManifests {
  const verified = verifyManifestChain(nodePrimitives, chain)
  if (!verified.ok) {
    throw new HalliganError('MANIFEST_INVALID', { problem: verified.problem.code, detail: verified.problem.detail })
  }
  const { current, hashes } = verified
  if (current.vault !== vault) throw new HalliganError('MANIFEST_INVALID', { detail: 'of another vault' })
  return {
    current,
    hash: manifestHash(nodePrimitives, current),
    find: (version, hash) => (hashes[version - 1] === hash ? chain[version - 1]?.manifest : undefined),
  }
}

/** The person who holds this security key, with the key; undefined when nobody does. */
export function findHolder(
  { persons }: Pick<Manifest, 'persons'>,
  credentialId: string,
): { readonly person: Person; readonly key: SecurityKey } | undefined {
  for (const person of persons) {
    const key = person.keys.find((one) => one.credentialId === credentialId)
    if (key !== undefined) return { person, key }
  }
  return undefined
}

/** @throws HalliganError PERSON_UNKNOWN. */
export function findPerson(manifest: Manifest, id: string): Person {
  const person = manifest.persons.find((one) => one.id === id)
  if (person === undefined) throw new HalliganError('PERSON_UNKNOWN')
  return person
}

/** Name of a person; their id where the manifest does not know them. */
export const nameOf = (manifest: Manifest, id: string): string =>
  manifest.persons.find((person) => person.id === id)?.name ?? id

/** @throws HalliganError MANIFEST_INVALID when the manifest has no such safe. */
export function findSafe(manifest: Manifest, id: string): Safe {
  const safe = manifest.safes.find((one) => one.id === id)
  if (safe === undefined) throw new HalliganError('MANIFEST_INVALID', { detail: 'no such safe' })
  return safe
}

/** Who gets a share of what is sealed to this safe, in order of index. */
export const holdersOf = (safe: Safe): ShareHolder[] =>
  safe.custodians
    .map(({ person, index, publicKey }) => ({ custodian: person, index, publicKey: fromBase64Url(publicKey) }))
    .sort((a, b) => a.index - b.index)

/** Sealing is for people who answer for the vault's content: custodians and ceremony leads. */
export const maySeal = ({ roles }: Person): boolean => roles.includes('custodian') || roles.includes('lead')
