/** Numbers and spans of time in words. */

/** `1 second`, `2 seconds`. */
export const countOf = (n: number, unit: string): string => `${String(n)} ${unit}${n === 1 ? '' : 's'}`

const spans = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

/** `45 seconds`, `1 minute 30 seconds`, `4 hours`, `1 day 12 hours`. */
export function formatSeconds(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds))
  const parts: string[] = []
  for (const [size, unit] of spans) {
    const count = Math.floor(rest / size)
    rest %= size
    if (count > 0) parts.push(countOf(count, unit))
  }
  return parts.length === 0 ? countOf(0, 'second') : parts.join(' ')
}

/** `1,048,576`. */
export const formatNumber = (n: number): string => n.toLocaleString('en-GB')
