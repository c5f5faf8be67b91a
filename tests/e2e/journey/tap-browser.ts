/**
 * A browser for taps, under the test's control. Virtual keys live and die with their page, and the app ends its browser after
 * every tap; so the app starts a stand-in that looks like a browser to it and tells the test which address it was given, and
 * the test goes there with the one page of Debian's own Chromium that keeps the keys.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import path from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright'
import { makeUserDir, type RunSettings } from '../../../build/prepare-run.ts'
import { writeWrapper } from '../../../build/unprivileged-user.ts'
import { press } from './screens.ts'
import { KeyTable, type Asking } from './security-keys.ts'

/** A browser as the app started it. */
export interface StandInRun {
  readonly address: string
  readonly args: readonly string[]
  readonly pid: number
  /** Ends as a browser does whose window was closed. */
  readonly exit: () => void
  /** Ends as a browser does that crashes. */
  readonly crash: () => void
}

export interface TapBrowser {
  /** What the app is told to start: its `browserPath`. */
  readonly program: string
  readonly page: Page
  readonly table: KeyTable
  /** Everything that was started so far. */
  readonly runs: readonly StandInRun[]
  /** What keys returned to the page so far, 32 bytes each. */
  readonly prfOutputs: readonly Buffer[]
  /** Taps from here on are led to the page by `lead` (default: the page goes to the address). */
  readonly lead: (lead: (run: StandInRun) => void) => void
  readonly close: () => Promise<void>
}

/** Plain JavaScript: it runs outside the checkout, as the app's user. */
const standInText = (socketPath: string): string => `#!${process.execPath}
const { readFileSync } = require('node:fs')
const { connect } = require('node:net')
const { fileURLToPath } = require('node:url')
const app = process.argv.find((argument) => argument.startsWith('--app=')).slice(6)
const [, address] = /location\\.replace\\((".*?")\\)/.exec(readFileSync(fileURLToPath(app), 'utf8'))
const test = connect(${JSON.stringify(socketPath)})
test.write(JSON.stringify({ address: JSON.parse(address), args: process.argv.slice(2), pid: process.pid }) + '\\n')
test.on('data', (word) => (String(word) === 'exit' ? process.exit(0) : process.kill(process.pid, 'SIGKILL')))
test.on('error', () => process.exit(1))
process.on('SIGTERM', () => process.exit(0))
`

function takeCalls(socketPath: string, onRun: (run: StandInRun) => void) {
  const server = createServer((socket: Socket) => {
    let text = ''
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      text += bytes.toString()
      if (!text.endsWith('\n')) return
      const told = JSON.parse(text) as Pick<StandInRun, 'address' | 'args' | 'pid'>
      onRun({ ...told, exit: () => socket.write('exit'), crash: () => socket.write('crash') })
    })
  })
  return new Promise<typeof server>((resolve) => {
    server.listen(socketPath, () => {
      chmodSync(socketPath, 0o777)
      resolve(server)
    })
  })
}

/** In every document, before the page's own script: asking a key waits until the test holds one, and what it returns is kept. */
function gateKeys(): void {
  const container = navigator.credentials
  const gated = globalThis as unknown as {
    halliganOpenGate: () => void
    halliganKeepPrf: (values: string[]) => Promise<void>
    halliganClosed: () => Promise<void>
  }
  // Closing this page would end the keys; the stand-in ends in its place.
  window.close = () => void gated.halliganClosed()
  const pass = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const { dataset } = document.documentElement
      gated.halliganOpenGate = () => {
        delete dataset['gate']
        resolve()
      }
      signal?.addEventListener('abort', () => {
        delete dataset['gate']
        reject(new DOMException('aborted', 'AbortError'))
      })
      dataset['gate'] = 'waiting'
    })
  container.create = async (options = {}) => {
    await pass(options.signal)
    return CredentialsContainer.prototype.create.call(container, options)
  }
  container.get = async (options = {}) => {
    await pass(options.signal)
    const credential = await CredentialsContainer.prototype.get.call(container, options)
    const results = (credential as PublicKeyCredential).getClientExtensionResults().prf?.results
    const values = [results?.first, results?.second].filter((value) => value !== undefined)
    const texts = values.map((value) => btoa(String.fromCharCode(...new Uint8Array(value as ArrayBuffer))))
    await gated.halliganKeepPrf(texts)
    return credential
  }
}

const askThroughGate = (page: Page): Asking => {
  const read = page.getByRole('button', { name: 'I have read this: use my key' }).and(page.locator(':enabled'))
  const waiting = page.locator('html[data-gate="waiting"]')
  return {
    waitUntilReady: async () => {
      await read.or(waiting).first().waitFor({ timeout: 30_000 })
      if (await read.isVisible()) await press(page, 'I have read this: use my key')
      await waiting.waitFor({ timeout: 20_000 })
    },
    ask: () => page.evaluate(() => (globalThis as unknown as { halliganOpenGate: () => void }).halliganOpenGate()),
  }
}

async function openChromium(run: RunSettings, dir: string, program: string): Promise<BrowserContext> {
  const wrapper = path.join(dir, 'chromium')
  const home = makeUserDir(run)
  writeWrapper(wrapper, program, run.userId, home)
  return chromium.launchPersistentContext(makeUserDir(run), {
    executablePath: wrapper,
    chromiumSandbox: true,
    headless: true,
    env: { ...run.env },
    viewport: { width: 980, height: 860 },
  })
}

/** Starts the page that keeps the keys in `chromiumPath`, and makes the program that stands in for the browser. */
export async function startTapBrowser(run: RunSettings, chromiumPath: string): Promise<TapBrowser> {
  const dir = mkdtempSync(path.join(run.runDir, 'tap-browser-'))
  chmodSync(dir, 0o755)
  const socketPath = path.join(dir, 'socket')
  const program = path.join(dir, 'stand-in')
  writeFileSync(program, standInText(socketPath), { mode: 0o755 })
  const context = await openChromium(run, dir, chromiumPath)
  const prfOutputs: Buffer[] = []
  await context.exposeFunction('halliganKeepPrf', (values: string[]) => {
    for (const value of values) prfOutputs.push(Buffer.from(value, 'base64'))
  })
  const runs: StandInRun[] = []
  await context.exposeFunction('halliganClosed', () => runs.at(-1)?.exit())
  await context.addInitScript(gateKeys)
  const page = context.pages()[0] ?? (await context.newPage())
  let lead = ({ address }: StandInRun): void => void page.goto(address).catch(() => undefined)
  const server = await takeCalls(socketPath, (started) => {
    runs.push(started)
    lead(started)
  })
  return {
    program,
    page,
    table: await KeyTable.attach(page, askThroughGate(page)),
    runs,
    prfOutputs,
    lead: (next) => {
      lead = next
    },
    close: async () => {
      server.close()
      await context.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
