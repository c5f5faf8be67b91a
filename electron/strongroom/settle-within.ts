/** Waits for partners that may not answer any more. */

/** Resolves when all of `work` has settled, or after `ms`, whichever is first. Never rejects. */
export async function settleWithin(ms: number, work: readonly Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([Promise.allSettled(work), limit])
  clearTimeout(timer)
}
