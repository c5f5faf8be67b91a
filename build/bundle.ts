/**
 * Builds `out/dev` and `out/release` with esbuild: the whole app, unpacked and ready to start. Everything is bundled
 * except `electron` itself and `sqlite3`, whose compiled part cannot be.
 */
import { build, formatMessages, type BuildFailure, type BuildOptions } from 'esbuild'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeRendererManifest } from './bundle-manifest.ts'
import { bundleVerifiers } from './bundle-verifier.ts'
import { appDirOf, fromRoot, type Flavour } from './paths.ts'
import { capture } from './run-command.ts'
import { PlainFailure, runScript, say } from './say.ts'

const nodeEntries = {
  'main.cjs': 'electron/main/index.ts',
  'vault.cjs': 'electron/vault/process.ts',
  'strongroom.cjs': 'electron/strongroom/process.ts',
  'tap-host.cjs': 'electron/tap-host/process.ts',
  'courier.cjs': 'electron/courier/process.ts',
  'cli.cjs': 'electron/cli/index.ts',
}

const preloadEntries = {
  'preload/app.cjs': 'electron/preload/app.ts',
  'preload/tap.cjs': 'electron/preload/tap.ts',
  'preload/seal.cjs': 'electron/preload/seal.ts',
  'preload/reveal.cjs': 'electron/preload/reveal.ts',
  'preload/print.cjs': 'electron/preload/print.ts',
}

const windows = ['app', 'tap', 'seal', 'reveal', 'print'] as const

/** Packages that stay packages: `sqlite3` finds its `.node` file relative to itself, through `bindings`. */
const unbundled = {
  sqlite3: [
    'package.json',
    'LICENSE',
    'lib/sqlite3.js',
    'lib/sqlite3-binding.js',
    'lib/trace.js',
    'build/Release/node_sqlite3.node',
  ],
  bindings: ['package.json', 'LICENSE.md', 'bindings.js'],
  'file-uri-to-path': ['package.json', 'LICENSE', 'index.js'],
}

/** Fonts that the report of an export embeds. */
const fonts = ['DejaVuSansCondensed.ttf', 'DejaVuSansCondensed-Bold.ttf']

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly description: string
}

/** `<version>+<commit>`: deterministic for a commit, so that a build can be reproduced and compared. */
function appVersion(version: string): string {
  const commit = capture('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: fromRoot() })
  return commit.code === 0 ? `${version}+${commit.stdout.trim()}` : version
}

function commonOptions(flavour: Flavour, version: string): BuildOptions {
  return {
    bundle: true,
    absWorkingDir: fromRoot(),
    // Said once, by whoever called: both flavours are the same code.
    logLevel: 'silent',
    charset: 'utf8',
    define: {
      __DEV_BUILD__: String(flavour === 'dev'),
      __APP_VERSION__: JSON.stringify(version),
      // Also in the dev build: what is tested is what ships.
      'process.env.NODE_ENV': '"production"',
    },
  }
}

function copyUnbundled(outDir: string): void {
  for (const [name, files] of Object.entries(unbundled)) {
    for (const file of files) {
      cpSync(fromRoot('node_modules', name, file), path.join(outDir, 'node_modules', name, file))
    }
  }
}

/**
 * PDFKit as a package of one file: larger than everything else together, it is loaded only when a report is written.
 * Its CommonJS form, because the other finds its data by a URL that a bundle does not have.
 */
async function bundlePdfKit(outDir: string, common: BuildOptions): Promise<void> {
  const dir = path.join(outDir, 'node_modules', 'pdfkit')
  await build({
    ...common,
    entryPoints: { index: 'node_modules/pdfkit/js/pdfkit.js' },
    outdir: dir,
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    target: 'node20.18',
    minify: true,
  })
  writeFileSync(path.join(dir, 'package.json'), `${JSON.stringify({ name: 'pdfkit', main: 'index.cjs' })}\n`)
}

function copyFonts(outDir: string): void {
  for (const font of fonts) {
    cpSync(fromRoot('node_modules/dejavu-fonts-ttf/ttf', font), path.join(outDir, 'fonts', font))
  }
  cpSync(fromRoot('node_modules/dejavu-fonts-ttf/LICENSE'), path.join(outDir, 'fonts', 'LICENSE'))
}

async function bundleNode(outDir: string, flavour: Flavour, common: BuildOptions): Promise<void> {
  const entries = Object.entries({ ...nodeEntries, ...preloadEntries })
  await build({
    ...common,
    entryPoints: entries.map(([out, source]) => ({ in: source, out: out.replace(/\.cjs$/, '') })),
    outdir: outDir,
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    // The older of the two Nodes this runs on: Electron 33 carries 20.18.
    target: 'node20.18',
    external: ['electron', 'pdfkit', ...Object.keys(unbundled)],
    // What stays outside is found by `require`, which works inside an archive too.
    supported: { 'dynamic-import': false },
    sourcemap: flavour === 'dev' ? 'linked' : false,
    // Takes the branches that only development builds have out of the text, not only out of reach.
    minifySyntax: flavour === 'release',
  })
}

async function bundleWindow(window: string, outDir: string, flavour: Flavour, common: BuildOptions): Promise<void> {
  const dir = path.join(outDir, 'renderer', window)
  await build({
    ...common,
    entryPoints: { index: `renderer/${window}/index.tsx` },
    outdir: dir,
    platform: 'browser',
    format: 'iife',
    target: 'chrome130',
    minify: flavour === 'release',
    // Images become data: URLs: the policy allows those and the windows have no other source.
    loader: { '.svg': 'dataurl', '.png': 'dataurl' },
  })
  cpSync(fromRoot('renderer', window, 'index.html'), path.join(dir, 'index.html'))
  const css = path.join(dir, 'index.css')
  if (!existsSync(css)) writeFileSync(css, '')
}

/** The tap page as the system's browser gets it: not among the windows' files, which no window could then load by mistake. */
async function bundleBrowserTap(outDir: string, flavour: Flavour, common: BuildOptions): Promise<void> {
  const dir = path.join(outDir, 'tap-browser')
  await build({
    ...common,
    entryPoints: { index: 'renderer/tap/browser.tsx' },
    outdir: dir,
    platform: 'browser',
    format: 'iife',
    // Two years of browsers; older ones do not have the PRF extension for security keys anyway.
    target: ['chrome130', 'firefox135'],
    minify: flavour === 'release',
    loader: { '.svg': 'dataurl', '.png': 'dataurl' },
  })
  cpSync(fromRoot('renderer/tap/browser.html'), path.join(dir, 'index.html'))
}

/** Moves `fresh` to `target`, whatever is there; another build may be doing the same at this moment. */
function putInPlace(fresh: string, target: string): void {
  const old = `${fresh}.old`
  for (let attempt = 1; ; attempt++) {
    try {
      if (existsSync(target)) renameSync(target, old)
      renameSync(fresh, target)
      return
    } catch (error) {
      if (attempt === 10) throw error
    } finally {
      rmSync(old, { recursive: true, force: true })
    }
  }
}

async function bundleFlavour(flavour: Flavour, manifest: PackageJson): Promise<void> {
  const target = appDirOf(flavour)
  // Built beside and renamed: whoever starts the app meanwhile gets the old one or the new one, never half.
  const outDir = `${target}.${String(process.pid)}`
  const common = commonOptions(flavour, appVersion(manifest.version))
  mkdirSync(outDir, { recursive: true })
  try {
    const parts = await Promise.allSettled([
      bundleNode(outDir, flavour, common),
      bundlePdfKit(outDir, common),
      bundleVerifiers(path.join(outDir, 'verify'), appVersion(manifest.version)),
      ...windows.map((window) => bundleWindow(window, outDir, flavour, common)),
      bundleBrowserTap(outDir, flavour, common),
    ])
    // All have ended before the first failure counts: none may still write into a folder that is being removed.
    for (const part of parts) if (part.status === 'rejected') throw part.reason
    writeRendererManifest(path.join(outDir, 'renderer'))
    const { name, version, description } = manifest
    const appManifest = {
      name,
      productName: 'Halligan',
      version,
      description,
      main: 'main.cjs',
      desktopName: 'halligan.desktop',
    }
    writeFileSync(path.join(outDir, 'package.json'), `${JSON.stringify(appManifest, null, 2)}\n`)
    copyUnbundled(outDir)
    copyFonts(outDir)
    putInPlace(outDir, target)
  } finally {
    rmSync(outDir, { recursive: true, force: true })
  }
}

async function describe(failure: BuildFailure): Promise<string> {
  const { errors } = failure
  return (await formatMessages(errors, { kind: 'error', color: process.stderr.isTTY, terminalWidth: 120 })).join('')
}

/**
 * Builds the given flavours into `out/`.
 * @throws PlainFailure saying what does not compile and where
 */
export async function bundle(flavours: readonly Flavour[] = ['dev', 'release']): Promise<void> {
  const manifest = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')) as PackageJson
  const done = await Promise.allSettled(flavours.map((flavour) => bundleFlavour(flavour, manifest)))
  for (const result of done) {
    if (result.status === 'fulfilled') continue
    const reason: unknown = result.reason
    if (!(reason instanceof Error && 'errors' in reason)) throw reason
    throw new PlainFailure(`${await describe(reason as BuildFailure)}The app does not build.`, { cause: reason })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  runScript(async () => {
    const start = performance.now()
    await bundle()
    say(`bundled out/dev and out/release in ${((performance.now() - start) / 1000).toFixed(1)} s`)
    return 0
  })
}
