/** Control 6: every permission is refused, and security keys work all the same. */
import { expect, test } from 'playwright/test'
import { preparedRun } from '../launch.ts'
import { buildStage, launchStage, type RunningStage } from '../support/stage.ts'

let stage: RunningStage

const names = [
  'accelerometer',
  'ambient-light-sensor',
  'background-fetch',
  'background-sync',
  'camera',
  'captured-surface-control',
  'clipboard-read',
  'clipboard-write',
  'display-capture',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'idle-detection',
  'keyboard-lock',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'nfc',
  'notifications',
  'payment-handler',
  'periodic-background-sync',
  'persistent-storage',
  'pointer-lock',
  'push',
  'screen-wake-lock',
  'speaker-selection',
  'storage-access',
  'system-wake-lock',
  'top-level-storage-access',
  'window-management',
]

test.describe('permissions', () => {
  test.beforeAll(async () => {
    stage = await launchStage(await buildStage(preparedRun()))
    await stage.startOperation()
    for (const kind of ['tap', 'seal', 'reveal'] as const) await stage.openPage(kind)
  })
  test.afterAll(() => stage.close())

  for (const kind of ['app', 'tap', 'seal', 'reveal'] as const) {
    test(`are all refused in the ${kind} page`, async () => {
      const page = await stage.window(kind)
      const states = await page.evaluate(async (asked) => {
        const found: Record<string, string> = {}
        for (const name of asked) {
          try {
            found[name] = (await navigator.permissions.query({ name: name as PermissionName })).state
          } catch {
            // A name that this Chromium does not know cannot be granted either.
            found[name] = 'unknown'
          }
        }
        return found
      }, names)
      expect(Object.entries(states).filter(([, state]) => state === 'granted' || state === 'prompt')).toEqual([])
      expect(Object.values(states).filter((state) => state === 'denied').length).toBeGreaterThan(10)
    })
  }

  test('cannot be had by using them either', async () => {
    const page = await stage.window('app')
    await page.mouse.click(50, 50)
    const outcomes = await page.evaluate(async () => {
      const results: Record<string, string> = {}
      const attempt = async (name: string, run: () => unknown): Promise<void> => {
        try {
          const answer = await Promise.race([run(), new Promise((resolve) => setTimeout(resolve, 2000, 'nothing'))])
          results[name] = answer === 'nothing' ? 'nothing' : `got ${String(answer)}`
        } catch (error) {
          results[name] = (error as Error).name
        }
      }
      const any = navigator as unknown as Record<string, Record<string, (...options: unknown[]) => Promise<unknown>>>
      await attempt('camera', () => navigator.mediaDevices.getUserMedia({ video: true }).then(() => 'stream'))
      await attempt('microphone', () => navigator.mediaDevices.getUserMedia({ audio: true }).then(() => 'stream'))
      await attempt('screen', () => navigator.mediaDevices.getDisplayMedia().then(() => 'stream'))
      await attempt(
        'geolocation',
        () =>
          new Promise((resolve, reject) =>
            navigator.geolocation.getCurrentPosition(
              () => resolve('here'),
              () => reject(new Error('refused')),
            ),
          ),
      )
      await attempt('notifications', async () => {
        if ((await Notification.requestPermission()) !== 'granted') throw new Error('refused')
      })
      await attempt('clipboardRead', () => navigator.clipboard.readText())
      await attempt('clipboardWrite', () => navigator.clipboard.writeText('x').then(() => 'written'))
      await attempt('midi', () => navigator.requestMIDIAccess().then(() => 'access'))
      await attempt('usb', () => any['usb']!['requestDevice']!({ filters: [] }))
      await attempt('hid', () =>
        any['hid']!['requestDevice']!({ filters: [] }).then((devices) => {
          if ((devices as unknown[]).length === 0) throw new Error('none')
        }),
      )
      await attempt('serial', () => any['serial']!['requestPort']!())
      await attempt('bluetooth', () => any['bluetooth']!['requestDevice']!({ acceptAllDevices: true }))
      await attempt('wakeLock', () => navigator.wakeLock.request('screen').then(() => 'lock'))
      await attempt('fullscreen', () => document.body.requestFullscreen().then(() => 'full'))
      await attempt('pointerLock', async () => {
        await document.body.requestPointerLock()
        if (document.pointerLockElement === null) throw new Error('refused')
      })
      await attempt('fonts', () =>
        (window as unknown as { queryLocalFonts(): Promise<unknown[]> }).queryLocalFonts().then((fonts) => {
          if (fonts.length === 0) throw new Error('none')
        }),
      )
      await attempt('screens', () => (window as unknown as { getScreenDetails(): Promise<unknown> }).getScreenDetails())
      await attempt('persist', async () => {
        if (!(await navigator.storage.persist())) throw new Error('refused')
      })
      await attempt('filePicker', () =>
        (window as unknown as { showOpenFilePicker(): Promise<unknown> }).showOpenFilePicker(),
      )
      await attempt('payment', () =>
        new PaymentRequest([{ supportedMethods: 'https://example.com' }], {
          total: { label: 'x', amount: { currency: 'EUR', value: '1' } },
        }).show(),
      )
      return results
    })
    expect(Object.entries(outcomes).filter(([, outcome]) => outcome.startsWith('got'))).toEqual([])
    expect(await page.evaluate(() => window.open('/app/') === null)).toBe(true)
  })

  test('are not needed for a security key: create and get with two PRF values', async () => {
    const page = await stage.window('tap')
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('WebAuthn.enable', { enableUI: false })
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'usb',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        hasPrf: true,
        automaticPresenceSimulation: true,
      },
    })
    const lengths = await page.evaluate(async () => {
      const bytes = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length))
      const made = (await navigator.credentials.create({
        publicKey: {
          challenge: bytes(32),
          rp: { id: 'halligan.localhost', name: 'Halligan' },
          user: { id: bytes(32), name: 'x', displayName: 'x' },
          pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
          authenticatorSelection: { userVerification: 'required', residentKey: 'discouraged' },
          extensions: { prf: {} },
          timeout: 8000,
        },
      })) as PublicKeyCredential
      const got = (await navigator.credentials.get({
        publicKey: {
          challenge: bytes(32),
          rpId: 'halligan.localhost',
          allowCredentials: [{ type: 'public-key', id: made.rawId }],
          userVerification: 'required',
          timeout: 8000,
          extensions: { prf: { eval: { first: bytes(32), second: bytes(32) } } },
        },
      })) as PublicKeyCredential
      const { results } = got.getClientExtensionResults().prf!
      return [results!.first, results!.second!].map((value) => (value as ArrayBuffer).byteLength)
    })
    expect(lengths).toEqual([32, 32])
  })

  test('let no page but the tap page ask a security key', async () => {
    const page = await stage.window('app')
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('WebAuthn.enable', { enableUI: false })
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'usb',
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    const refused = await page.evaluate(async () => {
      const challenge = new Uint8Array(32)
      const outcomes: string[] = []
      for (const ask of [
        navigator.credentials.create({
          publicKey: {
            challenge,
            rp: { id: 'halligan.localhost', name: 'Halligan' },
            user: { id: challenge, name: 'x', displayName: 'x' },
            pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
            timeout: 3000,
          },
        }),
        navigator.credentials.get({ publicKey: { challenge, rpId: 'halligan.localhost', timeout: 3000 } }),
      ]) {
        await ask.then(
          () => outcomes.push('answered'),
          (error: unknown) => outcomes.push((error as DOMException).message),
        )
      }
      return outcomes
    })
    expect(refused).toHaveLength(2)
    // Chromium names the policy; a refusal for another reason would not show that it holds.
    for (const message of refused) expect(message).toMatch(/publickey-credentials|permissions policy|feature/i)
  })
})
