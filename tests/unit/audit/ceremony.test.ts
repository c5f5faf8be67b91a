/** Ceremonies and minutes in a log: the truth passes, and every lie is found, down to one changed byte of minutes. */
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../../shared/audit/report.ts'
import { ceremonyLies } from './ceremony-lies.ts'
import { check } from './check-log.ts'
import { begin, play } from './lying-station.ts'
import { parseEntry, relink, copyLog } from './tampering.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { createCeremonyWriter, makeStep } from './test-ceremonies.ts'

describe('a ceremony in the log', () => {
  for (const [name, { tell, found }] of Object.entries(ceremonyLies)) {
    it(found === null ? name : `finds: ${name}`, async () => {
      const codes = await play((scene) => {
        tell(scene, scene.credential)
      })
      expect(codes[0] ?? null).toBe(found)
    })
  }
})

/** Every string and number of `value`, changed one at a time. */
function* changesOf(value: unknown): Generator {
  if (typeof value === 'string') yield value.endsWith('A') ? `${value.slice(0, -1)}B` : `${value.slice(0, -1)}A`
  else if (typeof value === 'number') yield value + 1
  else if (typeof value === 'boolean') yield !value
  else if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) {
      for (const changed of changesOf(one)) yield value.map((other: unknown, place) => (place === at ? changed : other))
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, one] of Object.entries(value)) {
      for (const changed of changesOf(one)) yield { ...value, [name]: changed }
    }
  }
}

describe('minutes', () => {
  it('are counted when they are signed', async () => {
    const { vault, ada, edsger } = begin()
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([makeStep({ kind: 'confirm' })])
    writer.step(ada)
    const minutes = writer.compose()
    writer.write(minutes)
    expect((await check(vault.finish())).checked.minutes).toBeUndefined()
    writer.close(minutes, [ada, edsger])
    const report = await check(vault.finish())
    expect(report.integrity.problems).toEqual([])
    expect(report.checked.minutes).toBe(1)
  })

  it('hold no value that somebody with the station key could change', async () => {
    const { vault, ada, edsger } = begin()
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([makeStep({ kind: 'confirm' })])
    writer.except(edsger)
    writer.step(ada)
    const minutes = writer.compose()
    writer.write(minutes)
    const at = vault.log.entries.length - 1
    writer.close(minutes, [ada, edsger])
    const honest = vault.finish()
    const key = vault.log.stationKey()
    let tried = 0
    for (const changed of changesOf(minutes)) {
      const log = copyLog(honest)
      const entry = parseEntry(log.entries[at]!)
      log.entries[at] = canonicalBytes({ ...entry, data: { ceremony: writer.id, minutes: changed } })
      relink(log, at, key)
      const codes: Problem['code'][] = (await check(log)).integrity.problems.map(({ code }) => code)
      expect(codes, JSON.stringify(changed)).not.toEqual([])
      tried++
    }
    expect(tried).toBeGreaterThan(40)
  })
})
