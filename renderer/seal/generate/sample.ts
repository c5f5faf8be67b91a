/** Choosing without bias, from random bytes that the strongroom process gives (libsodium). */

/** Random bytes, as many as asked for; whoever gets them wipes them. */
export type RandomBytes = (length: number) => Promise<Uint8Array>

/**
 * `count` numbers from 0 to `size` - 1, each as likely as any other: what would make the lower ones likelier is drawn again.
 * @param size 1 to 65536.
 */
export async function sampleUniform(random: RandomBytes, size: number, count: number): Promise<number[]> {
  // Of the 65536 values of two bytes, as many as `size` goes into.
  const usable = 65_536 - (65_536 % size)
  const drawn: number[] = []
  while (drawn.length < count) {
    const bytes = await random(2 * (count - drawn.length))
    for (let at = 0; at + 1 < bytes.length; at += 2) {
      const value = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
      if (value < usable) drawn.push(value % size)
    }
    bytes.fill(0)
  }
  return drawn
}
