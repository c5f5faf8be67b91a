/** What damage at rest may and may not do: mislead a strongroom never, keep people from an emergency hardly ever. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../../electron/vault/store/driver.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import { createHandClock, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { grant, openRequest, requestInput, seal, sealInput, setUp, useCredential, type ReadyWorld } from '../../support/vault-steps.ts' // prettier-ignore
import { eventually, outcomeOf, type World } from '../../support/vault-world.ts'

const clock = createHandClock()
let place: Place
let world: World
let ready: ReadyWorld

const start = async (plan: Parameters<typeof setUp>[1] = {}): Promise<void> => {
  place = makePlace()
  world = openWorld(place, clock)
  ready = await setUp(world, plan)
}
afterEach(async () => {
  await world.close().catch(() => undefined)
  place.remove()
})

const checked = async (): Promise<AppState> => {
  await eventually(async () => (await world.state()).log.integrity !== 'checking', 'checked')
  return world.state()
}
async function change(...statements: string[]): Promise<AppState> {
  await world.close().catch(() => undefined)
  const database = await openDatabase(place.file, 'write')
  for (const sql of statements) await database.execute(sql)
  await database.close()
  world = openWorld(place, clock)
  return checked()
}

describe('index columns that lie', () => {
  let credential: string
  beforeEach(async () => {
    await start()
    credential = await seal(world, ready)
    await seal(world, ready, credential)
    const job = await openRequest(world, ready, credential)
    await grant(world, ready, job)
    const { call, die } = world.strongroom()
    await call.codeBurned({ field: 0, label: 'Codes', code: 3 })
    await call.windowClosed({ reason: 'hidden-by-person', openedMs: 1 })
    await call.ended({ result: 'done', code: null })
    die()
  })

  it('bring back no burned code, no older version, and no duty done', async () => {
    const before = await world.state()
    expect(before.owed).toHaveLength(1)
    const state = await change(
      `UPDATE entries SET type = 'tap.refused' WHERE type IN ('code.burned', 'request.granted')`,
      `UPDATE entries SET type = 'tap.refused' WHERE seq = (SELECT MAX(seq) FROM entries WHERE type = 'credential.sealed')`,
    )
    expect(state).toMatchObject({ phase: 'ready', log: { integrity: 'broken' } })
    expect(state.damage).toMatchObject({ code: 'LOG_INVALID', detail: { problem: 'index-mismatch' } })
    expect(state.owed).toEqual(before.owed)
    const { integrity } = await world.call['log.verify']({})
    expect(integrity.problems.map(({ code }) => code)).toEqual(['index-mismatch', 'index-mismatch', 'index-mismatch'])
    expect(integrity.problems[0]?.detail).toContain('credential.sealed is listed as tap.refused')
    const job = await openRequest(world, ready, credential)
    expect(job.statement.version).toBe(2)
    expect(job.burned).toEqual([{ field: 0, code: 3 }])
  })

  it.each(['person', 'credential', 'words', 'at'])('are named: %s', async (column) => {
    await change(`UPDATE entries SET ${column} = 'x' WHERE type = 'code.burned'`)
    const { integrity } = await world.call['log.verify']({})
    expect(integrity.problems).toMatchObject([
      { code: 'index-mismatch', detail: expect.stringContaining(column) as unknown },
    ])
  })

  it('do not hide what this process appends while it checks', async () => {
    await change(`UPDATE entries SET type = 'tap.refused' WHERE type = 'code.burned'`)
    await useCredential(world, ready, credential)
    expect((await world.state()).owed).toHaveLength(2)
    await seal(world, ready, credential)
    expect((await world.call['credentials.list']({}))[0]).toMatchObject({ version: 3, rotation: 'fresh' })
  })
})

describe('a record whose header is nonsense', () => {
  it('takes no other credential with it', async () => {
    await start()
    const bad = await seal(world, ready)
    const good = await seal(world, ready)
    await change(`UPDATE records SET header = CAST('x' AS BLOB) WHERE credential = '${bad}'`)
    const list = await world.call['credentials.list']({})
    expect(list.find(({ id }) => id === bad)?.damage).toContain('not as it was sealed')
    expect(list.find(({ id }) => id === good)).toMatchObject({ damage: null, rotationDays: 90 })
    await expect(world.call['request.open'](requestInput(ready, bad))).rejects.toMatchObject({ code: 'RECORD_DAMAGED' })
    await useCredential(world, ready, good)
  })
})

describe('a page of the file that cannot be read', () => {
  it('takes its own entries, and nobody out of the emergency', async () => {
    await start()
    const credential = await seal(world, ready)
    for (let round = 0; round < 6; round++) await useCredential(world, ready, credential)
    await world.close()
    const file = readFileSync(place.file)
    const pageSize = file.readUInt16BE(16)
    const pages = Array.from({ length: file.length / pageSize }, (_, page) =>
      file.toString('latin1', page * pageSize, (page + 1) * pageSize),
    )
    // One that holds a request, but neither a seal nor the end of the log.
    const leaf = pages.findIndex(
      (page) => page.includes('"type":"request.opened"') && !page.includes('credential.sealed'),
    )
    expect(leaf).toBeGreaterThan(0)
    const handle = openSync(place.file, 'r+')
    writeSync(handle, Buffer.alloc(pageSize, 0xff), 0, pageSize, leaf * pageSize)
    closeSync(handle)
    world = openWorld(place, clock)
    expect(await checked()).toMatchObject({ phase: 'ready', log: { integrity: 'broken' } })
    const { integrity } = await world.call['log.verify']({})
    expect(integrity.problems.map(({ code }) => code)).toContain('entry-malformed')
    await useCredential(world, ready, credential)
  })
})

describe('a check that cannot be carried through', () => {
  it('is tried again, and leaves nothing behind', async () => {
    await start()
    const credential = await seal(world, ready)
    await world.close()
    world = openWorld(place, clock)
    // Open, and then held by somebody for longer than the database waits.
    await world.state()
    const intruder = await openDatabase(place.file, 'write')
    await intruder.execute('BEGIN IMMEDIATE').catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await intruder.execute('ROLLBACK').catch(() => undefined)
    await intruder.close()
    expect(await checked()).toMatchObject({ phase: 'ready', damage: null, log: { integrity: 'intact' } })
    await useCredential(world, ready, credential)
  })
})

describe('what nobody could open', () => {
  it('is not sealed: too few custodians are left when one of them asks and may not tap', async () => {
    await start({ n: 2, k: 2, requesterMayTap: false })
    const [custodian] = ready.custodians
    const input = { ...sealInput(ready), requesters: [ready.requester.id, custodian?.id ?? ''] }
    await expect(world.call['credential.seal'](input)).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      detail: { field: 'requesters', why: 'quorum-out-of-reach', name: custodian?.name },
    })
    await world.call['credential.seal']({ ...input, requesters: [ready.requester.id] })
  })

  it('may be sealed when the requester may tap too, or enough others are left', async () => {
    await start({ n: 2, k: 2, requesterMayTap: true })
    await world.call['credential.seal'](sealInput(ready))
    await world.close()
    place.remove()
    await start({ n: 3, k: 2, requesterMayTap: false })
    await world.call['credential.seal'](sealInput(ready))
  })
})

describe('an operation that nobody finishes', () => {
  it.each(['wall', 'monotonic'] as const)('is over after half an hour by the %s clock', async (which) => {
    await start()
    const credential = await seal(world, ready)
    await world.call['credential.seal'](sealInput(ready))
    const jump = which === 'wall' ? clock.jumpWall : clock.jumpMonotonic
    jump(30 * 60_000 - 1000)
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect((await world.state()).operation).not.toBeNull()
    jump(1000)
    await eventually(async () => (await world.state()).operation === null, 'over')
    expect(await outcomeOf(world)).toMatchObject({ kind: 'seal', result: 'failed', code: 'TAP_TIMEOUT' })
    await useCredential(world, ready, credential)
  })
})
