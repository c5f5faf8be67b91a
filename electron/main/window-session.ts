/**
 * The sessions of our windows: in memory, without cache, without network. One for each kind of window: the same origin in
 * one session would share storage, broadcast channels and possibly a renderer process, and a compromised app window could
 * talk to the reveal window.
 */
import { session as sessions, type Session } from 'electron'
import { answerRequest, type Serving } from './app-protocol.ts'
import { denyPermissions } from './permissions.ts'
import { windowOrigin } from '../../shared/domain/tap.ts'
import type { WindowKind } from './page-address.ts'

const prepared = new Map<WindowKind, Session>()

/** DevTools of a development build load from here. */
const isAllowed = (url: string): boolean =>
  url.startsWith(`${windowOrigin}/`) || (__DEV_BUILD__ && url.startsWith('devtools://'))

function prepareSession(kind: WindowKind, serving: Serving): Session {
  const session = sessions.fromPartition(`halligan-${kind}`, { cache: false })
  session.protocol.handle('https', (request) => answerRequest(request, serving))
  // Browser-side loads of files go past every other guard here.
  session.protocol.handle('file', () => new Response(null, { status: 403 }))
  // What the handlers above do not see: http, ws, wss, ftp, … Default deny.
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !isAllowed(details.url) })
  })
  // If a connection were ever made in spite of all this, it would not be trusted.
  session.setCertificateVerifyProc((_request, answer) => {
    answer(-2)
  })
  denyPermissions(session)
  session.setSpellCheckerEnabled(false)
  session.on('will-download', (event) => {
    event.preventDefault()
  })
  return session
}

/** The session of a kind of window, prepared at its first use. */
export function sessionFor(kind: WindowKind, serving: Serving): Session {
  const known = prepared.get(kind)
  if (known !== undefined) return known
  const session = prepareSession(kind, serving)
  prepared.set(kind, session)
  return session
}
