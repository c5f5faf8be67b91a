/** Requests that are open in a log: who approved, whether the quorum was real (docs/format.md, section 5). */
import type { Manifest } from '../domain/manifest.ts'
import type { ActDetail, RequestStatement } from '../domain/statements.ts'
import type { EntryData } from './entry.ts'

/** Operations exclude each other, so an honest log has at most one; a hostile one may not fill the memory. */
const openMax = 64
/** Granted requests that a classification is held against; of older ones it is believed. */
const rememberedMax = 4096

/**
 * How much later than its window a use may be entered. The window is counted from when the grant was durable, and the
 * vault process ends it 5 s after the strongroom should have.
 */
const useGraceMs = 6000

/** True when a use at `monotonic` comes after the window of a grant at `grantedMs`; both in ms of one boot. */
export const isUseLate = (grantedMs: number, windowSeconds: number, monotonic: number): boolean =>
  monotonic > grantedMs + windowSeconds * 1000 + useGraceMs

/** Where an open request stands that its safe makes wait: it goes this way once and never back. */
export type RequestStage =
  | { readonly kind: 'asked' }
  /** A quorum has approved; `since`: the entry that says so. */
  | {
      readonly kind: 'waiting'
      readonly since: { readonly at: string; readonly monotonic: number }
      readonly delaySeconds: number
    }
  | { readonly kind: 'resumed' }

export interface OpenRequest {
  /** After a wait: the second one. */
  statement: RequestStatement
  readonly credentialName: string
  /** WebAuthn challenge of the statement. */
  challenge: Uint8Array
  stage: RequestStage
  /** Persons whose tap on it is valid, whether it counts or not. */
  readonly tapped: Set<string>
  /** Persons whose valid tap counts towards the quorum. */
  readonly counted: Set<string>
  /** Monotonic time of the grant in this boot; null before. */
  grantedMs: number | null
}

type Classification = Extract<ActDetail, { kind: 'classify' }>
/** What a classification says of its request. */
type Granted = Pick<Classification, 'credential' | 'credentialName' | 'version' | 'requester' | 'grantedAt'>

export interface RequestLedger {
  readonly open: (request: Pick<OpenRequest, 'statement' | 'credentialName' | 'challenge'>) => void
  /** Notes the grant; only the first counts. */
  readonly grant: (request: OpenRequest, entry: { readonly at: string; readonly monotonic: number }) => void
  /** What does not fit between a classification and its request, in plain words; null when it fits or was forgotten. */
  readonly checkClassification: (detail: Classification) => string | null
  readonly find: (request: string) => OpenRequest | undefined
  /** It has waited: taps are on this statement from now on, and there are none yet. */
  readonly resume: (request: OpenRequest, statement: RequestStatement, challenge: Uint8Array) => void
  readonly close: (request: string) => void
  readonly closeAll: () => void
}

export function createRequestLedger(): RequestLedger {
  const requests = new Map<string, OpenRequest>()
  const remembered = new Map<string, Granted>()
  let hasForgotten = false
  return {
    open: (request) => {
      const id = request.statement.request
      const unused = { stage: { kind: 'asked' as const }, tapped: new Set<string>(), counted: new Set<string>() }
      requests.set(id, { ...request, ...unused, grantedMs: null })
      const [oldest] = requests.keys()
      if (requests.size > openMax && oldest !== undefined) requests.delete(oldest)
    },
    find: (request) => requests.get(request),
    resume: (open, statement, challenge) => {
      Object.assign(open, { statement, challenge, stage: { kind: 'resumed' } })
      open.tapped.clear()
      open.counted.clear()
    },
    grant: (open, { at, monotonic }) => {
      if (open.grantedMs !== null) return
      open.grantedMs = monotonic
      const { request, credential, version, requester } = open.statement
      remembered.set(request, { credential, credentialName: open.credentialName, version, requester, grantedAt: at })
      const [oldest] = remembered.keys()
      if (remembered.size <= rememberedMax || oldest === undefined) return
      remembered.delete(oldest)
      hasForgotten = true
    },
    checkClassification: (detail) => {
      const granted = remembered.get(detail.request)
      if (granted === undefined) return hasForgotten ? null : 'is of a request that was never granted'
      const fits =
        detail.credential === granted.credential &&
        detail.credentialName === granted.credentialName &&
        detail.version === granted.version &&
        detail.requester === granted.requester &&
        detail.grantedAt === granted.grantedAt
      return fits ? null : 'shows another request than the one it names'
    },
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
  if (statement.first !== undefined) return 'says that one like it was approved before'
  if (safe === undefined) return 'asks for a safe that the manifest does not list'
  if (!manifest.persons.some(({ id }) => id === statement.requester)) return 'is by somebody the manifest does not list'
  const { windowSecondsMin, windowSecondsMax } = safe.policy
  const fits = statement.windowSeconds >= windowSecondsMin && statement.windowSeconds <= windowSecondsMax
  return fits ? null : "asks for a window outside the safe's policy"
}

/** What is wrong with a quorum, in plain words; null when enough distinct people have tapped, the one who asked among them. */
export function checkQuorum(
  manifest: Manifest,
  { statement, tapped, counted }: OpenRequest,
  named: readonly string[],
): string | null {
  if (!tapped.has(statement.requester)) return 'came without a tap of the person who asked'
  const approvals = new Set(named)
  if (approvals.size !== named.length) return 'counts a person twice'
  if (named.some((person) => !counted.has(person))) return 'counts a person without a valid tap'
  const threshold = findSafe(manifest, statement.safe)?.threshold ?? Infinity
  return approvals.size >= threshold ? null : `has ${approvals.size} of ${threshold} approvals`
}

/** What does not fit between a grant and its request, in plain words; null when the quorum was real. */
export function checkGrant(
  manifest: Manifest,
  request: OpenRequest | undefined,
  grant: EntryData<'request.granted'>,
): string | null {
  if (request === undefined) return 'is for a request that was not open'
  if (request.grantedMs !== null) return 'is the second one'
  const { statement, stage } = request
  if (stage.kind === 'waiting') return 'came while the request waited'
  const mustWait = findSafe(manifest, statement.safe)?.policy.delay !== undefined
  if (mustWait && stage.kind !== 'resumed') return 'came without the wait that its safe asks for'
  if (grant.credential !== statement.credential || grant.version !== statement.version) return 'grants something else'
  if (grant.windowSeconds !== statement.windowSeconds) return 'grants another window than was approved'
  return checkQuorum(manifest, request, grant.approvals)
}

/**
 * What does not fit between a use of a field and its request, in plain words; null when it fits.
 * @param monotonic of the use, same boot: a change of boot closes every request
 */
export function checkUse(
  request: OpenRequest | undefined,
  used: { readonly credential: string; readonly version?: number },
  monotonic: number,
): string | null {
  if (request === undefined || request.grantedMs === null) return 'was used outside a granted request'
  const { statement, grantedMs } = request
  if (statement.credential !== used.credential) return 'of another credential than the one granted was used'
  // A code that is burned in another version would be shown as unused again, and again.
  if ((used.version ?? statement.version) !== statement.version)
    return 'of another version than the one granted was used'
  return isUseLate(grantedMs, statement.windowSeconds, monotonic) ? 'was used after the window that was granted' : null
}
