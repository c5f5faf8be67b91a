/** What becomes of the rules about who is alerted of what, one sentence for each that comes or goes. */
import { fromUtf8 } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import type { AlertSettings } from '../../../shared/domain/alert.ts'

type Routes = AlertSettings['routes']

/** Names where they are clear, else ids. */
interface RouteNames {
  readonly safe: (id: string) => string
  readonly channel: (id: string) => string
}

/** A name that only one has; its id where several look alike, or it is not there. */
export function nameIn(list: readonly { readonly id: string; readonly name: string }[]): (id: string) => string {
  return (id) => {
    const one = list.find((item) => item.id === id)
    return one !== undefined && list.filter(({ name }) => name === one.name).length === 1 ? `“${one.name}”` : id
  }
}

const count = (texts: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

/** Empty exactly when the two are the same. */
export function describeRoutes(before: Routes, after: Routes, names: RouteNames): string[] {
  // By their bytes: two that read alike are still two.
  const keyOf = (route: Routes[number]): string => fromUtf8(canonicalBytes(route))
  const [old, now] = [before.map(keyOf), after.map(keyOf)]
  const say = (key: string): string => {
    const route = JSON.parse(key) as Partial<Routes[number]>
    const { safe, severity, channels, ...rest } = route
    // What a later version adds, or leaves out, is shown as it stands.
    if (safe === undefined || severity === undefined || !Array.isArray(channels) || Object.keys(rest).length > 0)
      return key
    const about = safe === null ? 'every safe, and what concerns none' : `the safe ${names.safe(safe)}`
    return `of ${about}, what is ${severity} or worse goes over ${channels.map(names.channel).join(', ') || 'nothing'}`
  }
  const [had, has] = [count(old), count(now)]
  const gone = [...had].flatMap(([key, n]) =>
    Array<string>(Math.max(0, n - (has.get(key) ?? 0))).fill(`no longer: ${say(key)}`),
  )
  const come = [...has].flatMap(([key, n]) =>
    Array<string>(Math.max(0, n - (had.get(key) ?? 0))).fill(`from now on: ${say(key)}`),
  )
  const lines = [...gone, ...come]
  if (lines.length > 0 || old.join() === now.join()) return lines
  return [`the same rules in another order: ${now.map(say).join('; ')}`]
}
