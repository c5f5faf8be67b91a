/** The tap page as it is served: three files, read once, so that nobody can exchange them during a tap. */
import { randomBytes } from '../platform/sodium.ts'
import { toBase64Url } from '../../shared/bytes.ts'
import { noncePlaceholder, pageHeaders } from '../../shared/contracts/page-headers.ts'
import { tapLoopback } from '../../shared/contracts/tap-loopback.ts'
import { readFileSync } from 'node:fs'
import path from 'node:path'

/** An answer with a body. */
export interface PageAnswer {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

export interface PageFiles {
  /** `index.html` with the channel secret and a fresh nonce in their places. */
  readonly page: (channel: string) => PageAnswer
  /** A file by its name; the names are those that admission lets through. */
  readonly file: (name: string) => PageAnswer
}

const types: Readonly<Record<string, string>> = {
  'index.js': 'text/javascript; charset=utf-8',
  'index.css': 'text/css; charset=utf-8',
}

/** Headers of every answer of the loopback server. */
export const loopbackHeaders = (type: string, nonce: string): Record<string, string> =>
  pageHeaders({ type, nonce, mayAskKeys: true, mayConnect: 'self', isolatesOpeners: true })

/** Reads the page's files from `dir`. @throws Error (file system) when one is missing */
export function readPageFiles(dir: string): PageFiles {
  const html = readFileSync(path.join(dir, 'index.html'), 'utf8')
  const files = new Map(Object.keys(types).map((name) => [name, readFileSync(path.join(dir, name))]))
  return {
    page: (channel) => {
      const nonce = toBase64Url(randomBytes(18))
      const text = html.replaceAll(noncePlaceholder, nonce).replaceAll(tapLoopback.channelPlaceholder, channel)
      return { body: Buffer.from(text), headers: loopbackHeaders('text/html; charset=utf-8', nonce) }
    },
    file: (name) => ({
      body: files.get(name) ?? Buffer.alloc(0),
      headers: loopbackHeaders(types[name] ?? 'text/plain', ''),
    }),
  }
}
