/** Control 4: a window has no way to the network, with its policy and without. */
import { expect, test } from 'playwright/test'
import { preparedRun } from '../launch.ts'
import { listen, type Listener } from '../support/listener.ts'
import { buildStage, launchStage, type RunningStage } from '../support/stage.ts'

let stage: RunningStage
let listener: Listener

/** Tries every way out that a page has; resolves with what each came to. */
async function tryEverything(port: number): Promise<Record<string, string>> {
  const page = await stage.window('app')
  return page.evaluate(async (target) => {
    const results: Record<string, string> = {}
    const within = (promise: Promise<string>): Promise<string> =>
      Promise.race([promise, new Promise<string>((resolve) => setTimeout(resolve, 1500, 'nothing'))])
    const attempt = async (name: string, run: () => Promise<string> | string): Promise<void> => {
      try {
        results[name] = await within(Promise.resolve(run()))
      } catch (error) {
        results[name] = String(error).slice(0, 60)
      }
    }
    const element = (tag: string, fields: Record<string, string>): Promise<string> =>
      new Promise((resolve) => {
        const made = Object.assign(document.createElement(tag), fields)
        made.addEventListener('load', () => resolve('loaded'))
        made.addEventListener('error', () => resolve('failed'))
        document.body.append(made)
      })
    for (const host of [
      `http://127.0.0.1:${String(target)}`,
      `https://127.0.0.1:${String(target)}`,
      `http://localhost:${String(target)}`,
    ]) {
      await Promise.all([
        attempt(`fetch ${host}`, () => fetch(`${host}/`).then((r) => `status ${String(r.status)}`)),
        attempt(`no-cors ${host}`, () => fetch(`${host}/`, { mode: 'no-cors' }).then((r) => r.type)),
        attempt(
          `xhr ${host}`,
          () =>
            new Promise((resolve) => {
              const xhr = new XMLHttpRequest()
              xhr.onload = () => resolve('loaded')
              xhr.onerror = () => resolve('failed')
              xhr.open('GET', `${host}/`)
              xhr.send()
            }),
        ),
        attempt(
          `websocket ${host}`,
          () =>
            new Promise((resolve) => {
              const socket = new WebSocket(host.replace('http', 'ws'))
              socket.onopen = () => resolve('open')
              socket.onerror = () => resolve('failed')
            }),
        ),
        attempt(
          `eventsource ${host}`,
          () =>
            new Promise((resolve) => {
              const source = new EventSource(`${host}/`)
              source.onopen = () => resolve('open')
              source.onerror = () => resolve('failed')
            }),
        ),
        attempt(`beacon ${host}`, () => `queued ${String(navigator.sendBeacon(`${host}/`, 'x'))}`),
        attempt(`image ${host}`, () => element('img', { src: `${host}/x.png` })),
        attempt(`iframe ${host}`, () => element('iframe', { src: `${host}/` })),
        attempt(`stylesheet ${host}`, () => element('link', { rel: 'stylesheet', href: `${host}/x.css` })),
        attempt(`prefetch ${host}`, () => element('link', { rel: 'prefetch', href: `${host}/x` })),
        attempt(`preconnect ${host}`, () => element('link', { rel: 'preconnect', href: host })),
        attempt(`dns-prefetch ${host}`, () => element('link', { rel: 'dns-prefetch', href: host })),
        attempt(`manifest ${host}`, () => element('link', { rel: 'manifest', href: `${host}/m.json` })),
        attempt(`media ${host}`, () => element('video', { src: `${host}/x.mp4` })),
        attempt(`object ${host}`, () => element('object', { data: `${host}/x` })),
        attempt(`font ${host}`, () => new FontFace('x', `url(${host}/x.woff2)`).load().then(() => 'loaded')),
      ])
    }
    await attempt('webrtc', async () => {
      const peer = new RTCPeerConnection({
        iceServers: [
          { urls: `stun:127.0.0.1:${String(target)}` },
          { urls: `turn:127.0.0.1:${String(target)}?transport=tcp`, username: 'x', credential: 'x' },
        ],
      })
      const candidates: string[] = []
      peer.onicecandidate = ({ candidate }) => candidate !== null && candidates.push(candidate.candidate)
      peer.createDataChannel('x')
      await peer.setLocalDescription(await peer.createOffer())
      await new Promise((resolve) => setTimeout(resolve, 1200))
      return `candidates ${String(candidates.length)}`
    })
    await attempt('webtransport', () =>
      new WebTransport(`https://127.0.0.1:${String(target)}/`).ready.then(() => 'ready'),
    )
    return results
  }, port)
}

const reached = (results: Record<string, string>): string[] =>
  Object.entries(results)
    // 403 is our own handler's. What an element or an opaque answer says is unclear: the listener decides on those.
    .filter(([, result]) => /^(status (?!403)|open|ready)|candidates [1-9]/.test(result))
    .map(([name]) => name)

test.describe('a window', () => {
  test.beforeAll(async () => {
    listener = await listen()
    stage = await launchStage(await buildStage(preparedRun()))
  })
  test.afterAll(async () => {
    await stage.close()
    await listener.close()
  })

  test('reaches nothing under its policy', async () => {
    const results = await tryEverything(listener.port)
    expect(Object.keys(results).length).toBeGreaterThan(40)
    expect(reached(results)).toEqual([])
    expect(listener.connections()).toBe(0)
  })

  test('reaches nothing even when its policy is taken away', async () => {
    const page = await stage.window('app')
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Page.enable')
    await devtools.send('Page.setBypassCSP', { enabled: true })
    const reloaded = page.waitForEvent('domcontentloaded')
    await stage.app.evaluate(({ BrowserWindow }) => {
      void BrowserWindow.getAllWindows()[0]!.loadURL('https://halligan.localhost/app/')
    })
    await reloaded
    // The policy is really off: evaluating text works now.
    expect(await page.evaluate(() => (0, eval)('1 + 1') as number)).toBe(2)
    const results = await tryEverything(listener.port)
    expect(reached(results)).toEqual([])
    expect(listener.connections()).toBe(0)
  })

  test('nor does its session, asked by main itself', async () => {
    const outcome = await stage.app.evaluate(async ({ session, net }, port) => {
      const attempts = [
        session.fromPartition('halligan-app').fetch(`http://127.0.0.1:${String(port)}/`),
        session.defaultSession.fetch(`http://127.0.0.1:${String(port)}/`),
        net.fetch(`http://127.0.0.1:${String(port)}/`),
      ]
      return (await Promise.allSettled(attempts)).map(({ status }) => status)
    }, listener.port)
    expect(outcome).toEqual(['rejected', 'rejected', 'rejected'])
    expect(listener.connections()).toBe(0)
  })
})
