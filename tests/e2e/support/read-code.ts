/** Reads QR codes back, with another library than the one that draws them. */
import jsQR from 'jsqr'
import { PNG } from 'pngjs'

/** The text of the one code in a picture (PNG). @throws Error when there is none that can be read */
export function readCode(picture: Uint8Array): string {
  const { data, width, height } = PNG.sync.read(Buffer.from(picture))
  const found = jsQR(new Uint8ClampedArray(data), width, height)
  if (found === null) throw new Error('no QR code that can be read')
  return found.data
}

/** The alert text in what a phone would open: a text message, a mail, or the text itself. */
export function readLink(link: string): string {
  if (!/^(sms|mailto):/.test(link)) return link
  const body = new URLSearchParams(link.slice(link.indexOf('?') + 1).replaceAll('+', '%2B')).get('body')
  if (body === null) throw new Error('no body')
  return body.replaceAll('\r\n', '\n')
}
