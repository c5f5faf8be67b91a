/** What entries about requests must do (docs/format.md, section 5): each held against the request, its taps and the manifest in force. */
import type { Tap } from '../domain/tap.ts'
import type { Primitives } from '../primitives.ts'
import { checkSecondStatement, checkVeto, checkWaiting, hasWaited, isWaiting } from './delay-rules.ts'
import type { Entry } from './entry.ts'
import type { ManifestLedger } from './manifest-ledger.ts'
import { checkGrant, checkRequest, checkUse, createRequestLedger, mayCount } from './request-ledger.ts'
import type { StatementCheck } from './statement-check.ts'
import { challengeOf } from './tap.ts'
import { checkAskedVersion, type VersionLedger } from './version-ledger.ts'

type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>

type RequestEntry = EntryOf<
  | 'request.opened'
  | 'request.waiting'
  | 'request.resumed'
  | 'request.vetoed'
  | 'request.granted'
  | 'field.shown'
  | 'field.copied'
  | 'code.burned'
  | 'window.closed'
  | 'request.cancelled'
  | 'request.expired'
  | 'request.failed'
  | 'request.classified'
>

export interface RequestDuties {
  readonly check: (entry: RequestEntry) => void
  /** A tap that says which request it approves. */
  readonly checkTap: (entry: EntryOf<'tap.accepted'>, request: string) => void
  /** A new boot: whatever was open is over. */
  readonly startBoot: () => void
}

export interface RequestDutyOptions {
  readonly primitives: Primitives
  readonly manifests: ManifestLedger
  readonly statements: StatementCheck
  readonly versions: VersionLedger
}

export function createRequestDuties({
  primitives,
  manifests,
  statements,
  versions,
}: RequestDutyOptions): RequestDuties {
  const requests = createRequestLedger()
  const { report, checkTap, checkActor, checkStatement, checkAct } = statements

  function checkOpened({ data: { statement, credentialName } }: EntryOf<'request.opened'>): void {
    const what = `request for "${credentialName}"`
    checkStatement(statement, what)
    const inForce = manifests.inForce()
    const unfit = inForce === undefined ? 'came before any manifest' : checkRequest(inForce.manifest, statement)
    if (unfit !== null) report('tap-statement-mismatch', `${what}: ${unfit}`)
    const unfitVersion = checkAskedVersion(versions, statement, credentialName)
    if (unfitVersion !== null) report('tap-statement-mismatch', `${what}: ${unfitVersion}`)
    requests.open({ statement, credentialName, challenge: challengeOf(primitives, 'request', statement) })
  }

  function checkWait(entry: EntryOf<'request.waiting'>): void {
    const { data, at, monotonic } = entry
    const request = requests.find(data.request)
    const manifest = manifests.inForce()?.manifest
    const problem = manifest === undefined ? 'came before any manifest' : checkWaiting(manifest, request, data)
    if (problem !== null) report('grant-without-quorum', `the wait ${problem}`)
    if (request === undefined) return
    checkActor(request.statement.requester)
    if (request.stage.kind !== 'asked' || request.grantedMs !== null) return
    request.stage = { kind: 'waiting', since: { at, monotonic }, delaySeconds: data.delaySeconds }
  }

  function checkResumed(entry: EntryOf<'request.resumed'>): void {
    const { statement } = entry.data
    const what = 'request after its wait'
    checkStatement(statement, what)
    const request = requests.find(statement.request)
    if (!isWaiting(request)) {
      report('tap-statement-mismatch', `${what}: it does not wait`)
      return
    }
    const { since, delaySeconds } = request.stage
    const differs =
      checkSecondStatement(request.statement, request.challenge, statement) ??
      checkAskedVersion(versions, statement, request.credentialName)
    if (differs !== null) report('tap-statement-mismatch', `${what}: ${differs}`)
    if (!hasWaited(since, entry, delaySeconds)) {
      report('grant-without-quorum', `${what}: it has not waited for ${delaySeconds} s by both clocks`)
    }
    requests.resume(request, statement, challengeOf(primitives, 'request', statement))
  }

  function checkVetoed(entry: EntryOf<'request.vetoed'>): void {
    const { request: id, statement } = entry.data
    checkAct(entry.data, 'veto')
    const manifest = manifests.inForce()?.manifest
    const problem =
      manifest === undefined
        ? 'came before any manifest'
        : checkVeto(manifest, requests.find(id), statement.person, statement.detail)
    if (problem !== null) report('tap-statement-mismatch', `the veto ${problem}`)
    requests.close(id)
  }

  function checkRequestTap(entry: EntryOf<'tap.accepted'>, id: string): void {
    const { data } = entry
    checkActor(data.person)
    const request = requests.find(id)
    if (request === undefined) {
      report('tap-statement-mismatch', 'tap on a request that is not open')
      return
    }
    if (isWaiting(request)) {
      report('tap-statement-mismatch', 'tap on a request that waits')
      return
    }
    const tap: Tap = { person: data.person, key: data.key, assertion: data.assertion }
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
    checkActor(request.statement.requester)
    requests.grant(request, entry)
  }

  function checkUsed(entry: EntryOf<'field.shown' | 'field.copied' | 'code.burned'>): void {
    const { data, monotonic } = entry
    const request = requests.find(data.request)
    const problem = checkUse(request, data, monotonic)
    if (problem !== null) report('grant-without-quorum', `a field ${problem}`)
    if (request !== undefined) checkActor(request.statement.requester)
  }

  function checkClassified({ data }: EntryOf<'request.classified'>): void {
    checkAct(data, 'classification')
    const { detail } = data.statement
    const isSame = detail.kind === 'classify' && detail.request === data.request
    const problem = isSame ? requests.checkClassification(detail) : 'the tap approved something else'
    if (problem !== null) report('tap-statement-mismatch', `classification: ${problem}`)
  }

  return {
    check: (entry) => {
      switch (entry.type) {
        case 'request.opened':
          checkOpened(entry)
          return
        case 'request.waiting':
          checkWait(entry)
          return
        case 'request.resumed':
          checkResumed(entry)
          return
        case 'request.vetoed':
          checkVetoed(entry)
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
        case 'request.classified':
          checkClassified(entry)
      }
    },
    checkTap: checkRequestTap,
    startBoot: requests.closeAll,
  }
}
