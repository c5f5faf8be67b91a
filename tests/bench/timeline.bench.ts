/**
 * The timeline of a long log: how long until it is known what fits a filter, and until the first page is there. Against
 * reading one page without any filter, which is what opening the screen costs.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Bench, BenchRow } from '../../build/bench-report.ts'
import { systemClock } from '../../electron/platform/clock.ts'
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import { loadSodium, randomBytes } from '../../electron/platform/sodium.ts'
import { createLog } from '../../electron/vault/audit/begin-boot.ts'
import { findEntries, readTimeline } from '../../electron/vault/audit/timeline.ts'
import { openStore, type Store } from '../../electron/vault/store/store.ts'
import type { NewEntry } from '../../shared/audit/entry.ts'
import type { appContract } from '../../shared/contracts/app.ts'
import type { Input } from '../../shared/contracts/contract.ts'
import { newId } from '../support/vault-world.ts'

type Filter = Input<typeof appContract, 'timeline.find'>['filter']

const entries = 100_000
const groupSize = 500
const rounds = 9
/** Milliseconds in which filter and search must answer. */
const targetMs = 100

const all: Filter = { types: [], person: null, credential: null, text: '', from: null, before: null }

const people = Array.from({ length: 20 }, (_, at) => ({ id: newId(), name: `Person number ${String(at)}` }))
const credentials = Array.from({ length: 50 }, newId)

function makeEntry(at: number): NewEntry {
  const person = people[at % people.length]
  const credential = credentials[at % credentials.length]
  if (person === undefined || credential === undefined) throw new Error('nobody')
  return {
    type: at % 3 === 0 ? 'field.copied' : 'field.shown',
    actor: { kind: 'person', ...person, proven: true },
    data: { request: newId(), credential, field: 0, label: at === 7 ? 'Needle' : 'Password' },
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return median(times)
}

/** What a screen asks after a change of the filter: which entries fit, and those at the top. */
async function answer({ database }: Store, filter: Filter): Promise<void> {
  await findEntries(database, { filter })
  await readTimeline(database, { before: null, limit: 60, filter })
}

async function measure(): Promise<BenchRow[]> {
  const sodium = await loadSodium()
  const root = mkdtempSync(path.join(os.tmpdir(), 'halligan-timeline-'))
  const store = await openStore({ dir: path.join(root, 'vault'), randomBytes })
  const means = { store, clock: systemClock, primitives: nodePrimitives, sodium, randomBytes }
  const log = await createLog(
    {
      ...means,
      credentialOfRequest: () => undefined,
      withEntries: () => Promise.resolve(),
      onCommitted: () => undefined,
    },
    { vault: 'Bench', station: 'Bench' },
    [],
  )
  try {
    for (let at = 0; at < entries; at += groupSize) {
      await log.append(Array.from({ length: groupSize }, (_, more) => makeEntry(at + more)))
    }
    const plain = await timeOf(() => answer(store, all))
    const [person] = people
    const [credential] = credentials
    const filters: readonly (readonly [string, Filter])[] = [
      ['a type (a third of all)', { ...all, types: ['field.copied'] }],
      ['a person', { ...all, person: person?.id ?? null }],
      ['a credential', { ...all, credential: credential ?? null }],
      ['a word that is in all of them', { ...all, text: 'password' }],
      ['a word that is in one, the oldest', { ...all, text: 'needle' }],
      ['a word that is nowhere', { ...all, text: 'haystack' }],
      ['word, type and period', { ...all, text: 'number 1', types: ['field.shown'], from: '2000-01-01T00:00:00.000Z' }],
    ]
    const rows: BenchRow[] = []
    for (const [name, filter] of filters) {
      const value = await timeOf(() => answer(store, filter))
      rows.push({
        name: `${entries.toLocaleString('en-GB')} entries: ${name}, against no filter`,
        value,
        unit: 'ms',
        against: plain,
        ratio: value / plain,
        target: `<= ${String(targetMs)} ms`,
        met: value <= targetMs,
      })
    }
    return rows
  } finally {
    await log.close()
    await store.close()
    rmSync(root, { recursive: true, force: true })
  }
}

const bench: Bench = { name: 'the timeline under a filter', run: measure }
export default bench
