/** Who has opened their shares of every record of a proof: one quorum for each record, and nobody counts who is not in all of them. */
import type { Person } from '../../../shared/domain/manifest.ts'
import type { RecordHeader } from '../../../shared/domain/credential.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import type { Custodian } from '../trust/record.ts'
import type { TrustedProof } from '../trust/proof.ts'
import { createQuorum } from './quorum.ts'

/** One custodian in every record of the proof. */
export interface ProofCustodian extends Pick<Custodian, 'custodian' | 'publicKey'> {
  /** In the order of the records. */
  readonly each: readonly Custodian[]
}

export interface ProofQuorum {
  readonly threshold: number
  /** In the order in which they tapped. */
  readonly people: () => readonly Person[]
  readonly isComplete: () => boolean
  readonly standingOf: (person: Person) => { readonly custodian: ProofCustodian } | { readonly refused: ErrorCode }
  /** Counts one person with a checked share of each record (taken over), in their order. */
  readonly count: (person: Person, shares: readonly SecretBytes[]) => void
  /** This person's shares are lost for good: no key of theirs can bring them. */
  readonly lose: (person: Person, code: ErrorCode) => void
  /** @throws HalliganError with the code of the last loss {custodian} when too few custodians are left. */
  readonly requirePossible: () => void
  /** Lends the shares of each record once; they are wiped then. */
  readonly spend: (use: (header: RecordHeader, shares: readonly Uint8Array[]) => void) => void
}

/** Nobody yet. */
export function createProofQuorum({ safe, records, threshold }: TrustedProof): ProofQuorum {
  const each = records.map(({ header, custodians }) => ({
    header,
    quorum: createQuorum({ safe, custodians, threshold, requester: null }),
  }))
  const people = (): readonly Person[] => each[0]?.quorum.people() ?? []
  return {
    threshold,
    people,
    isComplete: () => each.every(({ quorum }) => quorum.isComplete()),
    standingOf: (person) => {
      const places: Custodian[] = []
      for (const { quorum } of each) {
        const standing = quorum.standingOf(person)
        if ('refused' in standing) return standing
        places.push(standing.custodian)
      }
      const [first] = places
      if (first === undefined) return { refused: 'TAP_NOT_CUSTODIAN' }
      return { custodian: { custodian: first.custodian, publicKey: first.publicKey, each: places } }
    },
    count: (person, shares) => {
      for (const [at, { quorum }] of each.entries()) {
        const share = shares[at]
        if (share !== undefined) quorum.count(person, share)
      }
    },
    lose: (person, code) => {
      for (const { quorum } of each) quorum.lose(person, code)
    },
    requirePossible: () => {
      for (const { quorum } of each) quorum.requirePossible()
    },
    spend: (use) => {
      for (const { header, quorum } of each) {
        quorum.spendShares((shares) => {
          use(header, shares)
        })
      }
    },
  }
}
