/** Custodians open their shares of records, and nothing is revealed. */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Session } from '../session.ts'

export function prove(_session: Session, _job: JobOf<'prove'>): Promise<void> {
  throw new HalliganError('METHOD_UNKNOWN')
}
