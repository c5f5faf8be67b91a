/** Where taps take place, in words. */
import type { TapPlace } from '../../shared/domain/tap-place.ts'

/** What the browser of `place` is called; null where none is known. */
function browserName({ browserPath, browsers }: TapPlace): string | null {
  if (browserPath === null) return browsers[0]?.name ?? null
  return browsers.find(({ path }) => path === browserPath)?.name ?? 'the browser you named'
}

/** Where the next tap takes place, and why there. */
export function describeTapPlace(place: TapPlace): { readonly tone: 'info' | 'warn'; readonly text: string } {
  const where =
    place.place === 'window'
      ? 'The next tap takes place in a window of Halligan.'
      : `The next tap takes place in ${browserName(place) ?? 'the browser'}, in a window of its own.`
  switch (place.why) {
    case 'chosen':
    case 'system':
      return { tone: 'info', text: where }
    case 'browser-missing':
      return {
        tone: 'warn',
        text:
          `${where} ${place.browserPath === null ? 'No browser that can ask for a key’s PIN was found.' : 'The browser you named is not there any more.'}` +
          ' Keys with a PIN may not work here: install Chrome, Chromium, Edge or Brave, or choose its program below.',
      }
    case 'settings-damaged':
      return { tone: 'warn', text: `${where} What was chosen before could not be read; choose again to keep it.` }
  }
}

/** What each choice means, for the one who has to choose. */
export const tapPlaceHints: Readonly<Record<TapPlace['driver'], string>> = {
  automatic:
    'In the browser on Linux and macOS, because only a browser can ask for a key’s PIN there. In Halligan’s window on Windows, which asks by itself.',
  window: 'In Halligan’s window. On Linux and macOS only keys with a fingerprint reader work there.',
  browser:
    'In the browser. It works with every key. It is started empty for each tap, without your tabs or extensions, and what it kept is deleted afterwards.',
}
