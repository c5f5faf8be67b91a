/** Requests that are open in a log: who approved, whether the quorum was real (docs/format.md, section 5). */
import type { Manifest } from '../domain/manifest.ts'
import type { RequestStatement } from '../domain/statements.ts'
import type { EntryData } from './entry.ts'

/** Operations exclude each other, so an honest log has at most one; a hostile one may not fill the memory. */
const openMax = 64

export interface OpenRequest {
  readonly statement: RequestStatement
  /** WebAuthn challenge of the statement. */
  readonly challenge: Uint8Array
  /** Persons whose valid tap counts towards the quorum. */
  readonly counted: Set<string>
  granted: boolean
}

export interface RequestLedger {
  readonly open: (statement: RequestStatement, challenge: Uint8Array) => void
  readonly find: (request: string) => OpenRequest | undefined
  readonly close: (request: string) => void
  readonly closeAll: () => void
}

export function createRequestLedger(): RequestLedger {
  const requests = new Map<string, OpenRequest>()
  return {
    open: (statement, challenge) => {
      requests.set(statement.request, { statement, challenge, counted: new Set(), granted: false })
      const [oldest] = requests.keys()
      if (requests.size > openMax && oldest !== undefined) requests.delete(oldest)
    },
    find: (request) => requests.get(request),
    close: (request) => {
      requests.delete(request)
    },
    closeAll: () => {
      requests.clear()
    },
  }
}

const findSafe = (manifest: Manifest, safe: string): Manifest['safes'][number] | undefined =>
  manifest.safes.find(({ id }) => id === safe)

/** True when a tap of `person` on this request may count: a custodian of its safe, and not kept out as the requester. */
export function mayCount(manifest: Manifest, statement: RequestStatement, person: string): boolean {
  const safe = findSafe(manifest, statement.safe)
  return (
    safe !== undefined &&
    safe.custodians.some((custodian) => custodian.person === person) &&
    (person !== statement.requester || safe.policy.requesterMayTap)
  )
}

/** What does not fit between a request and the manifest in force, in plain words; null when it fits. */
export function checkRequest(manifest: Manifest, statement: RequestStatement): string | null {
  const safe = findSafe(manifest, statement.safe)
  if (safe === undefined) return 'asks for a safe that the manifest does not list'
  if (!manifest.persons.some(({ id }) => id === statement.requester)) return 'is by somebody the manifest does not list'
  const { windowSecondsMin, windowSecondsMax } = safe.policy
  const fits = statement.windowSeconds >= windowSecondsMin && statement.windowSeconds <= windowSecondsMax
  return fits ? null : "asks for a window outside the safe's policy"
}

/** What does not fit between a grant and its request, in plain words; null when the quorum was real. */
export function checkGrant(
  manifest: Manifest,
  request: OpenRequest | undefined,
  grant: EntryData<'request.granted'>,
): string | null {
  if (request === undefined) return 'is for a request that was not open'
  if (request.granted) return 'is the second one'
  const { statement, counted } = request
  if (grant.credential !== statement.credential || grant.version !== statement.version) return 'grants something else'
  if (grant.windowSeconds !== statement.windowSeconds) return 'grants another window than was approved'
  const approvals = new Set(grant.approvals)
  if (approvals.size !== grant.approvals.length) return 'counts a person twice'
  if (grant.approvals.some((person) => !counted.has(person))) return 'counts a person without a valid tap'
  const threshold = findSafe(manifest, statement.safe)?.threshold ?? Infinity
  return approvals.size >= threshold ? null : `has ${approvals.size} of ${threshold} approvals`
}
