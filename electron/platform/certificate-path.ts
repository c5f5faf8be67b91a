/**
 * Whether a chain of certificates ends at a pinned one. Done here and not by the WebAuthn library, because that asks the
 * network for revocation lists at whatever address a certificate names (docs/adr/0015-key-models.md).
 */
import { X509Certificate } from 'node:crypto'
import { sameBytes } from '../../shared/bytes.ts'

/** Why a chain is not accepted. */
export type PathProblem = 'unreadable' | 'expired' | 'unknown-root'

const longestChain = 6

/** The certificate in these DER bytes, or undefined when it cannot be read. */
export function readCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

const isInTime = (certificate: X509Certificate, wall: number): boolean =>
  Date.parse(certificate.validFrom) <= wall && wall <= Date.parse(certificate.validTo)

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    // Without the CA flag any authenticator's own certificate could vouch for another.
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
  } catch {
    return false
  }
}

/**
 * Follows `chain` (DER, the leaf first, each issued by the next) until one of its certificates is an anchor or was issued by
 * one. Every certificate on the way, the anchor included, must be valid at `wall` (ms). Revocation is not asked for.
 * @returns null when it gets there.
 */
export function checkCertificatePath(
  chain: readonly Uint8Array[],
  anchors: readonly Uint8Array[],
  wall: number,
): PathProblem | null {
  const certificates = chain.map(readCertificate)
  const pinned = anchors.map(readCertificate).filter((anchor) => anchor !== undefined)
  if (certificates.length === 0 || certificates.length > longestChain) return 'unreadable'
  for (const [at, certificate] of certificates.entries()) {
    if (certificate === undefined) return 'unreadable'
    if (!isInTime(certificate, wall)) return 'expired'
    if (pinned.some((anchor) => sameBytes(anchor.raw, certificate.raw))) return null
    const issuers = pinned.filter((anchor) => isIssuedBy(certificate, anchor))
    if (issuers.some((anchor) => isInTime(anchor, wall))) return null
    if (issuers.length > 0) return 'expired'
    const next = certificates[at + 1]
    if (next === undefined || !isIssuedBy(certificate, next)) return 'unknown-root'
  }
  return 'unknown-root'
}
