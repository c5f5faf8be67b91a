/** People of a test vault, and what they seal. */
import type { Actor } from '../../../shared/audit/entry.ts'
import type { TestSecurityKey } from './test-keys.ts'

export interface TestPerson {
  readonly id: string
  readonly name: string
  readonly keys: TestSecurityKey[]
}

export interface SealedCredential {
  readonly id: string
  readonly name: string
  version: number
  record: string
}

export const personActor = (person: TestPerson, proven = true): Actor => ({
  kind: 'person',
  id: person.id,
  name: person.name,
  proven,
})
