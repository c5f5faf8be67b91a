/**
 * Proof that a new security key works, and the wraps under it. A key that says "PRF enabled" at creation and then returns
 * nothing exists; so `create` proves nothing, and each pair of gets must return the same bytes.
 */
import { toBase64Url } from '../../../shared/bytes.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import { passphraseWrapSuite, wrapSuite, type Wrap } from '../../../shared/domain/credential.ts'
import type { SecurityKey } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import type { PassphraseFactor } from '../crypto/passphrase.ts'
import { openWrap, sealWrap, type WrapHeader } from '../crypto/wrap.ts'
import type { Session } from '../session.ts'
import type { PrfValues } from '../tap/channel.ts'
import type { EnrolmentTouches } from './enrol-touches.ts'

/** A PRF input with what this key makes of it, every time. */
interface Proved {
  readonly salt: Uint8Array
  readonly value: SecretBytes
}

export interface NewKey {
  readonly key: SecurityKey
  /** As many as were asked for. The caller wipes the values. */
  readonly proved: readonly Proved[]
}

/** Keys that must not be enrolled: somebody has them already. */
type Excluded = readonly { readonly id: string; readonly transports: SecurityKey['transports'] }[]

/**
 * One key: create, then the gets; for a key without PRF inputs one get, so that it is known to answer.
 * @param inputs how many PRF values are wanted: one per safe.
 * @throws HalliganError TAP_*; the touches start over then.
 */
export async function proveNewKey(
  session: Session,
  touches: EnrolmentTouches,
  { label, exclude, inputs }: { readonly label: string; readonly exclude: Excluded; readonly inputs: number },
): Promise<NewKey> {
  const created = await touches.create([...exclude])
  // The browser enforces `exclude`, and the browser is a page's word.
  if (exclude.some(({ id }) => id === created.credentialId)) throw new HalliganError('TAP_KEY_ALREADY_ENROLLED')
  const key: SecurityKey = { ...created, label, enrolledAt: toTimestamp(session.clock.wall()) }
  if (inputs === 0) await touches.get(null)
  return { key, proved: await proveInputs(session, touches, inputs) }
}

/**
 * A key that is enrolled already, for further inputs.
 * @throws HalliganError TAP_*; the touches start over then.
 */
export async function proveKnownKey(
  session: Session,
  touches: EnrolmentTouches,
  key: SecurityKey,
  inputs: number,
): Promise<NewKey> {
  return { key, proved: await proveInputs(session, touches, inputs) }
}

/** As many values as are wanted, each the same twice. The caller wipes them. */
async function proveInputs(session: Session, touches: EnrolmentTouches, inputs: number): Promise<Proved[]> {
  const proved: Proved[] = []
  try {
    let atATime = 2
    while (proved.length < inputs) {
      const now = await provePrf(session, touches, Math.min(atATime, inputs - proved.length))
      // A key that answers one input at a time is asked for one at a time.
      atATime = now.length
      proved.push(...now)
    }
    return proved
  } catch (error) {
    wipeProved(proved)
    throw error
  }
}

export function wipeProved(proved: readonly Proved[]): void {
  for (const { value } of proved) value.wipe()
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

/** Whose key pair of which safe a wrap holds, and under which security key. */
type WrapPlace = Pick<Wrap, 'vault' | 'safe' | 'person' | 'key' | 'publicKey'>

/**
 * A wrap of `secretKey` under a proved value, opened again once before anybody relies on it.
 * @param factor the passphrase that it needs besides, where the safe's policy asks for one.
 */
export function wrapUnder(
  { sodium, random }: Session,
  place: WrapPlace,
  secretKey: Uint8Array,
  { salt, value }: Proved,
  factor: PassphraseFactor | null,
): Wrap {
  const members = { ...place, salt: toBase64Url(salt) }
  const header: WrapHeader =
    factor === null
      ? { format: 'halligan/wrap/v1', suite: wrapSuite, ...members }
      : { format: 'halligan/wrap/v2', suite: passphraseWrapSuite, ...members, stretch: factor.stretch }
  const passphrase = factor?.passphrase ?? null
  return value.use((prf) => {
    const wrap = sealWrap(sodium, header, secretKey, prf, random(24), passphrase)
    sodium.memzero(openWrap(sodium, wrap, prf, passphrase))
    return wrap
  })
}
