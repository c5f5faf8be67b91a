/** Strongrooms that really are processes of their own, and can really be killed. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { ChildProcess } from 'node:child_process'
import type { Entry } from '../../../shared/audit/entry.ts'
import { fromUtf8 } from '../../../shared/bytes.ts'
import { bundleStrongroom, type StrongroomProgram } from '../../support/forked-strongroom.ts'
import {
  firstKey,
  openRequest,
  revealPage,
  sealCredential,
  setUpVault,
  startJourney,
  textField,
  type JourneyApp,
  type ReadyVault,
} from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from './starters.ts'

const secret = 'correct-horse-7731'

let program: StrongroomProgram
let place: Workplace
let journey: JourneyApp
let vault: ReadyVault
/** Set-up runs with strongrooms in this thread; from then on each is forked. */
let isForking: boolean

beforeAll(() => {
  program = bundleStrongroom()
})
afterAll(() => {
  program.remove()
})
beforeEach(async () => {
  isForking = false
  place = makeWorkplace()
  const { startVault, startStrongroom } = starters(place)
  journey = await startJourney({
    startVault,
    startStrongroom: (environment) => (isForking ? program.start(environment) : startStrongroom(environment)),
  })
  vault = await setUpVault(journey, { n: 3, k: 2 })
  isForking = true
})
afterEach(async () => {
  await journey.app.close()
  place.remove()
})

const nobody = { types: [], person: null, credential: null, text: '', from: null, before: null }
const log = async (): Promise<Entry[]> =>
  (await journey.app.call['timeline.page']({ before: null, limit: 200, filter: nobody })).entries.toReversed()
const newest = (): ChildProcess => {
  const child = program.children.at(-1)
  if (child === undefined) throw new Error('none was forked')
  return child
}
const isAlive = ({ pid }: ChildProcess): boolean => {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}
const endOf = async (operation: string) =>
  (await journey.app.until((state) => state.operation === null && state.lastOutcome?.operation === operation))
    .lastOutcome
const seal = (): Promise<string> => sealCredential(journey, vault, [textField('Password', secret)])

/** Taps of the requester and of `custodians` people, each accepted. */
async function tap(custodians: number): Promise<void> {
  for (const person of [vault.requester, ...vault.custodians.slice(0, custodians)]) {
    journey.tap.touch(firstKey(person))
    expect(await journey.tap.feedback()).toMatchObject({ accepted: true })
  }
}

async function open(credential: string): Promise<string> {
  const operation = await openRequest(journey, vault.requester, credential)
  const reveal = revealPage(journey)
  await tap(2)
  const page = await reveal
  await page.begin({})
  const shown = await page.show({ field: 0 })
  expect(fromUtf8(shown.value)).toBe(secret)
  // Its process may be gone before the answer has left: the outcome says what happened.
  await page.hideNow({}).catch(() => undefined)
  return operation
}

it('seals and opens, each in a process of its own that is gone when the outcome is told', async () => {
  const before = program.children.length
  const credential = await seal()
  expect(isAlive(newest())).toBe(false)
  const operation = await open(credential)
  expect(await endOf(operation)).toMatchObject({ result: 'done', detail: 'hidden-by-person' })
  expect(isAlive(newest())).toBe(false)
  const pids = program.children.slice(before).map(({ pid }) => pid)
  expect(new Set([process.pid, ...pids]).size).toBe(3)
})

it('killed before the quorum: the request is cancelled on record, and another one opens', async () => {
  const credential = await seal()
  const operation = await openRequest(journey, vault.requester, credential)
  await tap(1)
  await journey.page('reveal')
  newest().kill('SIGKILL')
  expect(await endOf(operation)).toMatchObject({ result: 'failed', code: 'STRONGROOM_DIED' })
  expect((await log()).at(-1)).toMatchObject({ type: 'request.cancelled', data: { reason: 'strongroom-died' } })
  journey.tap.forget()
  await endOf(await open(credential))
  const report = await journey.app.call['log.verify']({})
  expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
})

it('killed with its window open: the window is closed on record, and its page answers no more', async () => {
  const credential = await seal()
  const operation = await openRequest(journey, vault.requester, credential)
  const reveal = revealPage(journey)
  await tap(2)
  const page = await reveal
  await page.begin({})
  newest().kill('SIGKILL')
  expect(await endOf(operation)).toMatchObject({ result: 'failed', code: 'STRONGROOM_DIED' })
  expect((await log()).at(-1)).toMatchObject({ type: 'window.closed', data: { reason: 'strongroom-died' } })
  await expect(page.show({ field: 0 })).rejects.toMatchObject({ code: 'PORT_CLOSED' })
  expect(journey.app.state().owed).toMatchObject([{ credential, rotate: true, classify: true }])
})

it('killed while the form is open: nothing is sealed', async () => {
  const { operation } = await journey.app.call['credential.seal']({
    credential: null,
    safe: vault.safe,
    name: 'Cloud root',
    kind: 'login',
    requesters: [vault.requester.id],
    rotationDays: 90,
    person: vault.custodians[0]?.id ?? '',
  })
  await journey.page('seal')
  newest().kill('SIGKILL')
  expect(await endOf(operation)).toMatchObject({ kind: 'seal', result: 'failed', code: 'STRONGROOM_DIED' })
  expect(await journey.app.call['credentials.list']({})).toEqual([])
})
