/**
 * A driver puts the tap page somewhere and carries its port there; what is said on the port it neither understands nor can
 * read (the PRF output in it is encrypted to the strongroom). There are two:
 *
 * - window-driver.ts: a window of ours. Keys with a fingerprint reader everywhere; keys with a PIN where the system's own
 *   dialog asks for it (Windows).
 * - browser-driver.ts: the system's browser, kept by a process of its own (electron/tap-host). Every key, on every system
 *   that has one.
 *
 * A third, such as libfido2's tools with a PIN dialog of ours (docs/adr/0016), needs here a file with a function that makes
 * a {@link TapDriver}, its line in halligan-app.ts, and the cases in choose-driver.ts where it is the right one; in
 * shared/domain its name (tap-place.ts) and the origin that its taps carry (tap.ts); and words on the screen that offers it.
 * Strongroom, vault process and tap page do not know where a tap takes place.
 */
import type { HostedPage, PageOrder } from '../hosted-page.ts'

/** What a driver is told about the tap. */
export type TapOrder = Omit<PageOrder, 'kind'>

export interface TapDriver {
  /** Opens the tap page of one tap; it is closed after that. Never throws: `givePort` says what went wrong. */
  readonly open: (order: TapOrder) => HostedPage
}
