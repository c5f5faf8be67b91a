/** What goes over the loopback interface, packet by packet, as anybody on the machine with the right to capture sees it. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { hasCommand } from '../../../build/run-command.ts'
import { ensurePackages, mayInstall } from '../../../build/system-packages.ts'

/** One direction of one TCP connection, put together again. */
export interface Flow {
  readonly fromPort: number
  readonly toPort: number
  readonly bytes: Buffer
}

export interface Capture {
  /** Stops and reads it. Rejects when the kernel dropped packets: what was not captured was not searched. */
  readonly stop: () => Promise<readonly Flow[]>
}

/**
 * Null, or why there is no capturing here; installs tcpdump where that is ours to do. Rejects when that fails: a claim about
 * the loopback must not go unproven on a machine that could prove it.
 */
export async function whyNoCapture(): Promise<string | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'capturing packets needs root on Linux'
  const wanted = { name: 'tcpdump', packages: ['tcpdump'], isThere: () => hasCommand('tcpdump') }
  if (await ensurePackages(wanted)) return null
  if (!mayInstall()) return 'needs tcpdump'
  throw new Error('tcpdump is missing and cannot be installed: install it by hand')
}

/** Captures all TCP on loopback into `dir` from when this resolves. */
export async function startCapture(dir: string): Promise<Capture> {
  const file = path.join(dir, 'loopback.pcap')
  // At once from the kernel, and at once into the file. A large buffer, and no name look-ups.
  const args = ['--immediate-mode', '-i', 'lo', '-n', '-U', '-s', '0', '-B', '65536', '-Z', 'root', '-w', file, 'tcp']
  const child = spawn('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  const listening = new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString()
      if (said.includes('listening on')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`tcpdump ended: ${said}`)))
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await listening
  return {
    stop: async () => {
      await waitUntilWritten(file)
      child.kill('SIGINT')
      await ended
      if (!/^0 packets dropped by kernel/m.test(said)) throw new Error(`the capture is not whole: ${said}`)
      return readFlows(readFileSync(file))
    },
  }
}

/** Packets are written in the order in which they were sent: when the last one is in the file, all are. */
async function waitUntilWritten(file: string): Promise<void> {
  const mark = randomBytes(32)
  const server = createServer((socket) => socket.resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  await new Promise<void>((resolve) => {
    socket.end(mark, resolve)
  })
  server.close()
  for (let tries = 0; tries < 200; tries++) {
    if (readFileSync(file).includes(mark)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the capture does not come to an end')
}

interface Segment {
  readonly sequence: number
  readonly payload: Buffer
}

interface TcpPacket extends Segment {
  readonly fromPort: number
  readonly toPort: number
  readonly isFirst: boolean
}

/** The TCP packet in an Ethernet frame; null when there is none. */
function readPacket(frame: Buffer): TcpPacket | null {
  const isV6 = frame.readUInt16BE(12) === 0x86dd
  const ip = frame.subarray(14)
  if (ip.readUInt8(isV6 ? 6 : 9) !== 6) return null
  const end = isV6 ? 40 + ip.readUInt16BE(4) : ip.readUInt16BE(2)
  const tcp = ip.subarray(isV6 ? 40 : (ip.readUInt8(0) & 0x0f) * 4, end)
  return {
    fromPort: tcp.readUInt16BE(0),
    toPort: tcp.readUInt16BE(2),
    sequence: tcp.readUInt32BE(4),
    isFirst: (tcp.readUInt8(13) & 0x02) !== 0,
    payload: tcp.subarray((tcp.readUInt8(12) >> 4) * 4),
  }
}

interface OpenFlow {
  readonly fromPort: number
  readonly toPort: number
  readonly base: number
  readonly segments: Segment[]
}

/** Parses a pcap file of the Ethernet kind that Linux gives for `lo`. */
function readFlows(pcap: Buffer): readonly Flow[] {
  if (pcap.readUInt32LE(0) !== 0xa1b2c3d4 || pcap.readUInt32LE(20) !== 1) throw new Error('no pcap of Ethernet frames')
  const all: OpenFlow[] = []
  const open = new Map<string, OpenFlow>()
  for (let at = 24; at + 16 <= pcap.length;) {
    const length = pcap.readUInt32LE(at + 8)
    const packet = readPacket(pcap.subarray(at + 16, at + 16 + length))
    at += 16 + length
    if (packet === null) continue
    const { fromPort, toPort, sequence, isFirst, payload } = packet
    const key = `${fromPort} ${toPort}`
    let flow = open.get(key)
    // Ports are used again: a SYN begins another connection between the same two.
    if (flow === undefined || isFirst) {
      flow = { fromPort, toPort, base: sequence, segments: [] }
      open.set(key, flow)
      all.push(flow)
    }
    // Numbers wrap around; counted from the first they do not.
    if (payload.length > 0) flow.segments.push({ sequence: (sequence - flow.base) >>> 0, payload })
  }
  return all.map(({ fromPort, toPort, segments }) => ({ fromPort, toPort, bytes: joinSegments(segments) }))
}

/** In the order of their sequence numbers, each byte once. */
function joinSegments(segments: readonly Segment[]): Buffer {
  const parts: Buffer[] = []
  let next = 0
  for (const { sequence, payload } of segments.toSorted((a, b) => a.sequence - b.sequence)) {
    const known = Math.max(0, next - sequence)
    if (known >= payload.length) continue
    parts.push(payload.subarray(known))
    next = sequence + payload.length
  }
  return Buffer.concat(parts)
}
