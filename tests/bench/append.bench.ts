/**
 * Durable appends against bare SQLite inserts of the same bytes with the same settings and the same driver: what chain, tree,
 * signature and index cost. The disk decides both, so only the ratio says something about us.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Bench, BenchRow } from '../../build/bench-report.ts'
import { systemClock } from '../../electron/platform/clock.ts'
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import { loadSodium, randomBytes } from '../../electron/platform/sodium.ts'
import { createLog } from '../../electron/vault/audit/begin-boot.ts'
import type { AuditLog } from '../../electron/vault/audit/log.ts'
import { openStore, type Store } from '../../electron/vault/store/store.ts'
import type { NewEntry } from '../../shared/audit/entry.ts'
import { newId } from '../support/vault-world.ts'

const rounds = 3
const single = 400
const grouped = 10_000
const groupSize = 500
/** Grouped, so that the disk's own slowness hides nothing. */
const targetRatio = 0.8

/** An entry of usual size, as a strongroom asks for it. */
const makeEntry = (): NewEntry => ({
  type: 'field.shown',
  actor: { kind: 'person', id: newId(), name: 'Rita Request', proven: true },
  data: { request: newId(), credential: newId(), field: 0, label: 'Password' },
})
/** About what the entry above is in canonical form. */
const bareBytes = new Uint8Array(430).fill(0x61)

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (count * 1000) / (performance.now() - start)
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

async function appendSingly(log: AuditLog): Promise<void> {
  for (let at = 0; at < single; at++) await log.append([makeEntry()])
}

async function appendGrouped(log: AuditLog): Promise<void> {
  for (let at = 0; at < grouped; at += groupSize) {
    await Promise.all(Array.from({ length: groupSize }, () => log.append([makeEntry()])))
  }
}

async function insertSingly({ database }: Store): Promise<void> {
  for (let at = 0; at < single; at++) {
    await database.transaction((statements) => statements.run('INSERT INTO bare (bytes) VALUES (?)', bareBytes))
  }
}

async function insertGrouped({ database }: Store): Promise<void> {
  for (let at = 0; at < grouped; at += groupSize) {
    await database.transaction((statements) =>
      statements.runEach(
        'INSERT INTO bare (bytes) VALUES (?)',
        Array.from({ length: groupSize }, () => [bareBytes]),
      ),
    )
  }
}

async function measure(): Promise<BenchRow[]> {
  const sodium = await loadSodium()
  const root = mkdtempSync(path.join(os.tmpdir(), 'halligan-append-'))
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
  await store.database.execute('CREATE TABLE bare (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT')
  const figures = {
    single: [] as number[],
    bareSingle: [] as number[],
    grouped: [] as number[],
    bareGrouped: [] as number[],
  }
  try {
    for (let round = 0; round < rounds; round++) {
      figures.bareSingle.push(await perSecond(single, () => insertSingly(store)))
      figures.single.push(await perSecond(single, () => appendSingly(log)))
      figures.bareGrouped.push(await perSecond(grouped, () => insertGrouped(store)))
      figures.grouped.push(await perSecond(grouped, () => appendGrouped(log)))
    }
  } finally {
    await log.close()
    await store.close()
    rmSync(root, { recursive: true, force: true })
  }
  const row = (name: string, ours: readonly number[], bare: readonly number[]): BenchRow & { ratio: number } => {
    const [value, against] = [median(ours), median(bare)]
    return { name, value, unit: 'entries/s', against, ratio: value / against }
  }
  const together = row(
    `durable appends, ${groupSize} together, against bare inserts`,
    figures.grouped,
    figures.bareGrouped,
  )
  return [
    row('durable appends, one by one, against bare inserts', figures.single, figures.bareSingle),
    { ...together, target: `>= ${targetRatio}x`, met: together.ratio >= targetRatio },
  ]
}

const bench: Bench = { name: 'append to the audit log', run: measure }
export default bench
