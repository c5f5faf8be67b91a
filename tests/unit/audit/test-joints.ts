/** What several people sign together, and records sealed anew: as a vault writes them, and bent. */
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import type { EntryData } from '../../../shared/audit/entry.ts'
import { manifestHash } from '../../../shared/audit/manifest.ts'
import { appendLeaf, emptyTree, treeRoot } from '../../../shared/audit/merkle.ts'
import { recordHash, resealedLeaf, type StoredRecord } from '../../../shared/audit/records.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { changedSafes, leaversOf } from '../../../shared/domain/custody-change.ts'
import { suite, type RecordHeader } from '../../../shared/domain/credential.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import type { JointDetail, JointStatement } from '../../../shared/domain/statements.ts'
import type { LogWriter } from './log-writer.ts'
import type { ByteSource, TestSecurityKey } from './test-keys.ts'
import { personActor, type SealedCredential, type TestPerson } from './test-people.ts'

/** How a change of custodians is bent. */
export interface Resealing {
  readonly detail: Partial<Extract<JointDetail, { kind: 'reshare' }>>
  readonly checkers: readonly TestPerson[]
  readonly entries: (entries: EntryData<'credential.resealed'>[]) => readonly EntryData<'credential.resealed'>[]
  /** The safe that a version goes to; undefined: it stays where it is, and only what changes hands is sealed anew. */
  readonly moves: (place: { readonly credential: string; readonly version: number }) => string | undefined
}
const inOrder = (a: StoredRecord, b: StoredRecord): number =>
  a.credential === b.credential ? a.version - b.version : a.credential < b.credential ? -1 : 1

interface Context {
  readonly log: LogWriter
  readonly bytes: ByteSource
  readonly safe: string
  readonly people: readonly TestPerson[]
  readonly currentHash: () => string
}

/** Everything sealed so far. */
export interface Shelf {
  readonly records: StoredRecord[]
  /** Record hashes by credential and version. */
  readonly hashes: Map<string, string>
  readonly credentials: Map<string, SealedCredential>
}

export function createJointWriter({ log, bytes, safe, people, currentHash }: Context, shelf: Shelf) {
  const { records, hashes, credentials: sealedCredentials } = shelf
  const firstKey = ({ keys: [key] }: TestPerson): TestSecurityKey => {
    if (key === undefined) throw new Error('no key')
    return key
  }
  const safeOf = ({ safes }: Manifest, wanted = safe): Manifest['safes'][number] => {
    const found = safes.find(({ id }) => id === wanted)
    if (found === undefined) throw new Error('no safe')
    return found
  }

  function openJoint(detail: JointDetail, change: Partial<JointStatement> = {}): JointStatement {
    const statement: JointStatement = {
      format: 'halligan/joint/v1',
      vault: log.vault,
      act: log.newId(),
      manifest: currentHash(),
      detail,
      createdAt: log.now(),
      station: log.station,
      head: log.head(),
      nonce: log.nonce(),
      ...change,
    }
    log.append('joint.opened', { statement })
    return statement
  }

  function signJoint(statement: JointStatement, person: TestPerson, key = firstKey(person)): void {
    const data = {
      act: statement.act,
      person: person.id,
      key: key.credentialId,
      assertion: key.tap(challengeOf(nodePrimitives, 'joint', statement)),
      signCount: 1,
      signCountWentBack: false,
    }
    log.append('joint.signed', data, personActor(person))
  }

  /** Everything sealed anew to the custodians of `next`, who all check it. */
  function resealAll(before: Manifest, next: Manifest, bend: Partial<Resealing>): void {
    const changed = changedSafes(before, next)
    const fresh = [...records].sort(inOrder).flatMap(({ credential, version, header }) => {
      const { name, sealedBy, safe: from } = JSON.parse(Buffer.from(header).toString()) as RecordHeader
      const to = bend.moves?.({ credential, version }) ?? from
      if (to === from && !changed.has(from)) return []
      const made = makeStored(credential, version, name, sealedBy, next, to)
      const leavers = leaversOf(safeOf(before, from), safeOf(next, to))
      return [{ name, to, leavers, previous: hashes.get(`${credential} ${version}`) ?? '', ...made }]
    })
    if (fresh.length === 0) return
    const tree = fresh.reduce(
      (grown, { stored, record }) => appendLeaf(nodePrimitives, grown, resealedLeaf(nodePrimitives, stored, record)),
      emptyTree,
    )
    const root = toBase64Url(treeRoot(nodePrimitives, tree))
    const hash = manifestHash(nodePrimitives, next)
    const statement = openJoint({
      ...{ kind: 'reshare' as const, next: { version: next.version, hash }, records: fresh.length, root },
      ...bend.detail,
    })
    const checkers =
      bend.checkers ??
      people.filter(({ id }) => fresh.some(({ to }) => safeOf(next, to).custodians.some(({ person }) => person === id)))
    for (const person of checkers) signJoint(statement, person)
    const entries = fresh.map(({ stored, name, to, leavers, previous, record }) => ({
      ...{ credential: stored.credential, version: stored.version, name, safe: to, previous, record },
      ...{ manifest: hash, act: statement.act, leavers },
    }))
    for (const data of bend.entries?.(entries) ?? entries) log.append('credential.resealed', data)
    for (const { stored, record } of fresh) {
      records[records.findIndex((one) => one.credential === stored.credential && one.version === stored.version)] =
        stored
      hashes.set(`${stored.credential} ${stored.version}`, record)
      const credential = sealedCredentials.get(stored.credential)
      if (credential?.version === stored.version) credential.record = record
    }
  }

  /** Custodians open their shares of the newest versions. */
  function prove(
    provers: readonly TestPerson[],
    credentials: readonly SealedCredential[],
    bend: { readonly statement?: Partial<JointStatement>; readonly passed?: Partial<EntryData<'proof.passed'>> } = {},
  ): JointStatement {
    const named = credentials.map(({ id, version, name, record }) => ({ credential: id, version, name, record }))
    const statement = openJoint({ kind: 'prove', purpose: 'drill', safe, records: named }, bend.statement)
    for (const person of provers) signJoint(statement, person)
    const people = provers.map(({ id }) => id)
    const passed = { act: statement.act, purpose: 'drill' as const, safe, people, durationMs: 1000, ...bend.passed }
    log.append('proof.passed', passed)
    return statement
  }

  function makeStored(
    credential: string,
    version: number,
    name: string,
    sealedBy: string,
    manifest: Manifest,
    into = safe,
  ): { stored: StoredRecord; record: string } {
    const { custodians, threshold: k } = safeOf(manifest, into)
    const body = bytes(100)
    const boxes = custodians.map(({ index }) => ({ index, box: bytes(180) }))
    const header: RecordHeader = {
      format: 'halligan/credential/v1',
      suite,
      vault: log.vault,
      safe: into,
      credential,
      version,
      manifest: { version: manifest.version, hash: manifestHash(nodePrimitives, manifest) },
      name,
      kind: 'login',
      requesters: people.map(({ id }) => id),
      rotationDays: 90,
      sealedBy,
      sealedAt: log.now(),
      threshold: k,
      keyCommitment: log.nonce(),
      shares: boxes.map(({ index, box }, at) => ({
        custodian: custodians[at]?.person ?? '',
        index,
        commitment: log.nonce(),
        box: toBase64Url(nodePrimitives.sha256(box)),
      })),
      nonce: toBase64Url(bytes(24)),
    }
    const stored = { credential, version, header: canonicalBytes(header), body, boxes }
    return { stored, record: recordHash(nodePrimitives, header, body) }
  }

  return { openJoint, signJoint, resealAll, prove, makeStored }
}
