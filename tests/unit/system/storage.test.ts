/** Across both processes: while nothing can be written, nothing is opened and nothing is shown. */
import path from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ProcessEnvironment } from '../../../electron/platform/ports.ts'
import { openDatabase, type Database } from '../../../electron/vault/store/driver.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import { fromUtf8 } from '../../../shared/bytes.ts'
import { createHub, type Client } from '../../../shared/contracts/contract.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import { revealContract } from '../../../shared/contracts/reveal.ts'
import { holds } from '../../support/strongroom-harness.ts'
import {
  firstKey,
  openRequest,
  sealCredential,
  setUpVault,
  startJourney,
  textField,
  type JourneyApp,
  type ReadyVault,
} from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from './starters.ts'

vi.setConfig({ testTimeout: 30_000 })
const secret = 'correct-horse-7731'

let place: Workplace
let journey: JourneyApp
let vault: ReadyVault
let credential: string
/** A second connection to the vault's file, which the test lets take the write lock. */
let intruder: Database
/** Which call of the strongroom finds the database locked: its name, and how many of that name go first. */
let lockBefore: { readonly method: string; readonly after: number } | null

/** The strongroom's port to the vault, except that the lock is taken before the chosen call goes out. */
function watchCalls(port: Port): Port {
  let seen = 0
  return {
    ...port,
    post: (message) => {
      const { method } = message as { readonly method?: string }
      if (lockBefore === null || method !== lockBefore.method || seen++ !== lockBefore.after) port.post(message)
      else void intruder.execute('BEGIN IMMEDIATE').then(() => port.post(message))
    },
  }
}

const watchVaultPort = (environment: ProcessEnvironment): ProcessEnvironment => ({
  ...environment,
  onPort: (listener) => {
    environment.onPort((name, operation, port) => {
      listener(name, operation, name === 'vault' ? watchCalls(port) : port)
    })
  },
})

beforeEach(async () => {
  lockBefore = null
  place = makeWorkplace()
  const { startVault, startStrongroom } = starters(place)
  journey = await startJourney({
    startVault,
    startStrongroom: (environment) => startStrongroom(watchVaultPort(environment)),
  })
  vault = await setUpVault(journey, { n: 3, k: 2 })
  credential = await sealCredential(journey, vault, [textField('Password', secret)])
  intruder = await openDatabase(path.join(place.dir, 'vault.sqlite3'), 'write')
})
afterEach(async () => {
  await intruder.close()
  await journey.app.close()
  place.remove()
})

const nobody = { types: [], person: null, credential: null, text: '', from: null, before: null }
const log = async (): Promise<Entry[]> =>
  (await journey.app.call['timeline.page']({ before: null, limit: 200, filter: nobody })).entries.toReversed()

interface WatchedReveal {
  readonly call: Client<typeof revealContract>
  /** Everything that crossed its port. */
  readonly received: unknown[]
}

async function reveal(onEnded: () => void = () => undefined): Promise<WatchedReveal> {
  const port = await journey.page('reveal')
  const received: unknown[] = []
  const watched: Port = {
    ...port,
    onMessage: (listener) => {
      port.onMessage((message) => {
        received.push(structuredClone(message))
        listener(message)
      })
    },
  }
  const { call } = createHub(watched).connect(revealContract, { tick: () => undefined, ended: onEnded })
  return { call, received }
}

/** Lays down every touch of a request. */
function touchAll(): void {
  for (const person of [vault.requester, ...vault.custodians.slice(0, 2)]) journey.tap.touch(firstKey(person))
}

const endOf = async (operation: string) =>
  (await journey.app.until((state) => state.operation === null && state.lastOutcome?.operation === operation))
    .lastOutcome

/** The same people, the same vault, and storage that works. */
async function expectOpens(): Promise<void> {
  lockBefore = null
  journey.tap.forget()
  const operation = await openRequest(journey, vault.requester, credential)
  touchAll()
  const { call } = await reveal()
  await call.begin({})
  const shown = await call.show({ field: 0 })
  expect(fromUtf8(shown.value)).toBe(secret)
  await call.hideNow({})
  expect(await endOf(operation)).toMatchObject({ result: 'done', detail: 'hidden-by-person' })
  const report = await journey.app.call['log.verify']({})
  expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
}

it.each([
  { what: 'the last tap', method: 'tapAccepted', after: 2 },
  { what: 'the grant', method: 'granted', after: 0 },
])('$what finds the database locked: nothing opens, and later it does', async ({ method, after }) => {
  lockBefore = { method, after }
  const operation = await openRequest(journey, vault.requester, credential)
  const page = reveal()
  touchAll()
  const { call, received } = await page
  const begun = call.begin({}).then(
    () => 'begun',
    () => 'refused',
  )
  await expect(call.show({ field: 0 })).rejects.toMatchObject({ code: 'REQUEST_NOT_OPEN' })
  expect(await endOf(operation)).toMatchObject({ result: 'failed', code: 'STORAGE_BUSY' })
  expect(await begun).toBe('refused')
  expect(holds(received, secret)).toBe(false)
  await intruder.execute('ROLLBACK')
  const types = (await log()).map(({ type }) => type)
  expect(types).not.toContain('request.granted')
  expect(types).not.toContain('field.shown')
  await expectOpens()
})

it.each([
  { until: 'the end cannot be recorded either', held: true },
  { until: 'the end can be recorded', held: false },
])('a field that cannot be recorded is not shown; $until', async ({ held }) => {
  lockBefore = { method: 'fieldShown', after: 0 }
  const operation = await openRequest(journey, vault.requester, credential)
  touchAll()
  const release = async (): Promise<void> => {
    if (!held) await intruder.execute('ROLLBACK')
  }
  const { call, received } = await reveal(() => void release())
  await call.begin({})
  await expect(call.show({ field: 0 })).rejects.toMatchObject({ code: 'STORAGE_BUSY' })
  await expect(call.show({ field: 0 })).rejects.toBeDefined()
  expect(await endOf(operation)).toMatchObject({ result: 'failed', code: 'STORAGE_BUSY' })
  expect(holds(received, secret)).toBe(false)
  if (held) await intruder.execute('ROLLBACK')
  const entries = await log()
  expect(entries.map(({ type }) => type)).not.toContain('field.shown')
  if (!held) expect(entries.at(-1)).toMatchObject({ type: 'window.closed', data: { reason: 'record-failed' } })
  await expectOpens()
})
