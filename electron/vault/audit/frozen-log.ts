/** The log of a vault whose end does not hold together: it can be read and verified, and nothing is signed on top of it. */
import { HalliganError } from '../../../shared/errors.ts'
import type { AuditLog } from './log.ts'
import type { Genesis } from './tip.ts'

export function createFrozenLog(genesis: Genesis): AuditLog {
  const refuse = (): never => {
    throw new HalliganError('VAULT_DAMAGED', { reason: 'log-frozen' })
  }
  return {
    genesis,
    head: refuse,
    lastAt: () => null,
    note: refuse,
    append: () => Promise.reject(new HalliganError('VAULT_DAMAGED', { reason: 'log-frozen' })),
    keepHead: () => Promise.reject(new HalliganError('VAULT_DAMAGED', { reason: 'log-frozen' })),
    signExport: refuse,
    signAlert: refuse,
    close: () => Promise.resolve(),
  }
}
