/** Those who took part sign the minutes of a ceremony. */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Session } from '../session.ts'

export function signMinutes(_session: Session, _job: JobOf<'minutes'>): Promise<void> {
  throw new HalliganError('METHOD_UNKNOWN')
}
