/** Puts text on the clipboard from a button press, with no clipboard permission: the pages have none. */

/** Custom clipboard type: main clears the clipboard later only if this marker is still in it. */
export const markerType = 'application/x-halligan-marker'

/**
 * Copies `text` and, as custom types, `extra`. Must run inside the handling of a person's action.
 * @returns false when the browser refused
 */
export function copyText(text: string, extra: Readonly<Record<string, string>> = {}): boolean {
  let written = false
  const write = (event: ClipboardEvent): void => {
    if (event.clipboardData === null) return
    event.clipboardData.setData('text/plain', text)
    for (const [type, value] of Object.entries(extra)) event.clipboardData.setData(type, value)
    event.preventDefault()
    event.stopImmediatePropagation()
    written = true
  }
  document.addEventListener('copy', write, { capture: true })
  try {
    // Deprecated, and the only way without a clipboard permission, which no page of ours has.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
    return document.execCommand('copy') && written
  } finally {
    document.removeEventListener('copy', write, { capture: true })
  }
}
