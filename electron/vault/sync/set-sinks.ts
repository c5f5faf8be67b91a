/** Changing where the log syncs to: a change of the manifest, which a quorum signs. */
import type { SinkSettings } from '../../../shared/domain/sink.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { VaultContext } from '../context.ts'
import type { Operation } from '../operations/operation.ts'
import { createAmendment } from '../people/amendment.ts'
import type { Registry } from '../people/registry.ts'

const sameName = (a: string, b: string): boolean =>
  a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase()

function refuse(index: number, member: string, why: string, name: string): never {
  throw new HalliganError('POLICY_INVALID', { field: `sinks.${index}.${member}`, why, name })
}

/** What the schema cannot say. */
function checkSinks(sinks: readonly SinkSettings[]): void {
  for (const [index, sink] of sinks.entries()) {
    const earlier = sinks.slice(0, index)
    if (earlier.some(({ id }) => id === sink.id)) refuse(index, 'id', 'twice', sink.name)
    // Two that look alike in the log would hide which of them has diverged.
    if (earlier.some(({ name }) => sameName(name, sink.name))) refuse(index, 'name', 'twice', sink.name)
    if (sink.kind === 'https' && sink.auth === 'client-certificate' && sink.clientCertificate === undefined) {
      refuse(index, 'clientCertificate', 'none', sink.name)
    }
  }
}

/**
 * An operation that puts these sinks, and no others, into the manifest.
 * @throws HalliganError POLICY_INVALID {field, why, name}, AMENDMENT_EMPTY, VAULT_NOT_READY
 */
export async function setSinks(
  context: VaultContext,
  registry: Registry,
  sinks: readonly SinkSettings[],
): Promise<Operation> {
  checkSinks(sinks)
  return createAmendment(context, registry, ({ sinks: _before, ...manifest }) =>
    sinks.length === 0 ? manifest : { ...manifest, sinks: [...sinks] },
  )
}
