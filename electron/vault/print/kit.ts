import { digestWords } from '../../../shared/audit/head-words.ts'
import { fromBase64Url } from '../../../shared/bytes.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { PrintedOf } from '../../../shared/contracts/print.ts'
import type { OpenVault } from '../open-vault.ts'

/**
 * A custodian's kit: names, and nothing that helps whoever finds it. No id, no address, no credential's name.
 * @throws HalliganError VAULT_NOT_READY, PERSON_UNKNOWN
 */
export function describeKit({ context, registry }: OpenVault, personId: string): PrintedOf<'kit'> {
  const person = registry.requirePerson(personId)
  const { manifest, hash } = registry.require()
  const safes = manifest.safes.filter(({ custodians }) => custodians.some((one) => one.person === personId))
  const nameOf = (id: string): string => registry.nameOf(id) ?? 'Somebody not listed'
  const others = (safe: (typeof safes)[number]): string[] =>
    safe.custodians.filter((one) => one.person !== personId).map((one) => one.person)
  const colleagues = new Set(safes.flatMap(others))
  const { log, clock } = context
  return {
    document: 'kit',
    vaultName: log.genesis.vaultName,
    stationName: log.genesis.stationName,
    madeAt: toTimestamp(clock.wall()),
    person: person.name,
    safes: safes.map((safe) => ({
      name: safe.name,
      threshold: safe.threshold,
      custodians: safe.custodians.length,
      others: others(safe).map(nameOf),
    })),
    keys: person.keys.map(({ label, aaguid }) => ({
      label,
      model: manifest.models?.find((model) => model.aaguid === aaguid)?.name ?? null,
    })),
    call: manifest.persons
      .filter(({ id, roles }) => id !== personId && (colleagues.has(id) || roles.includes('lead')))
      .map(({ name, roles }) => ({ name, roles })),
    manifest: { version: manifest.version, hash, words: digestWords(fromBase64Url(hash)) },
  }
}
