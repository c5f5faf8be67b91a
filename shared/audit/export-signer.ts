/** The tap of whoever signs for an export, held against the log that the export holds (docs/format.md, section 8). */
import { sameBytes } from '../bytes.ts'
import { canonicalBytes } from '../canonical.ts'
import type { Manifest } from '../domain/manifest.ts'
import type { Primitives } from '../primitives.ts'
import type { ExportDescription } from './export-description.ts'
import { findKey } from './manifest-signers.ts'
import { challengeOf, checkTapSignature, tapSource } from './tap.ts'

/** The manifest in force at the log's end. */
export interface InForceAtEnd {
  readonly manifest: Manifest
  /** base64url. */
  readonly hash: string
}

const isSame = (a: unknown, b: unknown): boolean => sameBytes(canonicalBytes(a), canonicalBytes(b))

/**
 * @returns null when nobody signed or the signature holds, else what is wrong with it in plain words.
 */
export function findSignerProblem(
  primitives: Primitives,
  said: ExportDescription,
  inForce: InForceAtEnd | undefined,
): string | null {
  if (said.signed === undefined) return null
  const { statement, key: credentialId, assertion } = said.signed
  const { detail } = statement
  if (inForce?.hash !== statement.manifest) return 'it names another manifest than the one in force'
  if (statement.vault !== said.vault || statement.station !== said.station) return 'it is about another log'
  const isAboutThis =
    detail.kind === 'export' &&
    detail.size === said.size &&
    detail.root === said.root &&
    isSame(detail.selection ?? null, said.selection)
  if (!isAboutThis) return 'it approved another export'
  const key = findKey(inForce.manifest, statement.person, credentialId)
  if (key === undefined) return 'its key is not one of the person it names'
  const challenge = challengeOf(primitives, 'act', statement)
  return checkTapSignature(primitives, { assertion, publicKey: key.publicKey, challenge, ...tapSource })
}

/** Name of whoever signed; null when nobody did. Believe it only when integrity is intact. */
export const signerName = ({ signed }: ExportDescription, inForce: InForceAtEnd | undefined): string | null =>
  signed === undefined
    ? null
    : (inForce?.manifest.persons.find(({ id }) => id === signed.statement.person)?.name ?? 'somebody not listed')
