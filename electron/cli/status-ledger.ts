/** What is due in a vault, from its entries alone: rotations, drills and classifications (docs/command-line.md). */
import type { Entry } from '../../shared/audit/entry.ts'
import type { Due } from '../../shared/contracts/ceremony-views.ts'
import type { Manifest } from '../../shared/domain/manifest.ts'
import { describeDrills, describeRotation, describeUnclassified, listDue } from '../vault/credentials/due.ts'
import { createProofs } from '../vault/credentials/proofs.ts'

export interface CredentialStatus {
  readonly credential: string
  readonly name: string
  readonly version: number
  readonly sealedAt: string
  /** fresh; due: the interval has passed; used: opened since it was sealed; leaver: somebody who held a share is gone. */
  readonly rotation: 'fresh' | 'due' | 'used' | 'leaver'
}

export interface OwedClassification {
  readonly request: string
  readonly name: string
  readonly grantedAt: string
}

export interface StatusLedger {
  readonly add: (entry: Entry) => void
  readonly report: (facts: {
    readonly wallMs: number
    /** Interval of a credential version; undefined when its record is not there. */
    readonly rotationDays: (credential: string, version: number) => number | undefined
    /** Every version, in order. */
    readonly manifests: readonly Manifest[]
  }) => {
    readonly credentials: CredentialStatus[]
    readonly owed: OwedClassification[]
    /** What is due now, and what comes next of each kind; most urgent first. */
    readonly due: Due[]
  }
  readonly lastAt: () => string | null
}

interface Sealed {
  readonly name: string
  readonly version: number
  readonly sealedAt: string
  /** What was revealed since it was sealed: it, or an older version. */
  uses: { readonly version: number; readonly at: string }[]
  leftAt: string | null
}

export function createStatusLedger(): StatusLedger {
  const sealed = new Map<string, Sealed>()
  const owed = new Map<string, OwedClassification>()
  const proofs = createProofs()
  let lastAt: string | null = null

  function addGranted({ at, data }: Extract<Entry, { type: 'request.granted' }>): void {
    // From the grant on it may have been seen, whatever was shown afterwards.
    const { request, credential, version } = data
    const current = sealed.get(credential)
    current?.uses.push({ version, at })
    owed.set(request, { request, name: current?.name ?? credential, grantedAt: at })
  }

  return {
    add: (entry) => {
      lastAt = entry.at
      proofs.apply(entry)
      if (entry.type === 'credential.sealed') {
        const { credential, name, version } = entry.data
        sealed.set(credential, { name, version, sealedAt: entry.at, uses: [], leftAt: null })
      } else if (entry.type === 'credential.destroyed') {
        const current = sealed.get(entry.data.credential)
        if (current !== undefined) current.uses = current.uses.filter(({ version }) => version !== entry.data.version)
      } else if (entry.type === 'credential.resealed') {
        const current = sealed.get(entry.data.credential)
        const hasLeft = current?.version === entry.data.version && entry.data.leavers.length > 0
        if (hasLeft) current.leftAt = entry.at
      } else if (entry.type === 'request.granted') {
        addGranted(entry)
      } else if (entry.type === 'request.classified') {
        owed.delete(entry.data.request)
      }
    },
    report: ({ wallMs, rotationDays, manifests }) => {
      const rotations = [...sealed].map(([credential, { name, version, sealedAt, uses, leftAt }]) => {
        // A record that is not there cannot say its interval; verification reports it, here it is due.
        const days = rotationDays(credential, version) ?? 0
        const fact = describeRotation({
          credential,
          name,
          sealedAt,
          rotationDays: days,
          usedAt: uses[0]?.at ?? null,
          leftAt,
        })
        const why = fact.why === 'interval' ? 'due' : fact.why === 'leaver' ? 'leaver' : 'used'
        const rotation: CredentialStatus['rotation'] = wallMs >= fact.dueMs ? why : 'fresh'
        return { fact, status: { credential, name, version, sealedAt, rotation } }
      })
      const facts = [
        ...rotations.map(({ fact }) => fact),
        ...describeDrills(manifests, proofs),
        ...[...owed.values()].map(describeUnclassified),
      ]
      return {
        credentials: rotations.map(({ status }) => status),
        owed: [...owed.values()],
        due: listDue(facts, wallMs),
      }
    },
    lastAt: () => lastAt,
  }
}
