/** What ceremonies work with, of an open vault. */
import type { OpenVault } from '../open-vault.ts'
import type { CeremonyMeans } from './finish-step.ts'

export function toCeremonyMeans({
  context,
  registry,
  ceremonies,
  changes,
}: Pick<OpenVault, 'context' | 'registry' | 'ceremonies' | 'changes'>): CeremonyMeans {
  return {
    context,
    registry,
    ceremonies,
    isTaskDone: (task) => {
      const change = changes.view()
      if (task.kind === 'enrol') return change === null || change.missing.every(({ person }) => person !== task.person)
      return task.kind === 'reshare' && change === null
    },
  }
}
