/** Where the app window is, and where it goes when something starts or ends. */
import type { AppState, OperationView } from '../../shared/contracts/app.ts'

export type View =
  | { readonly name: 'credentials' }
  | { readonly name: 'break-glass'; readonly credential: string }
  | { readonly name: 'seal'; readonly credential: string | null }
  | { readonly name: 'timeline' }
  | { readonly name: 'people' }
  | { readonly name: 'sinks' }
  | { readonly name: 'after-use' }
  /** What is under way: a request, a tap, a form in another window. */
  | { readonly name: 'operation'; readonly from: View }

/** Where a person stands when an operation of `kind` is over. */
function viewAfter(kind: OperationView['kind'], state: AppState, from: View): View {
  switch (kind) {
    case 'unseal':
    case 'classify':
      return state.owed.length > 0 ? { name: 'after-use' } : { name: 'credentials' }
    case 'export':
      return { name: 'timeline' }
    case 'seal':
    case 'enrol':
    case 'acknowledge':
      return { name: 'credentials' }
    case 'add-key':
    case 'key-drill':
    case 'passphrase':
      return { name: 'people' }
    // People, sinks: whatever it was a change of.
    case 'amend':
    case 'reshare':
    case 'prove':
    case 'destroy':
    case 'ceremony-open':
    case 'ceremony-cancel':
    case 'minutes':
      return from
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
