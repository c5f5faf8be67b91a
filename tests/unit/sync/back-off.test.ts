import { expect, it } from 'vitest'
import { backOffMs } from '../../../electron/vault/sync/back-off.ts'
import type { ErrorCode } from '../../../shared/errors.ts'

const longest = (code: ErrorCode): number =>
  Math.max(...Array.from({ length: 100 }, (_, failures) => backOffMs(code, failures + 1, 0.999)))

it('waits longer after each failure, up to what the reason calls for', () => {
  expect(backOffMs('SINK_UNREACHABLE', 1, 0)).toBeLessThan(backOffMs('SINK_UNREACHABLE', 3, 0))
  // The network is back: within five seconds.
  expect(longest('SINK_UNREACHABLE')).toBeLessThanOrEqual(3_500)
  expect(longest('SINK_FAILED')).toBeLessThanOrEqual(60_000)
  // Each refused login counts somewhere.
  expect(longest('SINK_LOGIN')).toBeGreaterThan(200_000)
})

it('a captive portal, which shows a certificate of its own until somebody logs in, is asked again every half minute', () => {
  expect(longest('SINK_CERTIFICATE')).toBeLessThanOrEqual(30_000)
})
