/** Controls 3 and 5: what the https handler serves, under which headers, and that it serves nothing else. */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'playwright/test'
import { preparedRun } from '../launch.ts'
import { buildStage, launchStage, type RunningStage } from '../support/stage.ts'

let stage: RunningStage
let appDir: string

interface Answer {
  readonly status: number
  readonly length: number
  readonly headers: Record<string, string>
}

/** Asks as a window would, past the page's own policy. */
const ask = (urls: readonly string[], method = 'GET'): Promise<(Answer | string)[]> =>
  stage.app.evaluate(
    async ({ session }, { urls: asked, method: how }) =>
      Promise.all(
        asked.map(async (url) => {
          try {
            const response = await session.fromPartition('halligan-app').fetch(url, { method: how })
            const { byteLength } = await response.arrayBuffer()
            return { status: response.status, length: byteLength, headers: Object.fromEntries(response.headers) }
          } catch (error) {
            return String(error)
          }
        }),
      ),
    { urls: [...urls], method },
  )

const statuses = async (urls: readonly string[], method = 'GET'): Promise<(number | string)[]> =>
  (await ask(urls, method)).map((answer) => (typeof answer === 'string' ? answer : answer.status))

test.describe('the https handler', () => {
  test.beforeAll(async () => {
    appDir = await buildStage(preparedRun())
    stage = await launchStage(appDir)
  })
  test.afterAll(() => stage.close())

  test('serves the listed files', async () => {
    const served = [
      '/app/',
      '/app/index.html',
      '/app/index.js',
      '/app/index.css',
      '/tap/',
      '/tap/?manual',
      '/seal/',
      '/reveal/',
    ]
    expect(await statuses(served.map((file) => `https://halligan.localhost${file}`))).toEqual(served.map(() => 200))
  })

  test('answers 404 to everything that is not literally on the list', async () => {
    const paths = [
      '/',
      '/app',
      '/app/index',
      '/app//index.js',
      '//app/index.js',
      '/app/index.js/',
      '/app/%69ndex.js',
      '/app/..%2findex.js',
      '/app/%2e%2e%2fmain.cjs',
      '/app/..%5c..%5cmain.cjs',
      '/app/%00',
      '/app/index.js%00',
      '/app/index.js?x=1',
      '/app/?manual',
      '/tap/?manual=1',
      '/reveal/?manual',
      '/files.json',
      '/main.cjs',
      '/../main.cjs',
      '/package.json',
      '/preload/app.cjs',
      '/__proto__',
      '/constructor',
      '/app/__proto__',
      '/app/toString',
      '/APP/INDEX.JS',
      '/app/index.js;x',
      '/app/index.js.map',
      '/app/' + 'a'.repeat(4000),
    ]
    expect(await statuses(paths.map((path) => `https://halligan.localhost${path}`))).toEqual(paths.map(() => 404))
  })

  test('serves nothing but listed files to a thousand made-up addresses', async () => {
    const pieces = [
      'app',
      'tap',
      '..',
      '.',
      '%2e',
      '%2f',
      '%5c',
      '\\',
      '/',
      '//',
      'index',
      '.html',
      '.js',
      'main.cjs',
      '?',
      '?manual',
      ';',
      '%00',
      '@',
      ':',
      'é',
      'files.json',
    ]
    let seed = 20_26
    const next = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below
    const urls = Array.from({ length: 1000 }, () => {
      const length = 1 + next(8)
      return `https://halligan.localhost/${Array.from({ length }, () => pieces[next(pieces.length)]!).join('')}`
    }).filter((url) => URL.canParse(url))
    const listed = new Set(['/app/', '/tap/', '/app/index.html', '/app/index.js', '/tap/index.html', '/tap/index.js'])
    const answers = await ask(urls)
    for (const [index, answer] of answers.entries()) {
      // Chromium reads %2e as a dot before anybody sees the address.
      const { host, pathname, search } = new URL(urls[index]!.replaceAll('%2e', '.'))
      if (typeof answer === 'string') continue
      const allowed =
        host === 'halligan.localhost' &&
        listed.has(pathname) &&
        (search === '' || (pathname === '/tap/' && search === '?manual'))
      expect([answer.status, allowed ? 'listed' : answer.length], urls[index]).toEqual(
        allowed ? [200, 'listed'] : [host === 'halligan.localhost' ? 404 : 403, 0],
      )
    }
  })

  test('answers 403 to other hosts, ports, users and spellings of the host', async () => {
    const hosts = [
      'example.com',
      'localhost',
      'halligan.localhost:8443',
      'halligan.localhost.',
      'evil.halligan.localhost',
      'halligan.localhost.example.com',
      '127.0.0.1',
      '[::1]',
      'halligan.localhost%2eexample.com',
    ]
    for (const [index, status] of (await statuses(hosts.map((host) => `https://${host}/app/`))).entries())
      expect(typeof status === 'string' ? 'not sent' : status, hosts[index]).not.toBe(200)
    expect(await statuses(['https://example.com/app/', 'https://halligan.localhost:8443/app/'])).toEqual([403, 403])
  })

  test('answers 405 to other methods', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'])
      expect(await statuses(['https://halligan.localhost/app/'], method), method).toEqual([405])
  })

  test('refuses every other scheme', async () => {
    const urls = [
      'http://halligan.localhost/app/',
      'http://127.0.0.1:9/',
      'file:///etc/passwd',
      `file://${appDir}/main.cjs`,
      'ftp://127.0.0.1/',
      'ws://127.0.0.1:9/',
      'chrome://version/',
      'about:srcdoc',
      'filesystem:https://halligan.localhost/x',
    ]
    for (const [index, status] of (await statuses(urls)).entries())
      expect(String(status), urls[index]).toMatch(/Error|403/)
  })

  test('sends the strict policy with every answer, also with refusals, and a fresh nonce each time', async () => {
    const url = 'https://halligan.localhost/app/'
    const answers = (await ask([url, url, 'https://halligan.localhost/nothing', 'https://example.com/'])) as Answer[]
    const nonces = new Set<string>()
    for (const { headers } of answers) {
      const policy = headers['content-security-policy']!
      nonces.add(/'nonce-([\w-]*)'/.exec(policy)![1]!)
      expect(policy.replace(/nonce-[\w-]*/, 'nonce-X').split('; ')).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'nonce-X'",
        "img-src 'self' data:",
        "connect-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ])
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
      expect(headers['permissions-policy']).toContain('publickey-credentials-get=(), publickey-credentials-create=(), ')
    }
    expect(nonces.size).toBe(3)
    const page = await stage.window('app')
    expect(
      await page.evaluate(() => document.querySelector('meta')?.nextElementSibling?.getAttribute('content')),
    ).toMatch(/^[\w-]{24}$/)
  })

  test('does not serve a file that changed on the disk after the build', async () => {
    appendFileSync(path.join(appDir, 'renderer/seal/index.js'), '\n// one byte more\n')
    const [status] = await statuses(['https://halligan.localhost/seal/index.js'])
    expect(status).not.toBe(200)
  })

  test('leaves nothing of a page in the user data', async () => {
    const marker = 'double-page' // in every page's script
    expect(readFileSync(path.join(appDir, 'renderer/app/index.js'), 'utf8')).toContain(marker)
    for (const entry of readdirSync(stage.userDir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      expect(readFileSync(path.join(entry.parentPath, entry.name)).includes(marker), entry.name).toBe(false)
    }
  })
})
