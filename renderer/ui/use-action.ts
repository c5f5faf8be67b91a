/** Running one call at a time, with what it refused in hand. */
import { useCallback, useState } from 'react'
import { asHalliganError, type HalliganError } from '../../shared/errors.ts'

export interface Action {
  readonly busy: boolean
  readonly error: HalliganError | null
  /** Runs `work`; a refusal becomes `error`, and the promise says whether it went well. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>
  readonly clear: () => void
}

/** One action of a form or a button. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<HalliganError | null>(null)
  const run = useCallback(async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true)
    setError(null)
    try {
      await work()
      return true
    } catch (thrown) {
      setError(asHalliganError(thrown))
      return false
    } finally {
      setBusy(false)
    }
  }, [])
  const clear = useCallback(() => setError(null), [])
  return { busy, error, run, clear }
}
