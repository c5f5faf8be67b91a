/** A promise that somebody else resolves. */
export interface Signal {
  readonly reached: Promise<void>
  readonly isRaised: () => boolean
  readonly raise: () => void
}

export function createSignal(): Signal {
  let isRaised = false
  let resolveReached: () => void = () => undefined
  const reached = new Promise<void>((resolve) => {
    resolveReached = resolve
  })
  const raise = (): void => {
    isRaised = true
    resolveReached()
  }
  return { reached, raise, isRaised: () => isRaised }
}

/** Resolves when `signal` is raised, or after `ms`, whichever comes first. */
export const waitAtMost = (signal: Signal, ms: number): Promise<void> =>
  Promise.race([
    signal.reached,
    new Promise<void>((resolve) => {
      setTimeout(resolve, ms).unref()
    }),
  ])
