/** SHA-256 commitments to the content key and to each share (docs/format-sealing.md, "Commitments"). */
import { concatBytes, toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { canonicalMessage, type Purpose } from '../../../shared/canonical.ts'
import { nodePrimitives } from '../../platform/primitives.ts'

/** Which version of which credential a key or share belongs to. */
export interface VersionName {
  readonly vault: string
  readonly credential: string
  readonly version: number
}

const newline = utf8('\n')

/** Base64url SHA-256 of the named message followed by a newline and `secret`; the joined copy is wiped. */
function commit(purpose: Purpose, name: Readonly<Record<string, string | number>>, secret: Uint8Array): string {
  const joined = concatBytes(canonicalMessage(purpose, name), newline, secret)
  try {
    return toBase64Url(nodePrimitives.sha256(joined))
  } finally {
    joined.fill(0)
  }
}

/** Commitment to a content key: a wrong combination cannot pass. 32 random bytes cannot be guessed from it. */
export const commitToKey = ({ vault, credential, version }: VersionName, key: Uint8Array): string =>
  commit('key-commitment', { vault, credential, version }, key)

/** Commitment to one custodian's share: a wrong share is named before anything is combined. */
export const commitToShare = (
  { vault, credential, version }: VersionName,
  custodian: string,
  index: number,
  share: Uint8Array,
): string => commit('share-commitment', { vault, credential, version, custodian, index }, share)
