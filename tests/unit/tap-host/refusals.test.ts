import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRefusals } from '../../../electron/tap-host/refusals.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('the first of each code is told at once, later ones together, the rest at the end', () => {
  const told: [string, number][] = []
  const refusals = createRefusals((code, count) => told.push([code, count]))
  for (let i = 0; i < 1000; i++) refusals.add('path-unknown')
  refusals.add('host-wrong')
  expect(told).toEqual([
    ['path-unknown', 1],
    ['host-wrong', 1],
  ])
  vi.advanceTimersByTime(2_000)
  expect(told.slice(2)).toEqual([['path-unknown', 999]])
  vi.advanceTimersByTime(60_000)
  expect(told).toHaveLength(3)
  refusals.add('host-wrong')
  refusals.add('path-unknown')
  refusals.end()
  expect(told.slice(3)).toEqual([
    ['host-wrong', 1],
    ['path-unknown', 1],
  ])
  refusals.add('path-unknown')
  vi.advanceTimersByTime(60_000)
  expect(told).toHaveLength(5)
})
