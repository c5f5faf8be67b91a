/**
 * The manifest chain as this process believes it: verified from version 1, here, from what the job handed over, and held
 * against what this machine knows. A chain that only agrees with itself could be made up, or cut off before a key was struck off.
 */
import { manifestHash, verifyManifestChain } from '../../../shared/audit/manifest.ts'
import { fromBase64Url } from '../../../shared/bytes.ts'
import type { KnownManifest, strongroomHostContract } from '../../../shared/contracts/broker.ts'
import type { Client } from '../../../shared/contracts/contract.ts'
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
  /** The version with this hash, whatever its number; undefined when the chain has none. */
  readonly findHash: (hash: string) => Manifest | undefined
}

/** Main, which remembers what was in force; the vault process has no part in it. */
export type ManifestMemory = Pick<Client<typeof strongroomHostContract>, 'knownManifest' | 'manifestSeen'>

/**
 * Verifies the chain of a job, that it is this vault's, and that it holds the newest version this machine knows. Where nothing is
 * known, or the chain goes on from there, main is told.
 * @throws HalliganError MANIFEST_INVALID {problem, detail}; MANIFEST_OLDER {detail}, MANIFEST_MEMORY_DAMAGED.
 */
export async function trustManifests(
  memory: ManifestMemory,
  { vault, manifests }: { readonly vault: string; readonly manifests: readonly SignedManifest[] },
): Promise<TrustedManifests> {
  const { known } = await memory.knownManifest({ vault })
  const trusted = verifyManifests(vault, manifests)
  checkKnown(known, trusted)
  if (trusted.current.version !== known?.version) rememberManifest(memory, trusted.current)
  return trusted
}

function checkKnown(known: KnownManifest | null, { find }: TrustedManifests): void {
  if (known === null || find(known.version, known.hash) !== undefined) return
  throw new HalliganError('MANIFEST_OLDER', { detail: `version ${known.version} was in force and is not in it` })
}

/**
 * For the first manifest, which has no chain yet: nothing else may have been in force.
 * @throws HalliganError MANIFEST_OLDER {detail}, MANIFEST_MEMORY_DAMAGED.
 */
export async function checkFirstManifest(memory: ManifestMemory, vault: string): Promise<void> {
  const { known } = await memory.knownManifest({ vault })
  if (known !== null) throw new HalliganError('MANIFEST_OLDER', { detail: 'this vault was set up already' })
}

/**
 * Tells main that this manifest is in force: only after its last signature is durable. Nobody waits for it: what gets lost is
 * told again with the next job.
 */
export function rememberManifest({ manifestSeen }: ManifestMemory, manifest: Manifest): void {
  const { vault, version } = manifest
  void manifestSeen({ vault, version, hash: manifestHash(nodePrimitives, manifest) }).catch(() => undefined)
}

function verifyManifests(vault: string, chain: readonly SignedManifest[]): TrustedManifests {
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
    findHash: (hash) => chain[hashes.indexOf(hash)]?.manifest,
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
