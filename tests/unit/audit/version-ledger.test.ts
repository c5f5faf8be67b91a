/** The versions that a log says exist: the newest of them, whatever the order in which they were sealed and destroyed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createVersionLedger } from '../../../shared/audit/version-ledger.ts'

const stepOf = fc.record({
  kind: fc.constantFrom('put' as const, 'destroy' as const),
  credential: fc.constantFrom('one', 'two'),
  version: fc.integer({ min: 1, max: 12 }),
  record: fc.string({ maxLength: 3 }),
})

describe('the versions of a credential', () => {
  it('are those that were put and not destroyed, and the newest has the greatest number', () => {
    fc.assert(
      fc.property(fc.array(stepOf, { maxLength: 60 }), (steps) => {
        const ledger = createVersionLedger()
        const model = new Map<string, Map<number, string>>()
        for (const { kind, credential, version, record } of steps) {
          const known = model.get(credential) ?? new Map<number, string>()
          model.set(credential, known)
          if (kind === 'put') {
            ledger.put(credential, { safe: 'safe', version, name: 'name', record })
            known.set(version, record)
          } else {
            ledger.destroy(credential, version)
            known.delete(version)
          }
          const newest = known.size === 0 ? undefined : Math.max(...known.keys())
          expect(ledger.newest(credential)?.version).toBe(newest)
          expect(ledger.find(credential, version)?.record).toBe(known.get(version))
          expect(new Map([...ledger.of(credential)].map((one) => [one.version, one.record]))).toEqual(known)
        }
        const all = [...ledger.all()].map(([credential, { version }]) => `${credential} ${String(version)}`)
        const expected = [...model].flatMap(([credential, known]) =>
          [...known.keys()].map((version) => `${credential} ${String(version)}`),
        )
        expect(all.sort()).toEqual(expected.sort())
      }),
      { numRuns: 300 },
    )
  })
})
