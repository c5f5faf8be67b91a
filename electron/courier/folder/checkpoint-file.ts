/** The checkpoints beside the lines: replaced as a whole, so that a crash leaves the old file or the new one. */
import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { parseCheckpoint } from '../../../shared/audit/checkpoint.ts'
import { checkpointPart, createCheckpointSplitter } from '../../../shared/audit/export.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { requireFile } from './log-file.ts'
import { syncFolder } from './sync-folder.ts'

/** Between two multiples of this only the newest is kept: an anchor now and then, and a file that stays small. */
const keepEvery = 1024

/** Notes of a log of fifty million entries. The stick may be anybody's: more than this is nothing that we wrote. */
const fileBytesMax = 16_777_216

/** Follows no link and waits for no pipe. @throws HalliganError SINK_DIVERGED {reason: 'too-large'} */
async function readText(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw error
    },
  )
  if (handle === null) return ''
  try {
    if ((await requireFile(handle)) > fileBytesMax) throw new HalliganError('SINK_DIVERGED', { reason: 'too-large' })
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

async function readNotes(file: string): Promise<string[]> {
  const text = await readText(file)
  const splitter = createCheckpointSplitter()
  const lines = text.split('\n').slice(0, -1)
  return [...lines.map((line) => splitter.addLine(line)), splitter.end()].filter((note) => note !== undefined)
}

/** Adds `note` of `size`; notes that cover more than the log file holds by now are dropped. */
export async function addCheckpoint(file: string, note: string, size: number): Promise<void> {
  const kept = (await readNotes(file)).filter((earlier) => {
    const at = parseCheckpoint(earlier)?.size
    return at !== undefined && at < size && Math.floor(at / keepEvery) < Math.floor(size / keepEvery)
  })
  const text = [...kept, note].map((one, index) => checkpointPart(one, index === 0)).join('')
  const fresh = `${file}.new`
  // What a crash left, or what somebody put there: a new file, not one that leads somewhere.
  await rm(fresh, { force: true })
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY
  const handle = await open(fresh, flags, 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, file)
  await syncFolder(path.dirname(file))
}
