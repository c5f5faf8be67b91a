import { defineConfig } from 'playwright/test'

/** On somebody's own screen windows would compete for the focus; virtual ones there can be two of. */
const isVirtual =
  (process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'] ?? '') === '' && process.platform === 'linux'
const screens = '**/screens/*.spec.ts'

export default defineConfig({
  testDir: 'tests/e2e',
  globalSetup: './build/playwright-setup.ts',
  outputDir: 'test-results/e2e',
  // One app at a time on each screen.
  workers: isVirtual ? 2 : 1,
  projects: [
    { name: 'app', testMatch: '**/*.spec.ts', testIgnore: screens, workers: 1 },
    // Our pages before a vault that is not there: they have a screen of their own.
    { name: 'screens', testMatch: screens, workers: 1 },
  ],
  // Real windows, on a machine that others load: a second try is allowed, and whoever needed it is named at the end.
  retries: 1,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
})
