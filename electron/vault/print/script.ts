import { headWords } from '../../../shared/audit/head-words.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { CeremonyWish, ceremonyDraftSchema } from '../../../shared/contracts/ceremony-views.ts'
import type { PrintedOf } from '../../../shared/contracts/print.ts'
import type { z } from 'zod'
import type { OpenVault } from '../open-vault.ts'

/** The script that a ceremony would have, for paper. @throws HalliganError VAULT_NOT_READY */
export function describeScript(
  { context, registry }: OpenVault,
  { lead, witnesses }: CeremonyWish,
  draft: z.infer<typeof ceremonyDraftSchema>,
): PrintedOf<'script'> {
  const { log, clock, primitives } = context
  const head = log.head()
  const nameOf = (id: string): string => registry.nameOf(id) ?? 'Somebody not listed'
  return {
    document: 'script',
    vaultName: log.genesis.vaultName,
    stationName: log.genesis.stationName,
    madeAt: toTimestamp(clock.wall()),
    draft,
    lead: nameOf(lead),
    witnesses: witnesses.map(nameOf),
    people: registry.require().manifest.persons.map(({ id, name }) => ({ id, name })),
    head: { ...head, words: headWords(primitives, head) },
  }
}
