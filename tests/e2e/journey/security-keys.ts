/**
 * Virtual security keys on the kept tap page, one touched at a time: Chromium's own WebAuthn stack, so that what the app
 * calls is what a real key would answer.
 */
import type { CDPSession, Page } from 'playwright'
import { press } from './screens.ts'

/** Bad behaviour of a key, for the refusals. */
export interface KeyOptions {
  readonly userVerified?: boolean
  readonly hasPrf?: boolean
  readonly backupEligible?: boolean
}

/** How one touch misbehaves. */
export interface TouchOverrides {
  readonly bogusSignature?: boolean
  readonly badUserVerification?: boolean
}

/** One virtual key. */
export interface VirtualKey {
  readonly name: string
  readonly authenticator: string
}

/** How a page asks for a touch, so that a key can be held before it does. */
export interface Asking {
  /** Resolves when the page is about to ask, with what is to be said first said. */
  readonly waitUntilReady: () => Promise<void>
  /** Lets it ask. */
  readonly ask: () => Promise<void>
}

const touchNow = 'Touch now'

/** A page of a development build waits for "Touch now". */
const askByButton = (tap: Page): Asking => ({
  waitUntilReady: () =>
    tap
      .getByRole('button', { name: touchNow })
      .and(tap.locator(':enabled'))
      .waitFor({ state: 'visible', timeout: 20_000 }),
  ask: () => press(tap, touchNow),
})

/** All keys on the table, and the hand that touches one. */
export class KeyTable {
  readonly #tap: Page
  readonly #cdp: CDPSession
  readonly #asking: Asking
  readonly #keys: VirtualKey[] = []

  private constructor(tap: Page, cdp: CDPSession, asking: Asking) {
    this.#tap = tap
    this.#cdp = cdp
    this.#asking = asking
  }

  /** Attaches to the tap page that development builds keep alive, or to another that asks in its own way. */
  static async attach(tap: Page, asking: Asking = askByButton(tap)): Promise<KeyTable> {
    const cdp = await tap.context().newCDPSession(tap)
    await cdp.send('WebAuthn.enable', { enableUI: false })
    return new KeyTable(tap, cdp, asking)
  }

  /** Lays a new key on the table. */
  async add(name: string, options: KeyOptions = {}): Promise<VirtualKey> {
    const { authenticatorId } = await this.#cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'usb',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: options.userVerified ?? true,
        hasPrf: options.hasPrf ?? true,
        defaultBackupEligibility: options.backupEligible ?? false,
        automaticPresenceSimulation: false,
      },
    })
    const key = { name, authenticator: authenticatorId }
    this.#keys.push(key)
    return key
  }

  /**
   * Touches `key` once for the touch that the page asks for, and lets go when the page has its answer. A key must be held
   * before WebAuthn is called: a virtual key that is pressed later never answers the pending call.
   */
  async touch(key: VirtualKey, overrides: TouchOverrides = {}): Promise<void> {
    await this.#asking.waitUntilReady()
    await this.#refreshRetries()
    // The page counts settled touches, and is loaded anew after a tap: then the mark is gone with the old document.
    const before = await this.#tap.evaluate(() => {
      const { dataset } = document.documentElement
      dataset['marked'] = 'yes'
      return Number(dataset['touches'] ?? '0')
    })
    await this.#override(key, overrides)
    await this.#hold(key, true)
    try {
      await this.#asking.ask()
      await this.#tap.waitForFunction(
        (count) => {
          const { dataset } = document.documentElement
          return dataset['marked'] === undefined || Number(dataset['touches'] ?? '0') > count
        },
        before,
        { timeout: 20_000 },
      )
    } finally {
      await this.#hold(key, false)
      await this.#override(key, {})
    }
  }

  /**
   * A virtual key that lies idle through five requests believes that its owner failed five verifications, and locks. One
   * request that all keys may answer, all held, sets the counters back. Costs about 10 ms; only tests need it.
   */
  async #refreshRetries(): Promise<void> {
    const held: { key: VirtualKey; ids: string[] }[] = []
    for (const key of this.#keys) {
      const { credentials } = await this.#cdp.send('WebAuthn.getCredentials', { authenticatorId: key.authenticator })
      if (credentials.length > 0) held.push({ key, ids: credentials.map(({ credentialId }) => credentialId) })
    }
    if (held.length < 2) return
    for (const { key } of held) await this.#hold(key, true)
    await this.#tap.evaluate(
      async (ids) => {
        const publicKey: PublicKeyCredentialRequestOptions = {
          challenge: new Uint8Array(32),
          rpId: 'halligan.localhost',
          allowCredentials: ids.map((id) => ({ type: 'public-key', id: Uint8Array.from(id) })),
          userVerification: 'required',
          timeout: 3000,
        }
        // Not the page's own `get`, which a test may have taken over.
        await CredentialsContainer.prototype.get.call(navigator.credentials, { publicKey }).catch(() => null)
      },
      held.flatMap(({ ids }) => ids.map((id) => [...Buffer.from(id, 'base64')])),
    )
    for (const { key } of held) await this.#hold(key, false)
  }

  async #hold(key: VirtualKey, enabled: boolean): Promise<void> {
    await this.#cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: key.authenticator, enabled })
  }

  async #override(key: VirtualKey, overrides: TouchOverrides): Promise<void> {
    await this.#cdp.send('WebAuthn.setResponseOverrideBits', {
      authenticatorId: key.authenticator,
      isBogusSignature: overrides.bogusSignature ?? false,
      isBadUV: overrides.badUserVerification ?? false,
      isBadUP: false,
    })
  }
}
