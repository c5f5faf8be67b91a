/** Where the app's pages live, and how to tell one of them from anything else. */
import { windowOrigin } from '../../shared/domain/tap.ts'

/** One of the app's kinds of window. */
export const windowKinds = ['app', 'tap', 'seal', 'reveal', 'print'] as const
export type WindowKind = (typeof windowKinds)[number]

/** The one query there is, in development builds only: the tap page waits for a click before it asks the key. */
export const manualQuery = '?manual'

/** The address of a window's page. */
export const addressOf = (kind: WindowKind, query = ''): string => `${windowOrigin}/${kind}/${query}`

/** True when `address` is exactly that page: no port, no user, no other path that merely starts like it. */
export function isAddressOf(kind: WindowKind, address: string): boolean {
  if (!URL.canParse(address)) return false
  const url = new URL(address)
  if (url.hash !== '') url.hash = ''
  return url.href === addressOf(kind) || (__DEV_BUILD__ && kind === 'tap' && url.href === addressOf(kind, manualQuery))
}
