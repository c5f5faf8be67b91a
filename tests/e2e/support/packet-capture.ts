/** What goes over the loopback interface, packet by packet, as anybody on the machine with the right to capture sees it. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { hasCommand, runCommand } from '../../../build/run-command.ts'

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

/** Null, or why there is no capturing here; installs tcpdump where that is ours to do. */
export async function whyNoCapture(): Promise<string | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'capturing packets needs root on Linux'
  if (hasCommand('tcpdump')) return null
  if (hasCommand('apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    await runCommand('apt-get', ['install', '-y', '--no-install-recommends', 'tcpdump'], {
      env,
      stdio: ['ignore', 2, 2],
    })
  }
  return hasCommand('tcpdump') ? null : 'needs tcpdump'
}

/** Captures all TCP on loopback into `dir` from when this resolves. */
export async function startCapture(dir: string): Promise<Capture> {
  const file = path.join(dir, 'loopback.pcap')
  // -U: every packet is in the file when it was captured. A large buffer, and no name look-ups.
  const args = ['-i', 'lo', '-n', '-U', '-s', '0', '-B', '65536', '-Z', 'root', '-w', file, 'tcp']
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
      // What was sent a moment ago is on its way to the file.
      await new Promise((resolve) => setTimeout(resolve, 500))
      child.kill('SIGINT')
      await ended
      if (!/^0 packets dropped by kernel/m.test(said)) throw new Error(`the capture is not whole: ${said}`)
      return readFlows(readFileSync(file))
    },
  }
}

interface Segment {
  readonly sequence: number
  readonly payload: Buffer
}

/** The TCP payload of an Ethernet frame; null when it carries none. */
function readSegment(
  frame: Buffer,
): (Segment & { readonly fromPort: number; readonly toPort: number; readonly key: string }) | null {
  const isV6 = frame.readUInt16BE(12) === 0x86dd
  const ip = frame.subarray(14)
  const headerLength = isV6 ? 40 : (ip.readUInt8(0) & 0x0f) * 4
  const protocol = ip.readUInt8(isV6 ? 6 : 9)
  if (protocol !== 6) return null
  const end = isV6 ? 40 + ip.readUInt16BE(4) : ip.readUInt16BE(2)
  const tcp = ip.subarray(headerLength, end === headerLength || end === 0 ? undefined : end)
  const payload = tcp.subarray((tcp.readUInt8(12) >> 4) * 4)
  if (payload.length === 0) return null
  const [fromPort, toPort] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)]
  return { fromPort, toPort, key: `${String(isV6)} ${fromPort} ${toPort}`, sequence: tcp.readUInt32BE(4), payload }
}

/** Parses a pcap file of the Ethernet kind that Linux gives for `lo`. */
function readFlows(pcap: Buffer): readonly Flow[] {
  if (pcap.readUInt32LE(0) !== 0xa1b2c3d4 || pcap.readUInt32LE(20) !== 1) throw new Error('no pcap of Ethernet frames')
  const flows = new Map<string, { fromPort: number; toPort: number; segments: Segment[] }>()
  for (let at = 24; at + 16 <= pcap.length;) {
    const length = pcap.readUInt32LE(at + 8)
    const segment = readSegment(pcap.subarray(at + 16, at + 16 + length))
    at += 16 + length
    if (segment === null) continue
    const { key, fromPort, toPort } = segment
    const flow = flows.get(key) ?? { fromPort, toPort, segments: [] }
    flow.segments.push(segment)
    flows.set(key, flow)
  }
  return [...flows.values()].map(({ fromPort, toPort, segments }) => ({
    fromPort,
    toPort,
    bytes: joinSegments(segments),
  }))
}

/** In the order of their sequence numbers, each byte once. Short flows only: a number that wraps around is not expected. */
function joinSegments(segments: readonly Segment[]): Buffer {
  const parts: Buffer[] = []
  let next = -1
  for (const { sequence, payload } of segments.toSorted((a, b) => a.sequence - b.sequence)) {
    const known = next === -1 ? 0 : Math.max(0, next - sequence)
    if (known >= payload.length) continue
    parts.push(payload.subarray(known))
    next = sequence + payload.length
  }
  return Buffer.concat(parts)
}
