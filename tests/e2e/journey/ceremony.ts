/** Ceremonies in the real app: planned, followed step by step, signed. */
import { expect, type Page } from 'playwright/test'
import { submitSeal, type Halligan } from './halligan.ts'
import { choose, fill, goTo, press, tick } from './screens.ts'
import { mainKey, type Person } from './set-up.ts'

interface Plan {
  readonly kind: 'Rotation' | 'People' | 'Drill' | 'Table-top exercise'
  readonly lead: Person
  readonly witnesses?: readonly Person[]
  /** Credentials or safes to tick. */
  readonly chosen?: readonly string[]
  /** With the script there, before it is opened. */
  readonly look?: (app: Page) => Promise<void>
}

/** Plans a ceremony and opens it with the lead's tap. */
export async function openCeremony({ app, table }: Halligan, plan: Plan): Promise<void> {
  await goTo(app, 'Ceremonies')
  await press(app, `Plan it: ${plan.kind}`)
  for (const name of plan.chosen ?? [])
    await app.getByRole('checkbox', { name: new RegExp(`^${name}`) }).check({ force: true })
  await choose(app, 'Who leads it?', plan.lead.name)
  for (const { name } of plan.witnesses ?? []) await tick(app.getByRole('group', { name: 'Who watches?' }), name, true)
  await app.getByText(/\d+ steps\. Read them before you open it\./).waitFor()
  await plan.look?.(app)
  await press(app, 'Sign and open it')
  await table.touch(mainKey(plan.lead))
  await app.getByText(/^Step 1 of \d+$/).waitFor({ timeout: 20_000 })
}

/** What stands in the heading of the step that is on. */
export const stepTitle = (app: Page): Promise<string> => app.locator('#step').innerText()

/** How many steps are finished, of how many. */
export async function readProgress(app: Page): Promise<{ readonly now: number; readonly all: number }> {
  const text = await app.locator('.running-script .progress strong').innerText()
  const [, now, all] = /^Step (\d+) of (\d+)$/.exec(text) ?? []
  if (now !== undefined && all !== undefined) return { now: Number(now) - 1, all: Number(all) }
  const [, finished] = /^All (\d+) steps are finished$/.exec(text) ?? []
  if (finished === undefined) throw new Error(`no progress in “${text}”`)
  return { now: Number(finished), all: Number(finished) }
}

/** Puts initials to the step that is on, and waits for the next. */
export async function finishStep(app: Page): Promise<void> {
  const { now, all } = await readProgress(app)
  await app.getByRole('button', { name: 'Done', exact: true }).and(app.locator(':enabled')).click({ timeout: 20_000 })
  const next = now + 1 < all ? `Step ${String(now + 2)} of ${String(all)}` : `All ${String(all)} steps are finished`
  await app.getByText(next, { exact: true }).first().waitFor({ timeout: 20_000 })
}

/** What a step's button starts, with the taps it takes; then the step says that it has happened. */
export async function runStep({ app, table }: Halligan, button: string, people: readonly Person[]): Promise<void> {
  await press(app, button)
  for (const person of people) await table.touch(mainKey(person))
  await app.locator('.step-state.done').waitFor({ timeout: 20_000 })
}

/** A step that seals a new version; whoever is chosen on the screen seals. */
export async function runSeal(
  halligan: Halligan,
  by: Person,
  password: string,
  rotationNote: string | null = null,
): Promise<void> {
  const { app, launched, table } = halligan
  if (rotationNote !== null) {
    await press(app, /how it is rotated$/)
    await fill(app, /^How it is rotated/, rotationNote)
  }
  await press(app, 'Seal the new version')
  const seal = await launched.window('seal')
  await fill(seal, 'User name', 'root')
  await fill(seal, 'Password', password)
  await submitSeal(seal)
  await table.touch(mainKey(by))
  await app.locator('.step-state.done').waitFor({ timeout: 20_000 })
}

/** What the step that is on says is to be done, its lines as they are shown. */
export const stepInstruction = (app: Page): Promise<string> => app.locator('.step-instruction').innerText()

/**
 * Does whatever step is on, as its title says, and puts initials to it. `provers`: enough custodians of the safe. `noteFor`: what
 * is written anew about how the credential of a step that seals is rotated.
 */
export async function doStep(
  halligan: Halligan,
  lead: Person,
  provers: readonly Person[],
  noteFor: (title: string) => string | null = () => null,
): Promise<string> {
  const { app } = halligan
  const title = await stepTitle(app)
  if (title.startsWith('Seal version')) await runSeal(halligan, lead, 'rotated-7731', noteFor(title))
  else if (title.startsWith('Prove the new')) await runStep(halligan, 'Prove that it opens', provers)
  else if (title.startsWith('Drill of')) await runStep(halligan, 'Drill this safe', provers)
  else if (title.startsWith('Destroy what')) await runStep(halligan, 'Erase the old versions', [lead])
  await finishStep(app)
  return title
}

/** Writes the minutes and has everybody in `people` sign them. */
export async function signMinutes({ app, table }: Halligan, people: readonly Person[]): Promise<void> {
  await press(app, /^(Write the minutes and sign|Go on signing)$/)
  for (const person of people) await table.touch(mainKey(person))
  await expect(app.getByRole('heading', { name: 'Those that were' })).toBeVisible({ timeout: 20_000 })
}
