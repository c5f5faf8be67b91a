import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { exportVault } from '../../../electron/vault/export-vault.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import { createHandClock, findKnown, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import {
  firstKeyOf,
  jobOf,
  requestInput,
  seal,
  setUp,
  useCredential,
  type ReadyWorld,
} from '../../support/vault-steps.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import { makeTap, newId, type World } from '../../support/vault-world.ts'

const holding = vi.hoisted<{ until: Promise<void> }>(() => ({ until: Promise.resolve() }))
vi.mock(import('../../../electron/vault/export/exported-entries.ts'), async (importOriginal) => {
  const { chooseEntries } = await importOriginal()
  return {
    chooseEntries: async (...given) => {
      await holding.until
      return chooseEntries(...given)
    },
  }
})

const clock = createHandClock()
let place: Place
let world: World
let ready: ReadyWorld
let folder: string

beforeEach(async () => {
  holding.until = Promise.resolve()
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

/** Up to the tap that signs it. */
async function tapFor(): Promise<void> {
  await world.call['export.make']({ person: ready.lead.id, selection: null, archive: false })
  const { statement } = jobOf(await world.strongroom().job(), 'act')
  await world.strongroom().call.acted({ tap: makeTap(ready.lead, firstKeyOf(ready.lead), 'act', statement) })
  await world.strongroom().call.ended({ result: 'done', code: null })
  world.strongroom().die()
}

/** Signs, and waits until it is written or known why not. */
async function sign(): Promise<NonNullable<AppState['exported']>> {
  await tapFor()
  await expect.poll(async () => (await world.state()).exported, { timeout: 18_000 }).not.toBeNull()
  const { exported } = await world.state()
  if (exported === null) throw new Error('not exported')
  return exported
}

/** Holds writing up at its first reading of the log, as a stick that hangs would; the function lets it go on. */
function holdWriting(): () => void {
  let letGo: () => void = () => undefined
  holding.until = new Promise<void>((resolve) => {
    letGo = resolve
  })
  return letGo
}

describe('an export', () => {
  it('is signed for, verifies elsewhere, and is recorded with its digest', async () => {
    const { size } = (await world.state()).log
    const exported = await sign()
    const made = await newest()
    const log = readFileSync(path.join(folder, 'log.jsonl'))
    if (made.type !== 'export.made') throw new Error('no export')
    expect(made.data).toMatchObject({ size, digest: createHash('sha256').update(log).digest('base64url') })
    expect(made.data.signed?.statement.person).toBe(ready.lead.id)
    expect(log.toString().split('\n')).toHaveLength(size + 1)
    const report = await verifyFolder(folder, null)
    expect(report).toMatchObject({ integrity: { verdict: 'intact', problems: [] }, size })
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
    expect(exported).toMatchObject({ kind: 'export', result: 'done', detail: folder })
    for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600)
  })

  it('overwrites nothing: beside other files it makes a folder of its own', async () => {
    mkdirSync(folder)
    writeFileSync(path.join(folder, 'log.jsonl'), 'precious')
    const detail = (await sign()).detail ?? ''
    expect(readFileSync(path.join(folder, 'log.jsonl'), 'utf8')).toBe('precious')
    expect(path.dirname(detail)).toBe(folder)
    expect((await verifyFolder(detail, null)).integrity.verdict).toBe('intact')
  })

  it('that cannot be written says so and leaves nothing half-written', async () => {
    writeFileSync(path.join(place.root, 'file'), '')
    folder = path.join(place.root, 'file', 'inside')
    expect(await sign()).toMatchObject({ result: 'failed', code: 'EXPORT_FAILED', detail: 'ENOTDIR' })
    expect(existsSync(folder)).toBe(false)
  })

  it('is not even signed for when the folder dialog is cancelled', async () => {
    world.host.chooseFolder = () => null
    expect(await world.call['export.make']({ person: ready.lead.id, selection: null, archive: false })).toBeNull()
    expect((await world.state()).operation).toBeNull()
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

describe('nobody is kept from breaking the glass', () => {
  const askAgain = async (): Promise<void> => {
    const credential = (await world.call['credentials.list']({}))[0]?.id ?? ''
    const { operation } = await world.call['request.open'](requestInput(ready, credential))
    await world.call['operation.cancel']({ operation })
    await expect.poll(async () => (await world.state()).lastOutcome?.operation).toBe(operation)
  }

  it('while the folder dialog of an export stands open; a second dialog is refused', async () => {
    let answer: (folder: string | null) => void = () => undefined
    let isAsked = false
    world.host.chooseFolder = () => {
      isAsked = true
      return new Promise((resolve) => (answer = resolve))
    }
    const input = { person: ready.lead.id, selection: null, archive: false }
    const asked = world.call['export.make'](input)
    await expect.poll(() => isAsked).toBe(true)
    await expect(world.call['export.make'](input)).rejects.toMatchObject({ code: 'OPERATION_BUSY' })
    await askAgain()
    answer(null)
    expect(await asked).toBeNull()
  })

  it('while one is being written; a second export is refused, and the overtaken one leaves nothing', async () => {
    const letGo = holdWriting()
    await tapFor()
    await expect.poll(async () => (await world.state()).exporting).toMatchObject({ folder, stopping: false })
    await askAgain()
    await expect(
      world.call['export.make']({ person: ready.lead.id, selection: null, archive: false }),
    ).rejects.toMatchObject({ code: 'OPERATION_BUSY' })
    letGo()
    await expect
      .poll(async () => (await world.state()).exported)
      .toMatchObject({ result: 'failed', detail: 'log-moved' })
    expect(existsSync(folder)).toBe(false)
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
  })
})

describe('an export that is stopped while it is written', () => {
  it('leaves nothing, and the log says that it was cancelled', async () => {
    const letGo = holdWriting()
    await tapFor()
    await expect.poll(async () => (await world.state()).exporting).not.toBeNull()
    const { exporting } = await world.state()
    await expect(world.call['export.cancel']({ operation: newId() })).rejects.toMatchObject({
      code: 'OPERATION_UNKNOWN',
    })
    await world.call['export.cancel']({ operation: exporting?.operation ?? '' })
    expect((await world.state()).exporting?.stopping).toBe(true)
    letGo()
    await expect.poll(async () => (await world.state()).exported?.result).toBe('cancelled')
    expect(existsSync(folder)).toBe(false)
    expect((await world.state()).exporting).toBeNull()
    const { entries } = await world.call['timeline.page']({
      before: null,
      limit: 1,
      filter: { types: [], person: null, credential: null, text: '', from: null, before: null },
    })
    expect(entries[0]).toMatchObject({ type: 'operation.ended', data: { kind: 'export', result: 'cancelled' } })
  })

  it('by the end of the app leaves nothing either', async () => {
    const letGo = holdWriting()
    await tapFor()
    await expect.poll(async () => (await world.state()).exporting).not.toBeNull()
    const closed = world.close()
    letGo()
    await closed
    expect(existsSync(folder)).toBe(false)
    world = openWorld(place, clock)
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
  })
})
