/**
 * `npm run bench`: every `tests/bench/*.bench.ts`, each in a process of its own (memory and JIT of one must not colour the
 * next); prints a table and keeps the figures in `bench-results/`. Arguments pick by file name.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describeMachine, showTable, type Bench, type BenchRow } from './bench-report.ts'
import { bundle } from './bundle.ts'
import { fromRoot } from './paths.ts'
import { runCommand } from './run-command.ts'
import { runScript, say } from './say.ts'

interface BenchResult {
  readonly name: string
  readonly rows: readonly BenchRow[]
}

/** In the child: one benchmark, its rows as JSON into `resultFile`. */
async function runOne(file: string, resultFile: string): Promise<number> {
  // The bundler would have put these in.
  Object.assign(globalThis, { __DEV_BUILD__: true, __APP_VERSION__: '0.0.0+bench' })
  const { default: bench } = (await import(pathToFileURL(file).href)) as { default: Bench }
  const result: BenchResult = { name: bench.name, rows: await bench.run() }
  writeFileSync(resultFile, JSON.stringify(result))
  return 0
}

async function runAll(filters: readonly string[]): Promise<number> {
  const dir = fromRoot('tests/bench')
  const files = (existsSync(dir) ? readdirSync(dir) : [])
    .filter(
      (name) => name.endsWith('.bench.ts') && (filters.length === 0 || filters.some((part) => name.includes(part))),
    )
    .sort()
  if (files.length === 0) {
    say('No benchmark of that name.')
    return 1
  }
  await bundle()
  const workDir = mkdtempSync(path.join(os.tmpdir(), 'halligan-bench-'))
  const self = fileURLToPath(import.meta.url)
  const results: BenchResult[] = []
  let failures = 0
  for (const file of files) {
    const resultFile = path.join(workDir, `${file}.json`)
    const args = [...process.execArgv, '--expose-gc', self, '--one', path.join(dir, file), resultFile]
    const code = await runCommand(process.execPath, args, { stdio: ['ignore', 2, 2] })
    if (code !== 0 || !existsSync(resultFile)) {
      failures++
      say(`${file} failed.`)
      continue
    }
    const result = JSON.parse(readFileSync(resultFile, 'utf8')) as BenchResult
    results.push(result)
    process.stdout.write(`\n${result.name}\n${showTable(result.rows)}\n`)
  }
  rmSync(workDir, { recursive: true, force: true })
  const at = new Date().toISOString()
  const target = fromRoot('bench-results', `${at.replaceAll(':', '-').slice(0, 19)}.json`)
  mkdirSync(path.dirname(target), { recursive: true })
  writeFileSync(target, `${JSON.stringify({ at, machine: describeMachine(), results }, null, 2)}\n`)
  say(`\nKept in ${path.relative(fromRoot(), target)}`)
  return failures === 0 ? 0 : 1
}

runScript(() => {
  const [mode, file, resultFile] = process.argv.slice(2)
  const isChild = mode === '--one' && file !== undefined && resultFile !== undefined
  return isChild ? runOne(file, resultFile) : runAll(process.argv.slice(2))
})
