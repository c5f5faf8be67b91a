/** What every capability of an open vault stands on. */
import { toBase64Url } from '../../shared/bytes.ts'
import type { Actor } from '../../shared/audit/entry.ts'
import type { Clock } from '../../shared/clock.ts'
import { HalliganError } from '../../shared/errors.ts'
import type { Primitives } from '../../shared/primitives.ts'
import type { AuditLog } from './audit/log.ts'
import type { Store } from './store/store.ts'

export interface VaultContext {
  readonly store: Store
  readonly log: AuditLog
  readonly clock: Clock
  readonly primitives: Primitives
  readonly randomBytes: (length: number) => Uint8Array
}

/** 16 random bytes as an id. */
export const newId = ({ randomBytes }: Pick<VaultContext, 'randomBytes'>): string => toBase64Url(randomBytes(16))

/** Challenge-making nonce of a statement. */
export const newNonce = ({ randomBytes }: Pick<VaultContext, 'randomBytes'>): string => toBase64Url(randomBytes(32))

export const stationActor = { kind: 'station' } as const satisfies Actor

/** `proven` only when a security key's signature in this or an earlier entry shows it. */
export const personActor = (person: { readonly id: string; readonly name: string }, proven: boolean): Actor => ({
  kind: 'person',
  id: person.id,
  name: person.name,
  proven,
})

/** What every job names: whose operation in which vault. */
export const vaultFacts = ({ log }: Pick<VaultContext, 'log'>, operation: string) => ({
  operation,
  vault: log.genesis.vault,
  vaultName: log.genesis.vaultName,
  station: log.genesis.station,
})

/** `holds` or a refusal of what the other process sent: it is ours, so this is a defect or an attack, never a person's slip. */
export function insist(holds: boolean, what: string): asserts holds {
  if (!holds) throw new HalliganError('MESSAGE_INVALID', { what })
}
