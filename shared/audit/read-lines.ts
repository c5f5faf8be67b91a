/** Lines of a file as bytes, in batches: what is hashed must not pass through a text decoder. */
import { concatBytes } from '../bytes.ts'

const newline = 0x0a
/** A line that never ends must not fill the memory: longer ones are cut into several, none of which is an entry. */
const lineBytesMax = 4 * 1_048_576

/**
 * Splits chunks at newlines. A last line without its newline is handed over with `torn` set: it may have lost bytes.
 * @returns for every chunk, the lines that ended in it
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  onTorn: (line: Uint8Array) => void,
): AsyncGenerator<readonly Uint8Array[]> {
  let rest = new Uint8Array(0)
  for await (const chunk of chunks) {
    const data = rest.length === 0 ? chunk : concatBytes(rest, chunk)
    const lines: Uint8Array[] = []
    let start = 0
    for (let end = data.indexOf(newline); end !== -1; end = data.indexOf(newline, start)) {
      lines.push(data.subarray(start, end))
      start = end + 1
    }
    rest = new Uint8Array(data.subarray(start))
    if (rest.length > lineBytesMax) {
      lines.push(rest)
      rest = new Uint8Array(0)
    }
    yield lines
  }
  if (rest.length > 0) onTorn(rest)
}
