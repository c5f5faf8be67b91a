/**
 * What entries must do beyond having a shape: every tap recomputed from the statement it approved, every grant from its
 * taps, every manifest from its signatures (docs/format.md, section 5).
 */
import { fromBase64Url } from '../bytes.ts'
import type { SecurityKeyPublicKey } from '../domain/manifest.ts'
import type { ActStatement, RequestStatement } from '../domain/statements.ts'
import type { Tap } from '../domain/tap.ts'
import type { Primitives } from '../primitives.ts'
import type { Entry, EntryData, EntryType } from './entry.ts'
import { checkKeyAct } from './key-acts.ts'
import type { ManifestLedger } from './manifest-ledger.ts'
import type { ReportProblem } from './problems.ts'
import type { RecentHeads } from './recent-heads.ts'
import { checkGrant, checkRequest, checkUse, createRequestLedger, mayCount } from './request-ledger.ts'
import { headAgeMax } from './recent-heads.ts'
import { findSinkProblem, type SinkEntry } from './sink-duties.ts'
import { challengeOf, checkTapSignature, claimedChallenge, tapSource } from './tap.ts'
import type { Problem } from './report.ts'

/** A credential's newest sealed version. */
export interface SealedVersion {
  readonly safe: string
  readonly version: number
  readonly name: string
  /** Record hash, base64url. */
  readonly record: string
}

export interface DutyOptions {
  readonly primitives: Primitives
  readonly manifests: ManifestLedger
  readonly heads: Pick<RecentHeads, 'rootAt' | 'leafAt'>
  readonly report: ReportProblem
  /** Called for every version sealed, after its check. */
  readonly onSealed: (credential: string, sealed: SealedVersion) => void
}

export interface Duties {
  /** Checks one entry that already stands in its place: shape, order and chain are somebody else's. */
  readonly check: (entry: Entry) => void
  /** A new boot: whatever was open is over. */
  readonly startBoot: () => void
  /** Taps whose signature was recomputed. */
  readonly tapCount: () => number
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
  'log.verification-failed',
])
export const isPlainType = (type: EntryType): boolean => plainTypes.has(type)

type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>
type Act = Pick<EntryData<'request.classified'>, 'statement' | 'key' | 'assertion'>

export function createDuties(log: { vault: string; station: string }, options: DutyOptions): Duties {
  const { primitives, manifests, heads } = options
  const requests = createRequestLedger()
  const newest = new Map<string, SealedVersion>()
  let lastStatementSeq = -1
  let historyDiffers = false
  let sinkDiffers = false
  let taps = 0
  let seq = 0

  const report = (code: Problem['code'], detail: string): void => {
    options.report(code, seq, detail)
  }

  /** True when the tap is by a key of its person that `findKey` knows, and verifies for the challenge. */
  function checkTap(tap: Tap, challenge: Uint8Array, what: string, findKey = manifests.keyInForce): boolean {
    const publicKey = findKey(tap.person, tap.key)
    if (publicKey === undefined) {
      report('tap-key-unknown', `${what}: tap of ${manifests.nameOf(tap.person)} with a key that is not theirs`)
      return false
    }
    return checkSignature(tap, publicKey, challenge, what)
  }

  function checkSignature(tap: Tap, publicKey: SecurityKeyPublicKey, challenge: Uint8Array, what: string): boolean {
    taps++
    const problem = checkTapSignature(primitives, { assertion: tap.assertion, publicKey, challenge, ...tapSource })
    if (problem === null) return true
    const code = problem === 'TAP_CHALLENGE_WRONG' ? 'tap-statement-mismatch' : 'tap-signature-invalid'
    report(code, `${what}: tap of ${manifests.nameOf(tap.person)}: ${problem}`)
    return false
  }

  /** A person claimed as proven must be the one who tapped. */
  function checkActor({ actor }: Entry, person: string): void {
    if (actor.kind === 'person' && actor.proven && actor.id !== person) {
      report('tap-statement-mismatch', `said to be by ${actor.name}, but the tap is somebody else's`)
    }
  }

  function headProblem({ size, root }: { size: number; root: string }): string | null {
    if (size > seq) return 'co-signs a head that the log had not reached'
    if (seq - size > headAgeMax) return 'co-signs a head that is too old'
    // Once the past was changed, every later head differs too: one report is enough.
    if (historyDiffers || heads.rootAt(size) === root) return null
    historyDiffers = true
    return 'co-signs another history of this log'
  }

  /** What every statement must say of the log it stands in. */
  function checkStatement(statement: RequestStatement | ActStatement, what: string): void {
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
    lastStatementSeq = seq
  }

  function checkAct(entry: Entry, { statement, key, assertion }: Act, what: string): void {
    checkStatement(statement, what)
    checkActor(entry, statement.person)
    checkTap({ person: statement.person, key, assertion }, challengeOf(primitives, 'act', statement), what)
  }

  function checkSealed(entry: EntryOf<'credential.sealed'>): void {
    const { credential, version, safe, name, record, statement } = entry.data
    const what = `seal of "${name}"`
    checkAct(entry, entry.data, what)
    const { detail } = statement
    const says =
      detail.kind === 'seal' &&
      detail.credential === credential &&
      detail.version === version &&
      detail.safe === safe &&
      detail.name === name &&
      detail.record === record
    if (!says) report('tap-statement-mismatch', `${what}: the tap approved something else`)
    if (manifests.inForce()?.manifest.safes.some(({ id }) => id === safe) !== true) {
      report('tap-statement-mismatch', `${what}: the manifest lists no such safe`)
    }
    if (version <= (newest.get(credential)?.version ?? 0)) {
      report('tap-statement-mismatch', `${what}: version ${version} was sealed before`)
    }
    const sealed = { safe, version, name, record }
    newest.set(credential, sealed)
    options.onSealed(credential, sealed)
  }

  function checkOpened({ data: { statement, credentialName } }: EntryOf<'request.opened'>): void {
    const what = `request for "${credentialName}"`
    checkStatement(statement, what)
    const inForce = manifests.inForce()
    const unfit = inForce === undefined ? 'came before any manifest' : checkRequest(inForce.manifest, statement)
    if (unfit !== null) report('tap-statement-mismatch', `${what}: ${unfit}`)
    const sealed = newest.get(statement.credential)
    const known =
      sealed?.version === statement.version && sealed.record === statement.record && sealed.safe === statement.safe
    if (!known) report('tap-statement-mismatch', `${what}: names a version or record that is not the newest sealed`)
    else if (sealed.name !== credentialName) {
      report('tap-statement-mismatch', `${what}: it was sealed as "${sealed.name}"`)
    }
    requests.open({ statement, credentialName, challenge: challengeOf(primitives, 'request', statement) })
  }

  function checkAccepted(entry: EntryOf<'tap.accepted'>): void {
    const { data } = entry
    const tap: Tap = { person: data.person, key: data.key, assertion: data.assertion }
    checkActor(entry, data.person)
    if (data.request === null) {
      // The statement stands in the act's own entry; here only the signature can be held to its own words.
      const publicKey = manifests.keyOfSigner(data.person, data.key)
      const challenge = claimedChallenge(data.assertion)
      if (publicKey !== undefined) checkSignature(tap, publicKey, challenge ?? new Uint8Array(32), 'tap')
      return
    }
    const request = requests.find(data.request)
    if (request === undefined) {
      report('tap-statement-mismatch', 'tap on a request that is not open')
      return
    }
    if (!checkTap(tap, request.challenge, 'approval')) return
    request.tapped.add(data.person)
    if (!data.counts) return
    const manifest = manifests.inForce()?.manifest
    if (manifest !== undefined && mayCount(manifest, request.statement, data.person)) request.counted.add(data.person)
    else
      report('tap-statement-mismatch', `the tap of ${manifests.nameOf(data.person)} is counted although it must not be`)
  }

  function checkGranted(entry: EntryOf<'request.granted'>): void {
    const { data } = entry
    const request = requests.find(data.request)
    const manifest = manifests.inForce()?.manifest
    const problem = manifest === undefined ? 'came before any manifest' : checkGrant(manifest, request, data)
    if (problem !== null) report('grant-without-quorum', `the grant ${problem}`)
    if (request === undefined) return
    checkActor(entry, request.statement.requester)
    requests.grant(request, entry)
  }

  function checkUsed(entry: EntryOf<'field.shown' | 'field.copied' | 'code.burned'>): void {
    const { data, monotonic } = entry
    const request = requests.find(data.request)
    const problem = checkUse(request, data.credential, monotonic)
    if (problem !== null) report('grant-without-quorum', `a field ${problem}`)
    if (request !== undefined) checkActor(entry, request.statement.requester)
  }

  function checkExport(entry: EntryOf<'export.made'>): void {
    const { size, root, signed } = entry.data
    const wrongHead = headProblem({ size, root })
    if (wrongHead !== null) report('head-mismatch', 'the export is of another history of this log')
    if (signed === null) return
    checkAct(entry, signed, 'export')
    const { detail } = signed.statement
    if (detail.kind !== 'export' || detail.size !== size || detail.root !== root) {
      report('tap-statement-mismatch', 'export: the tap approved something else')
    }
  }

  function checkSink(entry: EntryOf<SinkEntry['type']>): void {
    const problem = findSinkProblem(heads, entry)
    // The station's own word about a sink: said once, and it hides nothing that taps say.
    if (problem !== null && !historyDiffers && !sinkDiffers) report('head-mismatch', problem)
    sinkDiffers ||= problem !== null
  }

  function checkOwnKeyAct(
    entry: EntryOf<'drill.passed' | 'passphrase.changed'>,
    kind: 'key-drill' | 'passphrase',
  ): void {
    const { statement, key } = entry.data
    checkAct(entry, entry.data, kind)
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
        checkActor(entry, person)
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
        const problem = manifests.change(entry.data)
        if (problem !== null) report('manifest-not-in-log', problem)
        return
      }
      case 'credential.sealed':
        checkSealed(entry)
        return
      case 'request.opened':
        checkOpened(entry)
        return
      case 'tap.accepted':
        checkAccepted(entry)
        return
      case 'request.granted':
        checkGranted(entry)
        return
      case 'field.shown':
      case 'field.copied':
      case 'code.burned':
        checkUsed(entry)
        return
      case 'window.closed':
      case 'request.cancelled':
      case 'request.expired':
      case 'request.failed':
        requests.close(entry.data.request)
        return
      case 'request.classified': {
        checkAct(entry, entry.data, 'classification')
        const { detail } = entry.data.statement
        const isSame = detail.kind === 'classify' && detail.request === entry.data.request
        const problem = isSame ? requests.checkClassification(detail) : 'the tap approved something else'
        if (problem !== null) report('tap-statement-mismatch', `classification: ${problem}`)
        return
      }
      case 'export.made':
        checkExport(entry)
        return
      case 'sync.acknowledged':
      case 'sync.diverged':
        checkSink(entry)
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
      seq = entry.seq
      // The verifier does not even read them on its fast way: what would be checked here would not be there.
      if (!plainTypes.has(entry.type)) checkDuty(entry)
    },
    startBoot: requests.closeAll,
    tapCount: () => taps,
  }
}
