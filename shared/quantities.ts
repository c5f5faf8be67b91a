/** Numbers and spans of time in words. */

/** `1 second`, `2 seconds`. */
export const countOf = (n: number, unit: string): string => `${String(n)} ${unit}${n === 1 ? '' : 's'}`

/** `45 seconds`, `2 minutes`, `1 minute 30 seconds`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const minutes = Math.floor(whole / 60)
  const rest = whole % 60
  if (minutes === 0) return countOf(rest, 'second')
  return rest === 0 ? countOf(minutes, 'minute') : `${countOf(minutes, 'minute')} ${countOf(rest, 'second')}`
}

/** `1,048,576`. */
export const formatNumber = (n: number): string => n.toLocaleString('en-GB')
