/** The list of files that the app's https handler serves: nothing that is not on it, nothing that does not match it. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** One servable file: SHA-256 of its bytes in lower-case hex, and its content type. */
export interface RendererFile {
  readonly sha256: string
  readonly type: string
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/**
 * Writes `files.json` into `rendererDir`: URL path (`/app/index.html`) to {@link RendererFile}.
 * @throws Error on a file of a kind that no window should load.
 */
export function writeRendererManifest(rendererDir: string): void {
  mkdirSync(rendererDir, { recursive: true })
  const files: Record<string, RendererFile> = {}
  for (const entry of readdirSync(rendererDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    const type = types[path.extname(entry.name)]
    if (type === undefined) throw new Error(`${file}: a window has no use for this kind of file`)
    const url = `/${path.relative(rendererDir, file).split(path.sep).join('/')}`
    files[url] = { sha256: createHash('sha256').update(readFileSync(file)).digest('hex'), type }
  }
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)))
  const target = path.join(rendererDir, 'files.json')
  if (existsSync(target)) throw new Error(`${target} is already there`)
  writeFileSync(target, `${JSON.stringify(sorted, null, 2)}\n`)
}
