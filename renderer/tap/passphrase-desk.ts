/** Where the page waits for a passphrase: asked for by one call, given by the form, forgotten at once. */

/** enter: one that exists already; choose: a new one. */
export type PassphraseAsked = { readonly kind: 'enter'; readonly optional: boolean } | { readonly kind: 'choose' }

export interface PassphraseDesk {
  /** Waits for the form. The caller wipes what it gets; null when it was left empty. Rejects with an AbortError. */
  readonly ask: (asked: PassphraseAsked) => Promise<Uint8Array<ArrayBuffer> | null>
  /** Takes over `bytes`. */
  readonly give: (bytes: Uint8Array<ArrayBuffer> | null) => void
  readonly cancel: () => void
}

/** One passphrase at a time. `onChange` hears what is asked for now. */
export function createPassphraseDesk(onChange: (asked: PassphraseAsked | null) => void): PassphraseDesk {
  let waiting: { resolve: (bytes: Uint8Array<ArrayBuffer> | null) => void; reject: (error: Error) => void } | undefined
  const settle = (then: (entry: NonNullable<typeof waiting>) => void): boolean => {
    const entry = waiting
    if (entry === undefined) return false
    waiting = undefined
    onChange(null)
    then(entry)
    return true
  }
  const cancel = (): void => {
    settle(({ reject }) => reject(new DOMException('cancelled by the person', 'AbortError')))
  }
  return {
    ask: (asked) => {
      cancel()
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        onChange(asked)
      })
    },
    give: (bytes) => {
      // Nobody waits any more: what was typed must not stay.
      if (!settle(({ resolve }) => resolve(bytes))) bytes?.fill(0)
    },
    cancel,
  }
}
