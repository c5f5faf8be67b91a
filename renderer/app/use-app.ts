/** The store in reach of every screen. */
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import type { AppState } from '../../shared/contracts/app.ts'
import { pageNow } from '../ui/clock.ts'
import type { AppModel, AppStore } from './app-store.ts'

/** Set once, around everything. */
export const AppContext = createContext<AppStore | null>(null)

/** The store: calls and navigation. */
export function useStore(): AppStore {
  const store = useContext(AppContext)
  if (store === null) throw new Error('no store around this component')
  return store
}

/** What the window knows now. */
export function useModel(): AppModel {
  const store = useStore()
  return useSyncExternalStore(store.subscribe, store.getModel)
}

/** The vault's state, on screens that are only drawn when there is one. */
export function useVaultState(): AppState {
  const { state } = useModel()
  if (state === null) throw new Error('no state yet')
  return state
}

/** The time, read anew every `everyMs`; for what counts down on screen. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(pageNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(pageNow()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
