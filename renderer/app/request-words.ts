/** A request under way, as who stands where and what to do now. */
import type { AppState, OperationView } from '../../shared/contracts/app.ts'
import type { PersonMark } from '../ui/people-list.tsx'
import { formatTime } from '../ui/time.ts'

export type RequestView = NonNullable<OperationView['request']>

/** The custodians of the safe, then the requester if not among them: who has tapped, who may. */
export function markCustodians(operation: OperationView, request: RequestView, state: AppState): PersonMark[] {
  const safe = state.safes.find(({ id }) => id === request.safe)
  const nameOf = (id: string): string =>
    state.persons.find((person) => person.id === id)?.name ?? 'Somebody no longer listed'
  const enough = operation.have >= operation.need
  const ids = safe?.custodians ?? []
  const asks = ids.includes(request.requester) ? [] : [request.requester]
  return [...asks, ...ids].map((id): PersonMark => {
    const tap = operation.taps.find(({ person }) => person === id)
    const base = { key: id, name: nameOf(id) }
    if (tap?.counts === true) return { ...base, state: 'tapped', note: `tapped ${formatTime(tap.at)}` }
    if (tap !== undefined) return { ...base, state: 'not-counted', note: 'asked; does not count' }
    if (enough) return { ...base, state: 'not-needed' }
    if (id === request.requester && !operation.taps.some(({ person }) => person === id))
      return { ...base, state: 'waiting', note: 'asks; taps first' }
    return { ...base, state: 'waiting' }
  })
}

/** What to do now, in one sentence. */
export function instructRequest(operation: OperationView, request: RequestView, state: AppState): string {
  const requester = state.persons.find(({ id }) => id === request.requester)?.name ?? 'The person who asks'
  switch (operation.stage) {
    case 'starting':
      return 'Preparing the request…'
    case 'form':
    case 'tap': {
      if (!operation.taps.some(({ person }) => person === request.requester))
        return `${requester}: insert your key and touch it now.`
      const left = operation.need - operation.have
      return left === 1
        ? 'One more custodian: insert your key and touch it now.'
        : `${left} more custodians: insert your key and touch it now.`
    }
    case 'working':
      return operation.kind === 'approve'
        ? 'Enough people have tapped. Nothing is opened yet: from here on it waits.'
        : 'Enough people have tapped. Opening…'
    case 'open':
      return 'The credential is open in its own window.'
  }
}
