/** Stands in for every page: takes its port as the real ones do, and lets the test speak through it. */
import type { Command, Event, Numbered, Reply, Result } from './double-commands.ts'

/** What a test finds as `window.double`. */
export interface DoublePage {
  /** Ports handed over so far. */
  ports: number
  /** What came over the port besides results. */
  readonly events: (Event | { hello: string })[]
  drive(command: Command): Promise<Result>
  post(message: unknown): void
  /** Policy violations so far. */
  readonly violations: string[]
}

declare global {
  interface Window {
    double: DoublePage
  }
}

const waiting = new Map<number, (result: Result) => void>()
let port: MessagePort | null = null
let next = 1

window.double = {
  ports: 0,
  events: [],
  violations: [],
  drive: (command) =>
    new Promise((resolve) => {
      const numbered: Numbered = { number: next++, command }
      waiting.set(numbered.number, resolve)
      port?.postMessage(numbered)
    }),
  post: (message) => port?.postMessage(message),
}

document.addEventListener('securitypolicyviolation', (event) => {
  window.double.violations.push(event.effectiveDirective)
})
window.addEventListener('message', (event) => {
  const [handed] = event.ports
  if (event.source !== window || event.data !== 'halligan-port' || handed === undefined) return
  window.double.ports++
  port = handed
  port.onmessage = ({ data }: MessageEvent<Reply | { hello: string }>) => {
    if ('number' in data) {
      waiting.get(data.number)?.(data)
      waiting.delete(data.number)
    } else window.double.events.push(data)
  }
})
window.postMessage('halligan-ready', window.location.origin)
