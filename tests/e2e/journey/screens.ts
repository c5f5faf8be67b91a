/**
 * Small moves on a screen, by role and name as a person (or a screen reader) finds things; with the mouse, or with the
 * keyboard alone.
 */
import type { Locator, Page } from 'playwright'

let keyboardOnly = false

/** From here on every move of this test process is made with Tab, arrows, Space and Enter. */
export function useKeyboardOnly(): void {
  keyboardOnly = true
}

/** More stops than any screen has: what is not reached by then cannot be reached. */
const mostStops = 200

/** Moves the focus with Tab until it is on `target`. Rejects when it never gets there: then no keyboard user can. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor({ state: 'attached' })
  for (let stop = 0; stop < mostStops; stop++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the Tab key never reaches ${target.toString()}`)
}

const pageOf = (within: Page | Locator): Page => ('keyboard' in within ? within : within.page())

async function pressTarget(within: Page | Locator, target: Locator): Promise<void> {
  if (!keyboardOnly) {
    await target.click()
    return
  }
  await target.and(pageOf(within).locator(':enabled')).waitFor()
  await tabTo(pageOf(within), target)
  await pageOf(within).keyboard.press('Enter')
}

/** Presses the button called `name`. */
export const press = (within: Page | Locator, name: string | RegExp): Promise<void> =>
  pressTarget(within, within.getByRole('button', { name, exact: true }))

/** Chooses `option` in the list labelled `label`. */
export async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
  // The button's own name is the label and what is chosen now.
  await pressTarget(page, page.getByRole('button', { name: new RegExp(`${escape(label)}$`) }))
  const target = page.getByRole('option', { name: option, exact: typeof option === 'string' })
  if (!keyboardOnly) {
    await target.click()
    return
  }
  await target.waitFor()
  await page.keyboard.press('Home')
  for (let row = 0; row < mostStops; row++) {
    if (await target.evaluate((element) => element === document.activeElement)) break
    await page.keyboard.press('ArrowDown')
  }
  await page.keyboard.press('Enter')
  await target.waitFor({ state: 'detached' })
}

/** Fills the field labelled `label`. */
export async function fill(page: Page, label: string | RegExp, text: string): Promise<void> {
  const field = page.getByLabel(label, { exact: typeof label === 'string' }).first()
  if (!keyboardOnly) {
    await field.fill(text)
    return
  }
  await tabTo(page, field)
  await page.keyboard.press('Control+a')
  await page.keyboard.type(text)
}

/** Sets the number in the field labelled `label`. */
export async function setNumber(page: Page, label: RegExp, value: number): Promise<void> {
  const field = page.getByRole('textbox', { name: label })
  if (keyboardOnly) await tabTo(page, field)
  else await field.focus()
  await field.press('Control+a')
  await field.pressSequentially(String(value))
  await field.press('Tab')
}

/** Picks the alternative called `name` of a group. */
export async function pick(page: Page, name: string | RegExp): Promise<void> {
  const target = page.getByRole('radio', { name, exact: typeof name === 'string' }).first()
  if (!keyboardOnly) {
    await target.click({ force: true })
    return
  }
  // Tab stops at a group's chosen alternative (or its first); the arrows go on from there.
  const group = page.getByRole('radiogroup').filter({ has: target })
  for (let stop = 0; stop < mostStops; stop++) {
    if (await group.evaluate((element) => element.contains(document.activeElement))) break
    await page.keyboard.press('Tab')
  }
  for (let step = 0; step < 20 && !(await target.isChecked()); step++) {
    await page.keyboard.press((await focusIsOn(target)) ? 'Space' : 'ArrowDown')
  }
  if (!(await target.isChecked())) throw new Error(`the keyboard does not reach ${target.toString()}`)
}

const focusIsOn = (target: Locator): Promise<boolean> =>
  target.evaluate((element) => element === document.activeElement)

/** Sets the tick called `label` inside `within`. */
export async function tick(within: Page | Locator, label: string, on: boolean): Promise<void> {
  const box = within.getByRole('checkbox', { name: label, exact: true })
  if ((await box.isChecked()) === on) return
  // The box itself is hidden behind what is drawn; a space on it is what a keyboard does.
  if (keyboardOnly) await tabTo(pageOf(within), box)
  else await box.focus()
  await pageOf(within).keyboard.press('Space')
  if ((await box.isChecked()) !== on) throw new Error(`the tick "${label}" did not change`)
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Goes to a place of the main navigation. */
export const goTo = (page: Page, place: string): Promise<void> =>
  pressTarget(
    page,
    page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: new RegExp(`^${escape(place)}`) }),
  )

/** Waits until the notice about the operation that has just ended says something like `text`. */
export async function waitForOutcome(page: Page, text: RegExp, timeout = 20_000): Promise<void> {
  await page.locator('.outcome').getByText(text).first().waitFor({ timeout })
}

/** Waits until a shown field reads `text` (its characters are drawn one by one, so it is no single text on the page). */
export async function waitForShown(reveal: Page, text: string | RegExp): Promise<void> {
  const pattern = typeof text === 'string' ? escape(text) : text.source
  await reveal.waitForFunction(
    (source) =>
      [...document.querySelectorAll('.value')].some((value) =>
        new RegExp(source).test(value.textContent.replaceAll(/\s/g, '')),
      ),
    pattern,
    { timeout: 20_000 },
  )
}
