/** Statements that several people sign, and what is then said to have come of them (docs/format.md, section 5). */
import type { JointStatement } from '../domain/statements.ts'
import type { Tap } from '../domain/tap.ts'
import type { Primitives } from '../primitives.ts'
import type { Entry, EntryData } from './entry.ts'
import type { ManifestLedger } from './manifest-ledger.ts'
import type { StatementCheck } from './statement-check.ts'
import { challengeOf } from './tap.ts'
import type { VersionLedger } from './version-ledger.ts'

type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>

/** A joint statement that is open: nothing has come of it yet. */
export interface Joint {
  readonly statement: JointStatement
  /** Who has a valid tap on it, and with which key (credential id). */
  readonly signers: ReadonlyMap<string, string>
}

export interface JointLedger {
  /** `joint.opened`. */
  readonly open: (entry: EntryOf<'joint.opened'>) => void
  /** `joint.signed`. */
  readonly sign: (entry: EntryOf<'joint.signed'>) => void
  /** The open statement of this act; undefined when there is none. */
  readonly find: (act: string) => Joint | undefined
  /** Something has come of it: once only. */
  readonly close: (act: string) => void
  /** `proof.passed`. */
  readonly checkProof: (entry: EntryOf<'proof.passed'>) => void
  /** Another manifest is in force: proofs and changes under the old one are over. Minutes stand. */
  readonly startManifest: () => void
  /** Likewise for a new boot: the process that collected the taps is gone. */
  readonly startBoot: () => void
}

export interface JointLedgerOptions {
  readonly primitives: Primitives
  readonly manifests: ManifestLedger
  readonly statements: StatementCheck
  readonly versions: VersionLedger
  /** True in a part of a log: what is not shown cannot be held against anything. */
  readonly hasGaps: boolean
}

interface Open extends Joint {
  readonly signers: Map<string, string>
  readonly challenge: Uint8Array
}

/** More than anybody has open at once: a flood pushes out its own oldest. */
const openMax = 64

const kindWords = { prove: 'proof', reshare: 'change of custodians', minutes: 'minutes' } as const

/** No statement open. */
export function createJointLedger(options: JointLedgerOptions): JointLedger {
  const { primitives, manifests, statements, versions, hasGaps } = options
  const { report } = statements
  const open = new Map<string, Open>()

  function dropAllBut(kind: JointStatement['detail']['kind']): void {
    for (const [act, { statement }] of open) if (statement.detail.kind !== kind) open.delete(act)
  }

  function detailProblem({ detail }: JointStatement): string | null {
    switch (detail.kind) {
      case 'minutes':
        return null
      case 'reshare': {
        const version = (manifests.inForce()?.manifest.version ?? 0) + 1
        return detail.next.version === version ? null : 'is not about the next manifest'
      }
      case 'prove': {
        const safes = manifests.inForce()?.manifest.safes ?? []
        if (!safes.some(({ id }) => id === detail.safe)) return 'names a safe that the manifest does not list'
        const unfit = detail.records.find(({ credential, version, name, record }) => {
          const newest = versions.newest(credential)
          if (newest === undefined) return !hasGaps
          const isSame = newest.version === version && newest.name === name && newest.record === record
          return !isSame || newest.safe !== detail.safe
        })
        return unfit === undefined ? null : `names "${unfit.name}" otherwise than it was sealed last`
      }
    }
  }

  return {
    open: ({ data: { statement } }) => {
      const what = kindWords[statement.detail.kind]
      statements.checkStatement(statement, what)
      const problem = detailProblem(statement)
      if (problem !== null) report('tap-statement-mismatch', `${what}: the statement ${problem}`)
      const [oldest] = open.keys()
      if (open.size >= openMax && oldest !== undefined) open.delete(oldest)
      open.set(statement.act, {
        statement,
        signers: new Map(),
        challenge: challengeOf(primitives, 'joint', statement),
      })
    },
    sign: ({ data }) => {
      const { act, person, key, assertion } = data
      statements.checkActor(person)
      const joint = open.get(act)
      if (joint === undefined) {
        report('tap-statement-mismatch', 'tap on a statement that is not open')
        return
      }
      const { kind } = joint.statement.detail
      const tap: Tap = { person, key, assertion }
      // Who becomes a custodian signs for their new shares before the manifest that lists them is in force.
      const findKey = kind === 'reshare' ? manifests.keyOfSigner : manifests.keyInForce
      if (!statements.checkTap(tap, joint.challenge, kindWords[kind], findKey)) return
      if (joint.signers.has(person)) {
        report('joint-incomplete', `${manifests.nameOf(person)} signs the same statement twice`)
      } else joint.signers.set(person, key)
    },
    find: (act) => open.get(act),
    close: (act) => {
      open.delete(act)
    },
    checkProof: ({ data }) => {
      const joint = open.get(data.act)
      const problem = findProofProblem(manifests, joint, data)
      if (problem !== null) report('joint-incomplete', `the proof ${problem}`)
      open.delete(data.act)
    },
    startManifest: () => {
      dropAllBut('minutes')
    },
    startBoot: () => {
      dropAllBut('minutes')
    },
  }
}

function findProofProblem(
  manifests: ManifestLedger,
  joint: Joint | undefined,
  { purpose, safe: id, people }: EntryData<'proof.passed'>,
): string | null {
  if (joint === undefined) return 'is of a statement that is not open'
  const { detail } = joint.statement
  if (detail.kind !== 'prove' || detail.purpose !== purpose || detail.safe !== id) return 'is of something else'
  const safe = manifests.inForce()?.manifest.safes.find((one) => one.id === id)
  if (safe === undefined) return 'is of a safe that the manifest does not list'
  if (new Set(people).size !== people.length) return 'counts somebody twice'
  const stranger = people.find(
    (person) => !joint.signers.has(person) || safe.custodians.every((one) => one.person !== person),
  )
  if (stranger !== undefined) return `counts ${manifests.nameOf(stranger)}, who has not signed or is no custodian`
  return people.length >= safe.threshold ? null : `has ${people.length} custodians of ${safe.threshold}`
}
