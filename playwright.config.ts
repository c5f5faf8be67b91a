import { defineConfig } from 'playwright/test'

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './build/playwright-setup.ts',
  outputDir: 'test-results/e2e',
  // One screen, one app at a time: windows compete for focus.
  workers: 1,
  // One screen, real windows, a machine that others load: a second try is allowed, and whoever needed it is named at the end.
  retries: 1,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
})
