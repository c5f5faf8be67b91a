/** What is said aloud of the time left: a few times, not every second. */
import { formatSeconds } from '../ui/time.ts'

/** The announcement that holds at `remainingMs` of `windowSeconds`; it changes at half, at 30 and at 20 seconds. */
export function announceRemaining(windowSeconds: number, remainingMs: number): string {
  // Latest first; in a short window half may come after 30 seconds left.
  const marks = [windowSeconds / 2, 30, 20].filter((seconds) => seconds < windowSeconds).sort((a, b) => a - b)
  const passed = marks.find((seconds) => remainingMs <= seconds * 1000)
  if (passed === undefined) return ''
  return passed === windowSeconds / 2
    ? `Half of the time is left: ${formatSeconds(passed)}.`
    : `${formatSeconds(passed)} left.`
}

/** How pressing the time is, for the ring. */
export function toneOf(windowSeconds: number, remainingMs: number): 'calm' | 'soon' | 'now' {
  if (remainingMs <= 20_000) return 'now'
  return remainingMs <= windowSeconds * 500 || remainingMs <= 30_000 ? 'soon' : 'calm'
}
