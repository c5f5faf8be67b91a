/**
 * libsodium (WASM) and the only randomness of the product. Never import this from a renderer: WASM there would need
 * `wasm-unsafe-eval`.
 */
import sodium from 'libsodium-wrappers'

export type Sodium = typeof sodium

let loaded = false

/** Loads libsodium; resolves at once when it is loaded already. Must be awaited before anything else in this file. */
export async function loadSodium(): Promise<Sodium> {
  await sodium.ready
  loaded = true
  return sodium
}

/**
 * `length` bytes from the operating system's generator, by way of libsodium.
 * @throws Error before {@link loadSodium} has resolved: an early caller must not get anything but randomness.
 */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  if (!loaded) throw new Error('libsodium is not loaded')
  return new Uint8Array(sodium.randombytes_buf(length))
}
