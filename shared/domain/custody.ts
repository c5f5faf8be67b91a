/** Which safes somebody is a custodian of. */
import type { Manifest } from './manifest.ts'

export interface Custody {
  readonly safe: string
  /** Their X25519 key for this safe, base64url. */
  readonly publicKey: string
}

/** One person's custodies, in the order of the manifest's safes. */
export const custodiesOf = ({ safes }: Pick<Manifest, 'safes'>, person: string): Custody[] =>
  safes.flatMap(({ id, custodians }) =>
    custodians.flatMap((one) => (one.person === person ? [{ safe: id, publicKey: one.publicKey }] : [])),
  )
