/** Exporting from the app: somebody signs for it, says where to, and the log says that it was made. */
import { HalliganError } from '../../../shared/errors.ts'
import { personActor, type VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createAct } from '../people/act.ts'
import type { Registry } from '../people/registry.ts'
import { writeExport } from './write-export.ts'

/**
 * @param chooseFolder the system's folder dialog; null when it was cancelled
 * @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN, SETUP_INCOMPLETE, STORAGE_*
 */
export async function createExport(
  context: VaultContext,
  registry: Registry,
  personId: string,
  chooseFolder: () => Promise<string | null>,
): Promise<Operation> {
  const person = registry.requirePerson(personId)
  const { size, root } = await context.log.keepHead()
  return createAct(context, registry, {
    kind: 'export',
    person: person.id,
    detail: { kind: 'export', size, root },
    perform: async (statement, tap) => {
      const chosen = await chooseFolder()
      if (chosen === null) throw new HalliganError('CANCELLED')
      const { folder, digest } = await writeExport(context, registry.chain(), { size, root }, chosen)
      const signed = { statement, key: tap.key, assertion: tap.assertion }
      await context.log.append([
        { type: 'export.made', actor: personActor(person, true), data: { size, root, digest, signed } },
      ])
      return folder.slice(0, 4096)
    },
  })
}
