/** What a record's header says besides the statement that names its hash: read by whoever signs for it. */
import { kindNames } from '../../../shared/audit/entry-sentences.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { RecordHeader } from '../../../shared/domain/credential.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import { nameOf } from '../trust/manifests.ts'

type Line = TapView['lines'][number]

/** One line of the page holds so many characters of names (its value may have a few more). */
const namesMax = 32_000

/** Everybody, in as many lines as it takes. */
function listRequesters(names: readonly string[]): Line[] {
  const lines: { label: string; value: string }[] = []
  for (const name of names) {
    const last = lines.at(-1)
    if (last !== undefined && last.value.length + name.length < namesMax) last.value += `, ${name}`
    else lines.push({ label: 'May ask for it', value: name })
  }
  return lines
}

/**
 * Lines about what the sealing person's tap approves through the record hash. A vault process that hands over other people, or
 * another note, than were entered would go unseen without them.
 */
export function headerLines(
  { kind, requesters, rotationDays, rotationNote }: RecordHeader,
  manifest: Manifest,
): Line[] {
  return [
    { label: 'Kind', value: kindNames[kind] },
    ...listRequesters(requesters.map((person) => nameOf(manifest, person))),
    { label: 'Rotated', value: rotationDays === 1 ? 'every day' : `every ${rotationDays} days` },
    // Last, for it may be long. Also said where there is none: one may have been left out.
    { label: 'How it is rotated', value: rotationNote ?? 'Nothing is written down.' },
  ]
}
