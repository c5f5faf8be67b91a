/** A file as something to look at: text where it is text, else bytes in hexadecimal. */

export type FileView = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'bytes' }

/** Text when `bytes` are valid UTF-8 without control characters other than tab and line ends. */
export function viewFile(bytes: Uint8Array): FileView {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return /[^\P{Cc}\t\n\r]/u.test(text) ? { kind: 'bytes' } : { kind: 'text', text }
  } catch {
    return { kind: 'bytes' }
  }
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')

/** Lines of 16 bytes: offset, bytes, and what is printable of them, as `hexdump -C` writes them. */
export function dumpHex(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const row = Array.from(bytes.subarray(at, at + 16))
    const offset = at.toString(16).padStart(8, '0')
    lines.push(`${offset}  ${row.map(hex).join(' ').padEnd(47)}  ${row.map(printable).join('')}`)
  }
  return lines.join('\n')
}
