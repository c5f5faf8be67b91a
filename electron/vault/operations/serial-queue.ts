/** Steps one after another, in the order they came: each sees what the one before it left, also across awaits. */
export interface SerialQueue {
  /** Runs `step` after all earlier ones, whether those succeeded or not. */
  readonly enter: <T>(step: () => T | Promise<T>) => Promise<T>
}

export function createSerialQueue(): SerialQueue {
  let tail: Promise<unknown> = Promise.resolve()
  return {
    enter: (step) => {
      const turn = tail.then(step)
      tail = turn.catch(() => undefined)
      return turn
    },
  }
}
