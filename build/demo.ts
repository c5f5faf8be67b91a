/** `npm run demo`: the guided demonstration, with the network cut. `--out DIR` says where its pictures and exports go. */
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundle } from './bundle.ts'
import { findElectron } from './electron-runtime.ts'
import { establishNetworkBlock, rerunWithoutNetwork, type NetworkBlock } from './network-block.ts'
import { fromRoot } from './paths.ts'
import { prepareRun, type PreparedRun } from './prepare-run.ts'
import { PlainFailure, runScript, say } from './say.ts'
import { ensureLibraries } from './system-libraries.ts'

/** What the demonstration is given. */
export interface DemoSetting {
  readonly run: PreparedRun
  /** Absolute, exists. */
  readonly outDir: string
  readonly networkBlock: NetworkBlock
}

interface DemoModule {
  readonly runDemo: (setting: DemoSetting) => Promise<void>
}

function readOutDir(args: readonly string[]): string {
  const at = args.indexOf('--out')
  const named = at === -1 ? 'demo-out' : args[at + 1]
  if (named === undefined) throw new PlainFailure('usage: npm run demo -- [--out DIR]')
  return path.resolve(named)
}

runScript(async () => {
  const outDir = readOutDir(process.argv.slice(2))
  const script = fromRoot('tests/demo/demo.ts')
  if (!existsSync(script)) throw new PlainFailure('There is no demonstration yet.')
  if (process.env['HALLIGAN_NETWORK_NAMESPACE'] !== '1') {
    await bundle(['dev'])
    // Whatever has to be fetched is fetched now: inside there is no network.
    const { executable } = await findElectron()
    await ensureLibraries(executable, (process.env['DISPLAY'] ?? '') === '')
    const code = await rerunWithoutNetwork()
    if (code !== null) return code
  }
  const networkBlock = establishNetworkBlock()
  say(networkBlock.sentence)
  const { runDemo } = (await import(pathToFileURL(script).href)) as DemoModule
  mkdirSync(outDir, { recursive: true })
  const run = await prepareRun({ flavour: 'dev' })
  try {
    await runDemo({ run, outDir, networkBlock })
    return 0
  } finally {
    run.dispose()
  }
})
