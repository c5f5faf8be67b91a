/**
 * Whether a new key is of a model that the policy names: an attestation statement, signed by a key that the model's maker put
 * in, up to a root that the vault has pinned (WebAuthn Level 3, sections 6.5.3 and 8.2). Nothing is looked up anywhere.
 */
import { type decodeAttestationObject } from '@simplewebauthn/server/helpers'
import { fromBase64Url } from '../../../shared/bytes.ts'
import type { KeyModel, SecurityKey } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { checkCertificatePath } from '../../platform/certificate-path.ts'

/** Models of which one must be proved, and the time by which certificates are judged (ms). */
export interface ModelDemand {
  readonly models: readonly KeyModel[]
  readonly wall: number
}

/** Formats that a key may answer in when nobody asked for a statement: what browsers leave of one. */
const anonymous: readonly string[] = ['none', 'packed', 'fido-u2f']

const refuse = (why: string, format: string): HalliganError =>
  new HalliganError('TAP_ATTESTATION_REFUSED', { why, format: format.slice(0, 40) })

/**
 * Judges the statement's format, model and certificates. The signature over it, the profile of the leaf certificate and its
 * AAGUID extension are the library's to check, after this.
 * @param aaguid of the authenticator data, in lower-case text.
 * @returns what the manifest will say; undefined when no model is demanded.
 * @throws HalliganError TAP_ATTESTATION_REFUSED {why, format}, TAP_MODEL_NOT_ALLOWED {model}.
 */
export function checkAttestation(
  attestationObject: ReturnType<typeof decodeAttestationObject>,
  aaguid: string,
  demand: ModelDemand | null,
): SecurityKey['attestation'] {
  const format = attestationObject.get('fmt')
  if (demand === null) {
    // Other formats have the library follow their certificates to roots of its own, and to addresses that they name.
    if (!anonymous.includes(format)) throw refuse('format', format)
    return undefined
  }
  if (format === 'none') throw refuse('none', format)
  // Platform authenticators have formats of their own; a security key with a PRF speaks CTAP2, whose format this is.
  if (format !== 'packed') throw refuse('format', format)
  const chain = attestationObject.get('attStmt').get('x5c')
  // Without certificates it is signed by the new key itself, which says nothing about who made it.
  if (chain === undefined || chain.length === 0) throw refuse('self', format)
  const model = demand.models.find((one) => one.aaguid === aaguid)
  if (model === undefined) throw new HalliganError('TAP_MODEL_NOT_ALLOWED', { model: aaguid })
  const problem = checkCertificatePath(chain, model.roots.map(fromBase64Url), demand.wall)
  if (problem !== null) throw refuse(problem, format)
  return { format, model: model.name }
}
