import { defineConfig } from 'playwright/test'

/** On somebody's own screen windows would compete for the focus; virtual ones there can be two of. */
const isVirtual =
  (process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'] ?? '') === '' && process.platform === 'linux'

/** What waits much, or needs no other journey's people and keys: it runs beside the journeys, on the second screen. */
const beside = [
  '**/screens/*.spec.ts',
  '**/security/*.spec.ts',
  '**/window-end.spec.ts',
  '**/verify-html.spec.ts',
  '**/delay.spec.ts',
]

export default defineConfig({
  testDir: 'tests/e2e',
  globalSetup: './build/playwright-setup.ts',
  outputDir: 'test-results/e2e',
  // One app at a time on each screen.
  workers: isVirtual ? 2 : 1,
  projects: [
    { name: 'journeys', testMatch: '**/*.spec.ts', testIgnore: beside, workers: 1 },
    { name: 'pages', testMatch: beside, workers: 1 },
  ],
  // Real windows, on a machine that others load: a second try is allowed, and whoever needed it is named at the end.
  retries: 1,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
})
