/**
 * The check of everything at rest when a vault is opened: runs beside the app window, which can be used meanwhile; what would
 * open something waits for it.
 */
import type { NewEntry } from '../../shared/audit/entry.ts'
import type { Problem, VerifyReport } from '../../shared/audit/report.ts'
import type { AppState } from '../../shared/contracts/app.ts'
import { asHalliganError, HalliganError, type ErrorCode } from '../../shared/errors.ts'
import type { KnownFile } from './audit/known-file.ts'
import { verifyVault } from './audit/verify-vault.ts'
import { stationActor, type VaultContext } from './context.ts'
import type { Catalogue } from './credentials/catalogue.ts'

export type Damage = NonNullable<AppState['damage']>

export interface Integrity {
  readonly view: () => Pick<AppState['log'], 'integrity' | 'completeness'>
  /** Why nothing may be unsealed; null while all is well or the check still runs. */
  readonly damage: () => Damage | null
  /** Resolves when the check is through. @throws HalliganError VAULT_DAMAGED when something at rest does not verify */
  readonly requireSound: () => Promise<void>
  /** Verifies once more, for whoever asks. @throws HalliganError STORAGE_*, VAULT_NOT_READY when the app is closing */
  readonly verify: () => Promise<VerifyReport>
  readonly stop: () => void
}

export interface IntegrityMeans {
  readonly context: VaultContext
  readonly catalogue: Catalogue
  readonly known: KnownFile
  readonly onProgress: (done: number, total: number) => void
  readonly onChange: () => void
}

/** Problems of one record each: they block that credential, not the vault. */
const recordProblems: ReadonlySet<Problem['code']> = new Set(['record-damaged', 'share-damaged', 'record-not-in-log'])

const describeProblem = ({ code, seq, detail }: Problem): Damage => ({
  code: code.startsWith('manifest-') ? 'MANIFEST_INVALID' : 'LOG_INVALID',
  detail: { problem: code, detail, ...(seq === null ? {} : { seq }) },
})

/** @param before damage found while opening, before anything was verified; null when there was none */
function createIntegrity(means: IntegrityMeans, before: Damage | null) {
  const { context, known } = means
  let damage = before
  let view: ReturnType<Integrity['view']> = { integrity: 'checking', completeness: 'checking' }
  let stopped = false
  let lastShown = -1

  const run = async (knownCheckpoint: string | null): Promise<VerifyReport> => {
    const report = await verifyVault(context.store, context.primitives, {
      knownCheckpoint,
      isStopped: () => stopped,
      onProgress: (done, total) => {
        const percent = Math.floor((100 * done) / Math.max(total, 1))
        // One message per percent: the window needs no more, and a million entries would flood it.
        if (percent === lastShown) return
        lastShown = percent
        means.onProgress(done, total)
      },
    })
    if (report === null) throw new HalliganError('VAULT_NOT_READY', { reason: 'closing' })
    return report
  }

  async function note(code: ErrorCode, seq: number | null): Promise<void> {
    const entry: NewEntry = { type: 'log.verification-failed', actor: stationActor, data: { code, seq } }
    // If even that cannot be written (a frozen log, a full disk), the verdict still stands on the screen.
    await context.log.append([entry]).catch(() => undefined)
  }

  return {
    get: () => ({ damage, view }),
    stop: () => {
      stopped = true
    },
    run,
    /** Draws the conclusions of the check at open. */
    settle: async (report: VerifyReport): Promise<void> => {
      const { problems } = report.integrity
      const serious = problems.find(({ code }) => !recordProblems.has(code))
      const damagedRecord = problems.find(({ code }) => recordProblems.has(code))
      if (serious !== undefined) {
        damage ??= describeProblem(serious)
        await note(damage.code, serious.seq)
      }
      if (damagedRecord !== undefined) {
        await means.catalogue.markDamage()
        await note(damagedRecord.code === 'share-damaged' ? 'SHARE_DAMAGED' : 'RECORD_DAMAGED', null)
      }
      view = { integrity: damage === null ? 'intact' : 'broken', completeness: report.completeness.verdict }
      if (report.completeness.verdict === 'incomplete') {
        await known.keepAsEvidence()
        await note('LOG_INVALID', report.size)
      }
      // With a broken log the checkpoint known from outside is what an investigation needs: it is left alone.
      if (damage === null) known.release()
    },
    fail: (error: unknown): void => {
      const { code, detail } = asHalliganError(error)
      damage ??= { code, detail }
      view = { integrity: 'broken', completeness: 'cannot-be-judged' }
    },
    /** A vault made just now: there is nothing older that could be missing. */
    trust: (): void => {
      view = { integrity: 'intact', completeness: 'complete' }
      known.release()
    },
  }
}

function completeIntegrity(
  means: IntegrityMeans,
  state: ReturnType<typeof createIntegrity>,
  settled: Promise<void>,
): Integrity {
  return {
    view: () => state.get().view,
    damage: () => state.get().damage,
    requireSound: async () => {
      await settled
      const { damage } = state.get()
      if (damage !== null) throw new HalliganError('VAULT_DAMAGED', { code: damage.code })
    },
    verify: async () => {
      await settled
      return state.run(await means.known.read())
    },
    stop: state.stop,
  }
}

/** Starts the check of a vault that was there before. */
export function checkIntegrity(means: IntegrityMeans, before: Damage | null): Integrity {
  const state = createIntegrity(means, before)
  const check = async (): Promise<void> => {
    try {
      await state.settle(await state.run(await means.known.read()))
    } catch (error) {
      state.fail(error)
    }
    means.onChange()
  }
  return completeIntegrity(means, state, check())
}

/** For a vault that this process has just made. */
export function trustNewVault(means: IntegrityMeans): Integrity {
  const state = createIntegrity(means, null)
  state.trust()
  return completeIntegrity(means, state, Promise.resolve())
}
