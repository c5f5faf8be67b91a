/** Makes the names in a folder durable. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Some shares cannot do it: then the name is as durable as the share makes it. */
const notHere: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM', 'EBADF'])

export async function syncFolder(dir: string): Promise<void> {
  // Windows cannot open a folder for this and does not need it.
  if (process.platform === 'win32') return
  const handle = await open(dir, constants.O_RDONLY)
  try {
    await handle.sync()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && notHere.has(String(error.code)))) throw error
  } finally {
    await handle.close()
  }
}
