/** Taps in a window of ours. */
import type { OpenPage } from '../hosted-page.ts'
import type { TapDriver } from './driver.ts'

/** Where no system dialog asks for a PIN (Linux, macOS), only keys that verify their owner themselves work here. */
export const createWindowDriver = (openWindow: OpenPage): TapDriver => ({
  open: (order) => openWindow({ ...order, kind: 'tap' }),
})
