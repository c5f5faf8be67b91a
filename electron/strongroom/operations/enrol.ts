/**
 * Set-up: proves that a person's security keys work, and wraps that person's secret keys under them. A key that says
 * "PRF enabled" at creation and then returns nothing exists; so `create` proves nothing, and each pair of gets must
 * return the same bytes.
 */
import { toBase64Url } from '../../../shared/bytes.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { wrapSuite, type Wrap } from '../../../shared/domain/credential.ts'
import type { SecurityKey } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import { openWrap, sealWrap } from '../crypto/wrap.ts'
import type { Session } from '../session.ts'
import type { PrfValues } from '../tap/channel.ts'
import { askUntil, confirmAndClose, isRefusal } from '../tap/ask.ts'
import { createEnrolmentTouches, type EnrolmentTouches } from './enrol-touches.ts'

type EnrolJob = JobOf<'enrol'>

/** The person's X25519 key pair for one safe. Made once, so that every key of theirs holds a wrap of the same one. */
interface Custody {
  readonly safe: string
  readonly publicKey: Uint8Array
  readonly secretKey: SecretBytes
}

/** Runs to the last label. */
export async function enrol(session: Session, job: EnrolJob): Promise<void> {
  const custody = job.safes.map(({ id }) => makeCustody(session, id))
  const exclude = job.enrolled.map(({ credentialId, transports }) => ({ id: credentialId, transports }))
  for (const [at, label] of job.labels.entries()) {
    session.progress('tap', at, job.labels.length)
    const enrolled = await askUntil(session, async (page) => {
      const touches = createEnrolmentTouches(session, page, job, label, at)
      try {
        return { accepted: await enrolKey(session, { job, label, custody, exclude, touches }) }
      } catch (error) {
        if (!isRefusal(error)) throw error
        return { refused: { code: error.code, person: null, key: touches.key() } }
      }
    })
    await session.vault.keyEnrolled({
      key: enrolled.key,
      custody: custody.map(({ safe, publicKey }) => ({ safe, publicKey: toBase64Url(publicKey) })),
      wraps: enrolled.wraps,
    })
    exclude.push({ id: enrolled.key.credentialId, transports: enrolled.key.transports })
    await confirmAndClose(session, job.person)
  }
}

function makeCustody({ sodium, secrets }: Session, safe: string): Custody {
  const pair = sodium.crypto_box_keypair()
  return { safe, publicKey: pair.publicKey, secretKey: secrets.keep(pair.privateKey) }
}

interface KeyEnrolment {
  readonly job: EnrolJob
  readonly label: string
  readonly custody: readonly Custody[]
  readonly exclude: readonly { readonly id: string; readonly transports: SecurityKey['transports'] }[]
  readonly touches: EnrolmentTouches
}

/** One key: create, then the gets. Starts over from `create` when any touch is refused. */
async function enrolKey(
  session: Session,
  { job, label, custody, exclude, touches }: KeyEnrolment,
): Promise<{ key: SecurityKey; wraps: Wrap[] }> {
  const created = await touches.create([...exclude])
  // The browser enforces `exclude`, and the browser is a page's word.
  if (exclude.some(({ id }) => id === created.credentialId)) throw new HalliganError('TAP_KEY_ALREADY_ENROLLED')
  const key: SecurityKey = { ...created, label, enrolledAt: toTimestamp(session.clock.wall()) }
  if (custody.length === 0) {
    await touches.get(null)
    return { key, wraps: [] }
  }
  const wraps: Wrap[] = []
  let rest = custody
  let atATime = 2
  while (rest.length > 0) {
    const now = rest.slice(0, atATime)
    const proved = await provePrf(session, touches, now.length)
    try {
      proved.forEach(({ salt, value }, index) => {
        const one = now[index]
        if (one !== undefined) wraps.push(wrapFor(session, job, key, one, salt, value))
      })
    } finally {
      for (const { value } of proved) value.wipe()
    }
    // A key that answers one input at a time is asked for one at a time.
    atATime = proved.length
    rest = rest.slice(proved.length)
  }
  return { key, wraps }
}

interface Proved {
  readonly salt: Uint8Array
  readonly value: SecretBytes
}

/**
 * Two touches with the same inputs. Returns one or two proved values; the caller wipes them.
 * @throws HalliganError TAP_NO_PRF, TAP_PRF_UNSTABLE.
 */
async function provePrf(session: Session, touches: EnrolmentTouches, inputs: number): Promise<Proved[]> {
  const salts = [session.random(32), ...(inputs > 1 ? [session.random(32)] : [])]
  const [first, second] = salts.map(toBase64Url)
  if (first === undefined) throw new HalliganError('INTERNAL')
  const asked = { first, second: second ?? null }
  const once = valuesOf(await touches.get(asked))
  let proved = false
  try {
    const again = valuesOf(await touches.get(asked))
    const same = again.every((value, at) => isSame(session, value, once[at]))
    for (const value of again) value.wipe()
    if (again.length !== once.length || !same) throw new HalliganError('TAP_PRF_UNSTABLE')
    proved = true
    return once.flatMap((value, at) => {
      const salt = salts[at]
      return salt === undefined ? [] : [{ salt, value }]
    })
  } finally {
    if (!proved) for (const value of once) value.wipe()
  }
}

function valuesOf(values: PrfValues | null): SecretBytes[] {
  if (values === null) throw new HalliganError('TAP_NO_PRF')
  return values.second === null ? [values.first] : [values.first, values.second]
}

const isSame = ({ sodium }: Session, a: SecretBytes, b: SecretBytes | undefined): boolean =>
  b?.use((one) => a.use((other) => sodium.memcmp(one, other))) ?? false

/** A wrap of this safe's secret key, opened again once before anybody relies on it. */
function wrapFor(
  session: Session,
  { vault, person }: EnrolJob,
  key: SecurityKey,
  { safe, publicKey, secretKey }: Custody,
  salt: Uint8Array,
  value: SecretBytes,
): Wrap {
  const { sodium, random } = session
  const header = {
    format: 'halligan/wrap/v1' as const,
    suite: wrapSuite,
    vault,
    safe,
    person: person.id,
    key: key.credentialId,
    publicKey: toBase64Url(publicKey),
    salt: toBase64Url(salt),
  }
  return value.use((prf) => {
    const wrap = secretKey.use((secret) => sealWrap(sodium, header, secret, prf, random(24)))
    sodium.memzero(openWrap(sodium, wrap, prf))
    return wrap
  })
}
