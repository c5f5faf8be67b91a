/** What every group of the app window's calls works with. */
import type { appContract } from '../../shared/contracts/app.ts'
import type { vaultHostContract } from '../../shared/contracts/broker.ts'
import type { Client, Output } from '../../shared/contracts/contract.ts'
import type { Alerts } from './alerts/alerts.ts'
import type { Exporter } from './export/exporter.ts'
import type { OpenVault } from './open-vault.ts'
import type { Operation } from './operations/operation.ts'
import type { Runner } from './operations/runner.ts'
import type { Sync } from './sync/sync.ts'

/** What works on an open vault. */
export interface Opened {
  readonly vault: OpenVault
  readonly runner: Runner
  readonly exporter: Exporter
  readonly sync: Sync
  readonly alerts: Alerts
}

/** What of the check at open must be there: nothing; that the log and the manifest can be used; that all of it is whole. */
export type Need = 'nothing' | 'usable' | 'intact'

export interface HandlerMeans {
  readonly started: () => Promise<void>
  /** @throws HalliganError VAULT_MISSING, or why the vault cannot be opened */
  readonly open: () => Opened
  /** The open vault, once it is. */
  readonly vault: () => Promise<OpenVault>
  /** Starts an operation; what needs anything of the vault (default: usable) waits for the check at open. */
  readonly start: (
    prepare: (opened: OpenVault) => Operation | Promise<Operation>,
    need?: Need,
  ) => Promise<Output<typeof appContract, 'keys.add'>>
  readonly host: Client<typeof vaultHostContract>
  readonly onChange: () => void
}
