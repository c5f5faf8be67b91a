/** A page of an operation, wherever it stands: in a window of ours, or (the tap page) in the system's browser. */
import type { MessagePortMain } from 'electron'
import type { PageKind } from '../../shared/contracts/broker.ts'

/** One open page. */
export interface HostedPage {
  /**
   * Hands the page its port, once it is ready for it. Rejects INTERNAL when the page does not come up, and in the browser
   * BROWSER_NOT_FOUND or BROWSER_FAILED.
   * @returns the page's origin: the only one that a tap on it may come from
   */
  givePort(port: MessagePortMain): Promise<{ readonly origin: string }>
  show(): { captureProtection: 'on' | 'not-supported-here' }
  /** Ends the page and every process it lives in, and resolves when they are gone. */
  close(): Promise<void>
}

/** How a page ended without us. `died`: it crashed or was killed, and was not closed by the person. */
export type PageEnd = (died: boolean) => void

/** What kind of page, for which operation. */
export interface PageOrder {
  readonly kind: PageKind
  readonly operation: string
  readonly title: string
  readonly onEnd: PageEnd
}

/** Opens pages. */
export type OpenPage = (order: PageOrder) => HostedPage
