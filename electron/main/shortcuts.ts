/** Keys that work in every window. There is no menu: its reload, developer tools and close would be in the wrong hands. */
import type { Input, WebContents } from 'electron'

const zoom = { step: 0.5, min: -2, max: 6 } as const

function zoomFor(key: string, level: number): number | null {
  switch (key) {
    case '+':
    case '=':
      return Math.min(zoom.max, level + zoom.step)
    case '-':
      return Math.max(zoom.min, level - zoom.step)
    case '0':
      return 0
    default:
      return null
  }
}

const hasCommandKey = (input: Input): boolean =>
  (process.platform === 'darwin' ? input.meta : input.control) && !input.alt

/** Ctrl+L closes everything sensitive; Ctrl with plus, minus and zero zooms (WCAG 1.4.4). */
export function watchShortcuts(contents: WebContents, hideEverything: () => void): void {
  contents.on('before-input-event', (event, input) => {
    if (input.type !== 'keyDown' || !hasCommandKey(input)) return
    if (input.key.toLowerCase() === 'l') {
      event.preventDefault()
      hideEverything()
      return
    }
    const level = zoomFor(input.key, contents.getZoomLevel())
    if (level === null) return
    event.preventDefault()
    contents.setZoomLevel(level)
  })
}
