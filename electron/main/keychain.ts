/** The system's keychain, where it is one: Electron's safeStorage with a real secret store behind it. */
import { safeStorage } from 'electron'
import type { Keychain } from './station-secrets.ts'

/* The newer, asynchronous API is missing in the runtime that we develop and test with. */
/* eslint-disable @typescript-eslint/no-deprecated */

/** @returns null where there is none: on Linux without a keyring safeStorage would only scramble with a known key */
export function findKeychain(): Keychain | null {
  if (!safeStorage.isEncryptionAvailable()) return null
  if (process.platform === 'linux') {
    const backend = safeStorage.getSelectedStorageBackend()
    if (backend === 'basic_text' || backend === 'unknown') return null
  }
  return {
    encrypt: (text) => safeStorage.encryptString(text),
    decrypt: (bytes) => safeStorage.decryptString(Buffer.from(bytes)),
  }
}
