/** What the app window may ask. Thin: each call is one capability's. */
import type { appContract, AppState } from '../../shared/contracts/app.ts'
import type { vaultHostContract } from '../../shared/contracts/broker.ts'
import type { Client, Handlers } from '../../shared/contracts/contract.ts'
import { HalliganError } from '../../shared/errors.ts'
import { createAlertHandlers } from './alerts/alert-handlers.ts'
import { findEntries, readTimeline } from './audit/timeline.ts'
import { createCeremonyHandlers } from './ceremonies/ceremony-handlers.ts'
import type { ProgramFacts } from './ceremonies/program.ts'
import { createCredentialHandlers } from './credentials/credential-handlers.ts'
import { createSeal } from './credentials/seal.ts'
import type { ExportKit } from './export/export-kit.ts'
import { createExport } from './export/export-operation.ts'
import type { HandlerMeans, Need, Opened } from './handler-means.ts'
import type { OpenVault } from './open-vault.ts'
import type { Operation } from './operations/operation.ts'
import { createKeyAddition } from './people/add-key.ts'
import { renameKey, retireKey } from './people/key-care.ts'
import { createKeyDrill } from './people/key-drill.ts'
import { readModels } from './people/models.ts'
import { createPeopleHandlers } from './people/people-handlers.ts'
import { createPassphraseChange } from './people/passphrase.ts'
import { createPrintHandlers } from './print/print-handlers.ts'
import { createRequestHandlers } from './requests/request-handlers.ts'
import { setSinks } from './sync/set-sinks.ts'

export interface AppMeans {
  readonly started: () => Promise<void>
  readonly state: () => AppState
  /** @throws HalliganError VAULT_MISSING, or why the vault cannot be opened */
  readonly open: () => Opened
  readonly begin: (names: { vault: string; station: string }) => Promise<void>
  /** What an export gets of the program's own files; null in a test without a build. */
  readonly kit: ExportKit | null
  /** What minutes say of the program that wrote them. */
  readonly program: ProgramFacts
  readonly host: Client<typeof vaultHostContract>
  readonly onChange: () => void
}

export function createAppHandlers(appMeans: AppMeans): Handlers<typeof appContract> {
  const { started, state, open, begin, kit, host, onChange } = appMeans

  const vault = async (): Promise<OpenVault> => {
    await started()
    return open().vault
  }

  const settle = async ({ integrity }: OpenVault, need: Need): Promise<void> => {
    if (need === 'usable') await integrity.requireUsable()
    if (need === 'intact') await integrity.requireIntact()
  }

  /** Starts an operation; what needs anything of the vault waits for the check at open. */
  async function start(
    prepare: (opened: OpenVault) => Operation | Promise<Operation>,
    need: Need = 'usable',
  ): Promise<{ operation: string }> {
    await started()
    const opened = open()
    // Nothing covered the notice about the last export.
    if (opened.runner.view() === null) opened.exporter.forgetEnd()
    const operation = await opened.runner.start(async () => {
      await settle(opened.vault, need)
      return prepare(opened.vault)
    })
    return { operation }
  }

  /** Set-up must not move under an enrolment that runs. */
  async function changeSetup(change: (opened: OpenVault) => Promise<void>): Promise<Record<string, never>> {
    const opened = await vault()
    if (open().runner.view() !== null) throw new HalliganError('OPERATION_BUSY')
    await settle(opened, 'intact')
    await change(opened)
    onChange()
    return {}
  }

  const means: HandlerMeans = { started, open, vault, start, host, onChange }
  return {
    ...createCredentialHandlers(means),
    ...createPeopleHandlers(means),
    ...createRequestHandlers(means),
    ...createCeremonyHandlers(means, appMeans.program),
    ...createPrintHandlers(means),
    ...createAlertHandlers(means),
    state: async () => {
      await started()
      return state()
    },
    'setup.begin': async ({ vaultName, stationName }) => {
      await started()
      await begin({ vault: vaultName, station: stationName })
      return {}
    },
    'setup.plan': (plan) => changeSetup(({ setup }) => setup.setPlan(plan)),
    'setup.replan': () => changeSetup(({ setup }) => setup.replan()),
    'setup.enrol': ({ person, labels }) => start(({ setup }) => setup.enrol(person, labels), 'intact'),
    'setup.acknowledge': () => start(({ setup }) => setup.acknowledge(), 'intact'),
    'credentials.list': async () => (await vault()).catalogue.list(),
    'credential.seal': (input) =>
      start(({ context, registry, catalogue }) => createSeal(context, registry, catalogue, input)),
    'keys.add': (input) => start(({ context, registry }) => createKeyAddition(context, registry, input)),
    'keys.rename': (input) => start(({ context, registry }) => renameKey(context, registry, input)),
    'keys.retire': (input) => start(({ context, registry }) => retireKey(context, registry, input)),
    'keys.test': (input) => start(({ context, registry }) => createKeyDrill(context, registry, input)),
    'keys.passphrase': (input) => start(({ context, registry }) => createPassphraseChange(context, registry, input)),
    // This machine's business, not the vault's: they work without one.
    'tap.place': () => host.tapPlace({}),
    'tap.setPlace': (settings) => host.setTapPlace(settings),
    'tap.chooseBrowser': () => host.chooseFile({ purpose: 'browser' }),
    'models.read': async () => {
      const { path } = await host.chooseFile({ purpose: 'key-metadata' })
      return path === null ? null : readModels(path, (await vault()).context.clock)
    },
    'operation.cancel': async ({ operation }) => {
      await started()
      await open().runner.cancel(operation)
      return {}
    },
    'sinks.set': ({ sinks }) => start(({ context, registry }) => setSinks(context, registry, sinks)),
    'sync.state': async () => {
      await started()
      return { sinks: [...open().sync.settings()] }
    },
    'sync.retry': async ({ sink }) => {
      await started()
      await open().sync.retry(sink)
      return {}
    },
    'sync.secret': async ({ sink, secret }) => {
      await started()
      await open().sync.keepSecret(sink, secret)
      return {}
    },
    // An auditor must get the log of a damaged vault too.
    'export.make': async (input) => {
      await started()
      const { exporter } = open()
      // Before the one place is taken: a dialog that stands open must not keep anybody from breaking the glass.
      const folder = await exporter.chooseFolder()
      if (folder === null) return null
      const exportMeans = { exporter, folder, kit }
      return start(({ context, registry }) => createExport(context, registry, exportMeans, input), 'nothing')
    },
    'export.cancel': async ({ operation }) => {
      await started()
      open().exporter.cancel(operation)
      return {}
    },
    'timeline.find': async (input) => findEntries((await vault()).context.store.database, input),
    'timeline.page': async (input) => readTimeline((await vault()).context.store.database, input),
    'log.verify': async () => (await vault()).integrity.verify(),
  }
}
