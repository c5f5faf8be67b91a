/** The reveal window: prepared unseen, opened by a durable grant, ended by either clock or by anybody. */
import { toTimestamp } from '../../../shared/clock.ts'
import { createHub, type Output, type Served } from '../../../shared/contracts/contract.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import { revealContract } from '../../../shared/contracts/reveal.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { Person } from '../../../shared/domain/manifest.ts'
import { asHalliganError, HalliganError } from '../../../shared/errors.ts'
import type { Payload } from '../crypto/payload.ts'
import { startElapsed } from '../elapsed.ts'
import type { Session } from '../session.ts'
import { settleWithin } from '../settle-within.ts'
import type { TrustedRequest } from '../trust/request.ts'
import { createFieldDesk, type FieldDesk } from './field-desk.ts'

const tickMs = 250
/** How long main has to say why the page's port broke, before that counts as a dead page (ms). */
const lostMs = 500
/** Time for the last messages to reach the page before it is destroyed (ms). */
const farewellMs = 20
/** How long the entry about the end may take; the process must be gone within two seconds (ms). */
const recordMs = 900

export interface RevealRoom {
  /** Opens the window with the granted payload and resolves when it has ended and that is recorded. */
  readonly open: (payload: Payload, approvals: readonly Person[], alertText: string | null) => Promise<void>
}

interface OpenWindow {
  readonly desk: FieldDesk
  readonly approvals: readonly Person[]
  readonly alertText: string | null
  readonly elapsed: () => number
  readonly grantedAtMs: number
}

/** Has the page prepared unseen. Nothing is served before {@link RevealRoom.open}. */
export function createRevealRoom(session: Session, job: JobOf<'unseal'>, trusted: TrustedRequest): RevealRoom {
  const { clock, ending, host } = session
  const windowMs = job.statement.windowSeconds * 1000
  const title = `Reveal ${job.record.header.name}`
  let opened: OpenWindow | null = null
  let served: Served<typeof revealContract> | null = null
  /** The prepared page is gone (or never came): another is opened when it is needed. */
  let pageLost = false
  let announceOpen: (window: OpenWindow) => void = () => undefined
  const opening = new Promise<OpenWindow>((resolve) => {
    announceOpen = resolve
  })

  const remainingMs = (window: OpenWindow): number => Math.max(0, windowMs - window.elapsed())
  function requireOpen(): OpenWindow {
    if (opened !== null && remainingMs(opened) === 0) ending.end({ code: 'WINDOW_CLOSED', reason: 'time-elapsed' })
    if (ending.cause() !== null) throw new HalliganError('WINDOW_CLOSED')
    if (opened === null) throw new HalliganError('REQUEST_NOT_OPEN')
    return opened
  }

  async function begin(): Promise<Output<typeof revealContract, 'begin'>> {
    await ending.orEnd(opening)
    const { captureProtection } = await host.showPage({ page: 'reveal' })
    const window = requireOpen()
    const { header } = job.record
    const { reason, incident, windowSeconds } = job.statement
    return {
      credential: header.name,
      kind: header.kind,
      version: header.version,
      newest: job.statement.newest ?? null,
      requester: trusted.requester.name,
      approvals: window.approvals.map(({ name }) => name),
      reason,
      incident,
      windowSeconds,
      remainingMs: remainingMs(window),
      endsAt: toTimestamp(window.grantedAtMs + windowMs),
      copyAllowed: trusted.safe.policy.copyAllowed,
      captureProtection,
      alertText: window.alertText,
      runbook: window.desk.runbook(),
      fields: window.desk.list(),
    }
  }

  function receive(port: Port): void {
    const hub = createHub(port)
    pageLost = false
    served = hub.serve(revealContract, {
      begin,
      show: ({ field }) => requireOpen().desk.show(field),
      refresh: ({ field }) => requireOpen().desk.refresh(field),
      copy: ({ field }) => requireOpen().desk.copy(field),
      hideNow: () => {
        requireOpen()
        ending.end({ code: 'WINDOW_CLOSED', reason: 'hidden-by-person' })
        return {}
      },
    })
    hub.onClose(() => {
      pageLost = true
      if (opened === null) return
      setTimeout(() => {
        ending.end({ code: 'WINDOW_CLOSED', reason: 'reveal-window-died' })
      }, lostMs).unref()
    })
  }

  async function openPage(show: boolean): Promise<void> {
    await host.openPage({ page: 'reveal', show, title })
  }

  session.onPagePort('reveal', receive)
  session.onPageGone('reveal', (died) => {
    pageLost = true
    if (opened !== null) ending.end({ code: 'WINDOW_CLOSED', reason: died ? 'reveal-window-died' : 'window-closed' })
  })
  const prepared = openPage(false).catch(() => {
    pageLost = true
  })

  async function open(payload: Payload, approvals: readonly Person[], alertText: string | null): Promise<void> {
    const record = async (entry: Promise<unknown>): Promise<void> => {
      try {
        await entry
      } catch (error) {
        if (ending.cause() !== null) throw new HalliganError('WINDOW_CLOSED')
        const { code } = asHalliganError(error)
        // What cannot be recorded is not shown, and the window ends there and then.
        ending.end({ code: 'WINDOW_CLOSED', reason: code === 'PORT_CLOSED' ? 'vault-died' : 'record-failed' })
        throw new HalliganError(code)
      }
    }
    const elapsed = startElapsed(clock)
    const window: OpenWindow = {
      approvals,
      alertText,
      elapsed,
      grantedAtMs: clock.wall(),
      desk: createFieldDesk(session, job, payload, trusted.safe.policy.copyAllowed, {
        requireOpen,
        record,
        remainingMs: () => windowMs - elapsed(),
      }),
    }
    opened = window
    announceOpen(window)
    const timer = setInterval(() => {
      if (remainingMs(window) === 0) ending.end({ code: 'WINDOW_CLOSED', reason: 'time-elapsed' })
      else served?.emit('tick', { remainingMs: remainingMs(window) })
    }, tickMs)
    const ended = new Promise<void>((resolve) => {
      ending.onEnd(({ reason }) => {
        served?.emit('ended', { reason })
        resolve()
      })
    })
    try {
      await Promise.race([prepareAgain(), ended])
      session.progress('open', approvals.length, approvals.length)
      await ended
    } finally {
      clearInterval(timer)
    }
    await recordEnd(Math.round(elapsed()))
  }

  async function prepareAgain(): Promise<void> {
    await prepared
    if (!pageLost) return
    // Main may still hold the one whose port broke.
    await host.closePage({ page: 'reveal' })
    await openPage(true)
  }

  async function recordEnd(openedMs: number): Promise<void> {
    const reason = ending.cause()?.reason ?? 'window-closed'
    const { afterEnd } = session
    const closed = delay(farewellMs).then(() => afterEnd.host.closePage({ page: 'reveal' }))
    await settleWithin(recordMs, [closed, afterEnd.vault.windowClosed({ reason, openedMs })])
  }

  return { open }
}

const delay = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
