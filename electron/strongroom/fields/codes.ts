/** Recovery codes: one a line, numbered from 0 (docs/format-sealing.md, "Field values"). */

const [newline, carriageReturn, tab, space] = [0x0a, 0x0d, 0x09, 0x20]

const isBlank = (byte: number | undefined): boolean => byte === space || byte === tab || byte === carriageReturn

/** Views into `bytes`: every line that is not blank, without the white space around it, in order. */
export function splitCodes(bytes: Uint8Array): Uint8Array[] {
  const codes: Uint8Array[] = []
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(newline, start)
    const end = found === -1 ? bytes.length : found
    const code = trim(bytes.subarray(start, end))
    if (code.length > 0) codes.push(code)
    start = end + 1
  }
  return codes
}

function trim(line: Uint8Array): Uint8Array {
  let from = 0
  let to = line.length
  while (from < to && isBlank(line[from])) from += 1
  while (to > from && isBlank(line[to - 1])) to -= 1
  return line.subarray(from, to)
}
