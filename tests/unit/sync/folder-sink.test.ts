import { spawnSync } from 'node:child_process'
import {
  appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, statfsSync, symlinkSync,
  truncateSync, writeFileSync,
} from 'node:fs' // prettier-ignore
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFolderSink } from '../../../electron/courier/folder/folder-sink.ts'
import type { Sink } from '../../../electron/courier/sink.ts'
import { makeFakeLog, type FakeLog } from '../../support/servers/fake-log.ts'
import { codeOf, failureOf } from '../../support/servers/deliver-through-cuts.ts'
import { folderAt } from './rig.ts'

let base: string
let log: FakeLog
let sink: Sink

beforeEach(() => {
  base = mkdtempSync(path.join(os.tmpdir(), 'halligan-folder-sink-'))
  log = makeFakeLog(60)
  sink = open()
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const open = (at = base): Sink => createFolderSink(folderAt(at) as never, {})
const dir = (): string => path.join(base, `halligan-${log.name.vault}-${log.name.station}`)
const file = (name = 'log.jsonl'): string => path.join(dir(), name)
const linesOf = (from: number, to: number): Buffer =>
  Buffer.concat(log.entries.slice(from, to).flatMap(({ bytes }) => [bytes, Buffer.of(10)]))
const headAt = (size: number) => ({ size, lastHash: size === 0 ? null : log.entries[size - 1]!.hash })

describe('a folder', () => {
  it('says what it has, takes what follows, and keeps the exact bytes, for this user only', async () => {
    expect(await sink.head(log.name)).toEqual(headAt(0))
    await sink.deliver(log.batch(0, 20))
    await sink.deliver(log.batch(20, 21))
    expect(await open().head(log.name)).toEqual(headAt(21))
    expect(readFileSync(file())).toEqual(linesOf(0, 21))
    expect(readFileSync(file('checkpoints.txt'), 'utf8')).toBe(log.batch(20, 21).checkpoint)
    expect(readdirSync(dir()).sort()).toEqual(['README.txt', 'checkpoints.txt', 'log.jsonl'])
    expect(statSync(dir()).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(dir())) expect(statSync(file(name)).mode & 0o077).toBe(0)
  })

  it('takes what it has already without keeping it twice', async () => {
    await sink.deliver(log.batch(0, 20))
    await sink.deliver(log.batch(0, 20))
    await sink.deliver(log.batch(10, 30))
    expect(readFileSync(file())).toEqual(linesOf(0, 30))
  })

  it('refuses a gap, and what it could not compare', async () => {
    await sink.deliver(log.batch(0, 20))
    expect(await codeOf(sink.deliver(log.batch(21, 30)))).toBe('SINK_FAILED')
    expect(await codeOf(sink.deliver(log.batch(0, 10)))).toBe('SINK_FAILED')
    expect(readFileSync(file())).toEqual(linesOf(0, 20))
  })

  it('refuses another log under the same name', async () => {
    await sink.deliver(log.batch(0, 20))
    const fork = makeFakeLog(30, log.entries.slice(0, 19), log.name)
    expect(await codeOf(sink.deliver(fork.batch(19, 30)))).toBe('SINK_DIVERGED')
    expect(readFileSync(file())).toEqual(linesOf(0, 20))
  })

  it('keeps two stations apart', async () => {
    const other = makeFakeLog(5)
    await sink.deliver(log.batch(0, 20))
    await sink.deliver(other.batch(0, 5))
    expect(await sink.head(log.name)).toEqual(headAt(20))
    expect(await sink.head(other.name)).toMatchObject({ size: 5 })
  })

  it('leaves out a checkpoint that covers more than it has', async () => {
    const ahead = log.batch(0, 40)
    await sink.deliver({ ...ahead, entries: log.entries.slice(0, 20) })
    expect(existsSync(file('checkpoints.txt'))).toBe(false)
    await sink.deliver(log.batch(20, 40))
    expect(readFileSync(file('checkpoints.txt'), 'utf8')).toBe(ahead.checkpoint)
  })

  it('keeps manifests in their order, once each, and refuses another one in the place of one', async () => {
    const manifest = (version: number, text = 'm') => ({ version, bytes: Buffer.from(`{"${text}":${version}}`) })
    await sink.deliver({ ...log.batch(0, 5), manifests: [manifest(1), manifest(2)] })
    await sink.deliver({ ...log.batch(4, 9), manifests: [manifest(2), manifest(3)] })
    expect(readFileSync(file('manifests.jsonl'), 'utf8')).toBe('{"m":1}\n{"m":2}\n{"m":3}\n')
    expect(await codeOf(sink.deliver({ ...log.batch(9, 10), manifests: [manifest(3, 'x')] }))).toBe('SINK_DIVERGED')
    expect(await codeOf(sink.deliver({ ...log.batch(9, 10), manifests: [manifest(5)] }))).toBe('SINK_FAILED')
  })
})

describe('after a crash', () => {
  it('at any byte of a write, or zeros where it was to be, it goes on with the last whole line', async () => {
    await sink.deliver(log.batch(0, 10))
    const whole = readFileSync(file())
    await fc.assert(
      fc.asyncProperty(fc.nat(linesOf(10, 13).length), fc.boolean(), fc.nat(5000), async (cut, zeros, more) => {
        const torn = zeros ? Buffer.alloc(more) : linesOf(10, 13).subarray(0, cut)
        writeFileSync(file(), Buffer.concat([whole, torn]))
        const { size } = (await sink.head(log.name))!
        expect(size).toBeGreaterThanOrEqual(10)
        expect(await sink.head(log.name)).toEqual(headAt(size))
        await sink.deliver(log.batch(size, 20))
        expect(readFileSync(file())).toEqual(linesOf(0, 20))
      }),
      { numRuns: 60 },
    )
  })

  it('in the very first write it begins anew', async () => {
    mkdirSync(dir())
    writeFileSync(file(), log.entries[0]!.bytes.subarray(0, 30))
    expect(await sink.head(log.name)).toEqual(headAt(0))
    await sink.deliver(log.batch(0, 3))
    expect(readFileSync(file())).toEqual(linesOf(0, 3))
  })

  it('a line longer than the first look at the end is found', async () => {
    await sink.deliver(log.batch(0, 1))
    const long = Buffer.from(JSON.stringify({ seq: 1, text: 'x'.repeat(900_000) }))
    appendFileSync(file(), Buffer.concat([long, Buffer.of(10)]))
    expect(await sink.head(log.name)).toMatchObject({ size: 2 })
    expect(readFileSync(file())).toHaveLength(linesOf(0, 1).length + long.length + 1)
  })

  it('but not what somebody wrote: that is another log', async () => {
    await sink.deliver(log.batch(0, 3))
    appendFileSync(file(), 'hello\n')
    expect(await codeOf(sink.head(log.name))).toBe('SINK_DIVERGED')
    writeFileSync(file(), 'x'.repeat(2_000_000))
    expect(await codeOf(sink.head(log.name))).toBe('SINK_DIVERGED')
    expect(statSync(file()).size).toBe(2_000_000)
  })
})

describe('a place', () => {
  it('that is not there is out of reach; one that is no folder is none', async () => {
    const gone = open(path.join(base, 'not-mounted'))
    expect(await codeOf(gone.head(log.name))).toBe('SINK_UNREACHABLE')
    expect(await codeOf(gone.deliver(log.batch(0, 1)))).toBe('SINK_UNREACHABLE')
    writeFileSync(path.join(base, 'file'), '')
    expect(await codeOf(open(path.join(base, 'file')).head(log.name))).toBe('SINK_SCHEMA_MISSING')
  })

  it('with a link in the place of the file is refused: it may lead anywhere', async () => {
    mkdirSync(dir())
    const elsewhere = path.join(base, 'elsewhere')
    writeFileSync(elsewhere, 'theirs')
    symlinkSync(elsewhere, file())
    expect(await codeOf(sink.deliver(log.batch(0, 1)))).toBe('SINK_SCHEMA_MISSING')
    expect(readFileSync(elsewhere, 'utf8')).toBe('theirs')
  })

  it('with a link in the place of the folder is refused, and nothing is written where it leads', async () => {
    const elsewhere = path.join(base, 'elsewhere')
    mkdirSync(elsewhere)
    symlinkSync(elsewhere, dir())
    expect(await codeOf(sink.head(log.name))).toBe('SINK_SCHEMA_MISSING')
    expect(await codeOf(sink.deliver(log.batch(0, 1)))).toBe('SINK_SCHEMA_MISSING')
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it('with links in the place of the smaller files leaves alone what they lead to', async () => {
    mkdirSync(dir())
    const theirs = path.join(base, 'theirs')
    writeFileSync(theirs, 'theirs')
    for (const name of ['README.txt', 'checkpoints.txt.new']) symlinkSync(theirs, file(name))
    await sink.deliver(log.batch(0, 1))
    expect(readFileSync(theirs, 'utf8')).toBe('theirs')
    expect(await sink.head(log.name)).toEqual(headAt(1))
    rmSync(file('checkpoints.txt'))
    symlinkSync(theirs, file('checkpoints.txt'))
    expect(await codeOf(sink.deliver(log.batch(1, 2)))).toBe('SINK_SCHEMA_MISSING')
  })

  it.skipIf(process.platform === 'win32')('with a pipe in the place of a file does not wait for it', async () => {
    for (const name of ['log.jsonl', 'checkpoints.txt', 'manifests.jsonl']) {
      rmSync(dir(), { recursive: true, force: true })
      mkdirSync(dir())
      spawnSync('mkfifo', [file(name)])
      const batch = { ...log.batch(0, 1), manifests: [{ version: 1, bytes: Buffer.from('{}') }] }
      expect(await codeOf(sink.deliver(batch)), name).toBe('SINK_SCHEMA_MISSING')
    }
  })

  it('whose smaller files somebody made huge is not read whole: somebody has to look', async () => {
    const batch = { ...log.batch(0, 1), manifests: [{ version: 1, bytes: Buffer.from('{"m":1}') }] }
    await sink.deliver(batch)
    for (const [name, size] of [
      ['checkpoints.txt', 17_000_000],
      ['manifests.jsonl', 280_000_000],
    ] as const) {
      const before = readFileSync(file(name))
      // Sparse: its end is a line, what is before costs nothing.
      truncateSync(file(name), size)
      appendFileSync(file(name), '\n{"m":2}\n')
      const failure = await failureOf(sink.deliver({ ...batch, ...log.batch(0, 2), manifests: batch.manifests }))
      expect(failure, name).toMatchObject({ code: 'SINK_DIVERGED', detail: { reason: 'too-large' } })
      writeFileSync(file(name), before)
    }
  })

  it('whose manifests are many and long is compared a piece at a time', async () => {
    const manifest = (version: number) => ({ version, bytes: Buffer.from(JSON.stringify(`${version}`.repeat(30_000))) })
    const all = Array.from({ length: 12 }, (_, index) => manifest(index + 1))
    await sink.deliver({ ...log.batch(0, 5), manifests: all.slice(0, 9) })
    await sink.deliver({ ...log.batch(4, 9), manifests: all })
    expect(readFileSync(file('manifests.jsonl'), 'utf8')).toBe(all.map(({ bytes }) => `${bytes.toString()}\n`).join(''))
    for (const bytes of [all[7]!.bytes.subarray(1), Buffer.concat([all[7]!.bytes, Buffer.of(32)]), all[6]!.bytes]) {
      const other = { ...log.batch(8, 10), manifests: [{ version: 8, bytes }] }
      expect(await failureOf(sink.deliver(other))).toMatchObject({ detail: { reason: 'manifest', version: 8 } })
    }
  })

  it.skipIf(process.getuid?.() === 0)('that may not be written says so', async () => {
    chmodSync(base, 0o500)
    expect(await codeOf(sink.deliver(log.batch(0, 1)))).toBe('SINK_LOGIN')
    chmodSync(base, 0o700)
  })
})

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0
const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  (() => {
    const at = mkdtempSync(path.join(os.tmpdir(), 'halligan-mount-'))
    const works = run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at)
    if (works) run('umount', at)
    rmSync(at, { recursive: true })
    return works
  })()

describe.skipIf(!canMount)('a full disk (needs root to mount a small one)', () => {
  beforeEach(() => {
    if (!run('mount', '-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs', base)) throw new Error('mount')
  })
  afterEach(() => {
    run('umount', base)
  })

  it('is said, leaves whole lines, and is over when there is room', async () => {
    log = makeFakeLog(400)
    await sink.deliver(log.batch(0, 5))
    const filler = path.join(base, 'filler')
    const { bavail, bsize } = statfsSync(base)
    writeFileSync(filler, Buffer.alloc(bavail * bsize - bsize))
    expect(await failureOf(sink.deliver(log.batch(5, 400)))).toMatchObject({ code: 'SINK_FULL' })
    expect(readFileSync(file())).toEqual(linesOf(0, 5))
    truncateSync(filler, 0)
    await sink.deliver(log.batch(5, 400))
    expect(readFileSync(file())).toEqual(linesOf(0, 400))
  })
})
