/** Which safes get other shares when one manifest follows another. */
import type { Manifest, Safe } from './manifest.ts'

/** What a share depends on. */
const custodyOf = ({ threshold, custodians }: Safe): string =>
  [
    threshold,
    ...[...custodians]
      .sort((a, b) => a.index - b.index)
      .map(({ person, index, publicKey }) => `${person} ${index} ${publicKey}`),
  ].join('\n')

/** Whether what is sealed to the one can be opened by exactly those who open the other, with the same keys. */
export const isSameCustody = (before: Safe, after: Safe): boolean => custodyOf(before) === custodyOf(after)

/**
 * Ids of the safes of `before` that have other custodians, another threshold or other keys in `after`, or are not there any more:
 * what is sealed to them must be sealed anew.
 */
export const changedSafes = (before: Pick<Manifest, 'safes'>, after: Pick<Manifest, 'safes'>): Set<string> =>
  new Set(
    before.safes
      .filter((safe) => {
        const now = after.safes.find(({ id }) => id === safe.id)
        return now === undefined || !isSameCustody(safe, now)
      })
      .map(({ id }) => id),
  )

/** Who holds a share of what is in `before` and will hold none of it in `after`. */
export const leaversOf = (before: Pick<Safe, 'custodians'>, after: Pick<Safe, 'custodians'>): string[] =>
  before.custodians
    .map(({ person }) => person)
    .filter((person) => after.custodians.every((one) => one.person !== person))
