/** What a failed connection means to a sink. Error codes of node, OpenSSL and the system in, ours out. */
import { HalliganError, type ErrorCode, type ErrorDetail } from '../../../shared/errors.ts'

/** The other end, as the settings name it. */
export interface Peer {
  readonly host: string
  readonly port: number
}

/** X.509 verification results as node names them: the server's certificate is not to be trusted. */
const certificateCodes: ReadonlySet<string> = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** TLS alerts by which a server refuses our certificate, or the lack of one (RFC 8446 section 6.2). */
const refusedAlert =
  /_ALERT_(ACCESS_DENIED|BAD_CERTIFICATE|CERTIFICATE_(EXPIRED|REQUIRED|REVOKED|UNKNOWN)|NO_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE)$/

/** What is not worth trying again unchanged, but is no question of trust: no TLS spoken there, or no version in common. */
const wrongProtocol =
  /^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|TLSV1_ALERT_PROTOCOL_VERSION|.*_HTTP_REQUEST))$/

/** A code of node, OpenSSL or the system, which quotes nothing that anybody sent. */
export function readCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : ''
}

function chooseCode(reason: string): ErrorCode {
  if (certificateCodes.has(reason)) return 'SINK_CERTIFICATE'
  if (refusedAlert.test(reason)) return 'SINK_LOGIN'
  if (wrongProtocol.test(reason)) return 'SINK_FAILED'
  return 'SINK_UNREACHABLE'
}

/** `error` of a connection to `peer` in our words; ours already: as it is. */
export function describeConnectionFailure(error: unknown, peer: Peer): HalliganError {
  if (error instanceof HalliganError) return error
  const reason = readCode(error)
  const detail: ErrorDetail = { ...peer, ...(reason === '' ? {} : { reason }) }
  return new HalliganError(chooseCode(reason), detail, error)
}
