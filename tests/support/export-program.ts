/** The program's files that go into exports, built once for a test file. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { bundleVerifiers } from '../../build/bundle-verifier.ts'
import { fromRoot } from '../../build/paths.ts'

export interface ExportProgram {
  readonly dir: string
  readonly remove: () => void
}

export async function makeExportProgram(): Promise<ExportProgram> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-program-files-'))
  await bundleVerifiers(path.join(dir, 'verify'), '0.0.0+test')
  for (const name of ['DejaVuSansCondensed.ttf', 'DejaVuSansCondensed-Bold.ttf']) {
    cpSync(fromRoot('node_modules/dejavu-fonts-ttf/ttf', name), path.join(dir, 'fonts', name))
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}
