/** The system's browser as the tests need it: Debian's Chromium, installed where that is ours to do. */
import { findBrowsers } from '../electron/platform/browsers.ts'
import { capture } from './run-command.ts'
import { ensurePackages } from './system-packages.ts'

/**
 * Path of a browser that can host the tap page; Chromium is installed when there is none and we are root on Debian.
 * @returns null where there is none and none can be had; say why the test is skipped.
 */
export async function ensureSystemBrowser(): Promise<string | null> {
  const find = (): string | null => findBrowsers()[0]?.path ?? null
  const found = find()
  if (found !== null || process.platform !== 'linux') return found
  // Elsewhere (Ubuntu) the package of that name is a pointer to a snap, which cannot see our folders.
  if (!capture('cat', ['/etc/os-release']).stdout.includes('ID=debian')) return null
  await ensurePackages({
    name: 'Chromium, which hosts the tap page in the tests',
    packages: ['chromium', 'chromium-sandbox'],
    isThere: () => find() !== null,
  })
  return find()
}
