/** What the log says about a tap that was refused. Pure. */
import type { NewEntry } from '../../../shared/audit/entry.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { Operation } from './operation.ts'

export interface Refusal {
  readonly code: ErrorCode
  readonly person: string | null
  readonly key: string | null
}

/** Codes of a tap that came too late: nobody's mistake, but somebody's attempt, so it is on record like any refused one. */
const lateCodes: ReadonlySet<ErrorCode> = new Set([
  'TAP_AFTER_QUORUM',
  'REQUEST_CANCELLED',
  'REQUEST_EXPIRED',
  'REQUEST_NOT_OPEN',
])

export const isTooLate = (code: ErrorCode): boolean => lateCodes.has(code)

/** Entry `tap.refused`. */
export function describeRefusal(
  { id, request }: Pick<Operation, 'id' | 'request'>,
  { code, person, key }: Refusal,
  nameOf: (person: string) => string | undefined,
): NewEntry {
  const name = person === null ? undefined : nameOf(person)
  // No signature was held to be good, so who it was is a claim, not a proof.
  const actor: NewEntry['actor'] =
    person === null || name === undefined ? { kind: 'station' } : { kind: 'person', id: person, name, proven: false }
  return { type: 'tap.refused', actor, data: { operation: id, request, code, person, key } }
}
