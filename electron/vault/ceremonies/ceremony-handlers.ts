/** Ceremonies, as the app window asks for them. */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { CeremonyDraft, CeremonyWish } from '../../../shared/contracts/ceremony-views.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import type { HandlerMeans } from '../handler-means.ts'
import type { OpenVault } from '../open-vault.ts'
import { createSerialQueue } from '../operations/serial-queue.ts'
import { requireLead, requireWitnesses } from './ceremony-people.ts'
import { readPast } from './ceremony-view.ts'
import { createClosing } from './close-ceremony.ts'
import { finishStep, noteException } from './finish-step.ts'
import { toCeremonyMeans } from './means.ts'
import { createCancellation, createOpening } from './open-ceremony.ts'
import type { ProgramFacts } from './program.ts'
import { createStepOperation } from './run-step.ts'
import { writeScript } from './script.ts'

type CeremonyHandlers = Pick<
  Handlers<typeof appContract>,
  | 'ceremony.draft'
  | 'ceremony.open'
  | 'ceremony.run'
  | 'ceremony.step'
  | 'ceremony.except'
  | 'ceremony.cancel'
  | 'ceremony.close'
  | 'ceremony.past'
>

/**
 * The script that this wish would have now.
 * @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN, SETUP_INCOMPLETE, POLICY_INVALID {field, why}, CEREMONY_NOTHING_DUE,
 *   CHANGE_UNKNOWN, CREDENTIAL_UNKNOWN
 */
export async function draftCeremony(opened: OpenVault, wish: CeremonyWish): Promise<CeremonyDraft> {
  const { context, registry, catalogue, changes, history } = opened
  const { manifest } = registry.require()
  const wallMs = context.clock.wall()
  requireLead(registry, wish.lead)
  requireWitnesses(registry, wish.lead, wish.witnesses)
  return writeScript(
    {
      manifest,
      credentials: await catalogue.list(),
      change: changes.view(),
      lastProvenAt: (key) => history.lastUseOf(key)?.at ?? null,
      isDrilled: (safe) => history.isDrilled(safe, wallMs),
      wallMs,
    },
    wish,
  )
}

/** @param program what the minutes say of the program */
export function createCeremonyHandlers(
  { vault, start, onChange }: HandlerMeans,
  program: ProgramFacts,
): CeremonyHandlers {
  // Each call sees what the one before it wrote: no step is finished twice.
  const queue = createSerialQueue()

  async function write(work: (opened: OpenVault) => Promise<void>): Promise<Record<string, never>> {
    const opened = await vault()
    await opened.integrity.requireUsable()
    await queue.enter(() => work(opened))
    onChange()
    return {}
  }

  return {
    'ceremony.draft': async (wish) => draftCeremony(await vault(), wish),
    'ceremony.open': (wish) =>
      start(async (opened) => createOpening(toCeremonyMeans(opened), wish, await draftCeremony(opened, wish))),
    'ceremony.run': (input) => start((opened) => createStepOperation(opened, input)),
    'ceremony.step': (input) => write((opened) => finishStep(toCeremonyMeans(opened), input)),
    'ceremony.except': (input) => write((opened) => noteException(toCeremonyMeans(opened), input)),
    'ceremony.cancel': (input) => start((opened) => createCancellation(toCeremonyMeans(opened), input)),
    'ceremony.close': ({ ceremony }) =>
      start((opened) =>
        queue.enter(() =>
          createClosing(
            {
              ...toCeremonyMeans(opened),
              program,
              nameOfReveal: (request) => `“${opened.history.find(request)?.credentialName ?? request}”`,
            },
            ceremony,
          ),
        ),
      ),
    'ceremony.past': async () => {
      const { context } = await vault()
      return readPast(context.store.database, context.primitives)
    },
  }
}
