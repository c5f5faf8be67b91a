/** 20,000 entries through the real engine and the real courier, the way to the sink cut at 100 random moments. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
} from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFolderSink } from '../../../electron/courier/folder/folder-sink.ts'
import type { Sink, SinkBatch } from '../../../electron/courier/sink.ts'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { cuts, startCuttingProxy, type CuttingProxy } from '../../support/servers/cutting-proxy.ts'
import { createRig, folderAt, syslogAt, type Rig } from '../../unit/sync/rig.ts'
import { mulberry32 } from '../vault/seeded-random.ts'

const entryCount = 20_000
const cutCount = 100
const seed = Number(process.env['HALLIGAN_SEED'] ?? 90_210)

const isCurrent = (rig: Rig): boolean => rig.sync().view()[0]?.state === 'current'

/** The whole log is added in pieces while it is delivered, as in life. */
async function syncAll(rig: Rig, cutsMade: () => number, more: () => void): Promise<void> {
  for (let added = 0; added < entryCount; added += 1000) {
    await rig.append(1000)
    for (let turn = 0; turn < 10; turn++) {
      more()
      await rig.drive(() => true)
      await new Promise((resolve) => setTimeout(resolve, 2))
      rig.timers.pass(200)
    }
  }
  // Cuts that are still owed fall into what is written meanwhile.
  await rig.drive(
    async () => {
      if (cutsMade() < cutCount) {
        if (isCurrent(rig)) await rig.append(20)
        more()
      }
      return cutsMade() >= cutCount && isCurrent(rig)
    },
    `all at the sink, ${cutsMade()} cuts`,
    200,
  )
  await rig.rest()
}

/** A folder whose share goes away, whose writes are torn, and whose last word is lost. */
function createUnsteadyFolder(base: string, random: () => number): { open: () => Sink; made: () => number } {
  let made = 0
  const tear = (batch: SinkBatch): void => {
    const dir = path.join(base, `halligan-${batch.vault}-${batch.station}`)
    const file = path.join(dir, 'log.jsonl')
    if (!existsSync(file)) return
    // As a write begins: what the last one left behind is cut off.
    truncateSync(file, readFileSync(file).lastIndexOf(10) + 1)
    const lines = Buffer.concat(batch.entries.flatMap(({ bytes }) => [bytes, Buffer.of(10)]))
    const part = lines.subarray(0, Math.floor(random() * lines.length))
    appendFileSync(file, random() < 0.3 ? Buffer.alloc(part.length) : part)
  }
  return {
    made: () => made,
    open: () => {
      const sink = createFolderSink(folderAt(base) as never, {})
      return {
        ...sink,
        deliver: async (batch) => {
          if (made >= cutCount || random() < 0.25) return sink.deliver(batch)
          made++
          const kind = random()
          if (kind < 0.4) tear(batch)
          else if (kind < 0.7) await sink.deliver(batch)
          else {
            renameSync(base, `${base}.away`)
            await sink.deliver(batch).finally(() => renameSync(`${base}.away`, base))
          }
          throw new HalliganError('SINK_UNREACHABLE', {})
        },
      }
    },
  }
}

it(`a folder: ${entryCount} entries, ${cutCount} cuts: nothing lost, nothing twice, order kept`, async () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'halligan-cuts-'))
  const base = path.join(root, 'share')
  mkdirSync(base)
  const folder = createUnsteadyFolder(base, mulberry32(seed))
  const rig = await createRig([folderAt(base)], () => folder.open())
  try {
    await syncAll(rig, folder.made, () => undefined)
    const [name = ''] = readdirSync(base)
    const rows = await rig.store().database.all('SELECT bytes FROM entries ORDER BY seq')
    const ours = Buffer.concat(rows.flatMap(({ bytes }) => [Buffer.from(bytes as Uint8Array), Buffer.of(10)]))
    expect(readFileSync(path.join(base, name, 'log.jsonl')).equals(ours)).toBe(true)
    expect(rows.length).toBeGreaterThan(entryCount)
    expect(folder.made()).toBe(cutCount)
    expect((await verifyFolder(path.join(base, name), null)).integrity.problems).toEqual([])
  } finally {
    await rig.end()
    rmSync(root, { recursive: true, force: true })
  }
}, 300_000)

/** A server of one line each: `head`, or `entry SEQ HASH`, each answered when it is kept. */
function startLineServer(): Promise<{
  port: number
  held: string[]
  complaints: string[]
  repeats: () => number
  close: () => void
}> {
  const held: string[] = []
  const complaints: string[] = []
  let repeats = 0
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    // A reader hands its input's errors on.
    const lines = createInterface({ input: socket }).on('error', () => undefined)
    lines.on('line', (line) => {
      const [word, digits = '', hash = '', end = ''] = line.split(' ')
      if (word === 'head') socket.write(`${held.length} ${held.at(-1) ?? '-'}\n`)
      else if (word === 'entry' && end === '.') {
        const seq = Number(digits)
        if (seq > held.length) complaints.push(`gap: ${seq} after ${held.length}`)
        else if (seq < held.length) {
          repeats++
          if (held[seq] !== hash) complaints.push(`other: ${seq}`)
        } else held.push(hash)
        socket.write(`${seq}\n`)
      }
    })
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      resolve({ port, held, complaints, repeats: () => repeats, close: () => void server.close() })
    })
  })
}

/**
 * Turns of 5 ms without an answer after which a line is dead. Turns, not milliseconds: in each of them what has come is read, so
 * a process that was not let run for a while does not take a good line for a dead one.
 */
const deadAfterTurns = 30

/** A sink that speaks to it. */
function openLineSink(port: number): Sink {
  let socket: net.Socket | null = null
  const unreachable = (): HalliganError => new HalliganError('SINK_UNREACHABLE', {})
  const ask = (lines: string[], answers: number): Promise<string[]> =>
    new Promise((resolve, reject) => {
      socket ??= net.connect({ port, host: '127.0.0.1' })
      const own = socket
      const got: string[] = []
      let rest = ''
      let silent = 0
      const ticking = setInterval(() => {
        if (++silent > deadAfterTurns) fail()
      }, 5)
      const fail = (): void => {
        clearInterval(ticking)
        own.destroy()
        reject(unreachable())
      }
      for (const event of ['data', 'error', 'close']) own.removeAllListeners(event)
      own.on('error', fail).on('close', fail)
      own.on('data', (data) => {
        silent = 0
        const parts = `${rest}${data.toString()}`.split('\n')
        rest = parts.pop() ?? ''
        got.push(...parts)
        if (got.length < answers) return
        clearInterval(ticking)
        resolve(got)
      })
      own.write(lines.map((line) => `${line}\n`).join(''))
    })
  return {
    head: async () => {
      const [size = '', hash = ''] = ((await ask(['head'], 1))[0] ?? '').split(' ')
      return { size: Number(size), lastHash: hash === '-' ? null : hash }
    },
    deliver: async ({ entries }) => {
      await ask(
        entries.map(({ seq, hash }) => `entry ${seq} ${hash} .`),
        entries.length,
      )
    },
    close: async () => {
      socket?.destroy()
    },
  }
}

let server: Awaited<ReturnType<typeof startLineServer>>
let proxy: CuttingProxy
beforeAll(async () => {
  server = await startLineServer()
  proxy = await startCuttingProxy(server.port)
})
afterAll(async () => {
  await proxy.close()
  server.close()
})

it(`a server: ${entryCount} entries, ${cutCount} cuts of the network: nothing lost, nothing twice, order kept`, async () => {
  const random = mulberry32(seed + 1)
  const rig = await createRig([syslogAt()], () => openLineSink(proxy.port))
  let planned = 0
  try {
    await syncAll(rig, proxy.cutsMade, () => {
      if (planned > proxy.cutsMade() || planned >= cutCount) return
      planned++
      const cut = cuts[Math.floor(random() * cuts.length)] ?? 'reset'
      proxy.cutAfter(Math.floor(random() * 20_000), cut, 2 + random() * 10)
    })
    expect(server.complaints).toEqual([])
    expect(server.held).toEqual(await rig.hashes())
    expect(proxy.cutsMade()).toBe(cutCount)
    // Cut in the middle of deliveries, not between them: something came twice and was told apart.
    expect(server.repeats() + rig.couriers()).toBeGreaterThan(0)
  } finally {
    await rig.end()
  }
}, 300_000)
