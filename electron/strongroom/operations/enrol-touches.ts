/** The touches by which one new security key proves itself, each with a challenge of its own. */
import { challengeOf } from '../../../shared/audit/tap.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { tapContract, TapView } from '../../../shared/contracts/tap.ts'
import { allowedKeyModels } from '../../../shared/domain/key-models.ts'
import type { EnrolmentStatement } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { Session } from '../session.ts'
import { codeOfBrowserError, type AllowedKey } from '../tap/ask.ts'
import { verifyAssertion } from '../tap/assertion.ts'
import { openTouchChannel, type PrfValues } from '../tap/channel.ts'
import { toCose } from '../tap/cose.ts'
import { verifyRegistration } from '../tap/registration.ts'
import type { TapClient } from '../tap/tap-page.ts'
import { touchNow } from './views.ts'

/** Whose key it will be, where, and under which policies. */
export type KeyOwner = Pick<JobOf<'enrol'>, 'vault' | 'vaultName' | 'station' | 'person' | 'safes' | 'models'>
type Created = Awaited<ReturnType<typeof verifyRegistration>>
/** What a touch of a key that is known needs. */
type Known = Pick<Created, 'credentialId' | 'transports' | 'publicKey'>

export interface EnrolmentTouches {
  /** The first touch: makes the key pair. Throws TAP_*. */
  readonly create: (exclude: Input<typeof tapContract, 'create'>['exclude']) => Promise<Created>
  /** A further touch with these PRF inputs (null: none). The caller wipes what it returns. Throws TAP_*. */
  readonly get: (salts: AllowedKey['salts']) => Promise<PrfValues | null>
  /** Id of the key that is being enrolled, once it is known. */
  readonly key: () => string | null
}

const touchAgain = 'Touch the same key once more: this checks that it answers the same every time.'
const timeoutMs = limits.tapTimeoutSeconds * 1000

/**
 * Touches for one key of `owner`, on this page.
 * @param describe what the page shows, but for what to do now.
 * @param known a key that is enrolled already: it is not created, only asked.
 */
export function createEnrolmentTouches(
  session: Session,
  page: TapClient,
  owner: KeyOwner,
  label: string,
  describe: Omit<TapView, 'instruction'>,
  known?: Known,
): EnrolmentTouches {
  const nonce = toBase64Url(session.random(32))
  // A user handle that says nothing about the person; the keys are never looked up by it.
  const userId = toBase64Url(session.random(32))
  const models = allowedKeyModels(owner.safes, owner.models)
  let step = 0
  let created: Known | null = known ?? null

  async function nextChallenge(instruction: string): Promise<Uint8Array<ArrayBuffer>> {
    const { vault, station, person } = owner
    const statement: EnrolmentStatement = {
      format: 'halligan/enrolment/v1',
      vault,
      person: person.id,
      name: person.name,
      label,
      step,
      station,
      nonce,
    }
    step += 1
    const { orEnd } = session.ending
    await orEnd(page.show({ ...describe, instruction }))
    return challengeOf(nodePrimitives, 'enrolment', statement)
  }

  return {
    key: () => created?.credentialId ?? null,
    create: async (exclude) => {
      const challenge = await nextChallenge(touchNow)
      const answer = await session.ending.orEnd(
        page.create({
          challenge: toBase64Url(challenge),
          userId,
          userName: `${owner.person.name}, ${label}`,
          exclude,
          attestation: models === null ? 'none' : 'direct',
          timeoutMs,
        }),
      )
      if (!answer.ok) throw new HalliganError(codeOfBrowserError(answer.name))
      const demand = models === null ? null : { models, wall: session.clock.wall() }
      const made = await verifyRegistration(answer, challenge, session.tapPage.isOrigin, demand)
      created = made
      return made
    },
    get: async (salts) => {
      if (created === null) throw new HalliganError('INTERNAL')
      const challenge = await nextChallenge(step === 0 ? touchNow : touchAgain)
      const channel = await openTouchChannel(session.secrets)
      const { credentialId, transports, publicKey } = created
      const answer = await session.ending.orEnd(
        page.get({
          challenge: toBase64Url(challenge),
          allow: [{ id: credentialId, transports, salts }],
          strongroomKey: channel.strongroomKey,
          timeoutMs,
        }),
      )
      if (!answer.ok) throw new HalliganError(codeOfBrowserError(answer.name))
      if (answer.key !== credentialId) throw new HalliganError('TAP_KEY_UNKNOWN')
      if (session.seen.has(answer.assertion.signature)) throw new HalliganError('TAP_REPLAYED')
      await verifyAssertion({ credentialId }, toCose(publicKey), answer.assertion, challenge, session.tapPage.isOrigin)
      session.seen.add(answer.assertion.signature)
      if (answer.secret !== null) return channel.open(answer.secret, challenge)
      if (salts !== null) throw new HalliganError('TAP_NO_PRF')
      return null
    },
  }
}
