/**
 * Answers every https request of our windows: the app's own files under strict headers, and nothing else. There is no
 * network behind it (controls 3, 4 and 5).
 */
import { randomBytes } from 'node:crypto'
import { noncePlaceholder, pageHeaders } from '../../shared/contracts/page-headers.ts'
import { windowOrigin } from '../../shared/domain/tap.ts'
import { manualQuery } from './page-address.ts'
import type { FindFile } from './renderer-files.ts'

const { host } = new URL(windowOrigin)

/** What every answer depends on besides the request. */
export interface Serving {
  readonly findFile: FindFile
  /**
   * Whether to isolate openers (COOP). The header makes Chromium change the renderer process during a window's first load,
   * and a test driver that attaches just then waits for ever: only a driven development build leaves it out.
   */
  readonly isolatesOpeners: boolean
}

/** @param mayAskKeys only for the tap page. There is nothing to connect to: ports do not come over the network. */
const headersFor = (
  type: string,
  nonce: string,
  mayAskKeys: boolean,
  { isolatesOpeners }: Serving,
): Record<string, string> => pageHeaders({ type, nonce, mayAskKeys, mayConnect: 'none', isolatesOpeners })

const refuse = (status: 403 | 404 | 405, serving: Serving): Response =>
  new Response(null, { status, headers: headersFor('text/plain; charset=utf-8', '', false, serving) })

function isAllowedQuery(url: URL): boolean {
  return url.search === '' || (__DEV_BUILD__ && url.pathname === '/tap/' && url.search === manualQuery)
}

/** Answers one request. Other hosts 403, other methods 405, whatever is not literally on the list 404. */
export function answerRequest(request: { readonly method: string; readonly url: string }, serving: Serving): Response {
  if (!URL.canParse(request.url)) return refuse(404, serving)
  const url = new URL(request.url)
  if (url.host !== host || url.protocol !== 'https:' || url.username !== '' || url.password !== '')
    return refuse(403, serving)
  if (request.method !== 'GET') return refuse(405, serving)
  // Encoded and traversing paths need no decoding: no listed path holds a percent sign or a dot segment.
  const file = isAllowedQuery(url) ? serving.findFile(url.pathname.replace(/^(\/[a-z]+\/)$/, '$1index.html')) : null
  if (file === null) return refuse(404, serving)
  const nonce = randomBytes(18).toString('base64url')
  const isPage = file.type.startsWith('text/html')
  const body = isPage ? file.bytes.toString('utf8').replaceAll(noncePlaceholder, nonce) : new Uint8Array(file.bytes)
  return new Response(body, { status: 200, headers: headersFor(file.type, nonce, url.pathname === '/tap/', serving) })
}
