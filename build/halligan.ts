/**
 * `npm run -s halligan -- …`: the command line of the app (verify, …) under plain Node. Stdout is the command's alone, so that
 * `--json` can be piped.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { bundle } from './bundle.ts'
import { appDirOf, fromRoot } from './paths.ts'
import { runCommand } from './run-command.ts'
import { runScript } from './say.ts'

function newestChange(dir: string): number {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Math.max(0, ...files.map((entry) => statSync(path.join(entry.parentPath, entry.name)).mtimeMs))
}

function isFresh(built: string): boolean {
  if (!existsSync(built)) return false
  const builtAt = statSync(built).mtimeMs
  const sources = [fromRoot('electron'), fromRoot('shared')].map(newestChange)
  return Math.max(...sources, statSync(fromRoot('package-lock.json')).mtimeMs) <= builtAt
}

runScript(async () => {
  const cli = path.join(appDirOf('release'), 'cli.cjs')
  if (!isFresh(cli)) await bundle(['release'])
  return runCommand(process.execPath, [cli, ...process.argv.slice(2)])
})
