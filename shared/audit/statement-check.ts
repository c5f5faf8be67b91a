/** What holds of every statement and every tap in the log, whatever they are about (docs/format.md, sections 4 and 5). */
import type { SecurityKeyPublicKey } from '../domain/manifest.ts'
import type { ActStatement, JointStatement, LogHead, RequestStatement } from '../domain/statements.ts'
import type { Tap } from '../domain/tap.ts'
import type { Primitives } from '../primitives.ts'
import type { Entry, EntryData } from './entry.ts'
import type { ManifestLedger } from './manifest-ledger.ts'
import { headAgeMax, type RecentHeads } from './recent-heads.ts'
import type { Problem } from './report.ts'
import { challengeOf, checkTapSignature, tapSource } from './tap.ts'

/** A statement that one person approved, and their tap. */
export type Act = Pick<EntryData<'request.classified'>, 'statement' | 'key' | 'assertion'>
export type FindKey = (person: string, credentialId: string) => SecurityKeyPublicKey | undefined
/** Reports a problem of the entry in hand. */
export type ReportHere = (code: Problem['code'], detail: string) => void

export interface StatementCheck {
  /** Says which entry is in hand; before anything else about it. */
  readonly startEntry: (entry: Entry) => void
  /** Reports a problem of the entry in hand. */
  readonly report: ReportHere
  /** True when the tap is by a key of its person that `findKey` knows (default: one in force), and verifies for the challenge. */
  readonly checkTap: (tap: Tap, challenge: Uint8Array, what: string, findKey?: FindKey) => boolean
  readonly checkSignature: (tap: Tap, publicKey: SecurityKeyPublicKey, challenge: Uint8Array, what: string) => boolean
  /** A person claimed as proven must be the one who tapped. */
  readonly checkActor: (person: string) => void
  /** What every statement must say of the log it stands in. */
  readonly checkStatement: (statement: RequestStatement | ActStatement | JointStatement, what: string) => void
  /** Statement, actor and tap of an act. */
  readonly checkAct: (act: Act, what: string) => void
  /** Null, or why this is not a head of this log that an entry here may speak of. */
  readonly headProblem: (head: LogHead) => string | null
  /** Whether this log's past is known to be another than the one that people co-signed. */
  readonly historyDiffers: () => boolean
  /** Taps whose signature was recomputed. */
  readonly tapCount: () => number
}

export interface StatementCheckOptions {
  readonly primitives: Primitives
  readonly manifests: ManifestLedger
  readonly heads: Pick<RecentHeads, 'rootAt'>
  readonly report: (code: Problem['code'], seq: number | null, detail: string) => void
}

export function createStatementCheck(
  log: { readonly vault: string; readonly station: string },
  { primitives, manifests, heads, report: reportAt }: StatementCheckOptions,
): StatementCheck {
  let entry: Entry | undefined
  let lastStatementSeq = -1
  let historyDiffers = false
  let taps = 0

  const seqNow = (): number => entry?.seq ?? 0
  const report: ReportHere = (code, detail) => {
    reportAt(code, seqNow(), detail)
  }

  const checkTap: StatementCheck['checkTap'] = (tap, challenge, what, findKey = manifests.keyInForce) => {
    const publicKey = findKey(tap.person, tap.key)
    if (publicKey === undefined) {
      report('tap-key-unknown', `${what}: tap of ${manifests.nameOf(tap.person)} with a key that is not theirs`)
      return false
    }
    return checkSignature(tap, publicKey, challenge, what)
  }

  const checkSignature: StatementCheck['checkSignature'] = (tap, publicKey, challenge, what) => {
    taps++
    const problem = checkTapSignature(primitives, { assertion: tap.assertion, publicKey, challenge, ...tapSource })
    if (problem === null) return true
    const code = problem === 'TAP_CHALLENGE_WRONG' ? 'tap-statement-mismatch' : 'tap-signature-invalid'
    report(code, `${what}: tap of ${manifests.nameOf(tap.person)}: ${problem}`)
    return false
  }

  const checkActor: StatementCheck['checkActor'] = (person) => {
    const actor = entry?.actor
    if (actor?.kind === 'person' && actor.proven && actor.id !== person) {
      report('tap-statement-mismatch', `said to be by ${actor.name}, but the tap is somebody else's`)
    }
  }

  const headProblem: StatementCheck['headProblem'] = ({ size, root }) => {
    const seq = seqNow()
    if (size > seq) return 'co-signs a head that the log had not reached'
    if (seq - size > headAgeMax) return 'co-signs a head that is too old'
    // Once the past was changed, every later head differs too: one report is enough.
    if (historyDiffers || heads.rootAt(size) === root) return null
    historyDiffers = true
    return 'co-signs another history of this log'
  }

  const checkStatement: StatementCheck['checkStatement'] = (statement, what) => {
    const mismatch = (detail: string): void => {
      report('tap-statement-mismatch', `${what}: the statement ${detail}`)
    }
    if (statement.vault !== log.vault || statement.station !== log.station)
      mismatch('is about another vault or station')
    if (statement.manifest !== manifests.inForce()?.hash) mismatch('names another manifest than the one in force')
    const wrongHead = headProblem(statement.head)
    if (wrongHead !== null) mismatch(wrongHead)
    // An old statement with its old, valid taps entered again would be a grant that nobody gave.
    if (statement.head.size <= lastStatementSeq) mismatch('is older than the one before it: entered a second time')
    lastStatementSeq = seqNow()
  }

  return {
    startEntry: (next) => {
      entry = next
    },
    report,
    checkTap,
    checkSignature,
    checkActor,
    checkStatement,
    checkAct: ({ statement, key, assertion }, what) => {
      checkStatement(statement, what)
      checkActor(statement.person)
      checkTap({ person: statement.person, key, assertion }, challengeOf(primitives, 'act', statement), what)
    },
    headProblem,
    historyDiffers: () => historyDiffers,
    tapCount: () => taps,
  }
}
