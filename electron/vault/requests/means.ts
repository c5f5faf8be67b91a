/** What requests stand on. */
import type { VaultContext } from '../context.ts'
import type { Catalogue } from '../credentials/catalogue.ts'
import type { Registry } from '../people/registry.ts'
import type { History } from './history.ts'
import type { WaitingRoom } from './waiting.ts'

export interface RequestMeans {
  readonly context: VaultContext
  readonly registry: Registry
  readonly catalogue: Catalogue
  readonly history: History
}

/** Of requests that may have to wait. */
export interface WaitingMeans extends RequestMeans {
  readonly waiting: WaitingRoom
}
