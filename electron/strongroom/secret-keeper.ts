/** Every secret of the operation, so that one call wipes them all at whatever moment the end comes. */
import { SecretBytes } from '../platform/secret-bytes.ts'

export interface SecretKeeper {
  /** Takes ownership of `bytes`. After `wipeAll` they are wiped at once: too late is never readable. */
  readonly keep: (bytes: Uint8Array) => SecretBytes
  readonly wipeAll: () => void
}

/** An empty keeper. */
export function createSecretKeeper(): SecretKeeper {
  const kept = new Set<SecretBytes>()
  let over = false
  return {
    keep: (bytes) => {
      const secret = new SecretBytes(bytes)
      if (over) secret.wipe()
      else kept.add(secret)
      return secret
    },
    wipeAll: () => {
      over = true
      for (const secret of kept) secret.wipe()
      kept.clear()
    },
  }
}
