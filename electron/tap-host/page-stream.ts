/** The stream to the page: one answer that does not end until the tap does. */
import type { ServerResponse } from 'node:http'
import { tapLoopback, type HostFrame } from '../../shared/contracts/tap-loopback.ts'
import { loopbackHeaders } from './page-files.ts'

export interface PageStream {
  /** Sends one line. False: it is too long, or the page has stopped reading, and the stream was cut. */
  readonly send: (frame: HostFrame) => boolean
  /** Tells the page that all is done and ends. */
  readonly finish: () => void
}

/** Begins the answer. @param onLost called once, when the page's side breaks off before `finish` */
export function openPageStream(response: ServerResponse, onLost: () => void): PageStream {
  let finished = false
  response.writeHead(200, loopbackHeaders('application/x-ndjson; charset=utf-8', ''))
  const send = (frame: HostFrame): boolean => {
    const line = `${JSON.stringify(frame)}\n`
    // What the page does not fetch would pile up here: it hangs, or is not our page any more.
    const isTooMuch = line.length > tapLoopback.maxToPage || response.writableLength > tapLoopback.maxToPage
    if (isTooMuch) response.destroy()
    else response.write(line)
    return !isTooMuch
  }
  send({ kind: 'alive' })
  const beat = setInterval(() => send({ kind: 'alive' }), tapLoopback.aliveEveryMs)
  response.on('error', () => undefined)
  response.on('close', () => {
    clearInterval(beat)
    if (!finished) onLost()
  })
  return {
    send,
    finish: () => {
      finished = true
      response.end(`${JSON.stringify({ kind: 'done' } satisfies HostFrame)}\n`)
    },
  }
}
