import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { exportVault } from '../../../electron/vault/export-vault.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import { createHandClock, findKnown, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { firstKeyOf, jobOf, seal, setUp, useCredential, type ReadyWorld } from '../../support/vault-steps.ts'
import { makeTap, outcomeOf, type World } from '../../support/vault-world.ts'

const clock = createHandClock()
let place: Place
let world: World
let ready: ReadyWorld
let folder: string

beforeEach(async () => {
  place = makePlace()
  folder = path.join(place.root, 'export')
  world = openWorld(place, clock)
  world.host.chooseFolder = () => folder
  ready = await setUp(world)
  await useCredential(world, ready, await seal(world, ready))
})
afterEach(async () => {
  await world.close().catch(() => undefined)
  place.remove()
})

const newest = async (): Promise<Entry> =>
  (
    await world.call['timeline.page']({
      before: null,
      limit: 1,
      filter: { types: ['export.made'], person: null, credential: null, text: '', from: null, before: null },
    })
  ).entries[0]!

async function sign(): Promise<void> {
  await world.call['export.make']({ person: ready.lead.id, selection: null, archive: false })
  const { statement } = jobOf(await world.strongroom().job(), 'act')
  await world.strongroom().call.acted({ tap: makeTap(ready.lead, firstKeyOf(ready.lead), 'act', statement) })
  await world.strongroom().call.ended({ result: 'done', code: null })
  world.strongroom().die()
}

describe('an export', () => {
  it('is signed for, verifies elsewhere, and is recorded with its digest', async () => {
    const { size } = (await world.state()).log
    await sign()
    const made = await newest()
    const log = readFileSync(path.join(folder, 'log.jsonl'))
    if (made.type !== 'export.made') throw new Error('no export')
    expect(made.data).toMatchObject({ size, digest: createHash('sha256').update(log).digest('base64url') })
    expect(made.data.signed?.statement.person).toBe(ready.lead.id)
    expect(log.toString().split('\n')).toHaveLength(size + 1)
    const report = await verifyFolder(folder, null)
    expect(report).toMatchObject({ integrity: { verdict: 'intact', problems: [] }, size })
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
    expect(await outcomeOf(world)).toMatchObject({ kind: 'export', result: 'done', detail: folder })
    for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600)
  })

  it('overwrites nothing: beside other files it makes a folder of its own', async () => {
    mkdirSync(folder)
    writeFileSync(path.join(folder, 'log.jsonl'), 'precious')
    await sign()
    expect(readFileSync(path.join(folder, 'log.jsonl'), 'utf8')).toBe('precious')
    const detail = (await outcomeOf(world)).detail ?? ''
    expect(path.dirname(detail)).toBe(folder)
    expect((await verifyFolder(detail, null)).integrity.verdict).toBe('intact')
  })

  it('that cannot be written says so and leaves nothing half-written', async () => {
    writeFileSync(path.join(place.root, 'file'), '')
    folder = path.join(place.root, 'file', 'inside')
    await world.call['export.make']({ person: ready.lead.id, selection: null, archive: false })
    const { statement } = jobOf(await world.strongroom().job(), 'act')
    const tap = makeTap(ready.lead, firstKeyOf(ready.lead), 'act', statement)
    await expect(world.strongroom().call.acted({ tap })).rejects.toMatchObject({
      code: 'EXPORT_FAILED',
      detail: { reason: 'ENOTDIR' },
    })
    expect(existsSync(folder)).toBe(false)
  })

  it('is not made when the folder dialog is cancelled', async () => {
    world.host.chooseFolder = () => null
    await world.call['export.make']({ person: ready.lead.id, selection: null, archive: false })
    const { statement } = jobOf(await world.strongroom().job(), 'act')
    const tap = makeTap(ready.lead, firstKeyOf(ready.lead), 'act', statement)
    await expect(world.strongroom().call.acted({ tap })).rejects.toMatchObject({ code: 'CANCELLED' })
    await world.strongroom().call.ended({ result: 'cancelled', code: 'CANCELLED' })
    expect(await outcomeOf(world)).toMatchObject({ kind: 'export', result: 'cancelled' })
  })

  it('from the command line needs no tap, is recorded as such, and not while the app is open', async () => {
    const wish = { selection: null, archive: false, chosen: folder }
    const means = {
      dir: place.dir,
      wish,
      programDir: null,
      clock,
      appVersion: '0.0.0+test',
      knownCheckpointFile: place.known,
    }
    await expect(exportVault(means)).rejects.toMatchObject({ code: 'VAULT_LOCKED_BY_OTHER' })
    await world.close()
    const made = await exportVault(means)
    expect(made.path).toBe(folder)
    expect(made.recorded).not.toBeNull()
    expect(await verifyFolder(folder, findKnown(place))).toMatchObject({
      integrity: { verdict: 'intact', problems: [] },
    })
    world = openWorld(place, clock)
    expect((await newest()).data).toMatchObject({ ...made.recorded, signed: null })
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
    expect((await verifyFolder(place.dir, null)).integrity.problems).toEqual([])
  })

  it('from the command line refuses a folder without a vault, and makes none', async () => {
    const dir = path.join(place.root, 'nothing')
    await expect(
      exportVault({
        dir,
        wish: { selection: null, archive: false, chosen: folder },
        programDir: null,
        clock,
        appVersion: '0.0.0',
        knownCheckpointFile: null,
      }),
    ).rejects.toMatchObject({ code: 'VAULT_MISSING' })
    expect(existsSync(dir)).toBe(false)
  })
})
