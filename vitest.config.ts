import { defineConfig } from 'vitest/config'

export default defineConfig({
  define: { __DEV_BUILD__: 'true', __APP_VERSION__: '"0.0.0+test"' },
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    exclude: ['tests/e2e/**'],
    // Processes, not threads: native modules and crash tests live in some of them.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A test left behind by mistake must not turn the others off unnoticed.
    allowOnly: false,
    restoreMocks: true,
  },
})
