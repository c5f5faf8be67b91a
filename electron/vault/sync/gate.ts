/**
 * Closed while a credential is being opened: an emergency has the disk, the database's queue and the processor to itself.
 * Whatever syncing does in this process, it asks here first.
 */
export interface Gate {
  readonly isOpen: () => boolean
  /** Resolves when it is open, at once if it is. */
  readonly opened: () => Promise<void>
  readonly set: (open: boolean) => void
}

export function createGate(): Gate {
  let open = true
  let waiting: (() => void)[] = []
  const opened = async (): Promise<void> => {
    // Again after each wait: it may have closed before whoever waited came to run.
    while (!open) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
    }
  }
  return {
    isOpen: () => open,
    opened,
    set: (next) => {
      open = next
      if (!open) return
      const released = waiting
      waiting = []
      for (const resolve of released) resolve()
    },
  }
}
