/** A hostile log fills no memory with a ceremony, and does not bring its reader down. */
import { expect, it } from 'vitest'
import { createCeremonyFacts } from '../../../shared/audit/ceremony-facts.ts'
import { createCeremonyTrack } from '../../../shared/audit/ceremony-track.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import { limits } from '../../../shared/limits.ts'
import { begin } from './lying-station.ts'
import { parseEntry } from './tampering.ts'
import { createCeremonyWriter, makeStep } from './test-ceremonies.ts'

it('steps and exceptions without end are not kept', () => {
  const { vault, ada, edsger } = begin()
  const writer = createCeremonyWriter(vault, ada, edsger)
  writer.open([makeStep({ kind: 'confirm' }), makeStep({ kind: 'confirm' })])
  writer.except(edsger)
  writer.step(ada)
  const entries = vault.log.entries.map((bytes) => parseEntry(bytes))
  const [exception, step] = entries.slice(-2) as [Entry, Entry]
  const track = createCeremonyTrack()
  for (const entry of entries) track.apply(entry)
  for (let at = 0; at < 2000; at++) {
    track.apply(step)
    track.apply(exception)
  }
  expect(track.open()?.steps.length).toBe(2)
  expect(track.open()?.exceptions.length).toBe(limits.ceremonySteps)
})

it('a credential in very many versions overflows no stack', () => {
  const versions = new Set(Array.from({ length: 300_000 }, (_, at) => at + 1))
  const facts = createCeremonyFacts([], { versionsOf: () => versions, unclassified: () => 0 })
  const seal = (after: number) => facts.isBroughtAbout({ kind: 'seal', credential: 'a', after })
  expect([seal(299_999), seal(300_000)]).toEqual([true, false])
})
