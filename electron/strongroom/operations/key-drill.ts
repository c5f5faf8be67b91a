/**
 * A key drill: one security key opens every wrap that it holds, and nothing is revealed. Each touch asks for one safe's salt
 * and a fresh one, so that a drill also renews the wraps (where the key gives two values).
 */
import { challengeOf } from '../../../shared/audit/tap.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import { needsPassphrase, type Wrap } from '../../../shared/domain/credential.ts'
import { wentBack } from '../../../shared/domain/sign-count.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import { factorOf, type Passphrase } from '../crypto/passphrase.ts'
import { openWrap } from '../crypto/wrap.ts'
import type { Session } from '../session.ts'
import { askForTap, confirmAndClose, type ProvenTap } from '../tap/ask.ts'
import type { PrfValues } from '../tap/channel.ts'
import { trustManifests } from '../trust/manifests.ts'
import { trustKeyAct, type TrustedKeyAct } from './key-act.ts'
import { wrapUnder } from './prove-key.ts'
import { actLines, listed, touchNow } from './views.ts'

interface Drill extends TrustedKeyAct {
  readonly job: JobOf<'key-drill'>
}

/**
 * Runs until every wrap was opened.
 * @throws HalliganError MANIFEST_INVALID, MESSAGE_INVALID, PERSON_UNKNOWN, KEY_UNKNOWN; TAP_WRAP_DAMAGED {custodian} when a
 *   wrap is missing: no touch can help.
 */
export async function keyDrill(session: Session, job: JobOf<'key-drill'>): Promise<void> {
  const drill = { job, ...trustKeyAct(job, await trustManifests(session.host, job)) }
  const renewed: Wrap[] = []
  let last: ProvenTap | null = null
  const touches = Math.max(1, drill.tasks.length)
  for (let at = 0; at < touches; at++) {
    session.progress('tap', at, touches)
    last = await touchOnce(session, drill, at, renewed)
    // One touch per safe on the same challenge: Ed25519 is deterministic, and where the key keeps no counter the next touch
    // signs the same.
    if (at + 1 < touches) session.seen.delete(last.tap.assertion.signature)
  }
  if (last === null) throw new HalliganError('INTERNAL')
  const { tap, signCount, person } = last
  const signCountWentBack = wentBack(job.signCounts, tap.key, signCount)
  await session.vault.drillPassed({ tap, signCount, signCountWentBack, wraps: renewed })
  session.progress('tap', touches, touches)
  await confirmAndClose(session, person)
}

/** One touch: opens the wrap with number `at`, or, for a key that has none, only signs. */
async function touchOnce(
  session: Session,
  { job, manifest, person, key, tasks }: Drill,
  at: number,
  renewed: Wrap[],
): Promise<ProvenTap> {
  const { credentialId, transports } = key
  const task = tasks[at]
  const view = (): TapView => ({
    kind: 'key-drill',
    title: `Test the security key “${key.label}” of ${person.name}`,
    lines: actLines(job.statement, manifest),
    people: [listed(person, 'waiting')],
    have: at,
    need: Math.max(1, tasks.length),
    instruction: at === 0 ? touchNow : 'Touch the same key once more, for the next safe.',
  })
  // Fresh for every touch.
  let salt = session.random(32)
  return askForTap(session, {
    manifest,
    challenge: challengeOf(nodePrimitives, 'act', job.statement),
    view,
    passphrase: () => (task !== undefined && needsPassphrase(task.wrap) ? 'ask' : undefined),
    allow: () => {
      salt = session.random(32)
      const salts = task === undefined ? null : { first: task.wrap.salt, second: toBase64Url(salt) }
      return [{ id: credentialId, transports, salts }]
    },
    accept: (touch) => {
      if (touch.person.id !== person.id) throw new HalliganError('TAP_NOT_THIS_PERSON')
      if (touch.key.credentialId !== credentialId) throw new HalliganError('TAP_KEY_UNKNOWN')
      if (task === undefined) return touch
      if (touch.prf === null) throw new HalliganError('TAP_NO_PRF')
      const next = openAndRenew(session, task.wrap, touch.prf, salt, touch.passphrase)
      if (next !== null) renewed.push(next)
      return touch
    },
  })
}

/**
 * Opens the wrap; its successor under the fresh salt, null where the key gave one value only.
 * @throws HalliganError TAP_WRAP_DAMAGED {custodian}, TAP_PASSPHRASE_NEEDED, TAP_PASSPHRASE_WRONG {custodian}.
 */
function openAndRenew(
  session: Session,
  wrap: Wrap,
  { first, second }: PrfValues,
  salt: Uint8Array,
  passphrase: Passphrase | null,
): Wrap | null {
  const { sodium } = session
  const secretKey = first.use((value) => openWrap(sodium, wrap, value, passphrase))
  try {
    const { vault, safe, person, key, publicKey } = wrap
    const place = { vault, safe, person, key, publicKey }
    return second === null
      ? null
      : wrapUnder(session, place, secretKey, { salt, value: second }, factorOf(wrap, passphrase))
  } finally {
    sodium.memzero(secretKey)
  }
}
