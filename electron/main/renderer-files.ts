/** The fixed list of files that windows may load, each checked against its hash when it is read. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

const manifestSchema = z.record(
  z.string().regex(/^\/[a-z]+\/[a-z0-9.-]+$/),
  z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), type: z.string().max(100) }),
)

/** A file as it is served. */
export interface RendererFile {
  readonly bytes: Buffer
  readonly type: string
}

/** Looks a URL path up (`/app/index.html`). Null: not on the list. Throws when the file is not what the list says. */
export type FindFile = (urlPath: string) => RendererFile | null

/** Reads `files.json` of `rendererDir`; files are read when they are first asked for and then kept. */
export function openRendererFiles(rendererDir: string): FindFile {
  const list = manifestSchema.parse(JSON.parse(readFileSync(path.join(rendererDir, 'files.json'), 'utf8')))
  const kept = new Map<string, RendererFile>()
  return (urlPath) => {
    const known = kept.get(urlPath)
    if (known !== undefined) return known
    // Own properties only: the path comes from a window and may be "/__proto__".
    const listed = Object.hasOwn(list, urlPath) ? list[urlPath] : undefined
    if (listed === undefined) return null
    const bytes = readFileSync(path.join(rendererDir, ...urlPath.split('/')))
    if (createHash('sha256').update(bytes).digest('hex') !== listed.sha256)
      throw new Error(`${urlPath} is not the file that was built`)
    const file = { bytes, type: listed.type }
    kept.set(urlPath, file)
    return file
  }
}
