/** The system's browser as the tests need it: Debian's Chromium, installed where that is ours to do. */
import { findBrowsers } from '../electron/platform/browsers.ts'
import { capture, hasCommand, runCommand } from './run-command.ts'
import { say } from './say.ts'

const packages = ['chromium', 'chromium-sandbox']

/**
 * Path of a browser that can host the tap page; Chromium is installed when there is none and we are root on Debian.
 * @returns null where there is none and none can be had; say why the test is skipped.
 */
export async function ensureSystemBrowser(): Promise<string | null> {
  const found = findBrowsers()[0]
  if (found !== undefined) return found.path
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !hasCommand('apt-get')) return null
  // Elsewhere (Ubuntu) the package of that name is a pointer to a snap, which cannot see our folders.
  if (!capture('cat', ['/etc/os-release']).stdout.includes('ID=debian')) return null
  say('Installing Chromium, which hosts the tap page in the tests …')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await runCommand('apt-get', ['install', '-y', '--no-install-recommends', ...packages], {
    env,
    stdio: ['ignore', 2, 2],
  })
  return findBrowsers()[0]?.path ?? null
}
