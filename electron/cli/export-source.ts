/** An export folder as a source for the verifier (docs/format.md, "Export"). */
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { exportFiles } from '../../shared/audit/export.ts'
import { createExportSource } from '../../shared/audit/export-source.ts'
import type { LogSource } from '../../shared/audit/verify-log.ts'
import { HalliganError } from '../../shared/errors.ts'

const chunkBytes = 256 * 1024
/** Manifests are few and bounded by their schema; what is longer is not ours. */
const manifestsBytesMax = 256 * 1_048_576

/**
 * Opens an export folder.
 * @throws HalliganError VAULT_MISSING {file} when one of its files is not there
 */
export async function openExportFolder(dir: string): Promise<LogSource> {
  const fileOf = (name: string): string => path.join(dir, name)
  for (const name of [exportFiles.log, exportFiles.checkpoints, exportFiles.manifests]) {
    const found = await stat(fileOf(name)).catch(() => null)
    if (found?.isFile() !== true) throw new HalliganError('VAULT_MISSING', { file: name })
  }
  const stream = (name: string): AsyncIterable<Uint8Array> =>
    createReadStream(fileOf(name), { highWaterMark: chunkBytes })
  return createExportSource({
    log: () => stream(exportFiles.log),
    checkpoints: () => stream(exportFiles.checkpoints),
    manifests: async () => {
      const file = fileOf(exportFiles.manifests)
      if ((await stat(file)).size > manifestsBytesMax) throw new HalliganError('VAULT_DAMAGED', { file })
      return readFile(file)
    },
  })
}
