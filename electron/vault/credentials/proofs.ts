/** What has proven to work, and when: people's keys, safes, versions. Learned from the log, entry by entry. */
import type { Entry, EntryType } from '../../../shared/audit/entry.ts'
import type { JointStatement } from '../../../shared/domain/statements.ts'

/** Timestamps, or null for never. */
export interface Proofs {
  readonly apply: (entry: Entry) => void
  /** When a key of this person last opened what it holds: a key drill, a proof, new shares, or an approval that counted. */
  readonly personAt: (person: string) => string | null
  /** When the last drill of this safe passed: a proof of it, or a reveal that was classified as a drill. */
  readonly safeAt: (safe: string) => string | null
  /** When this version was last proven to open. */
  readonly versionAt: (credential: string, version: number) => string | null
  /** When each version of the manifest came into force, in order. */
  readonly manifests: () => readonly { readonly version: number; readonly at: string }[]
}

/** Entry types that {@link Proofs.apply} learns from. */
export const proofTypes = [
  'manifest.changed',
  'drill.passed',
  'tap.accepted',
  'joint.opened',
  'joint.signed',
  'proof.passed',
  'request.opened',
  'request.granted',
  'request.classified',
] as const satisfies readonly EntryType[]

interface Grant {
  readonly safe: string
  readonly at: string
}

/** Nothing proven yet. */
export function createProofs(): Proofs {
  const people = new Map<string, string>()
  const safes = new Map<string, string>()
  const versions = new Map<string, string>()
  const manifests: { version: number; at: string }[] = []
  const joints = new Map<string, JointStatement>()
  const asked = new Map<string, string>()
  const grants = new Map<string, Grant>()
  const idOf = (credential: string, version: number): string => `${credential} ${version}`

  /** A drill may be classified after a later one has passed. */
  function noteSafe(safe: string, at: string): void {
    if (at > (safes.get(safe) ?? '')) safes.set(safe, at)
  }

  function applyJoint(entry: Extract<Entry, { type: 'joint.opened' | 'joint.signed' | 'proof.passed' }>): void {
    const { at } = entry
    if (entry.type === 'joint.opened') {
      joints.set(entry.data.statement.act, entry.data.statement)
      return
    }
    const detail = joints.get(entry.data.act)?.detail
    if (entry.type === 'joint.signed') {
      // Minutes are signed, and nothing is opened for it.
      if (detail !== undefined && detail.kind !== 'minutes') people.set(entry.data.person, at)
      return
    }
    if (entry.data.purpose === 'drill') noteSafe(entry.data.safe, at)
    if (detail?.kind !== 'prove') return
    for (const { credential, version } of detail.records) versions.set(idOf(credential, version), at)
  }

  function apply(entry: Entry): void {
    const { at } = entry
    switch (entry.type) {
      case 'manifest.changed':
        manifests.push({ version: entry.data.version, at })
        return
      case 'drill.passed':
        people.set(entry.data.statement.person, at)
        return
      case 'tap.accepted':
        if (entry.data.counts) people.set(entry.data.person, at)
        return
      case 'joint.opened':
      case 'joint.signed':
      case 'proof.passed':
        applyJoint(entry)
        return
      case 'request.opened':
        asked.set(entry.data.statement.request, entry.data.statement.safe)
        return
      case 'request.granted': {
        const { request, credential, version } = entry.data
        versions.set(idOf(credential, version), at)
        grants.set(request, { safe: asked.get(request) ?? '', at })
        return
      }
      case 'request.classified': {
        const { detail } = entry.data.statement
        const grant = grants.get(entry.data.request)
        if (grant !== undefined && detail.kind === 'classify' && detail.outcome === 'drill') {
          noteSafe(grant.safe, grant.at)
        }
        return
      }
      default:
      // The other types prove nothing.
    }
  }

  return {
    apply,
    personAt: (person) => people.get(person) ?? null,
    safeAt: (safe) => safes.get(safe) ?? null,
    versionAt: (credential, version) => versions.get(idOf(credential, version)) ?? null,
    manifests: () => manifests,
  }
}
