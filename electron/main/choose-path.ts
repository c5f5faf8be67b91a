/**
 * Native dialogs for a file or a folder: no page ever names a path of its own. The one that a page hands back, a browser's, is
 * taken only when it came from here, from the search or from the settings (tap-drivers/tap-drivers.ts).
 */
import { dialog, type BrowserWindow, type OpenDialogOptions } from 'electron'
import path from 'node:path'
import type { Input } from '../../shared/contracts/contract.ts'
import type { vaultHostContract } from '../../shared/contracts/broker.ts'
import type { CommandLine } from './command-line.ts'

interface Chosen {
  readonly path: string | null
}

async function choose(window: BrowserWindow, options: OpenDialogOptions): Promise<Chosen> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, options)
  return { path: canceled ? null : (filePaths[0] ?? null) }
}

/** A folder to export to. Null: cancelled. */
export function chooseFolder(window: BrowserWindow, commandLine: CommandLine): Promise<Chosen> {
  const { exportDir } = commandLine.development
  if (__DEV_BUILD__ && exportDir !== null) return Promise.resolve({ path: path.resolve(exportDir) })
  return choose(window, {
    title: 'Choose a folder for the export',
    buttonLabel: 'Export here',
    properties: ['openDirectory', 'createDirectory'],
  })
}

/** A file to print to. Null: cancelled. @param suggested its name */
export async function choosePdf(
  window: BrowserWindow,
  commandLine: CommandLine,
  suggested: string,
): Promise<string | null> {
  const { exportDir } = commandLine.development
  if (__DEV_BUILD__ && exportDir !== null) return path.resolve(exportDir, suggested)
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: 'Save the document',
    defaultPath: suggested,
    buttonLabel: 'Save',
    filters: [{ name: 'PDF', extensions: ['pdf'] }],
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  })
  return canceled || filePath === '' ? null : filePath
}

type Purpose = Input<typeof vaultHostContract, 'chooseFile'>['purpose']

const fileDialogs: Readonly<Record<Purpose, OpenDialogOptions>> = {
  browser: {
    title: 'Choose the browser’s program',
    buttonLabel: 'Use this browser',
    // On macOS an app is a folder that looks like a file, and the program lies in it.
    properties: ['openFile', 'treatPackageAsDirectory'],
    ...(process.platform === 'win32' ? { filters: [{ name: 'Programs', extensions: ['exe'] }] } : {}),
  },
  'key-metadata': {
    title: 'Choose a FIDO metadata file',
    buttonLabel: 'Read it',
    properties: ['openFile'],
  },
}

/** A file for `purpose`. Null: cancelled. */
export const chooseFile = (window: BrowserWindow, purpose: Purpose): Promise<Chosen> =>
  choose(window, fileDialogs[purpose])
