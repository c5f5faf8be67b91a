/** Runs the second verifier, the one in Python. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface OracleReport {
  readonly integrity: {
    readonly verdict: string
    readonly trustworthy: number
    readonly problems: readonly { readonly code: string; readonly seq: number | null }[]
  }
  readonly completeness: { readonly verdict: string; readonly problem: string | null }
  readonly size: number
  readonly root: string | null
}

const script = fileURLToPath(new URL('./verify_log.py', import.meta.url))
// -B: no compiled files beside the sources.
const runPython = (...args: readonly string[]) => spawnSync('python3', ['-B', ...args], { encoding: 'utf8' })
/** True when it cannot be run here. */
export const noPython = runPython('-c', 'import sys; sys.exit(sys.version_info < (3, 8))').status !== 0
/** Of the tests with it. */
export const title = noPython
  ? 'the second verifier (skipped: python3 3.8 or newer is not on this machine)'
  : 'the second verifier'

/** Judges folders, one report each, in order. */
export function judge(folders: readonly string[]): OracleReport[] {
  const { status, stdout, stderr } = runPython(script, ...folders)
  if (status !== 0) throw new Error(stderr)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as OracleReport)
}
