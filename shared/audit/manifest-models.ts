/** What a manifest must say of the models that its safes' policies name. */
import { checkKeyModel } from '../domain/key-models.ts'
import type { Manifest } from '../domain/manifest.ts'

/**
 * Every model named is pinned once and no other is; every custodian's keys are of models that all of their safes allow.
 * @returns null, or the first broken rule in plain words with names.
 */
export function checkManifestModels({ models = [], safes, persons }: Manifest): string | null {
  const pinned = new Set(models.map(({ aaguid }) => aaguid))
  if (pinned.size !== models.length) return 'a model of key is pinned twice'
  const named = new Set(safes.flatMap(({ policy }) => policy.models ?? []))
  for (const { name, policy } of safes) {
    if (policy.models?.some((aaguid) => !pinned.has(aaguid)) === true) {
      return `safe "${name}" allows a model of key whose roots are not pinned`
    }
  }
  if (models.some(({ aaguid }) => !named.has(aaguid))) return 'a model of key is pinned that no safe names'
  for (const person of persons) {
    const held = safes.filter(({ custodians }) => custodians.some((one) => one.person === person.id))
    const key = person.keys.find((one) => checkKeyModel(one, held) !== null)
    if (key !== undefined) return `key "${key.label}" of ${person.name} is not proved to be of an allowed model`
  }
  return null
}
