/** A wait in words, and as the number and unit that people choose. Pure. */
import type { SafePolicy } from '../../../shared/domain/manifest.ts'
import { limits } from '../../../shared/limits.ts'
import { countOf } from '../../../shared/quantities.ts'

export type Delay = NonNullable<SafePolicy['delay']>

const unitSeconds = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const
export type WaitUnit = keyof typeof unitSeconds

/** A wait of a whole number of units. */
interface Wait {
  readonly count: number
  readonly unit: WaitUnit
}

/** What a safe starts with when somebody turns the wait on. */
export const usualWaitSeconds = 4 * 3600

/** Seconds as the largest unit that needs no fraction. */
export function splitWait(seconds: number): Wait {
  const unit = (['days', 'hours', 'minutes'] as const).find((one) => seconds % unitSeconds[one] === 0) ?? 'seconds'
  return { count: seconds / unitSeconds[unit], unit }
}

/** Seconds in whole units, at least one. */
export const countIn = (seconds: number, unit: WaitUnit): number => Math.max(1, Math.round(seconds / unitSeconds[unit]))

/** How many of a unit a wait may have. */
export const waitBounds = (unit: WaitUnit): { readonly min: number; readonly max: number } => ({
  min: Math.ceil(limits.delaySecondsMin / unitSeconds[unit]),
  max: Math.floor(limits.delaySecondsMax / unitSeconds[unit]),
})

/** In seconds, within what the policy allows. */
export function joinWait({ count, unit }: Wait): number {
  const { min, max } = waitBounds(unit)
  return Math.min(Math.max(count, min), max) * unitSeconds[unit]
}

/** Seconds are offered only where a plan made elsewhere has some: nobody waits seconds for a second look. */
export const unitsFor = (unit: WaitUnit): readonly { readonly id: WaitUnit; readonly name: string }[] =>
  (['seconds', 'minutes', 'hours', 'days'] as const)
    .filter((id) => id !== 'seconds' || unit === 'seconds')
    .map((id) => ({ id, name: id }))

/** `2 h 14 min`, `1 day 3 h`, `4 min 20 s`: two figures at most, rounded up, so that it is never over early. */
export function formatWait(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds < 60) return `${String(seconds)} s`
  if (seconds < 600) return join(seconds, 'min', 's')
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 1440) return minutes < 60 ? `${String(minutes)} min` : join(minutes, 'h', 'min')
  const hours = Math.ceil(minutes / 60)
  const days = countOf(Math.floor(hours / 24), 'day')
  return hours % 24 === 0 ? days : `${days} ${String(hours % 24)} h`
}

const join = (value: number, large: string, little: string): string => {
  const whole = `${String(Math.floor(value / 60))} ${large}`
  return value % 60 === 0 ? whole : `${whole} ${String(value % 60)} ${little}`
}

/** `Ada, Grace or Rita`. */
export const listOr = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? 'nobody') : `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`

/** `policy` with this wait, or without any. */
export function setDelay({ delay: _before, ...policy }: SafePolicy, delay: Delay | undefined): SafePolicy {
  return delay === undefined ? policy : { ...policy, delay }
}

/** `policy` with other people who can stop a request; without a wait it stays as it is. */
export const mapVetoers = (policy: SafePolicy, map: (vetoers: readonly string[]) => readonly string[]): SafePolicy =>
  policy.delay === undefined
    ? policy
    : setDelay(policy, { ...policy.delay, vetoers: [...new Set(map(policy.delay.vetoers))] })
