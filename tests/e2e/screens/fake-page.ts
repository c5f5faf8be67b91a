/**
 * The other side of a page's port, inside the page: serves and calls the real contracts with what the test hands in.
 * Bundled and evaluated by the test.
 */
import type { Entry } from '../../../shared/audit/entry.ts'
import type { VerifyReport } from '../../../shared/audit/report.ts'
import { appContract, type AppState, type CredentialView } from '../../../shared/contracts/app.ts'
import {
  createHub,
  type Client,
  type EventPayload,
  type Hub,
  type Input,
  type Output,
  type Served,
} from '../../../shared/contracts/contract.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import { revealContract, type Shown } from '../../../shared/contracts/reveal.ts'
import { sealContract } from '../../../shared/contracts/seal.ts'
import { tapContract } from '../../../shared/contracts/tap.ts'
import { HalliganError, type ErrorCode, type ErrorDetail } from '../../../shared/errors.ts'
import { windowPlace } from '../../support/window-place.ts'
import type { SinkSettings } from '../../../shared/domain/sink.ts'
import type { WaitingAlert } from '../../../shared/contracts/alert-views.ts'
import type { AlertSettings } from '../../../shared/domain/alert.ts'
import type { TapPlace } from '../../../shared/domain/tap-place.ts'

/** What the fake vault knows. */
export interface AppCan {
  readonly state: AppState
  readonly credentials?: readonly CredentialView[]
  /** Newest first. */
  readonly entries?: readonly Entry[]
  readonly report?: VerifyReport
  /** A log of so many entries, made of those above. */
  readonly logSize?: number
  /** Refusals by method. */
  readonly refuse?: Readonly<Record<string, { readonly code: ErrorCode; readonly detail?: ErrorDetail }>>
  /** Leave the check of the log running at this point. */
  readonly verifying?: { readonly done: number; readonly total: number }
  readonly tapPlace?: TapPlace
  readonly sinks?: readonly SinkSettings[]
  readonly ceremonyDraft?: Output<typeof appContract, 'ceremony.draft'>
  readonly pastCeremonies?: Output<typeof appContract, 'ceremony.past'>
  readonly alertSettings?: AlertSettings
  readonly waitingAlerts?: readonly WaitingAlert[]
  readonly alertText?: string
  /** What the chosen metadata file holds; none chosen where it is missing. */
  readonly models?: Output<typeof appContract, 'models.read'>
}

export type SealBegun = Output<typeof sealContract, 'begin'>
export interface SealCan {
  readonly begun: SealBegun
  readonly refuse?: { readonly code: ErrorCode; readonly detail?: ErrorDetail }
}

/** Values as text; the fake makes them bytes. */
export type ShownCan =
  | { readonly type: 'value'; readonly text?: string; readonly bytes?: readonly number[] }
  | { readonly type: 'running-code'; readonly text: string; readonly validForMs: number }
  | { readonly type: 'burned-code'; readonly text: string; readonly number: number; readonly left: number }
export interface RevealCan {
  readonly begun: Omit<Output<typeof revealContract, 'begin'>, 'runbook'> & { readonly runbook: string }
  readonly shown: Readonly<Record<number, ShownCan>>
}

/** What the test can do from outside. */
export interface FakePage {
  app(can: AppCan): void
  setState(state: AppState): void
  append(seq: number): void
  tap(): void
  showTap(view: Input<typeof tapContract, 'show'>): Promise<void>
  /** Asks for a touch; the answer is kept in `answers`. */
  get(input: Input<typeof tapContract, 'get'>): void
  create(input: Input<typeof tapContract, 'create'>): void
  /** Has a passphrase chosen; the answer is kept likewise. */
  choosePassphrase(input: Input<typeof tapContract, 'choosePassphrase'>): void
  feedback(input: Input<typeof tapContract, 'feedback'>): Promise<void>
  seal(can: SealCan): void
  reveal(can: RevealCan): void
  tick(payload: EventPayload<typeof revealContract, 'tick'>): void
  ended(payload: EventPayload<typeof revealContract, 'ended'>): void
  close(): void
  /** Calls that came, newest last: bytes as text. */
  readonly calls: { readonly method: string; readonly input: unknown }[]
  readonly answers: unknown[]
  readonly violations: string[]
}

declare global {
  var halliganFake: FakePage
}

let hub: Hub | undefined
let appServed: Served<typeof appContract> | undefined
let revealServed: Served<typeof revealContract> | undefined
let tap: Client<typeof tapContract> | undefined
const calls: { method: string; input: unknown }[] = []
const answers: unknown[] = []
const violations: string[] = []
document.addEventListener('securitypolicyviolation', (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
})

function openHub(): Hub {
  const { port1, port2 } = new MessageChannel()
  window.postMessage('halligan-port', window.location.origin, [port2])
  const port: Port = {
    post: (message) => port1.postMessage(message),
    onMessage: (listener) => {
      port1.onmessage = (event) => listener(event.data)
    },
    onClose: (listener) => port1.addEventListener('close', () => listener()),
    close: () => port1.close(),
  }
  hub = createHub(port)
  return hub
}

const readable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? new TextDecoder().decode(part) : part)),
  )

type Filter = Input<typeof appContract, 'timeline.find'>['filter']

const fits = ({ type, data, at }: Entry, { types, text, from, before }: Filter): boolean =>
  (types.length === 0 || types.includes(type)) &&
  (text === '' || JSON.stringify(data).includes(text)) &&
  (from === null || at >= from) &&
  (before === null || at < before)

/** A log as long as one likes: what is there, over and over. */
const repeatEntry = (entries: readonly Entry[], seq: number): Entry =>
  ({ ...entries[1 + (seq % (entries.length - 2))], seq }) as Entry

function serveApp(can: AppCan): void {
  const refuse = (method: string): void => {
    const refusal = can.refuse?.[method]
    if (refusal !== undefined) throw new HalliganError(refusal.code, refusal.detail)
  }
  const note = (method: string, input: unknown): void => {
    calls.push({ method, input })
    refuse(method)
  }
  const start = (method: string) => (input: unknown) => {
    note(method, input)
    return { operation: 'AAAAAAAAAAAAAAAAAAAAAA' }
  }
  const done = (method: string) => (input: unknown) => {
    note(method, input)
    return {}
  }
  const entries = can.entries ?? []
  appServed = openHub().serve(appContract, {
    state: () => {
      refuse('state')
      return can.state
    },
    'setup.begin': done('setup.begin'),
    'setup.plan': done('setup.plan'),
    'setup.replan': done('setup.replan'),
    'setup.enrol': start('setup.enrol'),
    'setup.acknowledge': start('setup.acknowledge'),
    'credentials.list': () => [...(can.credentials ?? [])],
    'credential.seal': start('credential.seal'),
    'request.open': start('request.open'),
    'operation.cancel': done('operation.cancel'),
    'request.classify': start('request.classify'),
    'request.resume': start('request.resume'),
    'request.veto': start('request.veto'),
    'request.withdraw': done('request.withdraw'),
    'keys.add': start('keys.add'),
    'keys.rename': start('keys.rename'),
    'keys.retire': start('keys.retire'),
    'keys.test': start('keys.test'),
    'keys.passphrase': start('keys.passphrase'),
    'credential.prove': start('credential.prove'),
    'credential.destroy': start('credential.destroy'),
    'people.change': done('people.change'),
    'people.enrol': start('people.enrol'),
    'people.discard': done('people.discard'),
    'people.apply': start('people.apply'),
    'ceremony.draft': (wish) => {
      note('ceremony.draft', wish)
      return can.ceremonyDraft ?? { kind: wish.kind, title: 'A ceremony', script: [] }
    },
    'ceremony.open': start('ceremony.open'),
    'ceremony.run': start('ceremony.run'),
    'ceremony.step': done('ceremony.step'),
    'ceremony.except': done('ceremony.except'),
    'ceremony.cancel': start('ceremony.cancel'),
    'ceremony.close': start('ceremony.close'),
    'ceremony.past': () => [...(can.pastCeremonies ?? [])],
    'print.make': (input) => {
      note('print.make', input)
      return null
    },
    'alerts.set': start('alerts.set'),
    'alerts.state': () => can.alertSettings ?? { channels: [], routes: [] },
    'alerts.secret': done('alerts.secret'),
    'alerts.test': done('alerts.test'),
    'alerts.retry': done('alerts.retry'),
    'alerts.waiting': () => [...(can.waitingAlerts ?? [])],
    'alerts.text': () => ({ text: can.alertText ?? 'HALLIGAN' }),
    'tap.place': () => can.tapPlace ?? windowPlace,
    'tap.setPlace': (settings) => {
      note('tap.setPlace', settings)
      return { ...(can.tapPlace ?? windowPlace), ...settings }
    },
    'tap.chooseBrowser': () => ({ path: null }),
    'models.read': (input) => {
      note('models.read', input)
      return can.models ?? null
    },
    'sinks.set': start('sinks.set'),
    'sync.state': () => ({ sinks: [...(can.sinks ?? [])] }),
    'sync.retry': done('sync.retry'),
    'sync.secret': done('sync.secret'),
    'export.make': start('export.make'),
    'export.cancel': done('export.cancel'),
    'timeline.find': ({ filter }) => {
      refuse('timeline.page')
      if (can.logSize !== undefined) return { size: can.logSize, seqs: null }
      const found = entries.filter((entry) => fits(entry, filter)).map(({ seq }) => seq)
      return { size: (entries[0]?.seq ?? -1) + 1, seqs: Uint32Array.from(found) }
    },
    'timeline.page': ({ before, limit, filter }) => {
      refuse('timeline.page')
      calls.push({ method: 'timeline.page', input: { before, filter } })
      const older = (seq: number): boolean => before === null || seq < before
      if (can.logSize !== undefined) {
        const newest = Math.min(before ?? can.logSize, can.logSize) - 1
        const count = Math.min(limit, newest + 1)
        return { entries: Array.from({ length: count }, (_, at) => repeatEntry(entries, newest - at)), more: false }
      }
      const found = entries.filter((entry) => older(entry.seq) && fits(entry, filter))
      return { entries: found.slice(0, limit), more: found.length > limit }
    },
    'log.verify': (): VerifyReport | Promise<VerifyReport> => {
      refuse('log.verify')
      if (can.verifying !== undefined) {
        appServed?.emit('verifyProgress', can.verifying)
        return new Promise(() => undefined)
      }
      if (can.report === undefined) throw new HalliganError('INTERNAL')
      return can.report
    },
  })
}

function shownOf(can: ShownCan): Shown {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
  switch (can.type) {
    case 'value':
      return { type: 'value', value: can.bytes === undefined ? utf8(can.text ?? '') : new Uint8Array(can.bytes) }
    case 'running-code':
      return { type: can.type, value: utf8(can.text), validForMs: can.validForMs }
    case 'burned-code':
      return { type: can.type, value: utf8(can.text), number: can.number, left: can.left }
  }
}

function serveReveal(can: RevealCan): void {
  const answer = (field: number): Shown => {
    const shown = can.shown[field]
    if (shown === undefined) throw new HalliganError('CODES_EXHAUSTED')
    return shownOf(shown)
  }
  revealServed = openHub().serve(revealContract, {
    begin: () => ({ ...can.begun, runbook: new TextEncoder().encode(can.begun.runbook) }),
    show: ({ field }) => answer(field),
    refresh: ({ field }) => answer(field),
    copy: ({ field }) => {
      calls.push({ method: 'copy', input: { field } })
      return { marker: 'BBBBBBBBBBBBBBBBBBBBBB' }
    },
    hideNow: () => {
      calls.push({ method: 'hideNow', input: {} })
      return {}
    },
  })
}

const callTap = (): Client<typeof tapContract> => {
  if (tap === undefined) throw new Error('no tap page connected')
  return tap
}
const keep = (answer: Promise<unknown>): void => void answer.then((value) => answers.push(value))

globalThis.halliganFake = {
  app: serveApp,
  setState: (state) => appServed?.emit('changed', state),
  append: (seq) => appServed?.emit('appended', { seq }),
  tap: () => {
    tap = openHub().connect(tapContract, { cancelled: () => calls.push({ method: 'cancelled', input: {} }) }).call
  },
  showTap: async (view) => {
    await callTap().show(view)
  },
  get: (input) => keep(callTap().get(input)),
  create: (input) => keep(callTap().create(input)),
  choosePassphrase: (input) => keep(callTap().choosePassphrase(input)),
  feedback: async (input) => {
    await callTap().feedback(input)
  },
  seal: (can) => {
    openHub().serve(sealContract, {
      begin: () => can.begun,
      random: ({ length }) => ({ bytes: crypto.getRandomValues(new Uint8Array(length)) }),
      sshKey: () => ({
        privateKey: new TextEncoder().encode('-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n'),
        publicKey: 'ssh-ed25519 AAAA',
      }),
      copy: () => {
        calls.push({ method: 'copy', input: {} })
        return { marker: 'AAAAAAAAAAAAAAAAAAAAAA' }
      },
      submit: (input) => {
        calls.push({ method: 'submit', input: readable(input) })
        if (can.refuse !== undefined) throw new HalliganError(can.refuse.code, can.refuse.detail)
        return {}
      },
      cancel: () => {
        calls.push({ method: 'cancel', input: {} })
        return {}
      },
    })
  },
  reveal: serveReveal,
  tick: (payload) => revealServed?.emit('tick', payload),
  ended: (payload) => revealServed?.emit('ended', payload),
  close: () => hub?.close(),
  calls,
  answers,
  violations,
}
