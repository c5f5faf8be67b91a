/**
 * A port is a capability: it goes to the main frame of our own page, in the session of its kind, once per document
 * (control 9). There is no other message from a page that main listens to.
 */
import type { IpcMainEvent, MessagePortMain, Session, WebContents, WebFrameMain } from 'electron'
import { isAddressOf, type WindowKind } from './page-address.ts'
import { windowOrigin } from '../../shared/domain/tap.ts'

/** The channels between preload and main, both ways. */
export const readyChannel = 'halligan-ready'
export const portChannel = 'halligan-port'

/** Gives the page its port. False: that document is gone, or has its port already. */
export type GivePort = (port: MessagePortMain) => boolean

/** What is looked at in a message's sender. */
export interface Sender {
  readonly isDestroyed: boolean
  readonly isMainFrame: boolean
  readonly hasRightSession: boolean
  readonly url: string
  readonly origin: string
  /** Everything that came with the message besides its channel. */
  readonly arguments: readonly unknown[]
}

/** True when the message comes from exactly the page that `kind` stands for, and is exactly the one we expect. */
export function isTrustedSender(kind: WindowKind, sender: Sender): boolean {
  return (
    !sender.isDestroyed &&
    sender.isMainFrame &&
    sender.hasRightSession &&
    sender.origin === windowOrigin &&
    isAddressOf(kind, sender.url) &&
    sender.arguments.length === 0
  )
}

function describeSender(contents: WebContents, session: Session, frame: WebFrameMain | null, rest: unknown[]): Sender {
  const nobody = { isDestroyed: true, isMainFrame: false, hasRightSession: false, url: '', origin: '', arguments: rest }
  try {
    if (frame === null || contents.isDestroyed()) return nobody
    return {
      isDestroyed: false,
      isMainFrame: frame === contents.mainFrame,
      hasRightSession: contents.session === session,
      url: frame.url,
      origin: frame.origin,
      arguments: rest,
    }
  } catch {
    // Electron throws when the frame went away between message and handler.
    return nobody
  }
}

/** Calls `onReady` for each document of `contents` that says, for the first time, that it is ready for its port. */
export function watchReadiness(
  contents: WebContents,
  kind: WindowKind,
  session: Session,
  onReady: (give: GivePort) => void,
): void {
  let document = 0
  let ready = false
  contents.on('did-start-navigation', (details) => {
    if (!details.isMainFrame || details.isSameDocument) return
    document++
    ready = false
  })
  contents.ipc.on(readyChannel, (event: IpcMainEvent, ...rest: unknown[]) => {
    if (ready || !isTrustedSender(kind, describeSender(contents, session, event.senderFrame, rest))) return
    ready = true
    const mine = document
    let given = false
    onReady((port) => {
      if (given || document !== mine || contents.isDestroyed()) return false
      given = true
      contents.postMessage(portChannel, null, [port])
      return true
    })
  })
}
