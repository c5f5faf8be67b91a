/** Setting up a vault in the real app, with virtual keys. */
import type { Page } from 'playwright'
import type { KeyTable, VirtualKey } from './security-keys.ts'
import { choose, fill, press, setNumber, tick } from './screens.ts'

/** Somebody with keys on the table; `keys[0]` is their main key. */
export interface Person {
  readonly name: string
  readonly custodian: boolean
  readonly keys: VirtualKey[]
}

/** Somebody yet without keys. */
export const person = (name: string, custodian: boolean): Person => ({ name, custodian, keys: [] })

/** Their main key. */
export function mainKey({ name, keys: [key] }: Person): VirtualKey {
  if (key === undefined) throw new Error(`${name} has no key yet`)
  return key
}

export interface SafePlan {
  readonly name: string
  readonly threshold: number
  readonly shortest?: string
  readonly longest?: string
  readonly requesterMayTap?: boolean
  readonly copyAllowed?: boolean
  readonly passphrase?: boolean
  /** Requests wait so many minutes, and these people can stop them. */
  readonly delay?: { readonly minutes: number; readonly vetoers: readonly string[] }
  /** Name of another safe with the usual policy. */
  readonly besides?: string
}

/** Steps 1 to 3: names, people, one safe that all custodians hold. */
export async function planVault(app: Page, vault: string, people: readonly Person[], safe: SafePlan): Promise<void> {
  await press(app, 'Create a vault')
  await fill(app, 'Name of the vault', vault)
  await fill(app, 'Name of this machine', 'Safe room laptop 1')
  await press(app, 'Continue')
  await app.getByRole('heading', { name: 'People', level: 1 }).waitFor()
  for (let row = 4; row <= people.length; row++) await press(app, 'Add a person')
  for (const [index, { name, custodian }] of people.entries()) {
    await fill(app, `Name of person ${String(index + 1)}`, name)
    if (!custodian) await tick(app.getByRole('group', { name: `Roles of ${name}` }), 'Custodian', false)
  }
  await press(app, 'Save people')
  await app.getByRole('heading', { name: 'Safes and policy', level: 1 }).waitFor()
  await fill(app, 'Name of safe 1', safe.name)
  await setNumber(app, /How many of them must tap/, safe.threshold)
  if (safe.shortest !== undefined) await choose(app, 'Shortest viewing time', safe.shortest)
  if (safe.longest !== undefined) await choose(app, 'Longest viewing time', safe.longest)
  if (safe.requesterMayTap !== undefined)
    await tick(app, 'Whoever asks may also be one of the custodians who approve', safe.requesterMayTap)
  if (safe.copyAllowed !== undefined)
    await tick(
      app,
      'Values may be copied to the clipboard (cleared after 10 seconds, always recorded)',
      safe.copyAllowed,
    )
  if (safe.passphrase !== undefined) await tick(app, 'Each custodian’s key also needs a passphrase', safe.passphrase)
  if (safe.delay !== undefined) await setDelay(app, safe.delay)
  if (safe.besides !== undefined) {
    await press(app, 'Add a safe')
    await fill(app, 'Name of safe 2', safe.besides)
  }
  await press(app, 'Save safes')
  await app.getByRole('heading', { name: 'Security keys', level: 1 }).waitFor()
}

/** The time-delay lock of safe 1. */
async function setDelay(app: Page, { minutes, vetoers }: NonNullable<SafePlan['delay']>): Promise<void> {
  await tick(app, 'Requests wait before anything is opened, and can be stopped meanwhile (safe 1)', true)
  await choose(app, 'Minutes, hours or days (safe 1)', 'minutes')
  await setNumber(app, /^How long does a request wait/, minutes)
  const able = app.getByRole('group', { name: /^Who can stop a request while it waits/ })
  for (const name of vetoers) await tick(able, name, true)
}

/** Step 4 for one person: lays down and enrols `count` keys. */
export async function enrolKeys(app: Page, table: KeyTable, who: Person, count: number): Promise<void> {
  if (count === 1) {
    await press(app, `Name the keys of ${who.name}`)
    await press(app, 'One key less')
  }
  await press(app, `Enrol keys of ${who.name}`)
  // Create, then two gets that must agree; a key that only proves identity gives one get.
  const touches = who.custodian ? 3 : 2
  for (let made = 0; made < count; made++) {
    const key = await table.add(`${who.name}, key ${String(made + 1)}`)
    who.keys.push(key)
    for (let touch = 0; touch < touches; touch++) await table.touch(key)
  }
  await app.getByRole('button', { name: `Enrol keys of ${who.name} again` }).waitFor({ timeout: 20_000 })
}

/** Step 5: every custodian signs. */
export async function acknowledge(app: Page, table: KeyTable, custodians: readonly Person[]): Promise<void> {
  await press(app, 'Continue')
  await press(app, 'Collect acknowledgements')
  for (const custodian of custodians) await table.touch(mainKey(custodian))
  await app.getByRole('heading', { name: 'Credentials', level: 1 }).waitFor({ timeout: 20_000 })
}
