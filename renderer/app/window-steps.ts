/** The viewing times that a policy lets a requester choose from. */

const usual = [15, 30, 60, 120, 300, 600] as const

/** The usual times between `min` and `max` seconds, and both ends; ascending, no more than eight. */
export const windowSteps = (min: number, max: number): readonly number[] =>
  [...new Set([min, ...usual.filter((seconds) => seconds > min && seconds < max), max])].sort((a, b) => a - b)

/** What is chosen to start with: two minutes, or as near to that as the policy lets. */
export const defaultWindow = (min: number, max: number): number => Math.max(min, Math.min(max, 120))
