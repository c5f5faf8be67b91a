/** Small moves on a screen, by role and name as a person (or a screen reader) finds things. */
import type { Locator, Page } from 'playwright'

/** Presses the button called `name`. */
export const press = (page: Page | Locator, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()

/** Chooses `option` in the list labelled `label`. */
export async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
  // The button's own name is the label and what is chosen now.
  await page.getByRole('button', { name: new RegExp(`${escape(label)}$`) }).click()
  await page.getByRole('option', { name: option, exact: typeof option === 'string' }).click()
}

/** Fills the field labelled `label`. */
export const fill = (page: Page, label: string, text: string): Promise<void> =>
  page.getByLabel(label, { exact: true }).fill(text)

/** Sets the tick called `label` inside `within`. */
export async function tick(within: Page | Locator, label: string, on: boolean): Promise<void> {
  const box = within.getByRole('checkbox', { name: label, exact: true })
  if ((await box.isChecked()) === on) return
  // The box itself is hidden behind what is drawn; a space on it is what a keyboard would do.
  await box.focus()
  await box.press('Space')
  if ((await box.isChecked()) !== on) throw new Error(`the tick "${label}" did not change`)
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Goes to a place of the main navigation. */
export const goTo = (page: Page, place: string): Promise<void> =>
  page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('button', { name: new RegExp(`^${escape(place)}`) })
    .click()

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
