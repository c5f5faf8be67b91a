/**
 * Clears a copied secret from the clipboard, if it is still ours. The reveal page copies the text together with a marker of
 * its own type; we look for the marker only and never read the text, so that the secret does not come into this process's
 * JavaScript (control 21).
 */
import { clipboard } from 'electron'

/** Chromium keeps custom types together in one format of its own, named by platform. */
const customDataFormats = [
  'chromium/x-web-custom-data',
  'org.chromium.web-custom-data',
  'Chromium Web Custom MIME Data Format',
]

/** The clipboard of Electron before 44: synchronous, formats by name. */
interface EarlierClipboard {
  readBuffer(format: string): Buffer
}
const isEarlier = (candidate: object): candidate is EarlierClipboard => 'readBuffer' in candidate

async function readCustomData(): Promise<Buffer[]> {
  if (isEarlier(clipboard)) {
    const earlier: EarlierClipboard = clipboard
    return customDataFormats.map((format) => earlier.readBuffer(format))
  }
  const items = await clipboard.read()
  const wanted = items.flatMap((item) =>
    item.types
      .filter((type) => customDataFormats.some((format) => type.includes(format)))
      .map(async (type) => {
        const data = await item.getType(type)
        return data instanceof Blob ? Buffer.from(await data.arrayBuffer()) : Buffer.alloc(0)
      }),
  )
  return Promise.all(wanted)
}

async function isStillOurs(markers: readonly string[]): Promise<boolean> {
  try {
    const data = await readCustomData()
    return data.some((bytes) => markers.some((marker) => bytes.includes(Buffer.from(marker, 'utf16le'))))
  } catch {
    // Rather an empty clipboard than a secret left in it.
    return true
  }
}

/** Watches over what reveal pages copied. */
export interface ClipboardGuard {
  /** Clears after `clearAfterMs` if what carries `marker` is still there. */
  watch(marker: string, clearAfterMs: number): void
  /** Clears now whatever we still watch over: at a window's end and at quit. */
  clearNow(): Promise<void>
}

/** One guard for the system clipboard. */
export function createClipboardGuard(): ClipboardGuard {
  const timers = new Map<string, NodeJS.Timeout>()

  const clearIfOurs = async (markers: readonly string[]): Promise<void> => {
    for (const marker of markers) {
      clearTimeout(timers.get(marker))
      timers.delete(marker)
    }
    if (markers.length > 0 && (await isStillOurs(markers))) clipboard.clear()
  }
  return {
    watch: (marker, clearAfterMs) => {
      clearTimeout(timers.get(marker))
      timers.set(
        marker,
        setTimeout(() => void clearIfOurs([marker]), clearAfterMs),
      )
    },
    clearNow: () => clearIfOurs([...timers.keys()]),
  }
}
