/** Who has been counted, and their shares. Counts people, never keys. */
import type { Person } from '../../../shared/domain/manifest.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import type { Custodian } from '../trust/record.ts'
import type { TrustedRequest } from '../trust/request.ts'

/** Whether somebody may be counted now, and if not, with which code they are refused. */
export type Standing = { readonly custodian: Custodian } | { readonly refused: ErrorCode }

/** Who has approved, without a share of anything. */
export interface Headcount {
  readonly threshold: number
  /** In the order in which they tapped. */
  readonly people: () => readonly Person[]
  readonly isComplete: () => boolean
  readonly standingOf: (person: Person) => Standing
  /** @throws HalliganError with the code of their standing when they may not be counted. */
  readonly count: (person: Person) => void
  /** This person's share is lost for good: no key of theirs can bring it. */
  readonly lose: (person: Person, code: ErrorCode) => void
  /**
   * @throws HalliganError with the code of the last loss {custodian} when too few custodians are left to reach k.
   */
  readonly requirePossible: () => void
}

export interface Quorum extends Omit<Headcount, 'count'> {
  /**
   * Counts one person with their checked share (taken over).
   * @throws HalliganError with the code of their standing when they may not be counted; the share is wiped then.
   */
  readonly count: (person: Person, share: SecretBytes) => void
  /** Lends all shares once; they are wiped when `use` returns. */
  readonly spendShares: <T>(use: (shares: readonly Uint8Array[]) => T) => T
}

/** Whose approval is wanted. `requester`: who asks; null where nobody asks for anything, and every custodian counts. */
export type QuorumFacts = Pick<TrustedRequest, 'safe' | 'custodians' | 'threshold'> & {
  readonly requester: Person | null
}

/** Nobody yet, and every custodian may be counted. */
export function createHeadcount({ safe, requester, custodians, threshold }: QuorumFacts): Headcount {
  const counted = new Map<string, Person>()
  const lost = new Map<string, ErrorCode>()

  const isBarred = (person: Person): boolean => person.id === requester?.id && !safe.policy.requesterMayTap

  function standingOf(person: Person): Standing {
    if (counted.size >= threshold) return { refused: 'TAP_AFTER_QUORUM' }
    if (counted.has(person.id)) return { refused: 'TAP_PERSON_ALREADY_COUNTED' }
    const custodian = custodians.find((one) => one.custodian === person.id)
    if (custodian === undefined) return { refused: 'TAP_NOT_CUSTODIAN' }
    if (isBarred(person)) return { refused: 'TAP_NOT_THIS_PERSON' }
    const loss = lost.get(person.id)
    return loss === undefined ? { custodian } : { refused: loss }
  }

  return {
    threshold,
    people: () => [...counted.values()],
    isComplete: () => counted.size >= threshold,
    standingOf,
    count: (person) => {
      const standing = standingOf(person)
      if ('refused' in standing) throw new HalliganError(standing.refused)
      counted.set(person.id, person)
    },
    lose: (person, code) => {
      lost.set(person.id, code)
    },
    requirePossible: () => {
      const able = custodians.filter(({ person }) => !lost.has(person.id) && !isBarred(person)).length
      const loss = [...lost].at(-1)
      if (able >= threshold) return
      if (loss === undefined) throw new HalliganError('POLICY_INVALID', { field: 'requesterMayTap' })
      throw new HalliganError(loss[1], { custodian: loss[0] })
    },
  }
}

/** An empty quorum. */
export function createQuorum(facts: QuorumFacts): Quorum {
  const headcount = createHeadcount(facts)
  const held: SecretBytes[] = []
  for (const { intact, person } of facts.custodians) if (!intact) headcount.lose(person, 'SHARE_DAMAGED')
  return {
    ...headcount,
    count: (person, share) => {
      try {
        headcount.count(person)
      } catch (error) {
        share.wipe()
        throw error
      }
      held.push(share)
    },
    spendShares: (use) => {
      const lend = (at: number, lent: readonly Uint8Array[]): ReturnType<typeof use> => {
        const next = held[at]
        return next === undefined ? use(lent) : next.use((share) => lend(at + 1, [...lent, share]))
      }
      try {
        return lend(0, [])
      } finally {
        for (const share of held) share.wipe()
      }
    },
  }
}
