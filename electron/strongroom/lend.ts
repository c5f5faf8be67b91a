/** Bytes for an answer to a page. */

/** `copy`, wiped as soon as the answer that carries it has been posted (posting clones it). */
export function lend(copy: Uint8Array): Uint8Array {
  setImmediate(() => copy.fill(0))
  return copy
}
