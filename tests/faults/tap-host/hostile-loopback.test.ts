/** Everybody who may knock at the loopback server while a person taps: each is refused and told, and the tap goes on. */
import net from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { TapPageRefusal } from '../../../shared/domain/tap-place.ts'
import {
  forkTapHost,
  makePlace,
  smallPage,
  type RunningTapHost,
  type TapHostPlace,
} from '../../support/forked-tap-host.ts'
import { actPage, ask, sayRaw, type ActedPage, type Asked } from '../../support/loopback-visitor.ts'
import { writeStandIn } from '../../support/stand-in-browser.ts'

vi.setConfig({ hookTimeout: 120_000 })
const patient = { timeout: 60_000, interval: 20 }

interface Tap {
  readonly host: RunningTapHost
  readonly page: ActedPage
  readonly port: number
  readonly origin: string
}

describe.skipIf(process.platform === 'win32')('the loopback server during a tap', { timeout: 180_000 }, () => {
  let place: TapHostPlace
  let hosts: RunningTapHost[] = []
  let tap: Tap

  async function startTap(name = 'browser'): Promise<Tap> {
    const standIn = writeStandIn(place, name)
    const host = forkTapHost()
    hosts.push(host)
    const opened = host.call.open({
      browser: standIn.program,
      profiles: place.profiles,
      files: place.files,
      title: 'Tap',
    })
    opened.catch(() => undefined)
    await expect.poll(standIn.address, patient).not.toBeNull()
    const page = await actPage(standIn.address() ?? '')
    const { origin } = await opened
    return { host, page, port: page.port, origin }
  }

  beforeEach(async () => {
    place = makePlace()
    tap = await startTap()
  })
  afterEach(() => {
    for (const { child } of hosts) child.kill('SIGKILL')
    hosts = []
    place.remove()
  })

  /** The tap itself: a question reaches the page, its answer the strongroom, and it is closed in order. */
  async function completes({ host, page }: Tap): Promise<void> {
    expect(host.gone).toEqual([])
    host.toPage({ question: 'touch' })
    await expect.poll(() => page.frames, patient).toContainEqual({ kind: 'message', message: { question: 'touch' } })
    expect((await page.say({ answer: 'touched' })).status).toBe(204)
    await expect.poll(() => host.fromPage, patient).toContainEqual({ answer: 'touched' })
    await host.call.close({})
    expect(page.frames.at(-1)).toEqual({ kind: 'done' })
  }

  /** Exactly these were told, and no others. */
  async function toldExactly(told: Partial<Record<TapPageRefusal, number>>, { host } = tap): Promise<void> {
    const counts = (): Record<string, number> => {
      const sum: Record<string, number> = {}
      for (const { code, count } of host.refused) sum[code] = (sum[code] ?? 0) + count
      return sum
    }
    await expect.poll(counts, patient).toEqual(told)
  }

  const asPage = (path: string, more: Partial<Asked> = {}): Asked => ({
    path: `/${tap.page.token}/${path}`,
    ...more,
    headers: { ...tap.page.headers, ...more.headers },
  })
  const post = (headers: Record<string, string> = {}, body = '{"forged":true}'): Asked =>
    asPage('message', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
  const without = (asked: Asked, name: string): Asked => ({
    ...asked,
    headers: Object.fromEntries(Object.entries(asked.headers ?? {}).filter(([header]) => header !== name)),
  })

  test('lets the real page through, and refuses nobody then', async () => {
    for (const [name, text] of Object.entries(smallPage).slice(1)) {
      const file = await ask(
        tap.port,
        asPage(name, { headers: { 'sec-fetch-dest': name === 'index.js' ? 'script' : 'style' } }),
      )
      expect(file).toMatchObject({ status: 200, body: text })
    }
    expect((await ask(tap.port, { path: '/favicon.ico' })).status).toBe(404)
    await completes(tap)
    expect(tap.host.refused).toEqual([])
  })

  test('gives the page strict headers, a fresh channel and a fresh nonce', () => {
    const { headers, body } = tap.page.html
    const policy = String(headers['content-security-policy'])
    const nonce = /'nonce-([\w-]{24})'/.exec(policy)?.[1] ?? ''
    expect(body).toContain(`content="${nonce}"`)
    expect(policy.replace(nonce, 'N')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-N'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    )
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    expect(headers['permissions-policy']).toMatch(
      /^publickey-credentials-get=\(self\), publickey-credentials-create=\(self\), accelerometer=\(\)/,
    )
    expect(headers['access-control-allow-origin']).toBeUndefined()
    expect(tap.page.channel).toHaveLength(43)
  })

  test('a wrong token', async () => {
    const wrong = tap.page.token.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))
    for (const path of [`/${wrong}/`, `/${wrong}/index.js`, `/${tap.page.token.slice(1)}/index.js`, '//index.js'])
      expect(await ask(tap.port, { path })).toMatchObject({ status: 404, body: '' })
    await completes(tap)
    await toldExactly({ 'token-wrong': 4 })
  })

  test('the page opened twice: the second gets nothing, the first goes on', async () => {
    const again = await ask(tap.port, { path: `/${tap.page.token}/` })
    expect(again).toMatchObject({ status: 410, body: '' })
    await completes(tap)
    await toldExactly({ 'token-used': 1 })
  })

  test('a stolen token alone: no stream, no message', async () => {
    for (const asked of [
      post({ 'x-halligan-channel': 'A'.repeat(43) }),
      without(post(), 'x-halligan-channel'),
      asPage('messages', { headers: { 'x-halligan-channel': tap.page.token } }),
    ])
      expect((await ask(tap.port, asked)).status).toBe(403)
    // Even with the channel there is one stream.
    expect((await ask(tap.port, without(asPage('messages'), 'origin'))).status).toBe(409)
    await completes(tap)
    await toldExactly({ 'channel-wrong': 4 })
    expect(tap.host.fromPage).not.toContainEqual({ forged: true })
  })

  test('a wrong Host: a name that was bent to this machine (DNS rebinding)', async () => {
    const hosts = [
      'evil.example',
      `evil.example:${tap.port}`,
      `127.0.0.1:${tap.port}`,
      `localhost:${tap.port}`,
      'halligan.localhost',
      `halligan.localhost.:${tap.port}`,
      `halligan.localhost:${tap.port + 1}`,
    ]
    for (const host of hosts) expect((await ask(tap.port, post({ host }))).status).toBe(403)
    await sayRaw(tap.port, `GET / HTTP/1.1\r\nHost: halligan.localhost:${tap.port}\r\nHost: evil.example\r\n\r\n`)
    await completes(tap)
    await toldExactly({ 'host-wrong': hosts.length + 1 })
    expect(tap.host.fromPage).not.toContainEqual({ forged: true })
  })

  test('another page posting: its Origin gives it away, or that it has none', async () => {
    const origins = [
      'https://evil.example',
      'null',
      `http://127.0.0.1:${tap.port}`,
      `https://halligan.localhost:${tap.port}`,
      `http://halligan.localhost:${tap.port + 1}`,
      'https://halligan.localhost',
      `${tap.origin}/`,
    ]
    for (const origin of origins) expect((await ask(tap.port, post({ origin }))).status).toBe(403)
    expect((await ask(tap.port, without(post(), 'origin'))).status).toBe(403)
    const pageOf = (site: string): Asked => ({ path: `/${tap.page.token}/`, headers: { 'sec-fetch-site': site } })
    const others = [
      post({ 'sec-fetch-site': 'same-site' }),
      post({ 'sec-fetch-site': 'cross-site' }),
      asPage('index.js', { headers: { 'sec-fetch-site': 'cross-site' } }),
      pageOf('same-site'),
      pageOf('same-origin'),
    ]
    for (const asked of others) expect((await ask(tap.port, asked)).status).toBe(403)
    // In a frame.
    const framed = {
      path: `/${tap.page.token}/`,
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' },
    }
    expect((await ask(tap.port, framed)).status).toBe(403)
    await completes(tap)
    await toldExactly({ 'origin-wrong': origins.length + 1 + others.length + 1 })
    expect(tap.host.fromPage).not.toContainEqual({ forged: true })
  })

  test('what another page may ask first (CORS), other methods, upgrades, tunnels', async () => {
    const preflight = {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    }
    const answer = await ask(tap.port, asPage('message', preflight))
    expect(answer.status).toBe(405)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await ask(tap.port, asPage('message', { method }))).status).toBe(405)
    expect((await ask(tap.port, asPage('', { method: 'HEAD' }))).status).toBe(405)
    const head = `Host: halligan.localhost:${tap.port}\r\n`
    expect(await sayRaw(tap.port, `GET / HTTP/1.1\r\n${head}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)).toBe(
      '',
    )
    expect(await sayRaw(tap.port, `CONNECT example.com:443 HTTP/1.1\r\n${head}\r\n`)).toBe('')
    await completes(tap)
    await toldExactly({ 'method-wrong': 7 })
  })

  test('other paths, however they are written', async () => {
    const { token } = tap.page
    const paths = [
      '/',
      '/index.html',
      `/${token}`,
      `/${token}/index.html`,
      `/${token}/../${token}/`,
      `/${token}/%2e%2e/`,
      `/${token}/?x`,
      `/${token}/__proto__`,
      `/${token}/constructor`,
      `http://halligan.localhost:${tap.port}/${token}/`,
    ]
    for (const path of paths) expect((await ask(tap.port, { path })).status).toBe(404)
    await completes(tap)
    await toldExactly({ 'path-unknown': paths.length })
  })

  test('a body of 10 MB, said or not said beforehand', async () => {
    const huge = `"${'x'.repeat(10 * 1024 * 1024)}"`
    // The server does not read it to its end: the sender may notice the closed connection before the answer.
    await ask(tap.port, post({}, huge)).then(
      ({ status }) => expect(status).toBe(413),
      () => undefined,
    )
    await toldExactly({ 'body-too-large': 1 })
    const chunked = { ...post({ 'transfer-encoding': 'chunked' }, huge) }
    await ask(tap.port, chunked).then(
      ({ status }) => expect(status).toBe(413),
      () => undefined,
    )
    await completes(tap)
    await toldExactly({ 'body-too-large': 2 })
    expect(tap.host.fromPage).toEqual([{ answer: 'touched' }])
  })

  test('the largest message that may be, and one byte more', async () => {
    const text = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`
    expect((await ask(tap.port, post({}, text(65_536)))).status).toBe(204)
    expect((await ask(tap.port, post({}, text(65_537)))).status).toBe(413)
    await completes(tap)
  })

  test('bodies that are no JSON, and JSON that does not say so', async () => {
    for (const body of ['', '{', '{"a":1} {"b":2}', 'undefined'])
      expect((await ask(tap.port, post({}, body))).status).toBe(400)
    expect((await ask(tap.port, { ...post(), body: new Uint8Array([0x22, 0xff, 0x22]) })).status).toBe(400)
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'])
      expect((await ask(tap.port, post({ 'content-type': type }))).status).toBe(400)
    await completes(tap)
    await toldExactly({ 'body-malformed': 8 })
  })

  test('a slow body, with everything else as it should be', async () => {
    const head = Object.entries({ ...post().headers, host: `halligan.localhost:${tap.port}`, 'content-length': '100' })
    const heard = sayRaw(
      tap.port,
      `POST /${tap.page.token}/message HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n{"slow":`,
    )
    // The tap does not wait for it.
    await completesMeanwhile()
    expect(await heard).toMatch(/^HTTP\/1\.1 408 /)
    await completes(tap)
    await toldExactly({ 'body-too-slow': 1 })
    expect(JSON.stringify(tap.host.fromPage)).not.toContain('slow')
  })

  async function completesMeanwhile(): Promise<void> {
    expect((await tap.page.say({ answer: 'meanwhile' })).status).toBe(204)
    await expect.poll(() => tap.host.fromPage, patient).toContainEqual({ answer: 'meanwhile' })
  }

  test('a slow head (slowloris), and what is no HTTP at all', async () => {
    await sayRaw(tap.port, 'GET / HTTP/1.1\r\nHost: hal')
    await toldExactly({ 'body-too-slow': 1 })
    await sayRaw(tap.port, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')
    await sayRaw(tap.port, 'SSH-2.0-scanner\r\n')
    await sayRaw(tap.port, `GET / HTTP/1.1\r\nHost: halligan.localhost:${tap.port}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
    await completes(tap)
    await toldExactly({ 'body-too-slow': 1, 'body-malformed': 2, 'body-too-large': 1 })
  })

  test('a port scan: hundreds of knocks make a few entries', async () => {
    const knocks = 300
    for (let done = 0; done < knocks; done += 10)
      await Promise.all(Array.from({ length: 10 }, (_, at) => ask(tap.port, { path: `/scan-${done + at}` })))
    // Connections that say nothing learn nothing, and browsers make such too.
    await Promise.all(
      Array.from(
        { length: 10 },
        () =>
          new Promise((resolve) => {
            const socket = net.connect(tap.port, '127.0.0.1', () => socket.destroy())
            socket.on('close', resolve)
          }),
      ),
    )
    await completes(tap)
    await toldExactly({ 'path-unknown': knocks })
    expect(tap.host.refused.length).toBeLessThan(20)
    expect(tap.host.refused[0]).toEqual({ code: 'path-unknown', count: 1 })
  })

  test('silent connections that fill every place throw out only one another', async () => {
    const sockets = Array.from({ length: 200 }, () => net.connect(tap.port, '127.0.0.1').on('error', () => undefined))
    await expect.poll(() => tap.host.countOf('too-many-connections'), patient).toBeGreaterThan(150)
    expect(tap.page.isStreamOpen()).toBe(true)
    await completes(tap)
    for (const socket of sockets) socket.destroy()
  })

  test('two taps at once know nothing of each other', async () => {
    const other = await startTap('other-browser')
    expect(other.origin).not.toBe(tap.origin)
    expect(other.page.token).not.toBe(tap.page.token)
    expect(other.page.channel).not.toBe(tap.page.channel)
    // One tap's secrets at the other's door.
    expect(
      (await ask(other.port, asPage('message', { method: 'POST', headers: { origin: other.origin } }))).status,
    ).toBe(404)
    const mixed = { ...post({ origin: other.origin }), path: `/${other.page.token}/message` }
    expect((await ask(other.port, mixed)).status).toBe(403)
    await completes(tap)
    await toldExactly({ 'token-wrong': 1, 'channel-wrong': 1 }, other)
    await completes(other)
    expect(tap.host.refused).toEqual([])
  })

  test('nobody else can have the port on the other loopback address', async () => {
    const squat = new Promise<string>((resolve) => {
      const server = net.createServer()
      server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
      server.listen({ host: '::1', port: tap.port }, () => {
        server.close()
        resolve('taken')
      })
    })
    // EADDRNOTAVAIL: a machine without IPv6, where nobody can have it either.
    expect(['EADDRINUSE', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']).toContain(await squat)
    await completes(tap)
  })

  test('the page hears that its host lives, and the host that its page does not', async () => {
    await expect.poll(() => tap.page.frames.filter(({ kind }) => kind === 'alive').length, patient).toBeGreaterThan(1)
    tap.page.breakOff()
    await expect.poll(() => tap.host.gone, patient).toEqual([{ died: true }])
    await expect.poll(tap.host.portClosed, patient).toBe(true)
    await expect(ask(tap.port, { path: '/' })).rejects.toThrow('ECONNREFUSED')
  })

  test('after the end nobody answers', async () => {
    await completes(tap)
    await expect(ask(tap.port, { path: '/' })).rejects.toThrow('ECONNREFUSED')
  })
})
