/**
 * The check of everything at rest when a vault is opened: runs beside the app window, which can be used meanwhile; what would
 * open something waits for it. What it finds is said and recorded; only what would let a strongroom be misled, or let
 * something be opened without a record, keeps people from what they need in an emergency (docs/adr/0010-damage-and-emergency.md).
 */
import { createCeremonyTrack } from '../../shared/audit/ceremony-track.ts'
import type { Entry, NewEntry } from '../../shared/audit/entry.ts'
import type { Problem, VerifyReport } from '../../shared/audit/report.ts'
import type { AppState } from '../../shared/contracts/app.ts'
import { asHalliganError, HalliganError, type ErrorCode } from '../../shared/errors.ts'
import type { KnownFile } from './audit/known-file.ts'
import { verifyVault } from './audit/verify-vault.ts'
import type { Ceremonies } from './ceremonies/ceremonies.ts'
import { stationActor, type VaultContext } from './context.ts'
import { keepNewest, type Catalogue, type SealedEntry } from './credentials/catalogue.ts'
import { createLearned, type History } from './requests/history.ts'

export type Damage = NonNullable<AppState['damage']>

export interface Integrity {
  readonly view: () => Pick<AppState['log'], 'integrity' | 'completeness'>
  /** The first thing found that is not as it was written; null while there is none. A warning unless {@link blocks}. */
  readonly damage: () => Damage | null
  /** True when nothing may be unsealed. */
  readonly blocks: () => boolean
  /** Resolves when the check is through. @throws HalliganError VAULT_DAMAGED when nothing may be unsealed */
  readonly requireUsable: () => Promise<void>
  /** Resolves when the check is through. @throws HalliganError VAULT_DAMAGED when manifest or log do not verify */
  readonly requireIntact: () => Promise<void>
  /** Verifies once more, for whoever asks. @throws HalliganError STORAGE_*, VAULT_NOT_READY when the app is closing */
  readonly verify: () => Promise<VerifyReport>
  readonly stop: () => void
}

export interface IntegrityMeans {
  readonly context: VaultContext
  readonly catalogue: Catalogue
  readonly history: History
  readonly ceremonies: Ceremonies
  readonly known: KnownFile
  readonly onProgress: (done: number, total: number) => void
  readonly onChange: () => void
}

/** Problems of one record each: they block that credential, not the vault. */
const recordProblems: ReadonlySet<Problem['code']> = new Set(['record-damaged', 'share-damaged', 'record-not-in-log'])

/** An entry that is not what was written: after it, what is said about the manifests may only be its consequence. */
const entryProblems: ReadonlySet<Problem['code']> = new Set([
  'entry-malformed',
  'entry-not-canonical',
  'entry-out-of-order',
  'entry-chain-broken',
])

/** A report holds this many problems; what comes later is not in it. */
const problemsMax = 100

/** Milliseconds between the tries of a check that could not be carried through (a busy or failing disk), then of all later ones. */
const retryAfterMs = [250, 1000, 3000]
const retryLaterMs = 30_000

const describeProblem = ({ code, seq, detail }: Problem): Damage => ({
  code: code.startsWith('manifest-') ? 'MANIFEST_INVALID' : 'LOG_INVALID',
  detail: { problem: code, detail, ...(seq === null ? {} : { seq }) },
})

/** Who holds what is what every strongroom is told first: if that is in doubt, nothing may be opened. */
function findManifestProblem(problems: readonly Problem[]): Problem | undefined {
  const isLogDamaged = problems.some(({ code }) => entryProblems.has(code))
  return problems.find(({ code }) => code.startsWith('manifest-') && !(code === 'manifest-not-in-log' && isLogDamaged))
}

/** What the entries teach, read from the bytes that are verified and not by the index beside them. */
function createLesson() {
  const learned = createLearned()
  const ceremonies = createCeremonyTrack()
  const newest = new Map<string, SealedEntry>()
  const onEntry = (entry: Entry): void => {
    learned.apply(entry)
    ceremonies.apply(entry)
    if (entry.type === 'credential.sealed') keepNewest(newest, entry)
  }
  return { learned, ceremonies, newest, onEntry }
}

/** @param before damage found while opening, before anything was verified: it blocks; null when there was none */
function createIntegrity(means: IntegrityMeans, before: Damage | null) {
  const { context, known } = means
  let blocking = before
  let warning: Damage | null = null
  let view: ReturnType<Integrity['view']> = { integrity: 'checking', completeness: 'checking' }
  let stopped = false
  let isSettled = false
  let lastShown = -1

  async function run(): Promise<{ report: VerifyReport; lesson: ReturnType<typeof createLesson> }> {
    const lesson = createLesson()
    const report = await verifyVault(context.store, context.primitives, {
      knownCheckpoint: await known.read(),
      isStopped: () => stopped,
      onEntry: lesson.onEntry,
      onProgress: (done, total) => {
        const percent = Math.floor((100 * done) / Math.max(total, 1))
        // One message per percent: the window needs no more, and a million entries would flood it.
        if (percent === lastShown) return
        lastShown = percent
        means.onProgress(done, total)
      },
    })
    if (report === null) throw new HalliganError('VAULT_NOT_READY', { reason: 'closing' })
    return { report, lesson }
  }

  async function note(code: ErrorCode, seq: number | null): Promise<void> {
    const entry: NewEntry = { type: 'log.verification-failed', actor: stationActor, data: { code, seq } }
    // If even that cannot be written (a frozen log, a full disk), the verdict still stands on the screen.
    await context.log.append([entry]).catch(() => undefined)
  }

  async function judge({ problems }: VerifyReport['integrity']): Promise<void> {
    const manifest = findManifestProblem(problems)
    const serious = manifest ?? problems.find(({ code }) => !recordProblems.has(code))
    const damagedRecord = problems.find(({ code }) => recordProblems.has(code))
    if (manifest !== undefined) blocking ??= describeProblem(manifest)
    warning = serious === undefined ? null : describeProblem(serious)
    if (serious !== undefined) await note(describeProblem(serious).code, serious.seq)
    if (damagedRecord !== undefined || problems.length >= problemsMax) {
      // Each request checks its own record again; this is for the list.
      await means.catalogue.markDamage().catch(() => undefined)
    }
    if (damagedRecord !== undefined) {
      await note(damagedRecord.code === 'share-damaged' ? 'SHARE_DAMAGED' : 'RECORD_DAMAGED', null)
    }
  }

  return {
    get: () => ({ damage: blocking ?? warning, blocking, view }),
    isSettled: () => isSettled,
    isStopped: () => stopped,
    stop: () => {
      stopped = true
    },
    run,
    /** Draws the conclusions of the check at open. */
    settle: async ({ report, lesson }: Awaited<ReturnType<typeof run>>): Promise<void> => {
      if (isSettled) return
      isSettled = true
      means.history.adopt(lesson.learned, report.size)
      means.ceremonies.adopt(lesson.ceremonies, report.size)
      means.catalogue.adopt(lesson.newest)
      const { completeness } = report
      await judge(report.integrity)
      if (completeness.verdict === 'incomplete') {
        if (completeness.knownSize !== null) await known.keepAsEvidence(completeness.knownSize)
        await note('LOG_INVALID', report.size)
      }
      const isWhole = blocking === null && warning === null
      view = { integrity: isWhole ? 'intact' : 'broken', completeness: completeness.verdict }
      // What the log does not hold is evidence now; from here on the newest checkpoint is known outside again.
      known.release()
    },
    /** The check could not be carried through. Said and recorded, and tried again; no reason to leave people without. */
    fail: async (error: unknown): Promise<void> => {
      const { code, detail } = asHalliganError(error)
      warning = { code, detail }
      view = { integrity: 'broken', completeness: 'cannot-be-judged' }
      await note(code, null)
    },
    /** A vault made just now: there is nothing older that could be missing. */
    trust: (): void => {
      isSettled = true
      view = { integrity: 'intact', completeness: 'complete' }
      known.release()
    },
  }
}

function completeIntegrity(state: ReturnType<typeof createIntegrity>, settled: Promise<void>): Integrity {
  const refuse = (damage: Damage | null): void => {
    if (damage !== null) throw new HalliganError('VAULT_DAMAGED', { code: damage.code })
  }
  return {
    view: () => state.get().view,
    damage: () => state.get().damage,
    blocks: () => state.get().blocking !== null,
    requireUsable: async () => {
      await settled
      refuse(state.get().blocking)
    },
    requireIntact: async () => {
      await settled
      refuse(state.get().damage)
    },
    verify: async () => {
      await settled
      const done = await state.run()
      await state.settle(done)
      return done.report
    },
    stop: state.stop,
  }
}

const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })

/** Starts the check of a vault that was there before. */
export function checkIntegrity(means: IntegrityMeans, before: Damage | null): Integrity {
  const state = createIntegrity(means, before)

  /** One try; null when nothing more is to be done, else why not. */
  async function check(): Promise<unknown> {
    try {
      await state.settle(await state.run())
    } catch (error) {
      if (!state.isStopped() && !state.isSettled()) return error ?? 'unknown'
    }
    means.onChange()
    return null
  }

  async function checkPatiently(): Promise<void> {
    for (const ms of retryAfterMs) {
      if ((await check()) === null) return
      await wait(ms)
    }
    const error = await check()
    if (error === null) return
    await state.fail(error)
    means.onChange()
    void checkLater()
  }

  async function checkLater(): Promise<void> {
    do await wait(retryLaterMs)
    while ((await check()) !== null)
  }

  return completeIntegrity(state, checkPatiently())
}

/** For a vault that this process has just made. */
export function trustNewVault(means: IntegrityMeans): Integrity {
  const state = createIntegrity(means, null)
  state.trust()
  return completeIntegrity(state, Promise.resolve())
}
