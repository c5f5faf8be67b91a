/** Seals records anew to other custodians. */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Session } from '../session.ts'

export function reshare(_session: Session, _job: JobOf<'reshare'>): Promise<void> {
  throw new HalliganError('METHOD_UNKNOWN')
}
