/**
 * A folder on a mounted share or a stick. Each log has a folder of its own in it, which is a whole export (docs/format.md,
 * "Export"): whoever takes the stick home can verify it there.
 */
import { lstat, mkdir, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { exportFiles, logLine } from '../../../shared/audit/export.ts'
import { leafHash } from '../../../shared/audit/merkle.ts'
import { concatBytes, fromUtf8, toBase64Url } from '../../../shared/bytes.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { LogName, Sink, SinkBatch, SinkFactory, SinkHead } from '../sink.ts'
import { addCheckpoint } from './checkpoint-file.ts'
import { appendLines, withLineFile, type LineFileEnd } from './log-file.ts'
import { appendManifests } from './manifest-file.ts'
import { syncFolder } from './sync-folder.ts'

const meanings: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'SINK_FULL',
  EDQUOT: 'SINK_FULL',
  EFBIG: 'SINK_FULL',
  EACCES: 'SINK_LOGIN',
  EPERM: 'SINK_LOGIN',
  ENOENT: 'SINK_UNREACHABLE',
  EIO: 'SINK_UNREACHABLE',
  ENODEV: 'SINK_UNREACHABLE',
  ENXIO: 'SINK_UNREACHABLE',
  ESTALE: 'SINK_UNREACHABLE',
  ETIMEDOUT: 'SINK_UNREACHABLE',
  EHOSTDOWN: 'SINK_UNREACHABLE',
  EHOSTUNREACH: 'SINK_UNREACHABLE',
  ENOTCONN: 'SINK_UNREACHABLE',
  ENOTDIR: 'SINK_SCHEMA_MISSING',
  ELOOP: 'SINK_SCHEMA_MISSING',
}

function describeFailure(error: unknown): HalliganError {
  if (error instanceof HalliganError) return error
  const reason = error instanceof Error && 'code' in error ? String(error.code).slice(0, 20) : ''
  return new HalliganError(meanings[reason] ?? 'SINK_FAILED', { reason }, error)
}

const readme = `An audit log of Halligan, as one station has brought it here. It grows by itself; leave it as it is.

    halligan verify THIS-FOLDER

says whether it is intact. This text is not signed: believe what the verification says. No file here holds a secret. They
hold names, reasons and times: treat them as internal.
`

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/** `seq` of a line that is an entry of ours. @throws HalliganError SINK_DIVERGED */
function seqOf(line: Uint8Array): number {
  try {
    const parsed: unknown = JSON.parse(fromUtf8(line))
    if (typeof parsed === 'object' && parsed !== null && 'seq' in parsed && Number.isSafeInteger(parsed.seq)) {
      return parsed.seq as number
    }
  } catch {
    // Falls through: whatever it is, we did not write it.
  }
  throw new HalliganError('SINK_DIVERGED', { reason: 'not-an-entry' })
}

const headOf = ({ lastLine }: LineFileEnd): SinkHead =>
  lastLine === null
    ? { size: 0, lastHash: null }
    : { size: seqOf(lastLine) + 1, lastHash: toBase64Url(leafHash(nodePrimitives, lastLine)) }

async function appendEntries(file: string, { entries }: SinkBatch): Promise<number> {
  return withLineFile(file, async (handle, end) => {
    const { size, lastHash } = headOf(end)
    const last = entries.find(({ seq }) => seq === size - 1)
    if (last !== undefined && last.hash !== lastHash) throw new HalliganError('SINK_DIVERGED', { size })
    const fresh = entries.filter(({ seq }) => seq >= size)
    const next = fresh[0]?.seq ?? size
    // A gap, or entries too old to compare: whoever asked must look at the head first.
    if (next !== size || (last === undefined && fresh.length < entries.length)) {
      throw new HalliganError('SINK_FAILED', { reason: 'not-next', size })
    }
    if (fresh.length > 0) await appendLines(handle, end, concatBytes(...fresh.map(({ bytes }) => logLine(bytes))))
    return size + fresh.length
  })
}

/** A sink of kind `folder`. SINK_UNREACHABLE when its path is not there: the share is not mounted, the stick not in. */
export const createFolderSink: SinkFactory<'folder'> = ({ path: base }): Sink => {
  const dirOf = ({ vault, station }: LogName): string => path.join(base, `halligan-${vault}-${station}`)

  async function requireBase(): Promise<void> {
    if (!(await stat(base)).isDirectory()) throw new HalliganError('SINK_SCHEMA_MISSING', { reason: 'not-a-folder' })
  }

  /** Whoever had the stick before may have put a link in the folder's place: what it leads to is not the sink's. */
  async function refuseLink(dir: string): Promise<void> {
    if (!(await lstat(dir)).isDirectory()) throw new HalliganError('SINK_SCHEMA_MISSING', { reason: 'not-a-folder' })
  }

  async function makeDir(dir: string): Promise<void> {
    await mkdir(dir, { mode: 0o700 }).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error
    })
    await refuseLink(dir)
    try {
      // Only where nothing of this name is, a link least of all.
      await writeFile(path.join(dir, exportFiles.readme), readme, { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return
      throw error
    }
    await syncFolder(base)
  }

  async function head(log: LogName): Promise<SinkHead> {
    await requireBase()
    const dir = dirOf(log)
    try {
      await refuseLink(dir)
      await lstat(path.join(dir, exportFiles.log))
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return { size: 0, lastHash: null }
      throw error
    }
    return withLineFile(path.join(dir, exportFiles.log), (_handle, end) => Promise.resolve(headOf(end)))
  }

  async function deliver(batch: SinkBatch): Promise<void> {
    await requireBase()
    const dir = dirOf(batch)
    await makeDir(dir)
    await appendManifests(path.join(dir, exportFiles.manifests), batch.manifests)
    const size = await appendEntries(path.join(dir, exportFiles.log), batch)
    // One that covers more than is here would say that the end was cut off.
    if (batch.size <= size) await addCheckpoint(path.join(dir, exportFiles.checkpoints), batch.checkpoint, batch.size)
    await syncFolder(dir)
  }

  const described = <A extends unknown[], T>(work: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      try {
        return await work(...args)
      } catch (error) {
        throw describeFailure(error)
      }
    }
  }
  return { head: described(head), deliver: described(deliver), close: () => Promise.resolve() }
}
