/** Which safes somebody is a custodian of. */
import type { Manifest } from './manifest.ts'

export interface Custody {
  readonly safe: string
  /** Their X25519 key for this safe, base64url. */
  readonly publicKey: string
  /** Whether the safe's policy asks for a passphrase in each of its wraps. */
  readonly passphrase: boolean
}

/** One person's custodies, in the order of the manifest's safes. */
export const custodiesOf = ({ safes }: Pick<Manifest, 'safes'>, person: string): Custody[] =>
  safes.flatMap(({ id, custodians, policy }) =>
    custodians
      .filter((one) => one.person === person)
      .map(({ publicKey }) => ({ safe: id, publicKey, passphrase: policy.passphrase === true })),
  )
