/** From a custodian's PRF value to their share, and the ratchet of the salt (docs/format-sealing.md, "Wrap"). */
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import { needsPassphrase, type RecordHeader, type Wrap } from '../../../shared/domain/credential.ts'
import type { Safe } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { SecretBytes } from '../../platform/secret-bytes.ts'
import type { Passphrase } from '../crypto/passphrase.ts'
import { openShare } from '../crypto/share.ts'
import { openWrap, sealWrap, wrapHeaderOf } from '../crypto/wrap.ts'
import type { Session } from '../session.ts'
import type { PrfValues } from '../tap/channel.ts'
import type { Custodian } from '../trust/record.ts'

/** What was done with a custodian's secret key while it was open, and its next wrap. */
export interface Opened<T> {
  readonly taken: T
  /** The secret key under the fresh salt, already opened once; null where the key gave one value only. */
  readonly wrap: Wrap | null
}

/** A custodian's key pair for one safe. */
export interface OwnKeys {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** The wraps of a job. */
export interface HeldWraps {
  readonly vault: string
  readonly wraps: readonly Wrap[]
}

/**
 * The custodian's wrap under this key, if it is theirs for this safe. Whether it is sound shows when it opens. One without
 * the passphrase that the safe asks for is none: the database alone must not be able to take a factor away.
 */
export const findWrap = (
  { vault, wraps }: HeldWraps,
  { id, policy }: Pick<Safe, 'id' | 'policy'>,
  person: string,
  key: string,
): Wrap | undefined =>
  wraps.find(
    (wrap) =>
      wrap.vault === vault &&
      wrap.safe === id &&
      wrap.person === person &&
      wrap.key === key &&
      (policy.passphrase !== true || needsPassphrase(wrap)),
  )

/**
 * Opens one custodian's wrap, lends the key pair to `take`, and wraps the secret key anew.
 * @param entered PRF values and passphrase of this tap.
 * @param freshSalt the salt that `prf.second` was asked for.
 * @throws HalliganError TAP_WRAP_DAMAGED, TAP_PASSPHRASE_WRONG, each {custodian}; TAP_PASSPHRASE_NEEDED; what `take` throws.
 */
export function openOwnKeys<T>(
  { sodium, random }: Session,
  { custodian, publicKey }: Pick<Custodian, 'custodian' | 'publicKey'>,
  wrap: Wrap,
  { prf, passphrase }: { readonly prf: PrfValues; readonly passphrase: Passphrase | null },
  freshSalt: Uint8Array,
  take: (keys: OwnKeys) => T,
): Opened<T> {
  // A wrap of another key pair than the share was sealed to: swapped, or left over from another safe.
  if (wrap.publicKey !== toBase64Url(publicKey)) throw new HalliganError('TAP_WRAP_DAMAGED', { custodian })
  const secretKey = prf.first.use((value) => openWrap(sodium, wrap, value, passphrase))
  try {
    const taken = take({ publicKey: fromBase64Url(wrap.publicKey), secretKey })
    return { taken, wrap: prf.second === null ? null : rewrap(prf.second) }
  } finally {
    sodium.memzero(secretKey)
  }

  function rewrap(second: SecretBytes): Wrap {
    return second.use((value) => {
      const header = { ...wrapHeaderOf(wrap), salt: toBase64Url(freshSalt) }
      // The passphrase keeps its salt: stretched once, it does for both.
      const next = sealWrap(sodium, header, secretKey, value, random(24), passphrase)
      // The old wrap is erased when this one is stored: it must open.
      sodium.memzero(openWrap(sodium, next, value, passphrase))
      return next
    })
  }
}

/**
 * One custodian's share of one record, checked against the record's header.
 * @throws HalliganError SHARE_DAMAGED, SHARE_WRONG, each {custodian}.
 */
export function openOwnShare(
  { sodium, secrets }: Session,
  { vault, safe, credential, version, threshold }: RecordHeader,
  { custodian, index, commitment, box }: Custodian,
  keys: OwnKeys,
): SecretBytes {
  const name = { vault, safe, credential, version, threshold, custodian, index }
  return secrets.keep(openShare(sodium, name, commitment, box, keys))
}
