/** A check that cannot be carried through: tried again, said when it stays so, and in nobody's way. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createKnownFile } from '../../../electron/vault/audit/known-file.ts'
import { checkIntegrity, type IntegrityMeans } from '../../../electron/vault/integrity.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { createHistory } from '../../../electron/vault/requests/history.ts'
import type { NewEntry } from '../../../shared/audit/entry.ts'
import { HalliganError } from '../../../shared/errors.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => vi.useRealTimers())

/** An empty log on a disk that is busy the first `failures` times. */
function makeMeans(failures: number) {
  const appended: NewEntry[] = []
  const tries = { count: 0 }
  const snapshot = { size: 0, manifests: [], notes: [], records: [] }
  const transaction = (): Promise<typeof snapshot> =>
    tries.count++ < failures ? Promise.reject(new HalliganError('STORAGE_BUSY')) : Promise.resolve(snapshot)
  const means = {
    context: {
      store: { database: { transaction, all: () => Promise.resolve([]) } },
      primitives: nodePrimitives,
      log: {
        append: (entries: NewEntry[]) => {
          appended.push(...entries)
          return Promise.resolve(entries)
        },
      },
    },
    catalogue: { adopt: () => undefined, markDamage: () => Promise.resolve() },
    ceremonies: { adopt: () => undefined },
    history: createHistory(),
    known: createKnownFile(null),
    onProgress: () => undefined,
    onChange: () => undefined,
  }
  return { means: means as unknown as IntegrityMeans, appended, tries }
}
const codes = (entries: readonly NewEntry[]): string[] =>
  entries.map((entry) => (entry.type === 'log.verification-failed' ? entry.data.code : entry.type))

describe('a check on a busy disk', () => {
  it('is tried again, and its own verdict stands', async () => {
    const { means, appended, tries } = makeMeans(2)
    const integrity = checkIntegrity(means, null)
    const usable = integrity.requireUsable()
    await vi.advanceTimersByTimeAsync(250)
    expect(integrity.view().integrity).toBe('checking')
    await vi.advanceTimersByTimeAsync(1000)
    await usable
    expect(tries.count).toBe(3)
    expect(integrity.damage()?.detail).toMatchObject({ problem: 'log-empty' })
    expect(codes(appended)).toEqual(['LOG_INVALID'])
  })

  it('that stays busy is recorded and blocks nothing but set-up, until it is free', async () => {
    const { means, appended } = makeMeans(5)
    const integrity = checkIntegrity(means, null)
    const usable = integrity.requireUsable()
    await vi.advanceTimersByTimeAsync(250 + 1000 + 3000)
    await usable
    expect(integrity.blocks()).toBe(false)
    expect(integrity.damage()).toEqual({ code: 'STORAGE_BUSY', detail: {} })
    expect(integrity.view()).toEqual({ integrity: 'broken', completeness: 'cannot-be-judged' })
    await expect(integrity.requireIntact()).rejects.toMatchObject({ code: 'VAULT_DAMAGED' })
    expect(codes(appended)).toEqual(['STORAGE_BUSY'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(integrity.damage()?.detail).toMatchObject({ problem: 'log-empty' })
    expect(codes(appended)).toEqual(['STORAGE_BUSY', 'LOG_INVALID'])
  })

  it('is given up when the app closes', async () => {
    const { means, tries } = makeMeans(100)
    const integrity = checkIntegrity(means, null)
    await vi.advanceTimersByTimeAsync(10)
    integrity.stop()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(tries.count).toBe(2)
  })
})
