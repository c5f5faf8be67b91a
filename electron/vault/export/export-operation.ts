/** Exporting from the app: somebody says where to and signs for it; it is written and recorded after that, beside the next thing. */
import type { Selection } from '../../../shared/domain/selection.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { personActor, stationActor, type VaultContext } from '../context.ts'
import type { Statements } from '../store/driver.ts'
import type { Operation } from '../operations/operation.ts'
import { createAct } from '../people/act.ts'
import type { Registry } from '../people/registry.ts'
import type { ExportKit } from './export-kit.ts'
import type { Exporter } from './exporter.ts'
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
  readonly exporter: Pick<Exporter, 'begin'>
  /** Where to, as it was chosen. */
  readonly folder: string
  readonly kit: ExportKit | null
}

/** What may come between a tap and the record of its act; after anything else the log's order says the tap was entered twice. */
const harmless = `'operation.ended', 'sync.acknowledged', 'sync.diverged', 'tap.refused', 'tap-page.refused', 'storage.ballast-released'`
const betweenMax = 4096

/** The emergency goes first: an export that it overtook is signed for anew. */
async function refuseOvertaken(statements: Statements, from: number, seq: number): Promise<void> {
  const between = await statements.get(
    `SELECT seq FROM entries WHERE seq >= ? AND seq < ? AND type NOT IN (${harmless}) LIMIT 1`,
    from,
    seq,
  )
  if (between !== undefined || seq - from > betweenMax)
    throw new HalliganError('EXPORT_FAILED', { reason: 'log-moved' })
}

/**
 * An operation that ends with the tap; the exporter writes then.
 * @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN, SETUP_INCOMPLETE, STORAGE_*
 */
export async function createExport(
  context: VaultContext,
  registry: Registry,
  { exporter, folder, kit }: ExportMeans,
  { person: personId, selection, archive }: ExportInput,
): Promise<Operation> {
  const person = registry.requirePerson(personId)
  const { log } = context
  const { size, root } = await log.keepHead()
  return createAct(context, registry, {
    kind: 'export',
    person: person.id,
    detail: { kind: 'export', size, root, ...(selection === null ? {} : { selection }) },
    endsLater: true,
    perform: (statement, { key, assertion }, operation) => {
      const write = async (stop: AbortSignal): Promise<string> => {
        const wish = { selection, archive, chosen: folder }
        const signed = { statement, key, assertion }
        const signer = { name: person.name, signed }
        const made = await prepareExport(context, registry.chain(), { size, root }, wish, kit, signer, stop)
        try {
          if (stop.aborted) throw new HalliganError('CANCELLED')
          const data = { size, root, digest: made.digest, signed }
          // On record before it is one: no export is out there that the log does not know of.
          await log.append([{ type: 'export.made', actor: personActor(person, true), data }], (statements, [entry]) =>
            refuseOvertaken(statements, statement.head.size, entry?.seq ?? size),
          )
        } catch (error) {
          await made.abandon()
          throw error
        }
        await made.publish()
        return made.path
      }
      exporter.begin({
        operation,
        folder,
        write,
        record: async ({ result, code }) => {
          const data = { operation, kind: 'export', result, code } as const
          await log.append([{ type: 'operation.ended', actor: stationActor, data }])
        },
      })
    },
  })
}
