import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { answerRequest } from '../../../electron/main/app-protocol.ts'
import { openRendererFiles } from '../../../electron/main/renderer-files.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-files-'))
const files = {
  '/app/index.html': ['<meta name="csp-nonce" content="__CSP_NONCE__">', 'text/html; charset=utf-8'],
  '/app/index.js': ['const nonce = "__CSP_NONCE__"', 'text/javascript; charset=utf-8'],
  '/tap/index.html': ['tap', 'text/html; charset=utf-8'],
} as const
mkdirSync(path.join(dir, 'app'))
mkdirSync(path.join(dir, 'tap'))
for (const [name, [text]] of Object.entries(files)) writeFileSync(path.join(dir, name), text)
const list = Object.entries(files).map(([name, [text, type]]) => [
  name,
  { sha256: createHash('sha256').update(text).digest('hex'), type },
])
writeFileSync(path.join(dir, 'files.json'), JSON.stringify(Object.fromEntries(list)))
afterAll(() => rmSync(dir, { recursive: true }))

const serving = { findFile: openRendererFiles(dir), isolatesOpeners: true }
const get = (url: string, method = 'GET'): Response => answerRequest({ method, url }, serving)

describe('the https handler', () => {
  test('isolates openers, unless a driver of a development build is attached', () => {
    expect(get('https://halligan.localhost/app/').headers.get('cross-origin-opener-policy')).toBe('same-origin')
    const driven = answerRequest(
      { method: 'GET', url: 'https://halligan.localhost/app/' },
      { ...serving, isolatesOpeners: false },
    )
    expect(driven.headers.get('cross-origin-opener-policy')).toBeNull()
  })

  test('puts the nonce of the policy into the page, and into nothing else', async () => {
    const response = get('https://halligan.localhost/app/')
    const [, nonce] = /'nonce-([\w-]{24})'/.exec(response.headers.get('content-security-policy')!)!
    expect(await response.text()).toBe(`<meta name="csp-nonce" content="${nonce!}">`)
    expect(await get('https://halligan.localhost/app/index.js').text()).toBe(files['/app/index.js'][0])
  })

  test('serves exactly the list', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.webPath(), (url, urlPath) => {
        expect(get(url).status).toBe(403)
        expect([404, urlPath in files ? 200 : 404]).toContain(get(`https://halligan.localhost${urlPath}`).status)
      }),
      { numRuns: 30 },
    )
    for (const name of Object.keys(files)) expect(get(`https://halligan.localhost${name}`).status).toBe(200)
    for (const name of ['__proto__', 'constructor', 'app/__proto__', 'app/../app/index.html/x'])
      expect(get(`https://halligan.localhost/${name}`).status).toBe(404)
  })

  test('answers no other method and nothing that is no address', () => {
    expect(get('https://halligan.localhost/app/', 'POST').status).toBe(405)
    expect(get('nonsense').status).toBe(404)
    expect(get('http://halligan.localhost/app/').status).toBe(403)
    expect(get('https://x@halligan.localhost/app/').status).toBe(403)
  })
})

describe('the list of files', () => {
  test('a file that is not what was built is an error, not an answer', () => {
    writeFileSync(path.join(dir, 'tap/index.html'), 'tap!')
    expect(() => openRendererFiles(dir)('/tap/index.html')).toThrow('is not the file that was built')
  })

  test('a list with paths that could lead elsewhere is refused', () => {
    const other = mkdtempSync(path.join(os.tmpdir(), 'halligan-files-'))
    writeFileSync(
      path.join(other, 'files.json'),
      JSON.stringify({ '/app/../../etc/passwd': { sha256: 'a'.repeat(64), type: 'text/html' } }),
    )
    expect(() => openRendererFiles(other)).toThrow()
    rmSync(other, { recursive: true })
  })
})
