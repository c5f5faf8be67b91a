/**
 * Bytes that nobody may see by accident: not in JSON, not in a string, not in a log or a debugger's summary. Used
 * inside `use`, overwritten by `wipe`. (The JavaScript engine may have moved copies; the end of the process is what
 * really ends a secret. Wiping shortens the time, it does not replace the end.)
 */
export class SecretBytes {
  readonly #bytes: Uint8Array
  #wiped = false

  /** Takes ownership of `bytes`: the caller must not keep or wipe them itself. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Length in bytes; not secret here (the padding of the record hides it on disk). */
  get length(): number {
    return this.#bytes.length
  }

  /**
   * Lends the bytes to `fn`. They are this object's own: a caller that keeps a reference sees zeros after `wipe`.
   * @throws Error when they are wiped already: zeros must never be used as if they were the secret.
   */
  use<T>(fn: (bytes: Uint8Array) => T): T {
    if (this.#wiped) throw new Error('secret already wiped')
    return fn(this.#bytes)
  }

  /** Overwrites the bytes. May be called again. */
  wipe(): void {
    this.#bytes.fill(0)
    this.#wiped = true
  }

  toJSON(): never {
    throw new TypeError('a secret has no JSON form')
  }

  toString(): never {
    throw new TypeError('a secret has no text form')
  }

  [Symbol.toPrimitive](): never {
    throw new TypeError('a secret has no primitive form')
  }

  // Does not throw: `console.log` of an object that holds one must not become a crash that prints its neighbours.
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}
