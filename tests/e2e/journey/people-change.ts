/** Changes of people in the real app: made up, prepared with keys, signed and switched. */
import type { Halligan } from './halligan.ts'
import { goTo, press, waitForOutcome } from './screens.ts'
import { mainKey, type Person } from './set-up.ts'

/** To the screen where a change is made up. */
export async function beginChange({ app }: Halligan): Promise<void> {
  await goTo(app, 'People and safes')
  await press(app, 'Change who holds what')
}

/** One key of somebody whom the change adds. */
export async function enrolNewcomer({ app, table }: Halligan, who: Person): Promise<void> {
  await press(app, `Name the keys of ${who.name}`)
  await press(app, 'One key less')
  await press(app, `Enrol keys: ${who.name}`)
  const key = await table.add(`${who.name}, key 1`)
  who.keys.push(key)
  for (let touch = 0; touch < 3; touch++) await table.touch(key)
  await app.getByText('Everybody’s keys are there.').waitFor({ timeout: 20_000 })
}

/** Signed by `signers`, among them who comes; then each of `holders` checks their new share. */
export async function applyChange(
  { app, table }: Halligan,
  signers: readonly Person[],
  holders: readonly Person[],
): Promise<void> {
  await press(app, 'Sign and switch')
  for (const person of [...signers, ...holders]) await table.touch(mainKey(person))
  await waitForOutcome(app, /The change is in force/, 30_000)
}
