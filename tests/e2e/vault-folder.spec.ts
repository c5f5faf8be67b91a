/** A vault folder that others could reach or swap is not opened, and the person is told why in a sentence. */
import { chmodSync, lstatSync, renameSync, symlinkSync } from 'node:fs'
import { expect, test } from 'playwright/test'
import { startHalligan } from './journey/halligan.ts'
import { person, planVault } from './journey/set-up.ts'

test('a vault folder that is a link or open to others is refused in words', async () => {
  test.setTimeout(120_000)
  const first = await startHalligan()
  const { userDir, vaultDir } = first
  try {
    const people = ['Ada Byron', 'Grace Hopper', 'Edsger Dijkstra'].map((name) => person(name, true))
    await planVault(first.app, 'Test vault', people, { name: 'Emergency', threshold: 2 })
  } finally {
    await first.launched.close()
  }

  async function expectRefused(sentence: RegExp): Promise<void> {
    const { app, launched } = await startHalligan({ userDir })
    try {
      await expect(app.getByText(sentence)).toBeVisible()
      await expect(app.getByText('VAULT_UNSAFE_PERMISSIONS')).toBeVisible()
      await expect(app.getByRole('button', { name: 'Create a vault' })).toHaveCount(0)
    } finally {
      await launched.close()
    }
  }

  chmodSync(vaultDir, 0o755)
  await expectRefused(/^Other users of this machine can reach the vault’s folder/)
  expect(lstatSync(vaultDir).mode & 0o777, 'it is left as it was').toBe(0o755)

  chmodSync(vaultDir, 0o700)
  renameSync(vaultDir, `${vaultDir}-elsewhere`)
  symlinkSync(`${vaultDir}-elsewhere`, vaultDir)
  await expectRefused(/is a link, so it was not opened/)
})
