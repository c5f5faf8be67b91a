/** What the reveal page holds while its window lasts. At the end everything here is overwritten and dropped. */
import type { CloseReason } from '../../shared/audit/entry.ts'
import { fromUtf8 } from '../../shared/bytes.ts'
import type { Output } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { revealContract, type Shown } from '../../shared/contracts/reveal.ts'
import { asHalliganError, type HalliganError } from '../../shared/errors.ts'
import { createConnection } from '../ui/connection.ts'
import { copyText, markerType } from '../ui/copy-text.ts'

type Begun = Output<typeof revealContract, 'begin'>
export type Opened = Omit<Begun, 'runbook'> & { readonly runbook: string }
export type RevealedField = Begun['fields'][number]

/** A value on screen. `at` is when it came, in milliseconds of the page. */
export type OnScreen = Shown & { readonly at: number }

export interface RevealState {
  readonly life: 'waiting' | 'open' | 'ended'
  readonly opened: Opened | null
  readonly remainingMs: number
  readonly shown: ReadonlyMap<number, OnScreen>
  readonly codesLeft: ReadonlyMap<number, number>
  /** What was refused, by field; the key -1 is about the window itself. */
  readonly errors: ReadonlyMap<number, HalliganError>
  /** The field copied last, or whose copying failed. */
  readonly copied: { readonly field: number; readonly ok: boolean } | null
  readonly reason: CloseReason | null
}

export interface RevealStore {
  readonly getState: () => RevealState
  readonly subscribe: (listener: () => void) => () => void
  readonly attach: (port: Port) => void
  readonly show: (field: number) => Promise<void>
  readonly refresh: (field: number) => Promise<void>
  readonly mask: (field: number) => void
  readonly copy: (field: number) => Promise<void>
  readonly hideNow: () => void
}

const empty = new Map<number, never>()
const start: RevealState = {
  life: 'waiting',
  opened: null,
  remainingMs: 0,
  shown: empty,
  codesLeft: empty,
  errors: empty,
  copied: null,
  reason: null,
}

/** How late after its time the page ends by itself, in milliseconds. */
const graceMs = 250

/** The store of the reveal page. */
export function createRevealStore(): RevealStore {
  let state = start
  const listeners = new Set<() => void>()
  const update = (change: Partial<RevealState>): void => {
    // Nothing that answers late may bring a value back.
    if (state.life === 'ended') return
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }
  let deadline: ReturnType<typeof setInterval> | undefined
  const end = (reason: CloseReason | null): void => {
    clearInterval(deadline)
    for (const { value } of state.shown.values()) value.fill(0)
    update({ ...start, life: 'ended', reason })
  }
  const refuse = (field: number, error: unknown): void => {
    update({ errors: new Map(state.errors).set(field, asHalliganError(error)) })
  }
  const accept = (field: number, shown: Shown): void => {
    if (state.life === 'ended') {
      shown.value.fill(0)
      return
    }
    state.shown.get(field)?.value.fill(0)
    const errors = new Map(state.errors)
    errors.delete(field)
    const left = shown.type === 'burned-code' ? new Map(state.codesLeft).set(field, shown.left) : state.codesLeft
    update({ shown: new Map(state.shown).set(field, { ...shown, at: performance.now() }), codesLeft: left, errors })
  }
  const open = (begun: Begun): void => {
    const runbook = fromUtf8(begun.runbook)
    begun.runbook.fill(0)
    const codes = begun.fields.flatMap(({ id, codesLeft }) => (codesLeft === null ? [] : [[id, codesLeft] as const]))
    // The end is decided elsewhere; a strongroom that hangs says nothing, so the page also ends by itself. Never later.
    const openedAt = performance.now()
    deadline = setInterval(() => {
      if (performance.now() - openedAt >= begun.remainingMs + graceMs) end('time-elapsed')
    }, graceMs)
    update({ life: 'open', opened: { ...begun, runbook }, remainingMs: begun.remainingMs, codesLeft: new Map(codes) })
  }
  const connection = createConnection(
    revealContract,
    { tick: ({ remainingMs }) => update({ remainingMs }), ended: ({ reason }) => end(reason) },
    (call) => void call.begin({}).then(open, (error: unknown) => refuse(-1, error)),
    () => end(null),
  )
  return {
    getState: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    attach: connection.attach,
    show: async (field) => {
      try {
        accept(field, await connection.getCalls().show({ field }))
      } catch (error) {
        refuse(field, error)
      }
    },
    refresh: async (field) => {
      try {
        const shown = await connection.getCalls().refresh({ field })
        // Masked in the meantime: it stays masked.
        if (state.shown.has(field)) accept(field, shown)
        else shown.value.fill(0)
      } catch (error) {
        refuse(field, error)
      }
    },
    mask: (field) => {
      const shown = new Map(state.shown)
      shown.get(field)?.value.fill(0)
      shown.delete(field)
      update({ shown })
    },
    copy: async (field) => {
      try {
        const { marker } = await connection.getCalls().copy({ field })
        const value = state.shown.get(field)?.value
        const ok = value !== undefined && copyText(fromUtf8(value), { [markerType]: marker })
        update({ copied: { field, ok } })
      } catch (error) {
        refuse(field, error)
      }
    },
    hideNow: () => {
      const calls = connection.getCalls()
      // Gone from sight at once, whatever the other side does.
      end('hidden-by-person')
      void calls.hideNow({}).catch(() => undefined)
    },
  }
}
