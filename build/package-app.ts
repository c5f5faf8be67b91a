/**
 * Packs the release bundle. The folder that users get is put together here, file by file, so that what is in it is what this
 * says; electron-builder only wraps it as a deb (left to itself it collects the checkout's whole dependency tree).
 */
import { createPackageWithOptions } from '@electron/asar'
import { Arch, build, Platform, type Configuration } from 'electron-builder'
import { chmodSync, cpSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setPackageFuses } from './fuses.ts'
import { appDirOf, fromRoot } from './paths.ts'

const executableName = 'halligan'

/** Of Electron's folder, what the package leaves behind: its default app, other languages, notes of ours. */
function isWanted(relative: string): boolean {
  if (['resources', 'version', 'halligan-runtime.json'].includes(relative)) return false
  return !relative.startsWith('locales/') || relative === 'locales/en-US.pak'
}

/**
 * Makes the unpacked package in `targetDir` (replaced): Electron with its fuses set, and the app as one archive.
 * @param electronDist the unpacked Electron
 * @throws Error on a fuse that has no entry
 */
export async function makePackageDir(electronDist: string, targetDir: string): Promise<void> {
  rmSync(targetDir, { recursive: true, force: true })
  cpSync(electronDist, targetDir, {
    recursive: true,
    filter: (source) => isWanted(path.relative(electronDist, source).split(path.sep).join('/')),
  })
  const resources = path.join(targetDir, 'resources')
  mkdirSync(resources)
  // A compiled module cannot be loaded from inside the archive; it lies beside it.
  await createPackageWithOptions(appDirOf('release'), path.join(resources, 'app.asar'), { unpack: '*.node' })
  // Beside the archive: who administers the other end has to read them, and run the SQL.
  cpSync(fromRoot('docs/sinks'), path.join(resources, 'sinks'), { recursive: true })
  const executable = path.join(targetDir, executableName)
  renameSync(path.join(targetDir, 'electron'), executable)
  await setPackageFuses(executable)
  // The set-uid bit is the package manager's to give.
  chmodSync(path.join(targetDir, 'chrome-sandbox'), 0o755)
}

const debConfiguration = (electronVersion: string, outDir: string): Configuration => ({
  appId: 'localhost.halligan',
  productName: 'Halligan',
  electronVersion,
  directories: { app: appDirOf('release'), output: outDir },
  publish: null,
  // A deb must name both. The app has no site: it points at itself.
  extraMetadata: { homepage: 'https://halligan.localhost/', author: { name: 'Halligan', email: 'root@localhost' } },
  linux: {
    executableName,
    icon: fromRoot('build/icons'),
    category: 'Utility;Security',
    maintainer: 'Halligan <root@localhost>',
    synopsis: 'Offline break-glass vault',
    // Not AppImage: its launcher may add --no-sandbox by itself.
    target: ['deb'],
  },
})

/**
 * Wraps the folder that {@link makePackageDir} made as a deb.
 * @returns the files that were made
 */
export function makeDeb(packageDir: string, electronVersion: string, outDir: string): Promise<string[]> {
  return build({
    targets: Platform.LINUX.createTarget('deb', process.arch === 'arm64' ? Arch.arm64 : Arch.x64),
    prepackaged: packageDir,
    projectDir: fromRoot(),
    config: debConfiguration(electronVersion, outDir),
  })
}
