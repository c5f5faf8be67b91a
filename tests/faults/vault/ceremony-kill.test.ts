/** A quarterly rotation whose vault process is killed at every step: it goes on where it was, and its minutes verify. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import { createHub } from '../../../shared/contracts/contract.ts'
import { sealContract } from '../../../shared/contracts/seal.ts'
import { utf8 } from '../../../shared/bytes.ts'
import { startKillableJourney, type KillableJourney } from '../../support/killable-journey.ts'
import { makePlace, type Place } from '../../support/vault-place.ts'
import {
  finish,
  firstKey,
  sealCredential,
  setUpVault,
  textField,
  type ReadyVault,
  type TestPerson,
} from '../../support/vault-journey.ts'

type Ceremony = NonNullable<AppState['ceremony']>

let place: Place
let killable: KillableJourney
let vault: ReadyVault
let lead: TestPerson
const credentials: string[] = []

const app = () => killable.now().app
const touch = (...people: readonly TestPerson[]): void => {
  for (const person of people) killable.now().tap.touch(firstKey(person))
}

/** Waits until the check at open is through, as a person would. */
async function ceremony(): Promise<Ceremony> {
  const state = await app().until(
    ({ log, phase }) => phase === 'ready' && log.integrity !== 'checking',
    'the check at open',
  )
  expect(state.log.integrity).toBe('intact')
  if (state.ceremony === null) throw new Error('no ceremony is open')
  return state.ceremony
}

async function sealNew(id: string, step: number): Promise<void> {
  const journey = killable.now()
  const { operation } = await app().call['ceremony.run']({ ceremony: id, step, person: lead.id, labels: [] })
  const page = createHub(await journey.page('seal')).connect(sealContract, {})
  await page.call.begin({})
  touch(lead)
  await page.call.submit({ runbook: utf8('# Rotated'), fields: [textField('Password', `new-${step}`)] })
  await finish(journey, operation)
}

/** Does what the step that is on asks for. */
async function perform({ id, now, steps }: Ceremony): Promise<void> {
  const kind = steps[now]?.task.kind
  if (kind === 'seal') await sealNew(id, now)
  if (kind !== 'prove' && kind !== 'destroy') return
  if (kind === 'prove') touch(...vault.custodians.slice(1, 4))
  else touch(lead)
  const input = { ceremony: id, step: now, person: kind === 'destroy' ? lead.id : null, labels: [] }
  const { operation } = await app().call['ceremony.run'](input)
  await finish(killable.now(), operation)
}

const finishNow = async ({ id, now, steps }: Ceremony): Promise<unknown> =>
  app().call['ceremony.step']({
    ceremony: id,
    step: now,
    result: 'done',
    person: steps[now]?.person ?? lead.id,
    initials: 'CO',
    note: `Note ${now}`,
  })

beforeAll(async () => {
  place = makePlace()
  killable = await startKillableJourney(place)
  vault = await setUpVault(killable.now(), { n: 5, k: 3 })
  const [first] = vault.custodians
  if (first === undefined) throw new Error('no custodian')
  lead = first
  for (const name of ['Cloud root', 'Directory admin', 'Router console']) {
    credentials.push(await sealCredential(killable.now(), vault, [textField('Password', 'old')], { name }))
  }
}, 120_000)
afterAll(async () => {
  await killable.close()
  place.remove()
})

describe('a rotation of three credentials in a safe of 3 of 5', () => {
  it('goes on at the right step after kill -9 at every one of them, and its minutes verify', async () => {
    touch(lead)
    const wish = { lead: lead.id, witnesses: [vault.requester.id], credentials: [...credentials], safes: null }
    const { operation } = await app().call['ceremony.open']({ kind: 'rotation', ...wish })
    await finish(killable.now(), operation)
    const { steps, id } = await ceremony()
    expect(steps.filter(({ task }) => task.kind === 'seal')).toHaveLength(3)

    for (const [at, { task }] of steps.entries()) {
      await killable.kill()
      const before = await ceremony()
      expect(before).toMatchObject({ id, now: at })
      expect(before.steps.slice(0, at).every(({ finished }) => finished?.note !== undefined)).toBe(true)
      if (task.kind === 'seal' || task.kind === 'prove' || task.kind === 'destroy') {
        expect(before.steps[at]?.isBroughtAbout).toBe(false)
        await expect(finishNow(before)).rejects.toMatchObject({ code: 'CEREMONY_STEP_UNFINISHED' })
        await perform(before)
        // What has happened has happened, also when it is not initialled yet.
        await killable.kill()
        expect((await ceremony()).steps[at]?.isBroughtAbout).toBe(true)
      }
      await finishNow(await ceremony())
    }

    await killable.kill()
    expect(await ceremony()).toMatchObject({ now: steps.length, minutes: null })
    // Nobody from outside ends it.
    const outsider = { ceremony: id, person: vault.requester.id, reason: 'Boring' }
    await expect(app().call['ceremony.cancel'](outsider)).rejects.toMatchObject({ code: 'POLICY_INVALID' })

    // Two have signed when the power goes; the others come back another day.
    touch(vault.requester, lead)
    await app().call['ceremony.close']({ ceremony: id })
    await app().until(({ ceremony: open }) => open?.minutes?.signed.length === 2, 'two signatures')
    await killable.kill()
    const half = await ceremony()
    expect(half.minutes?.signed).toEqual([vault.requester.id, lead.id])
    expect(half.minutes?.wanted).toHaveLength(5)
    touch(...vault.custodians.slice(1, 4))
    const closing = await app().call['ceremony.close']({ ceremony: id })
    await finish(killable.now(), closing.operation)
    await app().until(({ ceremony: open }) => open === null, 'the end')

    const [past] = await app().call['ceremony.past']({})
    expect(past).toMatchObject({ id, result: 'closed' })
    expect(past?.minutes?.content.steps).toHaveLength(steps.length)
    expect(past?.minutes?.content.participants.filter(({ signs }) => signs)).toHaveLength(5)
    const list = await app().call['credentials.list']({})
    expect(list.map(({ version, olderVersions }) => ({ version, olderVersions }))).toEqual(
      credentials.map(() => ({ version: 2, olderVersions: [] })),
    )
    const report = await verifyFolder(place.dir, null)
    expect(report.integrity.problems).toEqual([])
    expect(report.checked.minutes).toBe(1)
  }, 180_000)
})
