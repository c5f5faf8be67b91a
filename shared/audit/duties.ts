/**
 * What entries must do beyond having a shape: every tap recomputed from the statement it approved, every grant from its
 * taps, every manifest from its signatures (docs/format.md, section 5).
 */
import { fromBase64Url } from '../bytes.ts'
import type { Tap } from '../domain/tap.ts'
import type { Primitives } from '../primitives.ts'
import { createCeremonyLedger } from './ceremony-ledger.ts'
import type { Entry, EntryType } from './entry.ts'
import { createJointLedger } from './joint-ledger.ts'
import { checkKeyAct } from './key-acts.ts'
import type { ManifestLedger } from './manifest-ledger.ts'
import type { ReportProblem } from './problems.ts'
import type { RecentHeads } from './recent-heads.ts'
import { createRecordLedger, type RecordListener } from './record-ledger.ts'
import { createRequestDuties } from './request-duties.ts'
import { findSinkProblem, type SinkEntry } from './sink-duties.ts'
import { createStatementCheck } from './statement-check.ts'
import { claimedChallenge } from './tap.ts'
import { createVersionLedger } from './version-ledger.ts'

export interface DutyOptions extends RecordListener {
  readonly primitives: Primitives
  readonly manifests: ManifestLedger
  readonly heads: Pick<RecentHeads, 'rootAt' | 'leafAt'>
  readonly report: ReportProblem
  /** True in a part of a log: entries may be missing in between. */
  readonly hasGaps: boolean
}

export interface Duties {
  /** Checks one entry that already stands in its place: shape, order and chain are somebody else's. */
  readonly check: (entry: Entry) => void
  /** A new boot: whatever was open is over. */
  readonly startBoot: () => void
  /** Reports what the end of the log leaves open. May be called again after more was added. */
  readonly reportUnused: (report: ReportProblem) => void
  /** Taps whose signature was recomputed. */
  readonly tapCount: () => number
  /** Minutes of ceremonies that all who must have signed. */
  readonly minutesCount: () => number
}

/** They say what happened and have no duty beyond their shape and place. Whoever gives one of them a duty takes it out here. */
const plainTypes: ReadonlySet<EntryType> = new Set([
  'app.opened',
  'app.closed',
  'clock.jumped',
  'storage.ballast-released',
  'tap.refused',
  'tap-page.refused',
  'operation.ended',
  'drill.failed',
  'proof.failed',
  'alert.test',
  'alert.delivered',
  'alert.failed',
  'due.noticed',
  'log.verification-failed',
])
export const isPlainType = (type: EntryType): boolean => plainTypes.has(type)

type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>

/** What entry 0 says. */
export interface LogNames {
  readonly vault: string
  readonly vaultName: string
  readonly station: string
  readonly stationName: string
}

export function createDuties(log: LogNames, options: DutyOptions): Duties {
  const { primitives, manifests, heads, hasGaps } = options
  const versions = createVersionLedger()
  const statements = createStatementCheck(log, options)
  const { report, checkTap, checkActor, checkAct } = statements
  const requests = createRequestDuties({ primitives, manifests, statements, versions })
  const joints = createJointLedger({ primitives, manifests, statements, versions, hasGaps })
  const records = createRecordLedger({ ...options, statements, versions, joints })
  const ceremonies = createCeremonyLedger({
    primitives,
    log,
    inForce: manifests.inForce,
    headProblem: statements.headProblem,
    joints,
    report,
    hasGaps,
  })
  let sinkDiffers = false

  /** The statement stands in the act's own entry; here only the signature can be held to its own words. */
  function checkActTap({ data }: EntryOf<'tap.accepted'>): void {
    const tap: Tap = { person: data.person, key: data.key, assertion: data.assertion }
    checkActor(data.person)
    const publicKey = manifests.keyOfSigner(data.person, data.key)
    const challenge = claimedChallenge(data.assertion)
    if (publicKey !== undefined) statements.checkSignature(tap, publicKey, challenge ?? new Uint8Array(32), 'tap')
  }

  function checkExport(entry: EntryOf<'export.made'>): void {
    const { size, root, signed } = entry.data
    const wrongHead = statements.headProblem({ size, root })
    if (wrongHead !== null) report('head-mismatch', 'the export is of another history of this log')
    if (signed === null) return
    checkAct(signed, 'export')
    const { detail } = signed.statement
    if (detail.kind !== 'export' || detail.size !== size || detail.root !== root) {
      report('tap-statement-mismatch', 'export: the tap approved something else')
    }
  }

  function checkSink(entry: EntryOf<SinkEntry['type']>): void {
    const problem = findSinkProblem(heads, entry)
    // The station's own word about a sink: said once, and it hides nothing that taps say.
    if (problem !== null && !statements.historyDiffers() && !sinkDiffers) report('head-mismatch', problem)
    sinkDiffers ||= problem !== null
  }

  function checkOwnKeyAct(
    entry: EntryOf<'drill.passed' | 'passphrase.changed'>,
    kind: 'key-drill' | 'passphrase',
  ): void {
    const { statement, key } = entry.data
    checkAct(entry.data, kind)
    const manifest = manifests.inForce()?.manifest
    const problem = manifest === undefined ? 'came before any manifest' : checkKeyAct(manifest, statement, key, kind)
    if (problem !== null) report('tap-statement-mismatch', `${kind}: the statement ${problem}`)
  }

  function checkDuty(entry: Entry): void {
    switch (entry.type) {
      case 'key.enrolled':
        manifests.addEnrolled(entry.data)
        return
      case 'manifest.signed': {
        const { person, key, assertion, hash, version } = entry.data
        checkActor(person)
        const valid = checkTap(
          { person, key, assertion },
          fromBase64Url(hash),
          `signature of manifest version ${version}`,
          manifests.keyOfSigner,
        )
        if (valid) manifests.addSigned(entry.data)
        return
      }
      case 'manifest.changed': {
        records.checkChange(entry)
        const problem = manifests.change(entry.data)
        if (problem !== null) report('manifest-not-in-log', problem)
        joints.startManifest()
        return
      }
      case 'credential.sealed':
        records.seal(entry)
        return
      case 'credential.resealed':
        records.reseal(entry)
        return
      case 'credential.destroyed':
        records.destroy(entry)
        return
      case 'joint.opened':
        joints.open(entry)
        return
      case 'joint.signed':
        joints.sign(entry)
        return
      case 'proof.passed':
        joints.checkProof(entry)
        return
      case 'request.opened':
      case 'request.waiting':
      case 'request.resumed':
      case 'request.vetoed':
      case 'request.granted':
      case 'field.shown':
      case 'field.copied':
      case 'code.burned':
      case 'window.closed':
      case 'request.cancelled':
      case 'request.expired':
      case 'request.failed':
      case 'request.classified':
        requests.check(entry)
        return
      case 'tap.accepted':
        if (entry.data.request === null) checkActTap(entry)
        else requests.checkTap(entry, entry.data.request)
        return
      case 'export.made':
        checkExport(entry)
        return
      case 'sync.acknowledged':
      case 'sync.diverged':
        checkSink(entry)
        return
      case 'ceremony.opened':
      case 'ceremony.cancelled':
        checkAct(entry.data, 'ceremony')
        return
      case 'drill.passed':
        checkOwnKeyAct(entry, 'key-drill')
        return
      case 'passphrase.changed':
        checkOwnKeyAct(entry, 'passphrase')
        return
      default:
      // The other types say what happened and bind nobody.
    }
  }

  return {
    check: (entry) => {
      statements.startEntry(entry)
      // The verifier does not even read them on its fast way: what would be checked here would not be there.
      if (plainTypes.has(entry.type)) return
      checkDuty(entry)
      ceremonies.take(entry)
    },
    startBoot: () => {
      requests.startBoot()
      joints.startBoot()
    },
    reportUnused: records.reportUnused,
    tapCount: statements.tapCount,
    minutesCount: ceremonies.count,
  }
}
