/** A station that lies: chain, tree, ratchet and checkpoints are perfect, but what the entries say did not happen. */
import { expect } from 'vitest'
import type { Problem } from '../../../shared/audit/report.ts'
import { check } from './check-log.ts'
import type { SealedCredential, TestPerson } from './test-people.ts'
import { createTestVault, type TestVault, type VaultOptions } from './test-vault.ts'

export interface Scene {
  readonly vault: TestVault
  readonly ada: TestPerson
  readonly grace: TestPerson
  readonly edsger: TestPerson
  readonly credential: SealedCredential
}

export function begin(options: Partial<VaultOptions> = {}): Scene {
  const vault = createTestVault({ seed: 'duties', ...options })
  vault.setUp()
  const [ada, grace, edsger] = vault.people
  if (ada === undefined || grace === undefined || edsger === undefined) throw new Error('three people')
  return { vault, ada, grace, edsger, credential: vault.seal(ada) }
}

/** Plays a scene and returns the codes found. Structure must be perfect: everything stays vouched for. */
export async function play(
  lie: (scene: Scene) => void,
  options: Partial<VaultOptions> = {},
): Promise<Problem['code'][]> {
  const scene = begin(options)
  lie(scene)
  const log = scene.vault.finish()
  const { integrity } = await check(log)
  expect(integrity.trustworthy).toBe(log.entries.length)
  expect(integrity.verdict).toBe(integrity.problems.length === 0 ? 'intact' : 'broken')
  return integrity.problems.map(({ code }) => code)
}

export const firstOf = <T>(items: readonly T[]): T => {
  const [item] = items
  if (item === undefined) throw new Error('empty')
  return item
}
