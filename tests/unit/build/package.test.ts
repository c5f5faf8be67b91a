import { listPackage } from '@electron/asar'
import { FuseState, getCurrentFuseWire } from '@electron/fuses'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findElectron } from '../../../build/electron-runtime.ts'
import { packageFuses } from '../../../build/fuses.ts'
import { makePackageDir } from '../../../build/package-app.ts'

/** Everything the app's archive may hold. */
const appFiles = [
  /^\/(main|vault|strongroom|tap-host|courier|cli)\.cjs$/,
  /^\/package\.json$/,
  /^\/preload\/(app|tap|seal|reveal|print)\.cjs$/,
  /^\/renderer\/files\.json$/,
  /^\/renderer\/(app|tap|seal|reveal|print)\/index\.(html|js|css)$/,
  /^\/tap-browser\/index\.(html|js|css)$/,
  /^\/node_modules\/sqlite3\/(LICENSE|package\.json|lib\/(sqlite3|sqlite3-binding|trace)\.js|build\/Release\/node_sqlite3\.node)$/,
  /^\/node_modules\/pdfkit\/(index\.cjs|package\.json)$/,
  /^\/fonts\/(DejaVuSansCondensed(-Bold)?\.ttf|LICENSE)$/,
  /^\/verify\/verify\.(html|mjs)$/,
  /^\/node_modules\/bindings\/(LICENSE\.md|package\.json|bindings\.js)$/,
  /^\/node_modules\/file-uri-to-path\/(LICENSE|package\.json|index\.js)$/,
]

/** Everything that may lie around it: Electron's own files, with one language and without its default app. */
const electronFiles = [
  /^halligan$/,
  /^chrome(-sandbox|_crashpad_handler|_100_percent\.pak|_200_percent\.pak)$/,
  /^lib[A-Za-z0-9_]+\.so(\.\d+)?$/,
  /^(icudtl\.dat|resources\.pak|snapshot_blob\.bin|v8_context_snapshot\.bin|vk_swiftshader_icd\.json)$/,
  /^LICENSE(\.electron\.txt|S\.chromium\.html)?$/,
  /^locales\/en-US\.pak$/,
  /^resources\/sinks\/(README\.md|https\.md|syslog\.md|postgresql\.sql)$/,
  /^resources\/app\.asar(\.unpacked\/node_modules\/sqlite3\/build\/Release\/node_sqlite3\.node)?$/,
]

/** Five programs and five pages, each with its libraries; two verifiers; the fonts of reports. */
const appBudgetBytes = 24 * 1024 * 1024
const isAllowed = (file: string, patterns: readonly RegExp[]): boolean => patterns.some((pattern) => pattern.test(file))

describe.runIf(process.platform === 'linux')('a package', { timeout: 60_000 }, () => {
  let dir = ''
  let electron = ''
  const binary = (): string => path.join(dir, 'halligan')

  beforeAll(async () => {
    dir = path.join(mkdtempSync(path.join(tmpdir(), 'halligan-package-')), 'app')
    // Whichever Electron this machine runs; what is tested is what we put around it. It is thrown away.
    const { distDir, executable } = await findElectron()
    electron = executable
    await makePackageDir(distDir, dir)
  }, 300_000)
  afterAll(() => {
    rmSync(path.dirname(dir), { recursive: true, force: true })
  })

  it('holds what the app needs and nothing else', () => {
    const archive = path.join(dir, 'resources', 'app.asar')
    const folders = new Set<string>()
    const listed = listPackage(archive, { isPack: false }).map((file) => file.split(path.sep).join('/'))
    for (const file of listed) folders.add(path.posix.dirname(file))
    expect(listed.filter((file) => !folders.has(file) && !isAllowed(file, appFiles))).toEqual([])
    expect(listed).toContain('/main.cjs')

    const around = readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    expect(around.filter((file) => !isAllowed(file, electronFiles))).toEqual([])
    expect(around).toContain('resources/sinks/postgresql.sql')
  })

  it('keeps within its size', () => {
    const archive = path.join(dir, 'resources', 'app.asar')
    expect(statSync(archive).size).toBeLessThan(appBudgetBytes)
  })

  it('has no fuse left as Electron set it', async () => {
    const { version: _, ...states } = await getCurrentFuseWire(binary())
    for (const [fuse, state] of Object.entries(states)) {
      const isOn = Object.entries(packageFuses).find(([name]) => name === fuse)?.[1]
      expect([fuse, state]).toEqual([fuse, isOn === true ? FuseState.ENABLE : FuseState.DISABLE])
    }
  })

  it('runs no script in the place of the app', () => {
    const started = (executable: string) =>
      spawnSync(executable, ['-e', 'process.exit(42)'], {
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', DISPLAY: '' },
        timeout: 20_000,
        stdio: 'ignore',
      }).status
    // Before the fuses are set it does: the question is a real one.
    expect(started(electron)).toBe(42)
    expect(started(binary())).not.toBe(42)
  })

  it('gives nobody set-uid rights by itself', () => {
    expect(execFileSync('find', [dir, '-perm', '/6000'], { encoding: 'utf8' })).toBe('')
  })
})
