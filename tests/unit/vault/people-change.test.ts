/** Changes of people with the real vault and real strongrooms: who could open before cannot, who can now could not. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { readRows } from '../../e2e/journey/log.ts'
import { applyChange, arrive, join, makeTestPerson, replacePerson, sameAsNow } from '../../support/people-change.ts'
import { newId } from '../../support/node-app.ts'
import { holdsBytes } from '../../support/search-for-secret.ts'
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
  type TestPerson,
} from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from '../system/starters.ts'

let place: Workplace
let journey: JourneyApp
let vault: ReadyVault

beforeEach(async () => {
  place = makeWorkplace()
  journey = await startJourney(starters(place))
})
afterEach(async () => {
  await journey.app.close()
  place.remove()
})

const secretOf = (name: string): string => `The secret of ${name}`

const noteOf = (name: string): string => `Sign in to ${name}.\nChange it there.`

const seal = (name: string, credential?: string): Promise<string> =>
  sealCredential(journey, vault, [textField('Password', secretOf(name))], {
    name,
    rotationNote: noteOf(name),
    ...(credential === undefined ? {} : { credential }),
  })

/** What the first field says when these people tap. */
async function open(credential: string, people: readonly TestPerson[], requester = vault.requester): Promise<string> {
  const operation = await openRequest(journey, requester, credential)
  for (const person of [requester, ...people]) journey.tap.touch(firstKey(person))
  const page = await revealPage(journey)
  await page.begin({})
  const shown = await page.show({ field: 0 })
  await journey.app.call['operation.cancel']({ operation })
  await journey.app.until((state) => state.operation === null && state.lastOutcome?.operation === operation)
  journey.tap.forget()
  return Buffer.from(shown.value).toString()
}

async function expectIntact(): Promise<void> {
  expect((await journey.app.call['log.verify']({})).integrity.problems).toEqual([])
  expect((await verifyFolder(place.dir, null)).integrity.problems).toEqual([])
}

describe('replacing a custodian', () => {
  it('seals every version anew, for everybody who is left and the one who comes', async () => {
    vault = await setUpVault(journey, { n: 3, k: 2 })
    const [one, two, three] = vault.custodians as [TestPerson, TestPerson, TestPerson]
    const root = await seal('Cloud root')
    const router = await seal('Core router')
    await seal('Cloud root', root)
    const before = await readRows<{ header: Uint8Array; body: Uint8Array }>(
      place.dir,
      'SELECT header, body FROM records',
    )
    const boxes = await readRows<{ box: Uint8Array }>(place.dir, 'SELECT box FROM shares')
    const wraps = await readRows<{ bytes: Uint8Array }>(
      place.dir,
      `SELECT bytes FROM wraps WHERE person = '${three.id}'`,
    )

    const fresh = makeTestPerson('Frida Fresh', 2)
    await journey.app.call['people.change'](replacePerson(sameAsNow(journey.app.state()), three.id, fresh))
    const prepared = (await journey.app.call.state({})).change
    expect(prepared).toMatchObject({ records: 3, leavers: [three.id], enrolled: [] })
    expect(prepared?.missing).toEqual([{ person: fresh.id, name: fresh.name, kind: 'new', safes: [vault.safe] }])
    await expect(journey.app.call['people.apply']({})).rejects.toMatchObject({ code: 'CHANGE_INCOMPLETE' })
    await arrive(journey, fresh)
    expect(journey.app.state().change).toMatchObject({ missing: [], enrolled: [{ person: fresh.id }] })
    await applyChange(journey, [one, two, fresh], [one, two, fresh])

    const state = await journey.app.call.state({})
    expect(state.change).toBeNull()
    expect(state.vault?.manifestVersion).toBe(2)
    expect(state.persons.map(({ id }) => id)).not.toContain(three.id)
    await expectIntact()

    const listed = await journey.app.call['credentials.list']({})
    expect(listed.map(({ rotation }) => rotation)).toEqual(['leaver', 'leaver'])
    expect(listed.map(({ rotationNote }) => rotationNote)).toEqual(listed.map(({ name }) => noteOf(name)))
    expect(listed[0]?.requesters).not.toContain(three.id)
    expect(await open(root, [one, fresh])).toBe(secretOf('Cloud root'))
    expect(await open(router, [two, fresh])).toBe(secretOf('Core router'))

    // A newer version is nobody's who left.
    vault = { ...vault, custodians: [one, two, fresh] }
    await seal('Cloud root', root)
    const now = await journey.app.call['credentials.list']({})
    expect(now.find(({ id }) => id === root)).toMatchObject({ rotation: 'fresh', version: 3 })
    expect(await open(root, [one, two])).toBe(secretOf('Cloud root'))
    await expectIntact()

    // Nothing of what was before is left in the file or its write-ahead log.
    await journey.app.call['log.verify']({})
    const files = ['vault.sqlite3', 'vault.sqlite3-wal'].map((name) => readFileSync(path.join(place.dir, name)))
    const old = [
      ...before.flatMap(({ body }) => [body]),
      ...boxes.map(({ box }) => box),
      ...wraps.map(({ bytes }) => bytes),
    ]
    expect(old.length).toBe(3 + 9 + 1)
    for (const bytes of old) for (const file of files) expect(holdsBytes(file, Buffer.from(bytes))).toBe(false)
  })

  it('survives another change of the manifest in between, and a restart', async () => {
    vault = await setUpVault(journey, { n: 3, k: 2 })
    const [one, two, three] = vault.custodians as [TestPerson, TestPerson, TestPerson]
    const root = await seal('Cloud root')
    const fresh = makeTestPerson('Frida Fresh')
    await journey.app.call['people.change'](replacePerson(sameAsNow(journey.app.state()), three.id, fresh))
    await arrive(journey, fresh)
    journey.tap.touch(firstKey(two))
    const { operation } = await journey.app.call['keys.rename']({
      person: two.id,
      key: firstKey(two).credentialId,
      label: 'Another name',
    })
    await journey.app.until((state) => state.operation === null && state.lastOutcome?.operation === operation)
    journey.tap.forget()
    await journey.app.close()
    journey = await startJourney(starters(place))
    await journey.app.until((state) => state.log.integrity === 'intact')
    expect(journey.app.state().change).toMatchObject({ missing: [], enrolled: [{ person: fresh.id }] })
    await applyChange(journey, [one, two, fresh], [one, two, fresh])
    expect(journey.app.state().vault?.manifestVersion).toBe(3)
    expect(await open(root, [two, fresh])).toBe(secretOf('Cloud root'))
    await expectIntact()
    await journey.app.close()
    journey = await startJourney(starters(place))
    await journey.app.until((state) => state.log.integrity === 'intact')
    expect(await open(root, [one, fresh])).toBe(secretOf('Cloud root'))
    // Twice in a row: what was sealed anew is sealed anew again.
    const again = makeTestPerson('Alma Again')
    await journey.app.call['people.change'](replacePerson(sameAsNow(journey.app.state()), one.id, again))
    await arrive(journey, again)
    await applyChange(journey, [two, fresh, again], [two, fresh, again])
    expect(await open(root, [again, fresh])).toBe(secretOf('Cloud root'))
    await expectIntact()
  })
})

describe('other changes of custodians', () => {
  it('adds one, asks for more of them, and splits a safe', async () => {
    vault = await setUpVault(journey, { n: 4, k: 2 })
    const [one, two, three, four] = vault.custodians as [TestPerson, TestPerson, TestPerson, TestPerson]
    const root = await seal('Cloud root')
    const router = await seal('Core router')
    const fifth = makeTestPerson('Fay Fifth')
    const now = sameAsNow(journey.app.state())
    const safe = now.safes[0]!
    await journey.app.call['people.change']({
      ...now,
      people: [...now.people, { id: fifth.id, name: fifth.name, roles: ['custodian'] }],
      safes: [{ ...safe, threshold: 3, custodians: [...safe.custodians, fifth.id] }],
    })
    await arrive(journey, fifth)
    await applyChange(journey, [one, two, fifth], [one, two, three, four, fifth])
    expect((await journey.app.call['credentials.list']({})).map(({ rotation }) => rotation)).toEqual(['fresh', 'fresh'])
    expect(await open(root, [three, four, fifth])).toBe(secretOf('Cloud root'))

    const other = newId()
    const then = sameAsNow(journey.app.state())
    await journey.app.call['people.change']({
      ...then,
      safes: [
        { ...then.safes[0]!, threshold: 2, custodians: [one.id, two.id, three.id] },
        { ...then.safes[0]!, id: other, name: 'Network', threshold: 2, custodians: [three.id, four.id, fifth.id] },
      ],
      moves: [{ credential: router, safe: other }],
    })
    const view = (await journey.app.call.state({})).change
    expect(view).toMatchObject({ records: 2 })
    expect(view?.missing.map(({ person, kind, safes }) => [person, kind, safes])).toEqual(
      [three, four, fifth].map(({ id }) => [id, 'join', [other]]),
    )
    for (const person of [three, four, fifth]) await join(journey, person)
    await applyChange(journey, [one, two, three, four, fifth], [one, two, three, three, four, fifth])
    await expectIntact()
    const listed = await journey.app.call['credentials.list']({})
    expect(listed.find(({ id }) => id === router)).toMatchObject({ safe: other, rotation: 'leaver' })
    expect(await open(router, [four, fifth])).toBe(secretOf('Core router'))
    expect(await open(root, [one, two])).toBe(secretOf('Cloud root'))
    await expectIntact()
  })

  it('refuses what would leave something out of reach', async () => {
    vault = await setUpVault(journey, { n: 3, k: 2 })
    const root = await seal('Cloud root')
    const now = sameAsNow(journey.app.state())
    const [safe] = now.safes
    const { call } = journey.app
    const refusal = (why: string) => ({ code: 'POLICY_INVALID', detail: { why } })
    await expect(call['people.change']({ ...now, safes: [] })).rejects.toMatchObject(refusal('none'))
    await expect(
      call['people.change']({ ...now, safes: [{ ...safe!, id: newId(), name: 'Another' }] }),
    ).rejects.toMatchObject(refusal('records-left'))
    await expect(
      call['people.change']({ ...now, moves: [{ credential: root, safe: vault.safe }] }),
    ).rejects.toMatchObject(refusal('unknown'))
    await expect(
      call['people.change']({
        ...now,
        safes: [{ ...safe!, policy: { ...safe!.policy, passphrase: true } }],
      }),
    ).rejects.toMatchObject(refusal('passphrase-fixed'))
    const stranger = makeTestPerson('Sam Stranger')
    await expect(call['people.enrol']({ person: stranger.id, labels: ['Key'] })).rejects.toMatchObject({
      code: 'CHANGE_UNKNOWN',
    })
    await call['people.change']({
      ...now,
      people: [...now.people, { id: stranger.id, name: stranger.name, roles: ['requester'] }],
    })
    await arrive(journey, stranger, 0)
    await expect(call['people.change'](now)).rejects.toMatchObject({ code: 'CHANGE_OPEN' })
    const [one, two] = vault.custodians as [TestPerson, TestPerson]
    await applyChange(journey, [stranger, one, two], [])
    expect(journey.app.state().persons.map(({ id }) => id)).toContain(stranger.id)
    expect((await call['credentials.list']({}))[0]).toMatchObject({ rotation: 'fresh' })
    await call['people.change'](now)
    await call['people.discard']({})
    expect((await call.state({})).change).toBeNull()
    await expect(call['people.discard']({})).rejects.toMatchObject({ code: 'CHANGE_UNKNOWN' })
    await expectIntact()
  })
  it('makes a safe wait, with somebody who comes to watch, and keeps whoever can stop a request', async () => {
    vault = await setUpVault(journey, { n: 3, k: 2 })
    const [one, two] = vault.custodians as [TestPerson, TestPerson]
    const { call } = journey.app
    const watch = makeTestPerson('Wanda Watch')
    const now = sameAsNow(journey.app.state())
    const withDelay = (vetoers: string[]) =>
      now.safes.map((safe) => ({ ...safe, policy: { ...safe.policy, delay: { seconds: 14_400, vetoers } } }))
    await expect(call['people.change']({ ...now, safes: withDelay([watch.id]) })).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      detail: { field: 'safes.0.policy.delay.vetoers.0', why: 'vetoer-unknown' },
    })
    const change = {
      ...now,
      people: [...now.people, { id: watch.id, name: watch.name, roles: ['auditor' as const] }],
      safes: withDelay([watch.id, one.id]),
    }
    await call['people.change'](change)
    const prepared = (await call.state({})).change
    expect(prepared).toMatchObject({ records: 0, missing: [{ person: watch.id, kind: 'new', safes: [] }] })
    expect(prepared?.lines).toContainEqual({
      label: `Safe ${now.safes[0]!.name}`,
      value: `requests wait 4 hours and can be stopped by Wanda Watch, ${one.name}`,
    })
    await arrive(journey, watch, 0)
    await applyChange(journey, [watch, one, two], [])
    expect(journey.app.state().safes[0]?.policy.delay).toEqual({ seconds: 14_400, vetoers: [watch.id, one.id] })

    const then = sameAsNow(journey.app.state())
    await expect(
      call['people.change']({ ...then, people: then.people.filter(({ id }) => id !== watch.id) }),
    ).rejects.toMatchObject({ code: 'POLICY_INVALID', detail: { why: 'vetoer-unknown' } })
    await call['people.change']({ ...then, safes: now.safes })
    expect((await call.state({})).change?.lines.map(({ value }) => value)).toEqual(['requests no longer wait'])
    await applyChange(journey, [one, two], [])
    expect(journey.app.state().safes[0]?.policy.delay).toBeUndefined()
    await expectIntact()
  })
})
