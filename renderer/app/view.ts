/** Where the app window is, and where it goes when something starts or ends. */
import type { AppState, OperationView } from '../../shared/contracts/app.ts'
import type { CeremonyKind } from '../../shared/domain/ceremony.ts'

export type View =
  | { readonly name: 'credentials' }
  | { readonly name: 'break-glass'; readonly credential: string }
  | { readonly name: 'seal'; readonly credential: string | null }
  | { readonly name: 'timeline' }
  | { readonly name: 'people' }
  | { readonly name: 'sinks' }
  | { readonly name: 'alerts' }
  | { readonly name: 'after-use' }
  | { readonly name: 'due' }
  /** The ceremony that is open, or those that were and a new one. */
  | { readonly name: 'ceremonies' }
  | { readonly name: 'plan-ceremony'; readonly kind: CeremonyKind; readonly chosen: readonly string[] }
  | { readonly name: 'minutes'; readonly ceremony: string }
  /** Changing who holds what. */
  | { readonly name: 'change' }
  /** What is under way: a request, a tap, a form in another window. */
  | { readonly name: 'operation'; readonly from: View }

/** Where a person stands when an operation of `kind` is over. */
function viewAfter(kind: OperationView['kind'], state: AppState, from: View): View {
  // What a step of a ceremony started leads back to the ceremony.
  if (from.name === 'ceremonies') return from
  switch (kind) {
    case 'approve':
    case 'veto':
      return { name: 'credentials' }
    case 'unseal':
    case 'classify':
      return state.owed.length > 0 ? { name: 'after-use' } : { name: 'credentials' }
    case 'export':
      return { name: 'timeline' }
    case 'enrol':
      return from.name === 'change' ? from : { name: 'credentials' }
    case 'seal':
    case 'acknowledge':
      return { name: 'credentials' }
    case 'add-key':
    case 'key-drill':
    case 'passphrase':
      return from.name === 'due' ? from : { name: 'people' }
    case 'reshare':
      return { name: 'people' }
    // People, sinks: whatever it was a change of.
    case 'amend':
    case 'prove':
    case 'destroy':
      return from
    // Not opened after all: where it was planned, with what was chosen.
    case 'ceremony-open':
      return state.ceremony === null ? from : { name: 'ceremonies' }
    case 'ceremony-cancel':
    case 'minutes':
      return { name: 'ceremonies' }
  }
}

/** The view after the vault's state went from `before` to `after`: an operation that starts is shown at once. */
export function followState(view: View, before: AppState | null, after: AppState): View {
  const was = before?.operation ?? null
  const is = after.operation
  if (is !== null && is.id !== was?.id) {
    return { name: 'operation', from: view.name === 'operation' ? view.from : view }
  }
  if (is === null && view.name === 'operation') {
    const kind = was?.kind ?? after.lastOutcome?.kind
    return kind === undefined ? { name: 'credentials' } : viewAfter(kind, after, view.from)
  }
  return view
}
