/** The app under test or on show: its windows, its keys, and the operations people do with it. */
import path from 'node:path'
import type { Page } from 'playwright'
import type { TestInfo } from 'playwright/test'
import { makeUserDir, type RunSettings } from '../../../build/prepare-run.ts'
import { launchApp, preparedRun, type LaunchedApp } from '../launch.ts'
import { choose, fill, goTo, pick, press, waitForOutcome } from './screens.ts'
import { KeyTable } from './security-keys.ts'
import type { TapBrowser } from './tap-browser.ts'
import { acknowledge, enrolKeys, mainKey, person, planVault, type Person, type SafePlan } from './set-up.ts'

/** The running app with its table of keys. */
export interface Halligan {
  readonly launched: LaunchedApp
  readonly app: Page
  readonly tap: Page
  readonly table: KeyTable
  readonly userDir: string
  readonly vaultDir: string
  readonly exportDir: string
}

/** How a start differs from the usual. */
export interface HalliganOptions {
  readonly run?: RunSettings
  readonly args?: readonly string[]
  readonly userDir?: string
  /** Taps take place there, and the app's own tap window is never opened. */
  readonly browser?: TapBrowser
  /** The kept tap window as well: for keys that live there, while taps may be moved to it. */
  readonly keepTapWindow?: boolean
}

/** Starts the app with the kept tap page, or with taps in `browser`. */
export async function startHalligan(options: HalliganOptions = {}): Promise<Halligan> {
  const run = options.run ?? preparedRun()
  const { browser } = options
  const userDir = options.userDir ?? makeUserDir(run)
  const exportDir = makeUserDir(run)
  const launched = await launchApp({
    run,
    userDir,
    args: [
      ...(browser === undefined || options.keepTapWindow === true ? ['--keep-tap-page'] : []),
      `--export-dir=${exportDir}`,
      ...(options.args ?? []),
    ],
    ...(browser === undefined ? {} : { taps: { driver: 'browser', browserPath: browser.program } }),
  })
  try {
    const app = await launched.window('app')
    const tap = browser?.page ?? (await launched.window('tap'))
    const table = browser?.table ?? (await KeyTable.attach(tap))
    return { launched, app, tap, table, userDir, vaultDir: path.join(userDir, 'vault'), exportDir }
  } catch (error) {
    // Nobody else knows of it yet.
    await launched.close()
    throw error
  }
}

/** How a small vault differs from the usual. */
export interface SmallVault extends Partial<SafePlan> {
  /** Custodians. Default: 3. */
  readonly n?: number
  /** When everybody is planned and nobody has a key yet. */
  readonly beforeKeys?: (custodians: readonly Person[]) => Promise<void>
}

/** Sets up a small vault: `n` custodians with one key each, and one person who only asks. */
export async function setUpSmallVault(
  halligan: Halligan,
  safe: SmallVault = {},
): Promise<{ readonly custodians: readonly Person[]; readonly requester: Person }> {
  const { n = 3, beforeKeys, ...plan } = safe
  const names = ['Ada Byron', 'Grace Hopper', 'Edsger Dijkstra', 'Barbara Liskov', 'Tony Hoare']
  const custodians = names.slice(0, n).map((name) => person(name, true))
  const requester = person('Rita Okafor', false)
  const everybody = [...custodians, requester]
  const { app, table } = halligan
  await planVault(app, 'Test vault', everybody, { name: 'Emergency', threshold: 2, shortest: '15 seconds', ...plan })
  await beforeKeys?.(custodians)
  for (const somebody of everybody) await enrolKeys(app, table, somebody, 1)
  await acknowledge(app, table, custodians)
  return { custodians, requester }
}

/** What is sealed: fills the form of the seal window. */
export interface Sealing {
  readonly name: string
  readonly kind: string
  readonly by: Person
  /** Default: the first. */
  readonly safe?: string
  /** How it is rotated. */
  readonly rotationNote?: string
  readonly fillForm: (seal: Page) => Promise<void>
  /** Sees the filled form before it is sealed. */
  readonly look?: (seal: Page) => Promise<void>
}

/** Presses "Seal it". The window may be gone before the driver has heard that its click arrived. */
export const submitSeal = (seal: Page): Promise<void> =>
  press(seal, 'Seal it').catch((error: unknown) => {
    if (!seal.isClosed()) throw error
  })

/** Seals a new credential. */
export async function sealCredential({ launched, app, table }: Halligan, sealing: Sealing): Promise<void> {
  await goTo(app, 'Credentials')
  await press(app, 'Seal a credential')
  await fill(app, 'Name', sealing.name)
  await choose(app, 'Kind', sealing.kind)
  if (sealing.safe !== undefined) await choose(app, 'Safe', new RegExp(`^${sealing.safe}`))
  await choose(app, 'Who seals it?', sealing.by.name)
  if (sealing.rotationNote !== undefined) await fill(app, /^How it is rotated/, sealing.rotationNote)
  await press(app, 'Enter the secret')
  const seal = await launched.window('seal')
  await sealing.fillForm(seal)
  await sealing.look?.(seal)
  await submitSeal(seal)
  await table.touch(mainKey(sealing.by))
  await app.getByRole('button', { name: `Break glass: ${sealing.name}` }).waitFor({ timeout: 20_000 })
}

export interface Asking {
  readonly credential: string
  readonly by: Person
  readonly reason?: string
  readonly incident?: string
  readonly seconds: string
  /** Default: the newest, which is chosen already. */
  readonly version?: RegExp
}

/** Opens a request and leaves it waiting for the first tap. */
export async function openRequest({ app }: Halligan, asking: Asking): Promise<void> {
  await goTo(app, 'Credentials')
  await press(app, `Break glass: ${asking.credential}`)
  await choose(app, 'Who is asking?', asking.by.name)
  await fill(app, 'Why is it needed?', asking.reason ?? 'The identity provider is down and nobody can sign in.')
  if (asking.incident !== undefined) await fill(app, /^Incident reference/, asking.incident)
  if (asking.version !== undefined) await pick(app, asking.version)
  await pick(app, asking.seconds)
  await press(app, 'Open the request')
  await app.getByRole('heading', { name: `Request: ${asking.credential}` }).waitFor()
}

/** Taps with every key in turn, each accepted. */
export async function tapAll({ table }: Halligan, people: readonly Person[]): Promise<void> {
  for (const somebody of people) await table.touch(mainKey(somebody))
}

/** The reveal window, once it is open to people. */
export async function revealWindow({ launched }: Halligan): Promise<Page> {
  const reveal = await launched.window('reveal')
  await reveal.getByRole('button', { name: 'Hide now' }).waitFor({ timeout: 20_000 })
  return reveal
}

/** Waits until every sensitive window is gone and the app says what happened. */
export async function waitForClosed({ launched, app }: Halligan, outcome: RegExp): Promise<void> {
  await waitForOutcome(app, outcome, 60_000)
  const deadline = performance.now() + 10_000
  while (launched.openWindows('reveal').length > 0) {
    if (performance.now() > deadline) throw new Error('the reveal window is still there')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** After a failed test: what every window looked like. */
export async function keepPictures({ launched }: Halligan, info: TestInfo): Promise<void> {
  if (info.status === info.expectedStatus) return
  for (const [index, page] of launched.app.windows().entries())
    await page.screenshot({ path: info.outputPath(`window-${String(index)}.png`) }).catch(() => undefined)
}
