/** Who has approved one request, and whether that is enough. Pure; checked here again whatever the strongroom says. */
import type { Safe } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'

export interface Approval {
  readonly person: string
  readonly at: string
  /** False: the requester's own tap where policy keeps them out of the quorum. */
  readonly counts: boolean
}

export interface Quorum {
  /**
   * Whether a tap of `person` would count.
   * @throws HalliganError TAP_NOT_CUSTODIAN, TAP_PERSON_ALREADY_COUNTED, TAP_AFTER_QUORUM
   */
  readonly judge: (person: string) => { readonly counts: boolean }
  readonly add: (approval: Approval) => void
  readonly approvals: () => readonly Approval[]
  /** Refuses unless `named` are enough distinct people whose taps counted, and the requester has tapped. */
  readonly isGrantedBy: (named: readonly string[]) => boolean
}

export function createQuorum(safe: Safe, requester: string): Quorum {
  const approvals: Approval[] = []
  const isCustodian = (person: string): boolean => safe.custodians.some((one) => one.person === person)
  const counted = (): string[] => approvals.filter(({ counts }) => counts).map(({ person }) => person)
  return {
    judge: (person) => {
      if (person !== requester && !isCustodian(person)) throw new HalliganError('TAP_NOT_CUSTODIAN')
      // Two keys of one person are one person.
      if (approvals.some((one) => one.person === person)) throw new HalliganError('TAP_PERSON_ALREADY_COUNTED')
      const isComplete = counted().length >= safe.threshold
      if (isComplete && person !== requester) throw new HalliganError('TAP_AFTER_QUORUM')
      return { counts: isCustodian(person) && (person !== requester || safe.policy.requesterMayTap) }
    },
    add: (approval) => {
      approvals.push(approval)
    },
    approvals: () => approvals,
    isGrantedBy: (named) => {
      const whole = counted()
      return (
        approvals.some(({ person }) => person === requester) &&
        new Set(named).size === named.length &&
        named.length >= safe.threshold &&
        named.every((person) => whole.includes(person))
      )
    },
  }
}
