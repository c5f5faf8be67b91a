import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

interface Shown {
  readonly title: string
  readonly body: string
  readonly silent: boolean
  readonly urgency: string
}

const system = vi.hoisted(() => ({ supported: true, does: 'show', shown: [] as unknown[] }))

vi.mock('electron', () => ({
  Notification: class extends EventEmitter {
    static isSupported = (): boolean => system.supported
    readonly options: unknown
    constructor(options: unknown) {
      super()
      this.options = options
    }
    show(): void {
      system.shown.push(this.options)
      if (system.does !== 'nothing') queueMicrotask(() => this.emit(system.does))
    }
  },
}))

const { notify } = await import('../../../electron/main/notify.ts')

describe('a notification in the room', () => {
  const platform = Object.getOwnPropertyDescriptor(process, 'platform')!
  const pretend = (value: string): void => {
    Object.defineProperty(process, 'platform', { ...platform, value })
  }
  beforeEach(() => {
    Object.assign(system, { supported: true, does: 'show', shown: [] })
  })
  afterEach(() => {
    Object.defineProperty(process, 'platform', platform)
    vi.useRealTimers()
  })
  const alert = { title: 'Root\nwas opened', body: 'Why: <b>x</b> & "y"\nWho:\u0007 🔑', sound: true }

  it('is loud, urgent, and shows what was written', async () => {
    pretend('linux')
    await notify(alert)
    expect(system.shown).toEqual([
      expect.objectContaining({
        title: 'Root was opened',
        body: 'Why: &lt;b&gt;x&lt;/b&gt; &amp; "y"\nWho:  🔑',
        silent: false,
        urgency: 'critical',
      }),
    ])
    pretend('darwin')
    await notify({ ...alert, sound: false })
    const second = system.shown.at(-1) as Shown
    expect([second.body, second.silent]).toEqual(['Why: <b>x</b> & "y"\nWho:  🔑', true])
  })

  it('says when the system has none, refuses it, or does not answer', async () => {
    system.supported = false
    await expect(notify(alert)).rejects.toMatchObject({ code: 'CHANNEL_FAILED', detail: { reason: 'not-supported' } })
    expect(system.shown).toEqual([])
    Object.assign(system, { supported: true, does: 'failed' })
    await expect(notify(alert)).rejects.toMatchObject({ code: 'CHANNEL_FAILED', detail: { reason: 'refused' } })
    system.does = 'nothing'
    vi.useFakeTimers()
    const waiting = expect(notify(alert)).rejects.toMatchObject({ detail: { reason: 'no-answer' } })
    await vi.advanceTimersByTimeAsync(10_000)
    await waiting
  })
})
