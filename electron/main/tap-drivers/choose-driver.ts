/** Which driver takes the next tap. */
import type { TapPlace, TapSettings } from '../../../shared/domain/tap-place.ts'

export interface TapCircumstances {
  readonly platform: NodeJS.Platform
  /** What was found, in order of preference. */
  readonly browsers: TapPlace['browsers']
  /** False: `settings.browserPath` names nothing that can be started. */
  readonly isBrowserPathUsable: boolean
  /** The settings' file could not be understood: what `settings` says is not what somebody chose. */
  readonly settingsDamaged: boolean
  /** Development builds only: a tap window is kept for the whole run, so `automatic` means it. */
  readonly keepsTapWindow: boolean
}

/** Windows shows a dialog of its own that asks for a key's PIN; elsewhere only a browser can. */
const asksForPin = (platform: NodeJS.Platform): boolean => platform === 'win32'

/**
 * The place of the next tap, and why there. A browser that was chosen and is gone gives way to the window: in an emergency
 * a tap with the keys that work there is worth more than none.
 */
export function chooseTapPlace(settings: TapSettings, circumstances: TapCircumstances): TapPlace {
  const { platform, browsers, isBrowserPathUsable, settingsDamaged, keepsTapWindow } = circumstances
  const known = { ...settings, browsers: [...browsers] }
  const fallback = settingsDamaged ? 'settings-damaged' : 'system'
  if (settings.driver === 'window') return { ...known, place: 'window', why: 'chosen' }
  if (settings.driver === 'automatic' && (asksForPin(platform) || keepsTapWindow))
    return { ...known, place: 'window', why: fallback }
  const hasBrowser = settings.browserPath === null ? browsers.length > 0 : isBrowserPathUsable
  if (!hasBrowser) return { ...known, place: 'window', why: 'browser-missing' }
  return { ...known, place: 'browser', why: settings.driver === 'browser' ? 'chosen' : fallback }
}

/** The program that `place` would start; null where there is none. */
export const browserOf = ({ browserPath, browsers }: TapPlace): string | null =>
  browserPath ?? browsers[0]?.path ?? null
