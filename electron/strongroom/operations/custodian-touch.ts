/**
 * What one touch of a custodian is asked for and what becomes of the answer: each key's current salt and a fresh one, the wrap
 * that opens, and whose share is lost when it does not.
 */
import { toBase64Url } from '../../../shared/bytes.ts'
import { needsPassphrase } from '../../../shared/domain/credential.ts'
import type { Person, Safe } from '../../../shared/domain/manifest.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import type { Session } from '../session.ts'
import { isRefusal, type AllowedKey, type ProvenTap } from '../tap/ask.ts'
import type { Custodian } from '../trust/record.ts'
import { findWrap, openOwnKeys, type HeldWraps, type Opened, type OwnKeys } from './own-share.ts'

/** Whether somebody may be counted now, and if not, with which code they are refused. */
type StandingOf<C> = { readonly custodian: C } | { readonly refused: ErrorCode }

export interface TouchMeans<C, T> {
  readonly session: Session
  readonly job: HeldWraps
  readonly safe: Pick<Safe, 'id' | 'policy'>
  readonly quorum: {
    readonly standingOf: (person: Person) => StandingOf<C>
    readonly lose: (person: Person, code: ErrorCode) => void
  }
  /** Credential ids of keys whose wrap did not open; kept from touch to touch. */
  readonly damagedWraps: Set<string>
  /** What is done with the key pair while it is open. @throws HalliganError SHARE_*, TAP_WRAP_DAMAGED */
  readonly take: (custodian: C, keys: OwnKeys) => T
}

export interface CustodianTouch<T> {
  readonly allow: (people: readonly Person[]) => AllowedKey[]
  /** Whether a wrap that was allowed needs a passphrase; in a safe that asks for one, all do. */
  readonly asks: () => boolean
  /**
   * @throws HalliganError with the code of their standing; TAP_WRAP_DAMAGED {custodian}, TAP_NO_PRF, TAP_PASSPHRASE_*, and what
   *   `take` throws. What no other key of theirs can mend is lost.
   */
  readonly open: (proven: ProvenTap) => Opened<T>
}

/** Whether some key of this person has a wrap for the safe that is not known to be damaged. */
const hasWrap = (
  { job, safe, damagedWraps }: Pick<TouchMeans<unknown, unknown>, 'job' | 'safe' | 'damagedWraps'>,
  { id, keys }: Person,
): boolean =>
  keys.some(
    ({ credentialId }) => !damagedWraps.has(credentialId) && findWrap(job, safe, id, credentialId) !== undefined,
  )

/** Custodians without any wrap cannot be counted, whoever lost it; found before anybody is asked to tap. */
export function loseWithoutWrap(
  means: Pick<TouchMeans<unknown, unknown>, 'job' | 'safe' | 'damagedWraps' | 'quorum'>,
  people: readonly Person[],
): void {
  for (const person of people) if (!hasWrap(means, person)) means.quorum.lose(person, 'TAP_WRAP_DAMAGED')
}

/** One touch; its salts are its own. */
export function createCustodianTouch<C extends Pick<Custodian, 'custodian' | 'publicKey'>, T>(
  means: TouchMeans<C, T>,
): CustodianTouch<T> {
  const { session, job, safe, quorum, damagedWraps, take } = means
  const fresh = new Map<string, Uint8Array>()

  function noteLoss(person: Person, key: string, error: unknown): void {
    if (!isRefusal(error)) return
    if (error.code === 'TAP_WRAP_DAMAGED') damagedWraps.add(key)
    const isShareLost = error.code === 'SHARE_DAMAGED' || error.code === 'SHARE_WRONG'
    // With another key of theirs the same share may still be had.
    if (isShareLost || !hasWrap(means, person)) quorum.lose(person, error.code)
  }

  return {
    asks: () => job.wraps.some((wrap) => needsPassphrase(wrap) && fresh.has(wrap.key)),
    allow: (people) =>
      people.flatMap((person) =>
        person.keys.map(({ credentialId, transports }) => {
          const wrap = findWrap(job, safe, person.id, credentialId)
          // No salts for those who cannot be counted: they are allowed so that they hear why, not so that they give.
          const asked = wrap !== undefined && 'custodian' in quorum.standingOf(person)
          const salt = session.random(32)
          if (asked) fresh.set(credentialId, salt)
          const salts = asked ? { first: wrap.salt, second: toBase64Url(salt) } : null
          return { id: credentialId, transports, salts }
        }),
      ),
    open: ({ person, key, prf, passphrase }) => {
      const standing = quorum.standingOf(person)
      if ('refused' in standing) throw new HalliganError(standing.refused, { custodian: person.id })
      const { custodian } = standing
      const wrap = findWrap(job, safe, person.id, key.credentialId)
      const salt = fresh.get(key.credentialId)
      if (wrap === undefined || salt === undefined) {
        throw new HalliganError('TAP_WRAP_DAMAGED', { custodian: person.id })
      }
      if (prf === null) throw new HalliganError('TAP_NO_PRF')
      try {
        return openOwnKeys(session, custodian, wrap, { prf, passphrase }, salt, (keys) => take(custodian, keys))
      } catch (error) {
        noteLoss(person, key.credentialId, error)
        throw error
      }
    },
  }
}
