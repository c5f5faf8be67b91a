/** `npm run check`: everything a change must pass besides the tests. Arguments pick steps by name. */
import { findElectronTooOld, findForeignPackages, findLoosePins, readSupply } from './check-supply.ts'
import { fromRoot, root } from './paths.ts'
import { captureLater, type CommandResult } from './run-command.ts'
import { runScript } from './say.ts'

interface Step {
  readonly name: string
  readonly run: () => Promise<CommandResult>
}

/** The script behind a package's command: not every npm leaves the ones in `.bin` executable. */
const tool = (name: string, bin: string): string => fromRoot('node_modules', name, bin)

const node = (script: string, ...args: string[]) => captureLater(process.execPath, [script, ...args], { cwd: root })

const typescriptProjects = ['tsconfig.json', 'shared', 'renderer', 'electron/preload', 'tests']

function checkSupply(): Promise<CommandResult> {
  const { manifest, lockfile } = readSupply()
  const tooOld = findElectronTooOld(manifest)
  const complaints = [
    ...findLoosePins(manifest),
    ...findForeignPackages(lockfile),
    ...(tooOld === null ? [] : [tooOld]),
  ]
  return Promise.resolve({ code: complaints.length === 0 ? 0 : 1, stdout: complaints.join('\n'), stderr: '' })
}

const sources = ['electron', 'renderer', 'shared', 'build', 'tests']

const steps: readonly Step[] = [
  // First, because it takes as long as all the others together.
  { name: 'lint', run: () => node(tool('eslint', 'bin/eslint.js'), '--max-warnings', '0', '.') },
  { name: 'format', run: () => node(tool('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', '.') },
  ...typescriptProjects.map((project) => ({
    name: `types ${project === 'tsconfig.json' ? 'node' : project}`,
    run: () => node(tool('typescript', 'bin/tsc'), '--pretty', 'false', '-p', fromRoot(project)),
  })),
  {
    name: 'layers',
    run: () =>
      node(tool('dependency-cruiser', 'bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.mjs', ...sources),
  },
  { name: 'unused', run: () => node(tool('knip', 'bin/knip.js'), '--no-progress') },
  { name: 'supply', run: checkSupply },
]

async function runStep(step: Step): Promise<boolean> {
  const start = performance.now()
  const { code, stdout, stderr } = await step.run()
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const isFine = code === 0
  process.stdout.write(`${isFine ? 'ok    ' : 'FAILED'} ${step.name.padEnd(24)} ${seconds.padStart(5)} s\n`)
  if (!isFine) process.stdout.write(`${`${stdout}${stderr}`.trim()}\n\n`)
  return isFine
}

runScript(async () => {
  const wanted = process.argv.slice(2)
  const queue = steps.filter((step) => wanted.length === 0 || wanted.some((part) => step.name.includes(part)))
  const failed: string[] = []
  const work = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      if (!(await runStep(step))) failed.push(step.name)
    }
  }
  // Two at a time: most of them use one core.
  await Promise.all([work(), work()])
  process.stdout.write(failed.length === 0 ? 'All checks passed.\n' : `Failed: ${failed.join(', ')}\n`)
  return failed.length === 0 ? 0 : 1
})
