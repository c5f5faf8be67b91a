import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCountdown,
  formatDaysUntil,
  formatMoment,
  formatSeconds,
  formatTime,
  readMoment,
} from '../../../renderer/ui/time.ts'

describe('moments', () => {
  it('are local first, with UTC beside it', () => {
    expect(formatMoment('2026-11-23T14:02:10.123Z', 'Europe/Berlin')).toBe('23 Nov 2026, 15:02:10 (14:02:10 UTC)')
    expect(formatTime('2026-11-23T14:02:10.123Z', 'Asia/Kolkata')).toBe('19:32:10 (14:02:10 UTC)')
  })

  it('carry the UTC date where it is another day', () => {
    expect(formatMoment('2026-11-23T23:30:00.000Z', 'Asia/Tokyo')).toBe(
      '24 Nov 2026, 08:30:00 (23 Nov 2026, 23:30:00 UTC)',
    )
  })

  it('say UTC once where local time is UTC', () => {
    expect(formatMoment('2026-11-23T14:02:10.123Z', 'UTC')).toBe('23 Nov 2026, 14:02:10 UTC')
    expect(readMoment('2026-07-01T00:00:00.000Z', 'Europe/London').same).toBe(false)
  })

  it('use 24 hours, midnight being 00', () => {
    expect(formatTime('2026-11-23T00:00:05.000Z', 'UTC')).toBe('00:00:05 UTC')
  })
})

describe('lengths of time', () => {
  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [45, '45 seconds'],
    [60, '1 minute'],
    [90, '1 minute 30 seconds'],
    [600, '10 minutes'],
    [3600, '1 hour'],
    [14_400, '4 hours'],
    [131_465, '1 day 12 hours 31 minutes 5 seconds'],
    [604_800, '7 days'],
  ])('%d s reads %s', (seconds, words) => {
    expect(formatSeconds(seconds)).toBe(words)
  })

  it.each([
    [65_000, '1:05'],
    [60_001, '1:01'],
    [1, '0:01'],
    [0, '0:00'],
    [-5, '0:00'],
    [600_000, '10:00'],
  ])('%d ms counts down as %s, zero only when nothing is left', (ms, digits) => {
    expect(formatCountdown(ms)).toBe(digits)
  })

  it('counts days by the calendar of the place, also over a change of clocks', () => {
    const noon = Date.parse('2026-03-28T11:00:00.000Z')
    expect(formatDaysUntil('2026-03-28T22:30:00.000Z', noon, 'Europe/Berlin')).toBe('today')
    expect(formatDaysUntil('2026-03-28T23:30:00.000Z', noon, 'Europe/Berlin')).toBe('in 1 day')
    expect(formatDaysUntil('2026-03-30T10:00:00.000Z', noon, 'Europe/Berlin')).toBe('in 2 days')
    expect(formatDaysUntil('2026-03-22T11:00:00.000Z', noon, 'Europe/Berlin')).toBe('6 days ago')
  })
})

it('sizes in bytes', () => {
  expect([1, 812, 65_536, 1_048_576].map(formatBytes)).toEqual(['1 byte', '812 bytes', '64 KiB', '1 MiB'])
})
