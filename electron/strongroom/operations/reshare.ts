/**
 * Custodians or thresholds change: the next manifest is signed, every record concerned is sealed anew to those whom it names, each
 * of them checks every share that they got, and only then the vault process switches from the old records to the new ones.
 */
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { Session } from '../session.ts'
import { rememberManifest } from '../trust/manifests.ts'
import { createOpenedKeys } from './opened-keys.ts'
import { resealRecords } from './reseal-records.ts'
import { checkNewShares } from './reshare-checks.ts'
import { planReshare } from './reshare-plan.ts'
import { signReshare } from './reshare-signing.ts'

/**
 * Runs to the switch, or leaves everything as it was.
 * @throws HalliganError MANIFEST_*, AMENDMENT_EMPTY, RECORD_DAMAGED {part}, SHARE_DAMAGED, SHARE_WRONG {custodian},
 *   CONTENT_KEY_WRONG.
 */
export async function reshare(session: Session, job: JobOf<'reshare'>): Promise<void> {
  const plan = await planReshare(session, job)
  const opened = createOpenedKeys(session.secrets, plan.current, plan.records)
  try {
    await signReshare(session, plan, opened)
    if (plan.records.length > 0) {
      const resealed = await resealRecords(session, plan, opened)
      opened.wipe()
      await checkNewShares(session, plan, resealed)
    }
  } finally {
    opened.wipe()
  }
  await session.vault.reshared({})
  rememberManifest(session.host, plan.next)
}
