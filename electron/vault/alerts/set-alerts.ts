/** Changing who is alerted of what: a change of the manifest, which a quorum signs. */
import type { AlertSettings, ChannelSettings } from '../../../shared/domain/alert.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createAmendment } from '../people/amendment.ts'
import type { Registry } from '../people/registry.ts'

const sameName = (a: string, b: string): boolean =>
  a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase()

function refuse(field: string, why: string, name: string): never {
  throw new HalliganError('POLICY_INVALID', { field: `alerts.${field}`, why, name })
}

function checkAddress(channel: ChannelSettings, field: string): void {
  if (channel.kind !== 'webhook' && channel.kind !== 'pagerduty') return
  const { username, password, pathname, search, hash } = new URL(channel.url)
  // Everybody who may read the manifest reads this.
  if (username !== '' || password !== '') refuse(`${field}.url`, 'secret', channel.name)
  if (hash !== '') refuse(`${field}.url`, 'fragment', channel.name)
  if (channel.kind !== 'webhook') return
  const isChat = channel.shape !== 'generic'
  // A chat's path is what lets anybody write there: it is kept by the station.
  if (isChat && (pathname !== '/' || search !== '')) refuse(`${field}.url`, 'origin-only', channel.name)
  if (isChat !== (channel.auth === 'url')) refuse(`${field}.auth`, 'wrong', channel.name)
}

/** What the schema cannot say. @throws HalliganError POLICY_INVALID {field, why, name} */
export function checkAlerts({ channels, routes }: AlertSettings, { safes }: Pick<Manifest, 'safes'>): void {
  for (const [index, channel] of channels.entries()) {
    const field = `channels.${index}`
    const earlier = channels.slice(0, index)
    if (earlier.some(({ id }) => id === channel.id)) refuse(`${field}.id`, 'twice', channel.name)
    // Two that look alike in the log would hide which of them failed.
    if (earlier.some(({ name }) => sameName(name, channel.name))) refuse(`${field}.name`, 'twice', channel.name)
    checkAddress(channel, field)
  }
  for (const [index, { safe, channels: named }] of routes.entries()) {
    const field = `routes.${index}`
    const stray = named.find((id) => !channels.some((channel) => channel.id === id))
    if (stray !== undefined) refuse(`${field}.channels`, 'unknown', stray)
    if (new Set(named).size !== named.length) refuse(`${field}.channels`, 'twice', '')
    if (safe !== null && !safes.some(({ id }) => id === safe)) refuse(`${field}.safe`, 'unknown', safe)
  }
}

/**
 * An operation that puts these channels and routes, and no others, into the manifest.
 * @throws HalliganError POLICY_INVALID {field, why, name}, AMENDMENT_EMPTY, VAULT_NOT_READY
 */
export async function setAlerts(context: VaultContext, registry: Registry, alerts: AlertSettings): Promise<Operation> {
  checkAlerts(alerts, registry.require().manifest)
  const isEmpty = alerts.channels.length === 0 && alerts.routes.length === 0
  return createAmendment(context, registry, ({ alerts: _before, ...manifest }) =>
    isEmpty ? manifest : { ...manifest, alerts },
  )
}
