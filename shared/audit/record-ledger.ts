/** What becomes of sealed records: sealed, sealed anew to other custodians, destroyed (docs/format.md, section 5). */
import { toBase64Url } from '../bytes.ts'
import { changedSafes, leaversOf } from '../domain/custody-change.ts'
import type { Manifest } from '../domain/manifest.ts'
import type { Primitives } from '../primitives.ts'
import type { Entry, EntryData } from './entry.ts'
import type { JointLedger } from './joint-ledger.ts'
import type { ManifestLedger, Upcoming } from './manifest-ledger.ts'
import { findKey, isSignedByHolders } from './manifest-signers.ts'
import { appendLeaf, emptyTree, treeRoot, type MerkleTree } from './merkle.ts'
import type { ReportProblem } from './problems.ts'
import { resealedLeaf } from './records.ts'
import type { StatementCheck } from './statement-check.ts'
import type { SealedVersion, VersionLedger } from './version-ledger.ts'

type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>

/** Told of what should be at rest. */
export interface RecordListener {
  /** Called for every version sealed, or sealed anew, after its check. */
  readonly onSealed: (credential: string, sealed: SealedVersion) => void
  readonly onDestroyed: (credential: string, version: number) => void
}

export interface RecordLedger {
  readonly seal: (entry: EntryOf<'credential.sealed'>) => void
  readonly reseal: (entry: EntryOf<'credential.resealed'>) => void
  readonly destroy: (entry: EntryOf<'credential.destroyed'>) => void
  /** `manifest.changed`, before it takes effect: records must have followed a change of custodians. */
  readonly checkChange: (entry: EntryOf<'manifest.changed'>) => void
  /** Reports records that were sealed anew for a manifest that never followed. */
  readonly reportUnused: (report: ReportProblem) => void
}

export interface RecordLedgerOptions extends RecordListener {
  readonly primitives: Primitives
  readonly manifests: ManifestLedger
  readonly statements: StatementCheck
  readonly versions: VersionLedger
  readonly joints: JointLedger
  /** True in a part of a log: then there may be more under a root than is shown. */
  readonly hasGaps: boolean
}

/** Records sealed anew in a row: they take effect with the manifest that follows. */
interface Pending {
  readonly act: string
  readonly manifest: string
  readonly versions: Map<string, readonly [credential: string, SealedVersion]>
  tree: MerkleTree
  last: { readonly credential: string; readonly version: number; readonly seq: number }
}

const idOf = (credential: string, version: number): string => `${credential} ${version}`

const isBefore = (a: { credential: string; version: number }, b: { credential: string; version: number }): boolean =>
  a.credential < b.credential || (a.credential === b.credential && a.version < b.version)

/** Nothing sealed yet. */
export function createRecordLedger(options: RecordLedgerOptions): RecordLedger {
  const { primitives, manifests, statements, versions, joints, hasGaps } = options
  const { report } = statements
  let pending: Pending | null = null

  function seal({ data }: EntryOf<'credential.sealed'>): void {
    const { credential, version, safe, name, record } = data
    const what = `seal of "${name}"`
    statements.checkAct(data, what)
    const { detail } = data.statement
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
    if (version <= (versions.newest(credential)?.version ?? 0)) {
      report('tap-statement-mismatch', `${what}: version ${version} was sealed before`)
    }
    take(credential, { safe, version, name, record })
  }

  function take(credential: string, sealed: SealedVersion): void {
    versions.put(credential, sealed)
    options.onSealed(credential, sealed)
  }

  function destroy({ data }: EntryOf<'credential.destroyed'>): void {
    const { credential, version, name, statement } = data
    const what = `destruction of "${name}"`
    statements.checkAct(data, what)
    const { detail } = statement
    const says =
      detail.kind === 'destroy' &&
      detail.credential === credential &&
      detail.version === version &&
      detail.name === name &&
      detail.record === versions.find(credential, version)?.record
    if (!says) report('tap-statement-mismatch', `${what}: the tap approved something else, or there is no such version`)
    const safe = versions.find(credential, version)?.safe
    if (!mayDestroy(manifests.inForce()?.manifest, safe, statement.person)) {
      report('tap-statement-mismatch', `${what}: ${manifests.nameOf(statement.person)} may not`)
    }
    if (version >= (versions.newest(credential)?.version ?? 0)) {
      report('tap-statement-mismatch', `${what}: version ${version} is the newest`)
    }
    versions.destroy(credential, version)
    options.onDestroyed(credential, version)
  }

  function reseal({ seq, data }: EntryOf<'credential.resealed'>): void {
    const { credential, version, safe, name, record, act, manifest } = data
    const problem = findResealProblem(seq, data)
    if (problem !== null) report('joint-incomplete', `"${name}" version ${version}, sealed anew, ${problem}`)
    if (pending?.act !== act) {
      pending = { act, manifest, versions: new Map(), tree: emptyTree, last: { credential, version, seq } }
    }
    pending.last = { credential, version, seq }
    pending.tree = appendLeaf(primitives, pending.tree, resealedLeaf(primitives, { credential, version }, record))
    pending.versions.set(idOf(credential, version), [credential, { safe, version, name, record }])
  }

  function findResealProblem(seq: number, data: EntryData<'credential.resealed'>): string | null {
    const detail = joints.find(data.act)?.statement.detail
    if (detail?.kind !== 'reshare') return 'names no open statement of those who checked their shares'
    if (detail.next.hash !== data.manifest) return 'is for another manifest than they signed for'
    if (pending !== null) {
      if (pending.act !== data.act) return 'comes among those of another change'
      if (!hasGaps && pending.last.seq + 1 !== seq) return 'does not follow the one before at once'
      if (!isBefore(pending.last, data)) return 'is out of order'
    }
    const known = versions.find(data.credential, data.version)
    if (known?.record !== data.previous || known.name !== data.name) return 'is not what was there before'
    const before = manifests.inForce()?.manifest.safes.find(({ id }) => id === known.safe)
    const after = manifests.upcoming()?.manifest.safes.find(({ id }) => id === data.safe)
    if (before === undefined || after === undefined) return 'is in a safe that is not there'
    const leavers = leaversOf(before, after)
    const same = leavers.length === data.leavers.length && leavers.every((person) => data.leavers.includes(person))
    return same ? null : 'names others as leaving than the manifests do'
  }

  function checkChange({ seq, data: { hash } }: EntryOf<'manifest.changed'>): void {
    const ready = pending
    pending = null
    const before = manifests.inForce()?.manifest
    const after = manifests.upcoming()
    // That the manifest came with the log is somebody else's question.
    if (after?.hash !== hash) return
    if (before !== undefined) checkAllFollow(changedSafes(before, after.manifest), ready)
    if (ready === null) return
    const problem =
      findRootProblem(ready, hash, seq) ??
      findMissingCheck(ready, after.manifest) ??
      findMissingHolders(ready, before, after) ??
      findSplit(ready)
    if (problem !== null) report('joint-incomplete', `the change of custodians ${problem}`)
    for (const [credential, sealed] of ready.versions.values()) take(credential, sealed)
  }

  /** What stays sealed to those who held it before would open for them, and not for those who should. */
  function checkAllFollow(changed: ReadonlySet<string>, ready: Pending | null): void {
    if (changed.size === 0) return
    for (const [credential, { safe, version, name }] of versions.all()) {
      if (!changed.has(safe) || ready?.versions.has(idOf(credential, version)) === true) continue
      report('joint-incomplete', `"${name}" version ${version} was not sealed anew although its custodians change`)
    }
  }

  function findRootProblem(ready: Pending, hash: string, seq: number): string | null {
    if (ready.manifest !== hash) return 'is to another manifest than its records are sealed to'
    if (hasGaps) return null
    if (ready.last.seq + 1 !== seq) return 'does not follow its records at once'
    const detail = joints.find(ready.act)?.statement.detail
    if (detail?.kind !== 'reshare') return 'has no statement of those who checked their shares'
    const root = toBase64Url(treeRoot(primitives, ready.tree))
    return detail.records === ready.tree.size && detail.root === root ? null : 'has other records than were checked'
  }

  /** Everybody who holds a share of a new record must have checked it, with a key that they keep. */
  function findMissingCheck({ act, versions: sealed }: Pending, next: Manifest): string | null {
    const signers = joints.find(act)?.signers
    const safes = new Set([...sealed.values()].map(([, { safe }]) => safe))
    for (const { custodians } of next.safes.filter(({ id }) => safes.has(id))) {
      const missing = custodians.find(({ person }) => {
        const key = signers?.get(person)
        return key === undefined || findKey(next, person, key) === undefined
      })
      if (missing !== undefined) return `was not checked by ${nameIn(next, missing.person)}`
    }
    return null
  }

  /** The statement is signed by those who get shares: that those who had them opened them, only their signatures show. */
  function findMissingHolders(ready: Pending, before: Manifest | undefined, after: Upcoming): string | null {
    const sources = new Set(
      [...ready.versions.values()].map(([credential, { version }]) => versions.find(credential, version)?.safe),
    )
    const unsigned = before?.safes.find(
      (safe) => sources.has(safe.id) && !isSignedByHolders(before, after.manifest, after.signatures, safe),
    )
    return unsigned === undefined ? null : `was not signed by enough of those who held "${unsigned.name}"`
  }

  /** A credential moves as a whole: an older version must not stay behind with those from whom it was taken. */
  function findSplit({ versions: sealed }: Pending): string | null {
    const looked = new Set<string>()
    for (const [credential, { version, safe, name }] of sealed.values()) {
      if (looked.has(credential) || versions.find(credential, version)?.safe === safe) continue
      looked.add(credential)
      const isSplit = [...versions.of(credential)].some(
        (one) => (sealed.get(idOf(credential, one.version))?.[1] ?? one).safe !== safe,
      )
      if (isSplit) return `moves "${name}" and leaves a version of it behind`
    }
    return null
  }

  return {
    seal,
    reseal,
    destroy,
    checkChange,
    reportUnused: (reportFinal) => {
      if (pending === null) return
      reportFinal('joint-incomplete', pending.last.seq, 'records were sealed anew for a manifest that did not follow')
    },
  }
}

const nameIn = ({ persons }: Manifest, id: string): string => persons.find((person) => person.id === id)?.name ?? id

/** Custodians of the safe and ceremony leads. */
function mayDestroy(manifest: Manifest | undefined, safe: string | undefined, person: string): boolean {
  const isLead = manifest?.persons.find(({ id }) => id === person)?.roles.includes('lead') === true
  const custodians = manifest?.safes.find(({ id }) => id === safe)?.custodians ?? []
  return isLead || custodians.some((one) => one.person === person)
}
