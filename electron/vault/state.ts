/** The whole state as the app window sees it, made anew from what the capabilities know. */
import { headWords } from '../../shared/audit/head-words.ts'
import type { AppState } from '../../shared/contracts/app.ts'
import type { Person } from '../../shared/domain/manifest.ts'
import type { Alerts } from './alerts/alerts.ts'
import { describeVaultChannels } from './alerts/channel-due.ts'
import { listVaultDue } from './credentials/vault-due.ts'
import { viewCeremony } from './ceremonies/ceremony-view.ts'
import { toCeremonyMeans } from './ceremonies/means.ts'
import type { Exporter } from './export/exporter.ts'
import type { Damage } from './integrity.ts'
import type { OpenVault } from './open-vault.ts'
import type { Runner } from './operations/runner.ts'
import type { History } from './requests/history.ts'
import type { Sync } from './sync/sync.ts'

const noLog: AppState['log'] = {
  size: 0,
  root: null,
  words: [],
  lastAt: null,
  integrity: 'checking',
  completeness: 'checking',
}

/** Before there is a vault, or when it cannot be opened: `damage` says why. */
export const describeNoVault = (version: string, damage: Damage | null): AppState => ({
  phase: damage === null ? 'none' : 'damaged',
  damage,
  version,
  vault: null,
  station: null,
  setup: null,
  persons: [],
  safes: [],
  operation: null,
  waiting: [],
  lastOutcome: null,
  exporting: null,
  exported: null,
  owed: [],
  log: noLog,
  sinks: [],
  due: [],
  change: null,
  ceremony: null,
  alerts: { channels: [], waiting: 0 },
})

const describePerson = ({ id, name, roles, keys }: Person, history: History): AppState['persons'][number] => ({
  id,
  name,
  roles,
  keys: keys.map(({ credentialId, label, enrolledAt, aaguid, attestation, transports }) => ({
    credentialId,
    label,
    enrolledAt,
    aaguid,
    model: attestation?.model ?? null,
    transports,
    lastProvenAt: history.lastUseOf(credentialId)?.at ?? null,
    counterWentBack: history.lastUseOf(credentialId)?.counterWentBack ?? false,
  })),
})

function describeSafes({ context, registry, setup, history }: OpenVault): AppState['safes'] {
  const inForce = registry.inForce()?.manifest.safes.map(({ custodians, ...safe }) => ({
    ...safe,
    custodians: custodians.map(({ person }) => person),
  }))
  const safes = inForce ?? setup.state()?.plan.safes ?? []
  const wallMs = context.clock.wall()
  return safes.map((safe) => ({ ...safe, drilled: history.isDrilled(safe.id, wallMs) }))
}

function describeLog({ context, integrity }: OpenVault): AppState['log'] {
  try {
    const head = context.log.head()
    const words = headWords(context.primitives, head)
    return { ...head, words, lastAt: context.log.lastAt(), ...integrity.view() }
  } catch {
    // A frozen log has no head that anybody should rely on.
    return { ...noLog, ...integrity.view() }
  }
}

function phaseOf({ integrity, registry }: OpenVault): AppState['phase'] {
  if (integrity.blocks()) return 'damaged'
  if (registry.inForce() !== null) return 'ready'
  // Nothing is sealed yet, so nothing is lost by starting over: a set-up is not finished on a log that does not hold.
  return integrity.damage() === null ? 'setup' : 'damaged'
}

/** What tells how far it is, beside the vault itself. */
export interface Workers {
  readonly runner: Pick<Runner, 'view' | 'lastOutcome'>
  readonly exporter: Pick<Exporter, 'view' | 'ended'>
  readonly sync: Pick<Sync, 'view'>
  readonly alerts: Pick<Alerts, 'view'>
}

export function describeVault(
  version: string,
  vault: OpenVault,
  { runner, exporter, sync, alerts }: Workers,
): AppState {
  const { context, registry, setup, history, integrity } = vault
  const { genesis } = context.log
  const inForce = registry.inForce()
  const phase = phaseOf(vault)
  return {
    phase,
    damage: integrity.damage(),
    version,
    vault: {
      id: genesis.vault,
      name: genesis.vaultName,
      manifestVersion: inForce?.manifest.version ?? 0,
      manifestHash: inForce?.hash ?? null,
      quorum: inForce?.manifest.quorum ?? 0,
      createdAt: genesis.createdAt,
    },
    station: { id: genesis.station, name: genesis.stationName },
    setup: phase === 'setup' ? setup.state() : null,
    persons: (inForce?.manifest.persons ?? setup.people()).map((person) => describePerson(person, history)),
    safes: describeSafes(vault),
    operation: runner.view(),
    waiting: vault.waiting.view(),
    lastOutcome: runner.lastOutcome(),
    exporting: exporter.view(),
    exported: exporter.ended(),
    owed: history.owed(),
    log: describeLog(vault),
    sinks: sync.view(),
    due: listVaultDue(vault, describeVaultChannels(vault, alerts)),
    change: vault.changes.view(),
    ceremony: viewCeremony(toCeremonyMeans(vault)),
    alerts: alerts.view(),
  }
}
