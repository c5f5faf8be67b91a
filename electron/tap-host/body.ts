/** Reads the one message of a request, and no more than may be one. */
import type { IncomingMessage } from 'node:http'
import { fromUtf8 } from '../../shared/bytes.ts'
import { tapLoopback } from '../../shared/contracts/tap-loopback.ts'
import type { TapPageRefusal } from '../../shared/domain/tap-place.ts'

export type MessageBody =
  { readonly ok: true; readonly message: unknown } | { readonly ok: false; readonly code: TapPageRefusal }

const tooLarge: MessageBody = { ok: false, code: 'body-too-large' }
const malformed: MessageBody = { ok: false, code: 'body-malformed' }

const isJson = (type: string | undefined): boolean => /^application\/json(; ?charset=utf-8)?$/i.test(type ?? '')

/**
 * One JSON value of at most {@link tapLoopback.maxFromPage} bytes. What is too large is not read to its end.
 * @param slowAfterMs how long the whole body may take
 */
export function readMessage(request: IncomingMessage, slowAfterMs: number): Promise<MessageBody> {
  if (!isJson(request.headers['content-type'])) return Promise.resolve(malformed)
  if (Number(request.headers['content-length'] ?? 0) > tapLoopback.maxFromPage) return Promise.resolve(tooLarge)
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let size = 0
    const settle = (body: MessageBody): void => {
      clearTimeout(timer)
      request.removeAllListeners('data')
      resolve(body)
    }
    const timer = setTimeout(settle, slowAfterMs, { ok: false, code: 'body-too-slow' } satisfies MessageBody)
    request.on('data', (part: Buffer) => {
      size += part.length
      if (size > tapLoopback.maxFromPage) settle(tooLarge)
      else parts.push(part)
    })
    request.on('end', () => settle(parseMessage(Buffer.concat(parts))))
    // Broken off in the middle: nobody is left to be answered, but it was no message.
    request.on('error', () => settle(malformed))
    request.on('close', () => settle(malformed))
  })
}

function parseMessage(bytes: Buffer): MessageBody {
  try {
    return { ok: true, message: JSON.parse(fromUtf8(bytes)) as unknown }
  } catch {
    return malformed
  }
}
