/** Where taps take place on this machine, as main says it, and changing that. */
import { useEffect, useState } from 'react'
import type { TapPlace, TapSettings } from '../../shared/domain/tap-place.ts'
import { useAction, type Action } from '../ui/use-action.ts'
import { useStore } from './use-app.ts'

interface KnownPlace {
  /** Null: not known yet. */
  readonly place: TapPlace | null
  readonly action: Action
  readonly set: (settings: TapSettings) => Promise<boolean>
}

/** Asks again whenever `key` changes. */
export function useTapPlace(key = ''): KnownPlace {
  const { call } = useStore()
  const action = useAction()
  const [place, setPlace] = useState<TapPlace | null>(null)
  useEffect(() => {
    let current = true
    call['tap.place']({}).then(
      (answer) => {
        if (current) setPlace(answer)
      },
      // Without an answer nothing is said about it; the operation itself says what fails.
      () => undefined,
    )
    return () => {
      current = false
    }
  }, [call, key])
  return {
    place,
    action,
    set: (settings) => action.run(async () => setPlace(await call['tap.setPlace'](settings))),
  }
}
