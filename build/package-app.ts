/** Packs the release bundle with electron-builder: one asar, the fuses, and nothing that is not needed. */
import { Arch, build, Platform, type AfterPackContext, type Configuration } from 'electron-builder'
import path from 'node:path'
import { setPackageFuses } from './fuses.ts'
import { appDirOf, fromRoot } from './paths.ts'

/** What to make. */
export interface PackageOptions {
  /** The unpacked Electron to package. */
  readonly electronDist: string
  readonly electronVersion: string
  readonly outDir: string
  /** `dir` is the unpacked package, for looking at. */
  readonly target: 'deb' | 'dir'
}

const executableName = 'halligan'

async function afterPack(context: AfterPackContext): Promise<void> {
  await setPackageFuses(path.join(context.appOutDir, executableName))
}

function configuration(options: PackageOptions): Configuration {
  return {
    appId: 'localhost.halligan',
    productName: 'Halligan',
    electronVersion: options.electronVersion,
    electronDist: options.electronDist,
    directories: { app: appDirOf('release'), output: options.outDir, buildResources: fromRoot('build') },
    // The bundle holds what it needs, built for the Node API that Electron shares: nothing to rebuild, nothing to collect.
    npmRebuild: false,
    nodeGypRebuild: false,
    asar: true,
    // A shared library cannot be loaded from inside an archive.
    asarUnpack: ['**/*.node'],
    files: ['**/*', '!**/*.map', '!**/*.d.ts'],
    // Chromium's own translations: the app speaks one language.
    electronLanguages: ['en-US'],
    publish: null,
    afterPack,
    linux: {
      executableName,
      category: 'Utility;Security',
      maintainer: 'Halligan',
      synopsis: 'Offline break-glass vault',
      // Not AppImage: its launcher may add --no-sandbox by itself.
      target: [options.target],
    },
    deb: { depends: ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libxss1', 'libxtst6'] },
  }
}

/**
 * Packages `out/release`.
 * @returns the files (or, for `dir`, the folder) that were made
 * @throws Error when packing fails, such as on a fuse without an entry
 */
export async function packageApp(options: PackageOptions): Promise<readonly string[]> {
  const made = await build({
    targets: Platform.LINUX.createTarget(options.target, process.arch === 'arm64' ? Arch.arm64 : Arch.x64),
    config: configuration(options),
    projectDir: fromRoot(),
  })
  return options.target === 'dir' ? [path.join(options.outDir, 'linux-unpacked')] : made
}
