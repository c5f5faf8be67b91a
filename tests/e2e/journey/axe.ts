/** axe on a window of the real app, as it stands at this moment of a journey. */
import axe, { type AxeResults } from 'axe-core'
import { expect, type Page } from 'playwright/test'

/** Fails with what axe finds on `page`; `state` says where the journey is. */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  // What is fading in has no colour of its own yet. Some animations go on for ever.
  await page.evaluate(async () => {
    const ends = document.getAnimations().map(({ finished }) => finished)
    await Promise.race([Promise.allSettled(ends), new Promise((resolve) => setTimeout(resolve, 1000))])
  })
  const session = await page.context().newCDPSession(page)
  // Past the page's policy, as the developer tools do it.
  await session.send('Runtime.evaluate', { expression: axe.source })
  await session.detach()
  const findings = await page.evaluate(async () => {
    const inPage = (globalThis as unknown as { axe: { run: (options: unknown) => Promise<AxeResults> } }).axe
    const { violations } = await inPage.run({ resultTypes: ['violations'] })
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`)
  })
  expect(findings, `axe: ${state}`).toEqual([])
}
