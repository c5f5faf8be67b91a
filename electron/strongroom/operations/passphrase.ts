/** A new passphrase for one security key: the old one and a touch open its wraps, and each is made anew under the new one. */
import { challengeOf } from '../../../shared/audit/tap.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { Wrap } from '../../../shared/domain/credential.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { fromBase64Url } from '../../../shared/bytes.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { PassphraseFactor } from '../crypto/passphrase.ts'
import { openWrap } from '../crypto/wrap.ts'
import type { Session } from '../session.ts'
import { askForTap, askUntil, confirmAndClose, isRefusal, valuesPerTouch, type ProvenTap } from '../tap/ask.ts'
import { chooseFactor } from '../tap/choose-passphrase.ts'
import { trustManifests } from '../trust/manifests.ts'
import { trustKeyAct, type TrustedKeyAct } from './key-act.ts'
import { wrapUnder } from './prove-key.ts'
import { actLines, listed, touchNow } from './views.ts'

interface Change extends TrustedKeyAct {
  readonly job: JobOf<'passphrase'>
}

/**
 * Runs to the last wrap.
 * @throws HalliganError MANIFEST_INVALID {detail}, MESSAGE_INVALID, PERSON_UNKNOWN, KEY_UNKNOWN; TAP_WRAP_DAMAGED {custodian}
 *   when a wrap is missing: no touch can help.
 */
export async function changePassphrase(session: Session, job: JobOf<'passphrase'>): Promise<void> {
  const change = { job, ...trustKeyAct(job, await trustManifests(session.host, job)) }
  const { manifest, person, key } = change
  const wraps = change.tasks.map(({ wrap }) => wrap)
  const view: Omit<TapView, 'instruction'> = {
    kind: 'passphrase',
    title: `A new passphrase for the security key “${key.label}” of ${person.name}`,
    lines: actLines(job.statement, manifest),
    people: [listed(person, 'waiting')],
    have: 0,
    need: 1,
  }
  session.progress('tap', 0, 1)
  const factor = await chooseNew(session, view)
  const made = new Map<string, Wrap>()
  for (;;) {
    const next = wraps.filter(({ safe }) => !made.has(safe)).slice(0, valuesPerTouch)
    const { tap } = await askOld(session, change, view, next, (proven) => {
      for (const wrap of rewrap(session, next, proven, factor)) made.set(wrap.safe, wrap)
    })
    if (made.size === wraps.length) {
      await session.vault.passphraseChanged({ tap, wraps: [...made.values()] })
      break
    }
    // More safes than one touch can open. Ed25519 is deterministic: the next touch may sign the same.
    session.seen.delete(tap.assertion.signature)
  }
  session.progress('tap', 1, 1)
  await confirmAndClose(session, person)
}

/** The new passphrase, chosen before the old one opens anything: nothing secret waits for somebody to think. */
function chooseNew(session: Session, view: Omit<TapView, 'instruction'>): Promise<PassphraseFactor> {
  return askUntil(session, async (page) => {
    try {
      return { accepted: await chooseFactor(session, page, view) }
    } catch (error) {
      if (!isRefusal(error)) throw error
      return { refused: { code: error.code, person: null, key: null } }
    }
  })
}

/** The old passphrase and a touch, until `accept` is content. */
function askOld(
  session: Session,
  { job, manifest, person, key }: Change,
  view: Omit<TapView, 'instruction'>,
  [first, second]: readonly Wrap[],
  accept: (proven: ProvenTap) => void,
): Promise<ProvenTap> {
  return askForTap(session, {
    manifest,
    challenge: challengeOf(nodePrimitives, 'act', job.statement),
    view: () => ({ ...view, instruction: `Now the passphrase that was in force until today, then: ${touchNow}` }),
    allow: () => {
      const salts = first === undefined ? null : { first: first.salt, second: second?.salt ?? null }
      return [{ id: key.credentialId, transports: key.transports, salts }]
    },
    passphrase: () => 'ask',
    accept: (proven) => {
      if (proven.person.id !== person.id) throw new HalliganError('TAP_NOT_THIS_PERSON')
      if (proven.key.credentialId !== key.credentialId) throw new HalliganError('TAP_KEY_UNKNOWN')
      accept(proven)
      return proven
    },
  })
}

/**
 * The successors of as many of `wraps` as the touch gave values for.
 * @throws HalliganError TAP_NO_PRF, TAP_WRAP_DAMAGED, TAP_PASSPHRASE_NEEDED, TAP_PASSPHRASE_WRONG.
 */
function rewrap(
  session: Session,
  wraps: readonly Wrap[],
  { prf, passphrase }: ProvenTap,
  factor: PassphraseFactor,
): Wrap[] {
  if (prf === null) throw new HalliganError('TAP_NO_PRF')
  const values = [prf.first, prf.second]
  return wraps.flatMap((wrap, at) => {
    const value = values[at]
    if (value === undefined || value === null) return []
    const secretKey = value.use((bytes) => openWrap(session.sodium, wrap, bytes, passphrase))
    try {
      const { vault, safe, person, key, publicKey } = wrap
      const place = { vault, safe, person, key, publicKey }
      return [wrapUnder(session, place, secretKey, { salt: fromBase64Url(wrap.salt), value }, factor)]
    } finally {
      session.sodium.memzero(secretKey)
    }
  })
}
