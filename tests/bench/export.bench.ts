/**
 * Writing an export against copying the same bytes: what the tree, the table, the proofs and the report cost. On the same disk, so
 * that only the ratio says something about us.
 */
import { copyFileSync, mkdtempSync, openSync, fsyncSync, closeSync, readdirSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Bench, BenchRow } from '../../build/bench-report.ts'
import { systemClock } from '../../electron/platform/clock.ts'
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import { loadSodium, randomBytes } from '../../electron/platform/sodium.ts'
import { createLog } from '../../electron/vault/audit/begin-boot.ts'
import { createExportKit } from '../../electron/vault/export/export-kit.ts'
import { prepareExport } from '../../electron/vault/export/write-export.ts'
import { openStore } from '../../electron/vault/store/store.ts'
import type { NewEntry } from '../../shared/audit/entry.ts'
import type { Selection } from '../../shared/domain/selection.ts'
import { makeExportProgram } from '../support/export-program.ts'
import { newId } from '../support/vault-world.ts'

const entries = 100_000
const groupSize = 1000

const person = newId()
/** Ten entries to a request, as in a real log. */
let request = newId()
const makeEntry = (at: number): NewEntry => ({
  type: 'field.shown',
  actor: { kind: 'person', id: at % 1000 === 0 ? person : newId(), name: 'Rita Request', proven: true },
  data: { request: at % 10 === 0 ? (request = newId()) : request, credential: newId(), field: 0, label: 'Password' },
})

const sizeOf = (dir: string): number =>
  readdirSync(dir).reduce((sum, name) => sum + statSync(path.join(dir, name)).size, 0)

function copy(from: string, to: string): number {
  const start = performance.now()
  for (const name of readdirSync(from)) {
    copyFileSync(path.join(from, name), path.join(to, name))
    const file = openSync(path.join(to, name), 'r')
    fsyncSync(file)
    closeSync(file)
  }
  return performance.now() - start
}

async function measure(): Promise<BenchRow[]> {
  const sodium = await loadSodium()
  const program = await makeExportProgram()
  const root = mkdtempSync(path.join(os.tmpdir(), 'halligan-export-bench-'))
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
      await log.append(Array.from({ length: groupSize }, (_, index) => makeEntry(at + index)))
    }
    const head = await log.keepHead()
    const context = { store, log, clock: systemClock, primitives: nodePrimitives }
    const run = async (name: string, selection: Selection | null, withKit: boolean): Promise<[string, number]> => {
      const chosen = path.join(root, name)
      const kit = withKit ? createExportKit(program.dir) : null
      const start = performance.now()
      const made = await prepareExport(context, [], head, { selection, archive: false, chosen }, kit, null)
      await made.publish()
      return [chosen, performance.now() - start]
    }
    const [bare, bareMs] = await run('bare', null, false)
    const [, wholeMs] = await run('whole', null, true)
    const [, partMs] = await run('part', { kind: 'person', person }, false)
    const megabytes = sizeOf(bare) / 1e6
    const copied = mkdtempSync(path.join(root, 'copy-'))
    const copyMs = copy(bare, copied)
    const value = (megabytes / bareMs) * 1000
    const against = (megabytes / copyMs) * 1000
    const name = `whole log of ${entries.toLocaleString('en')} entries, log and table, against copying the files`
    return [
      { name, value, unit: 'MB/s', against, ratio: value / against },
      { name: 'the same, until it is published', value: bareMs, unit: 'ms' },
      { name: 'the same with report and verifiers', value: wholeMs, unit: 'ms' },
      { name: 'a part of it (100 entries with proofs)', value: partMs, unit: 'ms' },
    ]
  } finally {
    await log.close()
    await store.close()
    program.remove()
    rmSync(root, { recursive: true, force: true })
  }
}

const bench: Bench = { name: 'export the log', run: measure }
export default bench
