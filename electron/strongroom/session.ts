/** What every operation works with: the two sides it may call, its pages, its secrets and its end. */
import type { Clock } from '../../shared/clock.ts'
import type { strongroomHostContract } from '../../shared/contracts/broker.ts'
import type { Client, Input } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import type { strongroomContract } from '../../shared/contracts/strongroom.ts'
import type { Sodium } from '../platform/sodium.ts'
import type { StretchCost } from './crypto/passphrase.ts'
import type { Ending } from './ending.ts'
import type { Pauses } from './pauses.ts'
import type { SecretKeeper } from './secret-keeper.ts'
import type { TapPage } from './tap/tap-page.ts'

export interface Session {
  readonly sodium: Sodium
  readonly random: (length: number) => Uint8Array<ArrayBuffer>
  readonly clock: Clock
  readonly pauses: Pauses
  /** Of new passphrases. */
  readonly stretchCost: StretchCost
  /** Each call rejects with the cause's code when the operation ends before its answer. */
  readonly vault: Client<typeof strongroomContract>
  /** Likewise. */
  readonly host: Client<typeof strongroomHostContract>
  /** For what is said after the end. A call that nobody answers is the caller's to limit. */
  readonly afterEnd: {
    readonly vault: Client<typeof strongroomContract>
    readonly host: Client<typeof strongroomHostContract>
  }
  readonly ending: Ending
  readonly secrets: SecretKeeper
  readonly tapPage: TapPage
  /** Sets the one listener for ports of the seal or reveal page; earlier ones are delivered then. */
  readonly onPagePort: (page: 'seal' | 'reveal', listener: (port: Port) => void) => void
  /** Sets the one listener for that page's going away. Without one the operation ends with it. */
  readonly onPageGone: (page: 'seal' | 'reveal', listener: (died: boolean) => void) => void
  /** Signatures of every assertion seen in this operation (base64url): none is good twice. */
  readonly seen: Set<string>
  /** Tells the app window which step it is; not an entry, and not waited for. */
  readonly progress: (stage: Input<typeof strongroomContract, 'progress'>['stage'], have: number, need: number) => void
  /** Resolves after `ms`, or rejects with the cause's code when the operation ends first. */
  readonly pause: (ms: number) => Promise<void>
}
