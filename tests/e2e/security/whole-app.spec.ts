/** Control 5 over a whole journey of the real app: not one policy violation, not one uncaught error, in any window. */
import { expect, test } from 'playwright/test'
import {
  openRequest,
  revealWindow,
  sealCredential,
  setUpSmallVault,
  startHalligan,
  tapAll,
  waitForClosed,
  type Halligan,
} from '../journey/halligan.ts'
import { fill, goTo, press } from '../journey/screens.ts'

let halligan: Halligan

test.beforeAll(async () => {
  halligan = await startHalligan()
})
test.afterAll(() => halligan.launched.close())

test('set-up, sealing, request, taps, reveal and timeline violate no policy and throw nothing', async () => {
  test.setTimeout(180_000)
  const complaints: string[] = []
  const context = halligan.launched.app.context()
  // Chromium reports every violation of a policy, also of trusted types, as an error on the console.
  context.on('console', (message) => {
    // Chromium recommends RSA keys for what it calls compatibility; we ask for ES256 and Ed25519 on purpose.
    if (message.text().startsWith('publicKey.pubKeyCredParams is missing')) return
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.page()?.url() ?? ''}: ${message.text()}`)
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))

  const { custodians } = await setUpSmallVault(halligan)
  const [first, second] = custodians
  await sealCredential(halligan, {
    name: 'Cloud root',
    kind: 'Login',
    by: first!,
    fillForm: async (seal) => {
      await fill(seal, 'User name', 'root')
      await fill(seal, 'Password', 'x1-y2-z3')
      await seal
        .getByRole('textbox', { name: /^Runbook/ })
        .fill(
          '# First\n\n1. **Look** at `it`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script> [link](https://example.com)',
        )
    },
  })
  await openRequest(halligan, { credential: 'Cloud root', by: first!, seconds: '2 minutes' })
  await tapAll(halligan, [first!, second!])
  const reveal = await revealWindow(halligan)
  await press(reveal, 'Show Password')
  await reveal.getByText('x1-y2-z3').first().waitFor({ state: 'attached' })
  await press(reveal, 'Hide now')
  await waitForClosed(halligan, /./)
  await goTo(halligan.app, 'Timeline')
  await halligan.app.locator('main').waitFor()
  expect(complaints).toEqual([])
})
