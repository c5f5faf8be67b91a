/** What the app window knows: the vault's state as last told, the credentials, and where the window stands. */
import { appContract, type AppState, type CredentialView } from '../../shared/contracts/app.ts'
import { createHub, type Client } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { asHalliganError, HalliganError } from '../../shared/errors.ts'
import type { KeptDraft } from './seal-draft.ts'
import { followState, type View } from './view.ts'

export type AppCalls = Client<typeof appContract>

export interface AppModel {
  readonly state: AppState | null
  readonly credentials: readonly CredentialView[]
  readonly view: View
  /** Why there is no state, or no connection any more. */
  readonly failure: HalliganError | null
  readonly verifying: { readonly done: number; readonly total: number } | null
  /** Sequence number of the newest entry heard of. */
  readonly newest: number
  /** Operations whose notice the person has closed. */
  readonly dismissed: readonly string[]
  /** What was entered for a seal that did not come about: it is there when the person tries again. */
  readonly sealDraft: KeptDraft | null
}

export interface AppStore {
  readonly getModel: () => AppModel
  readonly subscribe: (listener: () => void) => () => void
  readonly attach: (port: Port) => void
  /** The vault's calls; they reject with PORT_CLOSED while there is no connection. */
  readonly call: AppCalls
  readonly go: (view: View) => void
  readonly dismiss: (operation: string) => void
  /** Null: forgets what was entered. */
  readonly keepDraft: (draft: KeptDraft | null) => void
  /** Asks for the state again. */
  readonly reload: () => void
}

const start: AppModel = {
  state: null,
  credentials: [],
  view: { name: 'credentials' },
  failure: null,
  verifying: null,
  newest: -1,
  dismissed: [],
  sealDraft: null,
}

/** Changes whenever the list of credentials may have: asking for 10,000 of them at every tap would be slow. */
const credentialsKey = (state: AppState): string =>
  JSON.stringify([
    state.phase,
    state.vault?.manifestVersion,
    state.lastOutcome?.operation,
    state.owed.map(({ request, rotate, classify, closedAt }) => [request, rotate, classify, closedAt]),
    state.damage?.code,
  ])

const disconnected = new Proxy({} as AppCalls, {
  get: () => () => Promise.reject(new HalliganError('PORT_CLOSED')),
})

/** The one store of the app window. */
export function createAppStore(): AppStore {
  let model = start
  let call = disconnected
  let listedFor = ''
  const listeners = new Set<() => void>()
  const update = (change: Partial<AppModel>): void => {
    model = { ...model, ...change }
    for (const listener of listeners) listener()
  }
  const listCredentials = async (key: string): Promise<void> => {
    try {
      const credentials = await call['credentials.list']({})
      if (listedFor === key) update({ credentials })
    } catch {
      // The list stays as it was; the next change of state asks again.
      if (listedFor === key) listedFor = ''
    }
  }
  const follow = (state: AppState): void => {
    const isSealed = state.lastOutcome?.kind === 'seal' && state.lastOutcome.result === 'done'
    update({
      ...(isSealed ? { sealDraft: null } : {}),
      state,
      failure: null,
      view: followState(model.view, model.state, state),
      newest: Math.max(model.newest, state.log.size - 1),
    })
    const key = credentialsKey(state)
    if (state.phase === 'none' || state.phase === 'setup' || key === listedFor) return
    listedFor = key
    void listCredentials(key)
  }
  const reload = async (): Promise<void> => {
    try {
      follow(await call.state({}))
    } catch (error) {
      update({ failure: asHalliganError(error) })
    }
  }
  return {
    getModel: () => model,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    attach: (port) => {
      const hub = createHub(port)
      const connected = hub.connect(appContract, {
        changed: follow,
        appended: ({ seq }) => update({ newest: Math.max(model.newest, seq) }),
        verifyProgress: (verifying) => update({ verifying: verifying.done < verifying.total ? verifying : null }),
      })
      call = connected.call
      listedFor = ''
      hub.onClose(() => {
        // A newer port may have taken over already.
        if (call !== connected.call) return
        call = disconnected
        update({ failure: new HalliganError('PORT_CLOSED') })
      })
      void reload()
    },
    // Whoever holds `call` from an earlier render still reaches the connection of now.
    call: new Proxy({} as AppCalls, {
      get: (_, name) => (input: never) =>
        (call as never as Record<string | symbol, (input: never) => unknown>)[name]?.(input),
    }),
    go: (view) => update({ view }),
    keepDraft: (sealDraft) => update({ sealDraft }),
    dismiss: (operation) => update({ dismissed: [...model.dismissed, operation] }),
    reload: () => void reload(),
  }
}
