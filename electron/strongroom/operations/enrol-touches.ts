/** The touches by which one new security key proves itself, each with a challenge of its own. */
import { challengeOf } from '../../../shared/audit/tap.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { tapContract } from '../../../shared/contracts/tap.ts'
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
import { listed, touchNow } from './views.ts'

type EnrolJob = JobOf<'enrol'>
type Created = Awaited<ReturnType<typeof verifyRegistration>>

export interface EnrolmentTouches {
  /** The first touch: makes the key pair. Throws TAP_*. */
  readonly create: (exclude: Input<typeof tapContract, 'create'>['exclude']) => Promise<Created>
  /** A further touch with these PRF inputs (null: none). The caller wipes what it returns. Throws TAP_*. */
  readonly get: (salts: AllowedKey['salts']) => Promise<PrfValues | null>
  /** Id of the key that is being enrolled, once it is known. */
  readonly key: () => string | null
}

const timeoutMs = limits.tapTimeoutSeconds * 1000

/** Touches for the label with number `at` (0-based) of the job, on this page. */
export function createEnrolmentTouches(
  session: Session,
  page: TapClient,
  job: EnrolJob,
  label: string,
  at: number,
): EnrolmentTouches {
  const nonce = toBase64Url(session.random(32))
  // A user handle that says nothing about the person; the keys are never looked up by it.
  const userId = toBase64Url(session.random(32))
  const models = allowedKeyModels(job.safes, job.models)
  let step = 0
  let created: Created | null = null

  async function nextChallenge(instruction: string): Promise<Uint8Array<ArrayBuffer>> {
    const { vault, station, person } = job
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
    await orEnd(page.show(describe(job, label, at, instruction)))
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
          userName: `${job.person.name}, ${label}`,
          exclude,
          attestation: models === null ? 'none' : 'direct',
          timeoutMs,
        }),
      )
      if (!answer.ok) throw new HalliganError(codeOfBrowserError(answer.name))
      const demand = models === null ? null : { models, wall: session.clock.wall() }
      created = await verifyRegistration(answer, challenge, session.tapPage.isOrigin, demand)
      return created
    },
    get: async (salts) => {
      if (created === null) throw new HalliganError('INTERNAL')
      const challenge = await nextChallenge(
        'Touch the same key once more: this checks that it answers the same every time.',
      )
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

function describe(job: EnrolJob, label: string, at: number, instruction: string): Input<typeof tapContract, 'show'> {
  const safes = job.safes.map(({ name }) => name).join(', ')
  return {
    kind: 'enrol',
    title: `A security key for ${job.person.name}`,
    lines: [
      { label: 'Vault', value: job.vaultName },
      { label: 'Key', value: `${label} (${at + 1} of ${job.labels.length})` },
      ...(safes === '' ? [] : [{ label: 'Custodian of', value: safes.slice(0, 1000) }]),
    ],
    people: [listed(job.person, 'waiting')],
    have: at,
    need: job.labels.length,
    instruction,
  }
}
