/** What requests stand on. */
import type { VaultContext } from '../context.ts'
import type { Catalogue } from '../credentials/catalogue.ts'
import type { Registry } from '../people/registry.ts'
import type { History } from './history.ts'

export interface RequestMeans {
  readonly context: VaultContext
  readonly registry: Registry
  readonly catalogue: Catalogue
  readonly history: History
}
