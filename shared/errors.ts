/**
 * Errors cross every border as a stable code. The sentence for the person is made in the renderer from the code
 * (renderer/ui/sentences.ts) and for the command line in electron/cli; `detail` carries names and numbers only,
 * never a secret.
 */
export const errorCodes = [
  // contract
  'MESSAGE_INVALID',
  'METHOD_UNKNOWN',
  'PORT_CLOSED',
  'INTERNAL',
  // vault and storage
  'VAULT_MISSING',
  'VAULT_EXISTS',
  'VAULT_LOCKED_BY_OTHER',
  'VAULT_UNSAFE_PERMISSIONS',
  'VAULT_DAMAGED',
  'VAULT_TOO_NEW',
  'VAULT_NOT_READY',
  'STORAGE_FULL',
  'STORAGE_READ_ONLY',
  'STORAGE_BUSY',
  'STORAGE_FAILED',
  // set-up
  'SETUP_CLOSED',
  'SETUP_INCOMPLETE',
  'POLICY_INVALID',
  'MANIFEST_INVALID',
  'MANIFEST_OLDER',
  'MANIFEST_MEMORY_DAMAGED',
  // operations
  'OPERATION_BUSY',
  'OPERATION_UNKNOWN',
  'OPERATION_ENDED',
  'CANCELLED',
  'STRONGROOM_DIED',
  // taps
  'TAP_NOT_ALLOWED',
  'TAP_TIMEOUT',
  'TAP_CANCELLED',
  'TAP_WINDOW_CLOSED',
  'TAP_SIGNATURE_INVALID',
  'TAP_CHALLENGE_WRONG',
  'TAP_ORIGIN_WRONG',
  'TAP_RP_WRONG',
  'TAP_NO_USER_PRESENCE',
  'TAP_NO_USER_VERIFICATION',
  'TAP_BACKUP_ELIGIBLE',
  'TAP_KEY_UNKNOWN',
  'TAP_KEY_ALREADY_ENROLLED',
  'TAP_NOT_CUSTODIAN',
  'TAP_NOT_THIS_PERSON',
  'TAP_PERSON_ALREADY_COUNTED',
  'TAP_REPLAYED',
  'TAP_AFTER_QUORUM',
  'TAP_NO_PRF',
  'TAP_PRF_UNSTABLE',
  'TAP_ALGORITHM_UNSUPPORTED',
  'TAP_MALFORMED',
  'TAP_WRAP_DAMAGED',
  'TAP_PASSPHRASE_NEEDED',
  'TAP_PASSPHRASE_WRONG',
  'TAP_ATTESTATION_REFUSED',
  'TAP_MODEL_NOT_ALLOWED',
  // the system's browser as the place of the tap page
  'BROWSER_NOT_FOUND',
  'BROWSER_FAILED',
  'BROWSER_CLOSED',
  // security keys and the manifest
  'KEY_UNKNOWN',
  'KEY_LAST',
  'KEY_LIMIT',
  'METADATA_INVALID',
  'AMENDMENT_EMPTY',
  // changes of people
  'CHANGE_UNKNOWN',
  'CHANGE_INCOMPLETE',
  'CHANGE_OPEN',
  // ceremonies
  'CEREMONY_OPEN',
  'CEREMONY_UNKNOWN',
  'CEREMONY_STEP_WRONG',
  'CEREMONY_STEP_UNFINISHED',
  'CEREMONY_UNFINISHED',
  'CEREMONY_NOTHING_DUE',
  'VERSION_NOT_PROVEN',
  'PRINT_FAILED',
  // credentials
  'CREDENTIAL_UNKNOWN',
  'CREDENTIAL_INVALID',
  'SHARE_DAMAGED',
  'SHARE_WRONG',
  'CONTENT_KEY_WRONG',
  'RECORD_DAMAGED',
  'FIELD_UNKNOWN',
  'CODES_EXHAUSTED',
  'COPY_NOT_ALLOWED',
  // requests
  'PERSON_UNKNOWN',
  'REQUESTER_NOT_APPROVED',
  'WINDOW_OUT_OF_POLICY',
  'REQUEST_UNKNOWN',
  'REQUEST_CANCELLED',
  'REQUEST_EXPIRED',
  'REQUEST_NOT_OPEN',
  'REQUEST_WAITING',
  'REQUEST_NOT_WAITING',
  'REQUEST_VETOED',
  'REQUEST_OUTDATED',
  'REQUESTS_TOO_MANY',
  'WINDOW_CLOSED',
  'ALREADY_CLASSIFIED',
  // log
  'LOG_INVALID',
  'EXPORT_FAILED',
  // sinks
  'SINK_UNKNOWN',
  'SINK_UNREACHABLE',
  'SINK_CERTIFICATE',
  'SINK_LOGIN',
  'SINK_SCHEMA_MISSING',
  'SINK_FULL',
  'SINK_DIVERGED',
  'SINK_FAILED',
  // alert channels
  'CHANNEL_UNKNOWN',
  'CHANNEL_UNREACHABLE',
  'CHANNEL_CERTIFICATE',
  'CHANNEL_LOGIN',
  'CHANNEL_BUSY',
  'CHANNEL_REFUSED',
  'CHANNEL_FAILED',
  'ALERT_INVALID',
] as const

/** Stable code of an error; never renamed once shipped. */
export type ErrorCode = (typeof errorCodes)[number]

/** Names and numbers that let a sentence say which share, whose key, how many bytes. Never a secret. */
export type ErrorDetail = Readonly<Record<string, string | number | boolean>>

/** The one error class that crosses processes: code, detail, and the cause where it happened. */
export class HalliganError extends Error {
  override readonly name = 'HalliganError'
  readonly code: ErrorCode
  readonly detail: ErrorDetail

  constructor(code: ErrorCode, detail: ErrorDetail = {}, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause })
    this.code = code
    this.detail = detail
  }
}

/** `error` itself when it is ours, else INTERNAL: a foreign message may quote data, so it never crosses a border. */
export const asHalliganError = (error: unknown): HalliganError =>
  error instanceof HalliganError ? error : new HalliganError('INTERNAL', {}, error)
