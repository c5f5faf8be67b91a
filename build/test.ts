/**
 * `npm test`: bundles, runs every test, and ends with one line: `N passed, N failed`, plus `, N skipped` when some were.
 * `npm test -- unit`, `-- e2e` or any part of a file's path picks; `--campaign` asks for the long fault runs in full.
 */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { bundle } from './bundle.ts'
import { fromRoot, root } from './paths.ts'
import { runCommand } from './run-command.ts'
import { PlainFailure, runScript, say } from './say.ts'

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

// A folder per run: two runs in one checkout must not count each other's tests.
const reportsDir = mkdtempSync(path.join(os.tmpdir(), 'halligan-reports-'))

/** A run that ended badly without a failed test (a broken file, a crashed worker) counts as one failure. */
function withExitCode(counts: Counts, code: number): Counts {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function readReport(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
}

async function runVitest(filters: readonly string[]): Promise<Counts> {
  const report = path.join(reportsDir, 'vitest.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = [fromRoot('node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...filters]
  const code = await runCommand(process.execPath, args, { cwd: root })
  const result = readReport(report) as null | {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
    numTodoTests: number
    testResults: { status: string; assertionResults: unknown[] }[]
  }
  if (result === null) return { passed: 0, failed: 1, skipped: 0 }
  // A file that does not even load has no tests that could fail.
  const brokenFiles = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  const counts = {
    passed: result.numPassedTests,
    failed: result.numFailedTests + brokenFiles.length,
    skipped: result.numPendingTests + result.numTodoTests,
  }
  return withExitCode(counts, code)
}

interface Suite {
  readonly suites?: readonly Suite[]
  readonly specs?: readonly {
    readonly title: string
    readonly file: string
    readonly tests: readonly { readonly status: string }[]
  }[]
}

function namesOfFlaky(suites: readonly Suite[]): string[] {
  return suites.flatMap((suite) => [
    ...(suite.specs ?? [])
      .filter(({ tests }) => tests.some(({ status }) => status === 'flaky'))
      .map(({ file, title }) => `  ${file} › ${title}`),
    ...namesOfFlaky(suite.suites ?? []),
  ])
}

async function runPlaywright(filters: readonly string[]): Promise<Counts> {
  const report = path.join(reportsDir, 'playwright.json')
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  const args = [fromRoot('node_modules/playwright/cli.js'), 'test', '--reporter=list,json', ...filters]
  const code = await runCommand(process.execPath, args, { cwd: root, env })
  const result = readReport(report) as null | {
    stats: { expected: number; unexpected: number; flaky: number; skipped: number }
    errors: unknown[]
    suites: Suite[]
  }
  if (result === null) return { passed: 0, failed: 1, skipped: 0 }
  const { expected, unexpected, flaky, skipped } = result.stats
  if (flaky > 0)
    say(`\n${String(flaky)} passed only at the second try; look at why:\n${namesOfFlaky(result.suites).join('\n')}`)
  return withExitCode({ passed: expected + flaky, failed: unexpected, skipped }, code)
}

function listTests(): string[] {
  return readdirSync(fromRoot('tests'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(test|spec)\.tsx?$/.test(file))
    .map((file) => path.posix.join('tests', file.split(path.sep).join('/')))
}

/** An app that does not build is one failure; what can be tested without it still is. */
async function tryToBundle(): Promise<boolean> {
  try {
    await bundle()
    return true
  } catch (error) {
    if (!(error instanceof PlainFailure)) throw error
    say(error.message)
    return false
  }
}

async function main(): Promise<number> {
  const args = process.argv.slice(2)
  if (args.includes('--campaign')) process.env['HALLIGAN_CAMPAIGN'] = 'full'
  const filters = args.filter((argument) => argument !== '--campaign').map((filter) => filter.replace(/^\.\//, ''))
  const tests = listTests().filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)))
  const specs = tests.filter((file) => file.endsWith('.spec.ts'))
  const units = tests.filter((file) => /\.test\.tsx?$/.test(file))

  const all: Counts[] = []
  const isBuilt = await tryToBundle()
  if (!isBuilt) all.push({ passed: 0, failed: 1, skipped: 0 })
  // Named one by one, so that both runners mean the same files by the same filter.
  if (units.length > 0) all.push(await runVitest(filters.length === 0 ? [] : units))
  if (specs.length > 0 && isBuilt) all.push(await runPlaywright(filters.length === 0 ? [] : specs))

  const sum = (of: (counts: Counts) => number): number => all.reduce((total, counts) => total + of(counts), 0)
  const [passed, failed, skipped] = [sum((c) => c.passed), sum((c) => c.failed), sum((c) => c.skipped)]
  if (passed + failed === 0) say('No test ran.')
  const line = `${String(passed)} passed, ${String(failed)} failed${skipped > 0 ? `, ${String(skipped)} skipped` : ''}`
  process.stdout.write(`\n${line}\n`)
  return failed === 0 && passed > 0 ? 0 : 1
}

runScript(() => main().finally(() => rmSync(reportsDir, { recursive: true, force: true })))
