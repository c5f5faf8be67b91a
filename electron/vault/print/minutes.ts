import type { Entry } from '../../../shared/audit/entry.ts'
import { headWords } from '../../../shared/audit/head-words.ts'
import { minutesHash, minutesWords } from '../../../shared/audit/minutes.ts'
import type { PrintedOf } from '../../../shared/contracts/print.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { readEntryOrNull } from '../audit/timeline.ts'
import type { OpenVault } from '../open-vault.ts'

type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>

/** Minutes and what was signed, as they stand in the log. */
async function findMinutes({ context }: OpenVault, ceremony: string) {
  const rows = await context.store.database.all(
    `SELECT bytes FROM entries WHERE type IN ('minutes.written', 'joint.opened', 'joint.signed') ORDER BY seq`,
  )
  let written: EntryOf<'minutes.written'> | undefined
  const acts = new Set<string>()
  const taps: EntryOf<'joint.signed'>[] = []
  for (const { bytes } of rows) {
    const entry = readEntryOrNull(bytes)
    if (entry?.type === 'minutes.written' && entry.data.ceremony === ceremony) written = entry
    if (entry?.type === 'joint.opened') {
      const { act, detail } = entry.data.statement
      if (detail.kind === 'minutes' && detail.ceremony === ceremony) acts.add(act)
    }
    if (entry?.type === 'joint.signed' && acts.has(entry.data.act)) taps.push(entry)
  }
  return { written, taps }
}

/**
 * The minutes of a ceremony, from the log. Names are those that the minutes themselves give.
 * @throws HalliganError CEREMONY_UNKNOWN when there are none
 */
export async function describeMinutes(vault: OpenVault, ceremony: string): Promise<PrintedOf<'minutes'>> {
  const { written, taps } = await findMinutes(vault, ceremony)
  if (written === undefined) throw new HalliganError('CEREMONY_UNKNOWN')
  const { primitives } = vault.context
  const { minutes } = written.data
  const inForce = vault.registry.inForce()?.manifest.persons ?? []
  const people = new Map([
    ...inForce.map(({ id, name }) => [id, name] as const),
    ...minutes.participants.map(({ person, name }) => [person, name] as const),
  ])
  const labelOf = (person: string, key: string): string =>
    minutes.participants.find((one) => one.person === person)?.keys.find(({ credentialId }) => credentialId === key)
      ?.label ??
    vault.registry.keyOf(person, key)?.label ??
    'another key'
  return {
    document: 'minutes',
    minutes,
    hash: minutesHash(primitives, minutes),
    words: minutesWords(primitives, minutes),
    beforeWords: headWords(primitives, minutes.headBefore),
    afterWords: headWords(primitives, minutes.headAfter),
    people: [...people].map(([id, name]) => ({ id, name })),
    signed: taps.map(({ at, data: { person, key } }) => ({
      person,
      name: people.get(person) ?? 'Somebody not listed',
      key: labelOf(person, key),
      at,
    })),
  }
}
