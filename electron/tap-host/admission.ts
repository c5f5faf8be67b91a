/**
 * Who is let in: every request to the loopback server is refused unless it is literally one of the few that our page makes.
 * The order matters: a request is judged by what it cannot know last (docs/tap-in-browser.md, "Who is let in").
 */
import { timingSafeEqual } from 'node:crypto'
import { tapLoopback } from '../../shared/contracts/tap-loopback.ts'
import type { TapPageRefusal } from '../../shared/domain/tap-place.ts'

/** What is looked at of a request, as Node gives it. */
export interface RequestFacts {
  readonly method: string
  /** The request target, undecoded. */
  readonly target: string
  /** Every value of each header, names in lower case. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>
}

/** What only our page can know, and where it stands. */
export interface Door {
  /** `halligan.localhost:PORT` */
  readonly host: string
  /** `http://halligan.localhost:PORT` */
  readonly origin: string
  /** 256 bits, base64url: the first segment of every path. */
  readonly token: string
  /** 256 bits, base64url: told to the page as it is served, once. */
  readonly channel: string
}

/** What is asked for. `icon`: the browser asks for one unbidden; it gets none, and that is not a refusal. */
export type Route = 'page' | 'file' | 'messages' | 'message' | 'leave' | 'icon'

export type Verdict =
  | { readonly admitted: true; readonly route: Route; /** Name of the file. */ readonly name: string }
  | { readonly admitted: false; readonly code: TapPageRefusal; readonly status: number }

interface RouteRule {
  readonly route: Route
  readonly method: 'GET' | 'POST'
  /** Value of `Sec-Fetch-Dest`, where the browser sends it. */
  readonly destination: string
}

const routes: ReadonlyMap<string, RouteRule> = new Map([
  ['', { route: 'page', method: 'GET', destination: 'document' }],
  ['index.js', { route: 'file', method: 'GET', destination: 'script' }],
  ['index.css', { route: 'file', method: 'GET', destination: 'style' }],
  [tapLoopback.messagesPath, { route: 'messages', method: 'GET', destination: 'empty' }],
  [tapLoopback.messagePath, { route: 'message', method: 'POST', destination: 'empty' }],
  [tapLoopback.leavePath, { route: 'leave', method: 'POST', destination: 'empty' }],
])

const refuse = (code: TapPageRefusal, status: number): Verdict => ({ admitted: false, code, status })

/** True when both are the same text; takes no longer for a text that is nearly right. */
export function isSameSecret(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** The one value of a header; null when it is missing, undefined when it is there twice (which is read in two ways by two readers). */
function only({ headers }: RequestFacts, name: string): string | null | undefined {
  const values = headers[name] ?? []
  return values.length > 1 ? undefined : (values[0] ?? null)
}

/** Whether the browser says that the request comes from where it must. Programs that are no browser say nothing. */
function isFromOurPage(request: RequestFacts, rule: RouteRule, { origin }: Door): boolean {
  const isPage = rule.route === 'page'
  const from = only(request, 'origin')
  if (from === undefined || (from !== null && from !== origin)) return false
  if (from === null && rule.method === 'POST') return false
  const site = only(request, 'sec-fetch-site')
  // The start page is a file: the step from it to us crosses sites, and nothing else may.
  const sites = isPage ? ['none', 'cross-site'] : ['same-origin']
  if (site !== null && (site === undefined || !sites.includes(site))) return false
  const destination = only(request, 'sec-fetch-dest')
  return destination === null || destination === rule.destination
}

/** Judges a request by its head alone; its body has not been read. */
export function judgeRequest(request: RequestFacts, door: Door): Verdict {
  // DNS rebinding: a page of evil.example whose name now points at this machine still sends its own name.
  if (only(request, 'host') !== door.host) return refuse('host-wrong', 403)
  if (request.target === '/favicon.ico' && request.method === 'GET') return { admitted: true, route: 'icon', name: '' }
  const [, token, name] = /^\/([^/?#]*)\/([a-z.]*)$/.exec(request.target) ?? []
  const rule = name === undefined ? undefined : routes.get(name)
  if (token === undefined || name === undefined || rule === undefined) return refuse('path-unknown', 404)
  if (request.method !== rule.method) return refuse('method-wrong', 405)
  if (!isFromOurPage(request, rule, door)) return refuse('origin-wrong', 403)
  if (!isSameSecret(token, door.token)) return refuse('token-wrong', 404)
  const needsChannel = rule.route !== 'page' && rule.route !== 'file'
  if (needsChannel && !isSameSecret(only(request, tapLoopback.channelHeader) ?? '', door.channel))
    return refuse('channel-wrong', 403)
  return { admitted: true, route: rule.route, name }
}
