/** Which entry stands at which place of the timeline. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFound } from '../../../renderer/app/timeline/found.ts'

const lists = fc.uniqueArray(fc.nat(1000), { maxLength: 60 }).map((seqs) => seqs.sort((a, b) => b - a))

describe('found entries', () => {
  it('have a place each, and each place its entry', () => {
    fc.assert(
      fc.property(lists, fc.nat(1000), (seqs, other) => {
        const found = createFound(1001, Uint32Array.from(seqs))
        expect(found.total).toBe(seqs.length)
        for (const [place, seq] of seqs.entries()) {
          expect(found.seqAt(place)).toBe(seq)
          expect(found.placeOf(seq)).toBe(place)
        }
        expect(found.placeOf(other)).toBe(seqs.indexOf(other))
        expect(found.seqAt(seqs.length)).toBe(-1)
        expect(found.seqAt(-1)).toBe(-1)
      }),
    )
  })

  it('are all of the log, newest first, without a filter', () => {
    const found = createFound(1_000_000, null)
    expect([found.total, found.seqAt(0), found.seqAt(999_999), found.seqAt(1_000_000)]).toEqual([1e6, 999_999, 0, -1])
    expect([found.placeOf(999_999), found.placeOf(0), found.placeOf(1_000_000)]).toEqual([0, 999_999, -1])
  })

  it('say which is missing first', () => {
    const found = createFound(10, null)
    expect(found.firstMissing(-5, 20, new Set())).toBe(0)
    expect(found.firstMissing(2, 4, new Set([7, 6]))).toBe(4)
    expect(found.firstMissing(2, 3, new Set([7, 6]))).toBeNull()
    expect(found.firstMissing(0, 5, createSetOfAll())).toBeNull()
    expect(createFound(0, null).firstMissing(0, 5, new Set())).toBeNull()
    expect(found.seqsBetween(8, 20)).toEqual([1, 0])
    expect(found.seqsBetween(20, 8)).toEqual([])
  })
})

const createSetOfAll = () => ({ has: () => true })
