/** Where the tap page stands (a window of ours, or the system's browser), and what is turned away at its door there. */
import { z } from 'zod'
import { lineSchema } from './forms.ts'

/** `automatic`: the browser on Linux and macOS, where only it can ask for a key's PIN; the window on Windows. */
export const tapSettingsSchema = z.strictObject({
  driver: z.enum(['automatic', 'window', 'browser']),
  /** Absolute path of the browser's program; null: the first one found. */
  browserPath: z.string().min(1).max(4096).nullable(),
})
export type TapSettings = z.infer<typeof tapSettingsSchema>

export const tapPlaceSchema = z.strictObject({
  ...tapSettingsSchema.shape,
  /** Where the next tap will take place. */
  place: z.enum(['window', 'browser']),
  /**
   * Why there; `browser-missing`: the browser should have been, but there is none; `settings-damaged`: what was chosen can
   * no longer be read, so this is what the system suggests.
   */
  why: z.enum(['chosen', 'system', 'browser-missing', 'settings-damaged']),
  /** What was found, in order of preference; the first (or `browserPath`) is used. */
  browsers: z.array(z.strictObject({ name: lineSchema(), path: z.string().min(1).max(4096) })).max(32),
})
export type TapPlace = z.infer<typeof tapPlaceSchema>

/** Why the loopback server turned a request away (docs/tap-in-browser.md). */
export const tapPageRefusalSchema = z.enum([
  'host-wrong',
  'origin-wrong',
  'token-wrong',
  'token-used',
  'channel-wrong',
  'method-wrong',
  'path-unknown',
  'body-too-large',
  'body-too-slow',
  'body-malformed',
  'too-many-connections',
])
export type TapPageRefusal = z.infer<typeof tapPageRefusalSchema>
