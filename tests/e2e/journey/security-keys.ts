/**
 * Virtual security keys on the kept tap page, one touched at a time: Chromium's own WebAuthn stack, so that what the app
 * calls is what a real key would answer.
 */
import type { CDPSession, Page } from 'playwright'

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
    return { name, authenticator: authenticatorId }
  }

  /**
   * Touches `key` once for the touch that the page asks for, and lets go when the page has its answer. A key must be held
   * before WebAuthn is called: a virtual key that is pressed later never answers the pending call.
   */
  async touch(key: VirtualKey, overrides: TouchOverrides = {}): Promise<void> {
    const button = this.#tap.getByRole('button', { name: touchNow })
    await button.waitFor({ state: 'visible', timeout: 20_000 })
    // The page counts settled touches, and is loaded anew after a tap: then the mark is gone with the old document.
    const before = await this.#tap.evaluate(() => {
      const { dataset } = document.documentElement
      dataset['marked'] = 'yes'
      return Number(dataset['touches'] ?? '0')
    })
    await this.#override(key, overrides)
    await this.#hold(key, true)
    try {
      await button.click()
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
