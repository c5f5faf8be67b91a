/**
 * The shared libraries that Electron needs and bare systems lack. Asks the binary itself (ldd) rather than a list, so that
 * nothing runs where nothing is missing.
 */
import { fromRoot } from './paths.ts'
import { capture, hasCommand } from './run-command.ts'
import { PlainFailure, say } from './say.ts'
import { ensurePackages, mayInstall, runInstaller } from './system-packages.ts'

/** What is missing to run `executable`: sonames from ldd, and `Xvfb` when a virtual display will be needed. */
export function findMissing(executable: string, needsDisplay: boolean): string[] {
  if (process.platform !== 'linux') return []
  const libraries = capture('ldd', [executable])
    .stdout.split('\n')
    .filter((line) => line.includes('=> not found'))
    .map((line) => line.trim().split(' ')[0] ?? '')
  return needsDisplay && !hasCommand('Xvfb') ? [...libraries, 'Xvfb'] : libraries
}

/**
 * Installs what is missing where that is ours to do (root on Debian or Ubuntu).
 * @throws PlainFailure naming the command to run, when it is not, or when it did not help.
 */
export async function ensureLibraries(executable: string, needsDisplay: boolean): Promise<void> {
  const missing = findMissing(executable, needsDisplay)
  if (missing.length === 0) return
  const advice = `Electron needs system libraries that are missing (${missing.join(', ')}); run: sudo npx playwright install-deps chromium`
  if (!mayInstall()) throw new PlainFailure(advice)
  say(`Installing the system libraries Electron needs (missing: ${missing.join(', ')}) …`)
  // Playwright keeps the list of packages per distribution release; keeping our own copy would only rot.
  const cli = fromRoot('node_modules/playwright/cli.js')
  await runInstaller(process.execPath, [cli, 'install-deps', 'chromium'])
  await ensurePackages({
    // Electron links GTK 3, headless Chromium does not.
    name: 'GTK 3 and a virtual display',
    packages: ['libgtk-3-0', 'xvfb'],
    isThere: () => findMissing(executable, needsDisplay).length === 0,
  })
  const still = findMissing(executable, needsDisplay)
  if (still.length > 0) throw new PlainFailure(advice.replace(missing.join(', '), still.join(', ')))
}
