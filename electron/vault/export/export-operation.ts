/** Exporting from the app: somebody signs for it, says where to, and the log says that it was made. */
import type { Selection } from '../../../shared/domain/selection.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { personActor, type VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createAct } from '../people/act.ts'
import type { Registry } from '../people/registry.ts'
import type { ExportKit } from './export-kit.ts'
import { prepareExport } from './write-export.ts'

export interface ExportInput {
  /** Who signs for it. */
  readonly person: string
  /** Null: the whole log. */
  readonly selection: Selection | null
  /** One file instead of a folder. */
  readonly archive: boolean
}

export interface ExportMeans {
  /** The system's folder dialog; null when it was cancelled. */
  readonly chooseFolder: () => Promise<string | null>
  readonly kit: ExportKit | null
}

/** @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN, SETUP_INCOMPLETE, STORAGE_* */
export async function createExport(
  context: VaultContext,
  registry: Registry,
  { chooseFolder, kit }: ExportMeans,
  { person: personId, selection, archive }: ExportInput,
): Promise<Operation> {
  const person = registry.requirePerson(personId)
  const { size, root } = await context.log.keepHead()
  return createAct(context, registry, {
    kind: 'export',
    person: person.id,
    detail: { kind: 'export', size, root, ...(selection === null ? {} : { selection }) },
    perform: async (statement, tap) => {
      const chosen = await chooseFolder()
      if (chosen === null) throw new HalliganError('CANCELLED')
      const wish = { selection, archive, chosen }
      const made = await prepareExport(context, registry.chain(), { size, root }, wish, kit, person.name)
      const signed = { statement, key: tap.key, assertion: tap.assertion }
      const data = { size, root, digest: made.digest, signed }
      try {
        // On record before it is one: no export is out there that the log does not know of.
        await context.log.append([{ type: 'export.made', actor: personActor(person, true), data }])
      } catch (error) {
        await made.abandon()
        throw error
      }
      await made.publish()
      return made.path.slice(0, 4096)
    },
  })
}
