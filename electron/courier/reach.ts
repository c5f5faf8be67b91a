/** Whether anybody is there at all: a plain TCP connection, closed at once. Cheap enough to try every few seconds. */
import { connect } from 'node:net'
import type { SinkSettings } from '../../shared/domain/sink.ts'
import { HalliganError } from '../../shared/errors.ts'

/** A place that lets packets vanish must not keep us waiting when the network is back meanwhile. */
const answerMs = 2_000

function addressOf(settings: SinkSettings): { readonly host: string; readonly port: number } | null {
  switch (settings.kind) {
    case 'postgresql':
    case 'syslog':
      return settings
    case 'https': {
      const { hostname, port } = new URL(settings.url)
      // A URL writes an IPv6 address in brackets, a socket does not.
      return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? 443 : Number(port) }
    }
    case 'folder':
      return null
  }
}

/** @throws HalliganError SINK_UNREACHABLE {host, port} when nobody answers within two seconds */
export async function reachSink(settings: SinkSettings): Promise<void> {
  const address = addressOf(settings)
  if (address === null) return
  const { host, port } = address
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port })
    const fail = (cause?: unknown): void => {
      socket.destroy()
      reject(new HalliganError('SINK_UNREACHABLE', { host, port }, cause))
    }
    socket.setTimeout(answerMs, fail)
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
  })
}
