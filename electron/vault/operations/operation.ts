/** What one operation is made of: each kind (enrol, seal, unseal, ...) fills this in, the runner does the rest. */
import type { CloseReason } from '../../../shared/audit/entry.ts'
import type { OperationView } from '../../../shared/contracts/app.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import type { Job, strongroomContract } from '../../../shared/contracts/strongroom.ts'
import type { LogHead } from '../../../shared/domain/statements.ts'
import type { ErrorCode } from '../../../shared/errors.ts'

type StrongroomHandlers = Handlers<typeof strongroomContract>

/** Calls that only some kinds of operation understand; the others are METHOD_UNKNOWN to them. */
export type KindCalls = Partial<Omit<StrongroomHandlers, 'job' | 'head' | 'progress' | 'tapRefused' | 'ended'>>

/** How an operation comes to its end. */
export type Ending =
  /** The strongroom says so. */
  | { readonly by: 'strongroom'; readonly result: 'done' | 'cancelled' | 'failed'; readonly code: ErrorCode | null }
  /** A person cancelled it in the app window. */
  | { readonly by: 'person' }
  /** Its time is over. */
  | { readonly by: 'clock' }
  /** The strongroom process is gone without a word; `reason` when somebody had asked for its end. */
  | { readonly by: 'death'; readonly reason: CloseReason | null }

/** What the app window says about it afterwards. */
export interface Outcome {
  readonly result: 'done' | 'cancelled' | 'failed'
  readonly code: ErrorCode | null
  readonly detail: string | null
}

export interface Operation {
  readonly id: string
  readonly kind: OperationView['kind']
  /** Whose operation it is; null for acknowledge. */
  readonly person: string | null
  /** Taps needed, for the first picture. */
  readonly need: number
  readonly job: Job
  readonly calls: KindCalls
  /** Id of the request, if it is one: named in tap.refused entries. */
  readonly request: string | null
  readonly viewRequest: () => OperationView['request']
  readonly viewTaps: () => OperationView['taps']
  /** The strongroom was told this head of the log, to put into a statement of its own. */
  readonly noteHead: (head: LogHead) => void
  /**
   * Asked every few hundred ms. `expired`: it is concluded now. A close reason: the strongroom should have ended by itself
   * and is ended from here.
   */
  readonly checkTime: () => 'running' | 'expired' | CloseReason
  /** True while a window shows secrets: then its end is the strongroom's to record first. */
  readonly isRevealing: () => boolean
  /** What is refused with after {@link conclude}: how it came to its end. */
  readonly overCode: () => ErrorCode
  /** A tap was refused, and the log says so. */
  readonly noteRefusal?: (code: ErrorCode, person: string | null) => void
  /**
   * Appends what has to be said about the end. Called once, last; must leave the operation closed even if it throws. Null: what it
   * began goes on, and how that ends is said elsewhere.
   */
  readonly conclude: (ending: Ending) => Promise<Outcome | null>
}
