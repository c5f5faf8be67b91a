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

const touchNow = 'Touch now'

/** All keys on the table, and the hand that touches one. */
export class KeyTable {
  readonly #tap: Page
  readonly #cdp: CDPSession
  readonly #keys: VirtualKey[] = []

  private constructor(tap: Page, cdp: CDPSession) {
    this.#tap = tap
    this.#cdp = cdp
  }

  /** Attaches to the tap page that development builds keep alive. */
  static async attach(tap: Page): Promise<KeyTable> {
    const cdp = await tap.context().newCDPSession(tap)
    await cdp.send('WebAuthn.enable', { enableUI: false })
    return new KeyTable(tap, cdp)
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
    const button = this.#tap.getByRole('button', { name: touchNow })
    await button.and(this.#tap.locator(':enabled')).waitFor({ state: 'visible', timeout: 20_000 })
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
      await press(this.#tap, touchNow)
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
        await navigator.credentials.get({ publicKey }).catch(() => null)
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
