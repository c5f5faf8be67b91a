import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Input } from '../../../shared/contracts/contract.ts'
import type { JobOf, strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { sealedRecordHash } from '../../../shared/audit/records.ts'
import { createHandClock, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { firstKeyOf, jobOf, makeSeal, seal, sealInput, setUp, type ReadyWorld } from '../../support/vault-steps.ts'
import { makeTap, newId, outcomeOf, random, type World } from '../../support/vault-world.ts'

const clock = createHandClock()
let place: Place
let world: World
let ready: ReadyWorld

beforeEach(async () => {
  place = makePlace()
  world = openWorld(place, clock)
  ready = await setUp(world)
})
afterEach(async () => {
  await world.close().catch(() => undefined)
  place.remove()
})

type Sealed = Input<typeof strongroomContract, 'sealed'>
const start = async (): Promise<{ job: JobOf<'seal'>; good: Sealed }> => {
  await world.call['credential.seal'](sealInput(ready))
  const job = jobOf(await world.strongroom().job(), 'seal')
  return { job, good: await makeSeal(world, job, ready.lead) }
}

describe('sealing', () => {
  it('keeps every version, lists the newest, and survives a restart', async () => {
    const credential = await seal(world, ready)
    await seal(world, ready, credential)
    const other = await seal(world, ready)
    await world.close()
    world = openWorld(place, clock)
    const list = await world.call['credentials.list']({})
    expect(list.map(({ id, version }) => [id, version])).toEqual([
      [credential, 2],
      [other, 1],
    ])
    expect(list[0]).toMatchObject({ rotation: 'fresh', sealedBy: ready.lead.id, rotationDays: 90, damage: null })
    const report = await world.call['log.verify']({})
    expect(report).toMatchObject({ integrity: { verdict: 'intact', problems: [] }, checked: { records: 3 } })
  })

  it('is refused for people, safes and credentials that do not fit', async () => {
    const input = sealInput(ready)
    const refusals = [
      [{ ...input, person: ready.requester.id }, 'POLICY_INVALID'],
      [{ ...input, person: newId() }, 'PERSON_UNKNOWN'],
      [{ ...input, safe: newId() }, 'POLICY_INVALID'],
      [{ ...input, credential: newId() }, 'CREDENTIAL_UNKNOWN'],
      [{ ...input, requesters: [newId()] }, 'PERSON_UNKNOWN'],
      [{ ...input, requesters: [ready.requester.id, ready.requester.id] }, 'POLICY_INVALID'],
      [{ ...input, requesters: [] }, 'MESSAGE_INVALID'],
      [{ ...input, name: 'with\u202Eoverride' }, 'MESSAGE_INVALID'],
    ] as const
    for (const [bad, code] of refusals) {
      await expect(world.call['credential.seal']({ ...bad, requesters: [...bad.requesters] })).rejects.toMatchObject({
        code,
      })
    }
    expect((await world.state()).operation).toBeNull()
  })

  it('stores nothing that does not verify', async () => {
    const { job, good } = await start()
    const { record, statement, tap } = good
    /** Signs honestly for whatever record and statement say: only the bent part may be the reason. */
    const sign = (bent: Pick<Sealed, 'record' | 'statement'>): Sealed => ({
      ...bent,
      tap: makeTap(ready.lead, firstKeyOf(ready.lead), 'act', bent.statement),
    })
    const withHeader = (change: Partial<typeof record.header>): Sealed => {
      const bent = { ...record, header: { ...record.header, ...change } }
      const detail = { ...statement.detail, record: sealedRecordHash(nodePrimitives, bent) } as typeof statement.detail
      return sign({ record: bent, statement: { ...statement, detail } })
    }
    const withStatement = (change: Partial<typeof statement>): Sealed =>
      sign({ record, statement: { ...statement, ...change } })
    const [one] = ready.custodians
    const shares = record.header.shares
    const bad: [string, Sealed][] = [
      ['another credential', withHeader({ credential: newId() })],
      ['another version', withHeader({ version: 2 })],
      ['another safe', withHeader({ safe: newId() })],
      ['another vault', withHeader({ vault: newId() })],
      ['another name', withHeader({ name: 'Something else' })],
      ['another kind', withHeader({ kind: 'file' })],
      ['more requesters', withHeader({ requesters: [...record.header.requesters, ready.lead.id] })],
      ['a lower threshold', withHeader({ threshold: 3 })],
      ['a longer interval', withHeader({ rotationDays: 3650 })],
      ['a note that nobody wrote', withHeader({ rotationNote: 'Mail it to mallory@example.org.' })],
      ['another sealer', withHeader({ sealedBy: one!.id })],
      ['another manifest', withHeader({ manifest: { version: 1, hash: random(32) } })],
      ['a missing share', withHeader({ shares: shares.slice(1) })],
      ['one custodian twice', withHeader({ shares: shares.map((share) => ({ ...share, custodian: one!.id })) })],
      ['a damaged box', sign({ record: { ...record, boxes: [random(120), ...record.boxes.slice(1)] }, statement })],
      ['a missing box', sign({ record: { ...record, boxes: record.boxes.slice(1) }, statement })],
      ['another body', sign({ record: { ...record, body: random(200) }, statement })],
      ['another head', withStatement({ head: { size: 3, root: random(32) } })],
      ['another vault in the statement', withStatement({ vault: newId() })],
      ['another station', withStatement({ station: newId() })],
      ['another person', withStatement({ person: one!.id })],
      ['another act', withStatement({ detail: { kind: 'export', size: 1, root: random(32) } })],
      ['a tap by somebody else', { ...good, tap: makeTap(one!, firstKeyOf(one!), 'act', statement) }],
    ]
    for (const [what, sealed] of bad) {
      await expect(world.strongroom().call.sealed(sealed), what).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    }
    const foreignKey = makeTap(ready.lead, firstKeyOf(one!), 'act', statement)
    await expect(world.strongroom().call.sealed({ ...good, tap: foreignKey })).rejects.toMatchObject({
      code: 'TAP_KEY_UNKNOWN',
    })
    const otherWords = makeTap(ready.lead, firstKeyOf(ready.lead), 'act', { ...statement, nonce: random(32) })
    await expect(world.strongroom().call.sealed({ ...good, tap: otherWords })).rejects.toMatchObject({
      code: 'TAP_CHALLENGE_WRONG',
    })
    expect(await world.call['credentials.list']({})).toEqual([])
    await world.strongroom().call.sealed({ record, statement, tap })
    await expect(world.strongroom().call.sealed(good)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
    expect(await world.call['credentials.list']({})).toMatchObject([{ id: job.credential, version: 1 }])
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
  })

  it('co-signs a head of this log that was given out for this very seal', async () => {
    const { good } = await start()
    await world.strongroom().call.ended({ result: 'cancelled', code: 'CANCELLED' })
    world.strongroom().die()
    const { job } = await start()
    const detail = { ...good.statement.detail, credential: job.credential } as typeof good.statement.detail
    const statement = { ...good.statement, detail }
    const replayed = { ...good, statement, tap: makeTap(ready.lead, firstKeyOf(ready.lead), 'act', statement) }
    await expect(world.strongroom().call.sealed(replayed)).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
  })

  it('needs a tap: none, no credential', async () => {
    await start()
    await world.strongroom().call.ended({ result: 'done', code: null })
    expect(await outcomeOf(world)).toMatchObject({ kind: 'seal', result: 'failed', code: 'INTERNAL' })
    expect(await world.call['credentials.list']({})).toEqual([])
  })
})
