/** The manifest in force: who holds what. Verified from version 1 every time it is loaded. */
import { fromUtf8 } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { manifestHash, verifyManifestChain } from '../../../shared/audit/manifest.ts'
import { signedManifestSchema, type SignedManifest } from '../../../shared/contracts/strongroom.ts'
import type { Manifest, Person, Safe, SecurityKey } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Primitives } from '../../../shared/primitives.ts'
import { signedManifestBytes } from '../audit/verify-vault.ts'
import type { Statements } from '../store/driver.ts'

export interface InForce {
  readonly manifest: Manifest
  /** base64url. */
  readonly hash: string
}

export interface Registry {
  /** Version 1 first; empty before set-up is finished. */
  readonly chain: () => SignedManifest[]
  readonly inForce: () => InForce | null
  /** @throws HalliganError VAULT_NOT_READY */
  readonly require: () => InForce
  /** @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN */
  readonly requirePerson: (id: string) => Person
  /** @throws HalliganError VAULT_NOT_READY, POLICY_INVALID {field: 'safe'} */
  readonly requireSafe: (id: string) => Safe
  readonly keyOf: (person: string, credentialId: string) => SecurityKey | undefined
  readonly nameOf: (person: string) => string | undefined
  /** Takes over a version that has just become durable. */
  readonly add: (signed: SignedManifest) => void
}

/** Stores a version; `signatures` must be those of its `manifest.signed` entries. */
export async function saveManifest(statements: Statements, { manifest, signatures }: SignedManifest): Promise<void> {
  await statements.run(
    'INSERT INTO manifests (version, bytes, signatures) VALUES (?, ?, ?)',
    manifest.version,
    canonicalBytes(manifest),
    canonicalBytes(signatures),
  )
}

async function loadChain(statements: Pick<Statements, 'all'>): Promise<SignedManifest[]> {
  const rows = await statements.all('SELECT bytes, signatures FROM manifests ORDER BY version')
  try {
    return rows.map((row) => signedManifestSchema.parse(JSON.parse(fromUtf8(signedManifestBytes(row)))))
  } catch (error) {
    throw new HalliganError('MANIFEST_INVALID', {}, error)
  }
}

export function createRegistry(primitives: Primitives, loaded: readonly SignedManifest[]): Registry {
  const chain = [...loaded]
  let inForce: InForce | null = null
  const learn = (signed: SignedManifest | undefined): void => {
    if (signed !== undefined) inForce = { manifest: signed.manifest, hash: manifestHash(primitives, signed.manifest) }
  }
  learn(chain.at(-1))
  const current = (): InForce => {
    if (inForce === null) throw new HalliganError('VAULT_NOT_READY')
    return inForce
  }
  const person = (id: string): Person | undefined => inForce?.manifest.persons.find((one) => one.id === id)
  return {
    chain: () => [...chain],
    inForce: () => inForce,
    require: current,
    requirePerson: (id) => {
      current()
      const found = person(id)
      if (found === undefined) throw new HalliganError('PERSON_UNKNOWN', { person: id })
      return found
    },
    requireSafe: (id) => {
      const safe = current().manifest.safes.find((one) => one.id === id)
      if (safe === undefined) throw new HalliganError('POLICY_INVALID', { field: 'safe', why: 'unknown' })
      return safe
    },
    keyOf: (id, credentialId) => person(id)?.keys.find((key) => key.credentialId === credentialId),
    nameOf: (id) => person(id)?.name,
    add: (signed) => {
      chain.push(signed)
      learn(signed)
    },
  }
}

/**
 * Loads and verifies the chain.
 * @throws HalliganError MANIFEST_INVALID {problem, detail}
 */
export async function loadRegistry(statements: Pick<Statements, 'all'>, primitives: Primitives): Promise<Registry> {
  const chain = await loadChain(statements)
  if (chain.length > 0) {
    const verdict = verifyManifestChain(primitives, chain)
    if (!verdict.ok) {
      const { code, detail } = verdict.problem
      throw new HalliganError('MANIFEST_INVALID', { problem: code, detail })
    }
  }
  return createRegistry(primitives, chain)
}
