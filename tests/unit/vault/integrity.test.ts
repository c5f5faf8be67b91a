import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../../electron/vault/store/driver.ts'
import { parseCheckpoint } from '../../../shared/audit/checkpoint.ts'
import { appContract, type AppState } from '../../../shared/contracts/app.ts'
import { createHub } from '../../../shared/contracts/contract.ts'
import { createHandClock, findKnown, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { firstKeyOf, grant, jobOf, openRequest, requestInput, seal, sealInput, setUp, useCredential, type ReadyWorld } from '../../support/vault-steps.ts' // prettier-ignore
import { eventually, makeTap, type World } from '../../support/vault-world.ts'

const clock = createHandClock()
let place: Place
let world: World
let ready: ReadyWorld
let credential: string
let other: string

beforeEach(async () => {
  place = makePlace()
  world = openWorld(place, clock)
  ready = await setUp(world)
  credential = await seal(world, ready)
  other = await seal(world, ready)
  await useCredential(world, ready, credential)
})
afterEach(async () => {
  await world.close().catch(() => undefined)
  place.remove()
})

const checked = async (): Promise<AppState> => {
  await eventually(async () => {
    const { phase, vault, log } = await world.state()
    return (phase === 'damaged' && vault === null) || log.integrity !== 'checking'
  }, 'checked')
  return world.state()
}
/** Changes the database behind the vault's back and starts again. */
async function tamper(...statements: string[]): Promise<AppState> {
  await world.close().catch(() => undefined)
  const database = await openDatabase(place.file, 'write')
  for (const sql of statements) await database.execute(sql)
  await database.close()
  world = openWorld(place, clock)
  return checked()
}
const seqOf = async (type: string): Promise<number> => {
  const { entries } = await world.call['timeline.page']({
    before: null,
    limit: 200,
    filter: { types: [], person: null, credential: null, text: '', from: null, before: null },
  })
  return entries.findLast((entry) => entry.type === type)!.seq
}
const flip = (table: string, column: string, where: string, at = 20): string =>
  // Replaces one byte by another (an "x" by a "y" where it already was an "x").
  `UPDATE ${table} SET ${column} = CAST(substr(${column}, 1, ${at - 1}) ||
     CASE substr(CAST(${column} AS BLOB), ${at}, 1) WHEN x'78' THEN x'79' ELSE x'78' END ||
     substr(${column}, ${at + 1}) AS BLOB) WHERE ${where}`

describe('a vault that is whole', () => {
  it('says so after every start, and can be used while it is checked', async () => {
    await world.close()
    world = openWorld(place, clock)
    const early = await world.state()
    expect(['checking', 'intact']).toContain(early.log.integrity)
    expect(early).toMatchObject({ phase: 'ready', damage: null })
    // A request waits for the check and then goes through.
    await world.call['request.open'](requestInput(ready, credential))
    expect((await world.state()).log).toMatchObject({ integrity: 'intact', completeness: 'complete' })
    expect(world.events.progress.at(-1)).toBeGreaterThan(30)
  })

  it('cannot be judged complete when nothing is known from outside', async () => {
    await world.close()
    rmSync(findKnown(place))
    world = openWorld(place, clock)
    expect((await checked()).log).toMatchObject({ integrity: 'intact', completeness: 'cannot-be-judged' })
  })
})

describe('an older copy put in its place', () => {
  it('is found incomplete, stays found, and the evidence is kept', async () => {
    await world.close()
    copyFileSync(place.file, path.join(place.root, 'older'))
    world = openWorld(place, clock)
    await seal(world, ready)
    await world.close()
    const known = findKnown(place)
    const knownBefore = readFileSync(known, 'utf8')
    copyFileSync(path.join(place.root, 'older'), place.file)
    world = openWorld(place, clock)
    expect((await checked()).log).toMatchObject({ integrity: 'intact', completeness: 'incomplete' })
    await eventually(() => existsSync(`${known}.evidence`), 'evidence')
    expect(readFileSync(`${known}.evidence`, 'utf8')).toBe(knownBefore)
    expect(await seqOf('log.verification-failed')).toBeGreaterThan(0)
    // The log grows beyond what was known: it is still another history.
    for (let round = 0; round < 3; round++) await seal(world, ready)
    await world.close()
    world = openWorld(place, clock)
    expect((await checked()).log).toMatchObject({ integrity: 'intact', completeness: 'incomplete' })
  })

  it('is found also when the process is killed before the check is through', async () => {
    await world.close()
    copyFileSync(place.file, path.join(place.root, 'older'))
    world = openWorld(place, clock)
    await seal(world, ready)
    await world.close()
    copyFileSync(path.join(place.root, 'older'), place.file)
    const known = findKnown(place)
    const knownBefore = readFileSync(known, 'utf8')
    world = openWorld(place, clock)
    await world.state()
    await world.close()
    expect(existsSync(`${known}.evidence`) || readFileSync(known, 'utf8') === knownBefore).toBe(true)
    world = openWorld(place, clock)
    expect((await checked()).log.completeness).toBe('incomplete')
  })

  it('is told from a new vault set up on purpose', async () => {
    await world.close()
    rmSync(place.dir, { recursive: true })
    world = openWorld(place, clock)
    await setUp(world)
    await world.close()
    world = openWorld(place, clock)
    expect((await checked()).log).toMatchObject({ integrity: 'intact', completeness: 'complete' })
  })
})

describe('the known checkpoint', () => {
  it('follows the log, at once where it matters most', async () => {
    const job = await openRequest(world, ready, credential)
    await grant(world, ready, job)
    const size = (await world.state()).log.size
    await eventually(
      () => parseCheckpoint(readFileSync(findKnown(place), 'utf8'))?.size === size,
      'granted is known outside',
    )
  })

  it('does not stop the vault when it cannot be written', async () => {
    await world.close()
    rmSync(findKnown(place))
    writeFileSync(path.join(place.root, 'blocker'), '')
    place = { ...place, known: path.join(place.root, 'blocker', 'known') }
    world = openWorld(place, clock)
    await useCredential(world, ready, credential)
  })
})

describe('a changed past', () => {
  const found = async (state: AppState, phase: AppState['phase'], code: string, problem: string): Promise<void> => {
    expect(state).toMatchObject({ phase, damage: { code }, log: { integrity: 'broken' } })
    if (problem !== '') expect(state.damage?.detail).toMatchObject({ problem })
    // What happened can still be read.
    const page = {
      before: null,
      limit: 3,
      filter: { types: [], person: null, credential: null, text: '', from: null, before: null },
    }
    expect((await world.call['timeline.page'](page)).entries).toHaveLength(3)
  }
  /** Found, and nothing is unsealed any more. */
  const blocked = async (state: AppState, code: string, problem: string): Promise<void> => {
    await found(state, 'damaged', code, problem)
    await expect(world.call['request.open'](requestInput(ready, credential))).rejects.toMatchObject({
      code: 'VAULT_DAMAGED',
    })
    await expect(world.call['credential.seal'](sealInput(ready))).rejects.toMatchObject({ code: 'VAULT_DAMAGED' })
  }
  /** Found and on record, and the emergency is served all the same. */
  const warned = async (state: AppState, problem: string): Promise<void> => {
    await found(state, 'ready', 'LOG_INVALID', problem)
    expect(await seqOf('log.verification-failed')).toBeGreaterThan(await seqOf('app.opened'))
    await useCredential(world, ready, credential)
    await useCredential(world, ready, other)
    expect((await world.call['log.verify']({})).integrity.verdict).toBe('broken')
  }

  it('is found in an entry, named, recorded, and does not stand in the way of an emergency', async () => {
    const seq = await seqOf('request.opened')
    const state = await tamper(
      `UPDATE entries SET bytes = CAST(REPLACE(CAST(bytes AS TEXT), 'Everything is down', 'Everything is fine') AS BLOB) WHERE seq = ${seq}`,
    )
    await warned(state, 'entry-chain-broken')
    expect(state.damage?.detail['seq']).toBe(seq)
    expect(await seqOf('log.verification-failed')).toBeGreaterThan(seq)
    const report = await world.call['log.verify']({})
    expect(report.integrity.verdict).toBe('broken')
  })

  it('is found when the last entry was changed: nothing is signed on top', async () => {
    await world.close()
    const known = findKnown(place)
    const before = readFileSync(known, 'utf8')
    world = openWorld(place, clock)
    await checked()
    await world.close()
    const latest = readFileSync(findKnown(place), 'utf8')
    expect(latest).not.toBe(before)
    const state = await tamper(
      `UPDATE entries SET bytes = CAST(REPLACE(CAST(bytes AS TEXT), 'quit', 'crash-recovered') AS BLOB) WHERE seq = (SELECT MAX(seq) FROM entries)`,
    )
    await blocked(state, 'LOG_INVALID', '')
    expect(state.damage?.detail).toMatchObject({ reason: 'last-entry' })
    // What was known outside is evidence now.
    expect(readFileSync(`${known}.evidence`, 'utf8')).toBe(latest)
  })

  it('is found when entries were cut off, with state and checkpoints cut to match', async () => {
    const seq = await seqOf('request.granted')
    await blocked(
      await tamper(`DELETE FROM entries WHERE seq > ${seq}; DELETE FROM checkpoints WHERE size > ${seq + 1}`),
      'LOG_INVALID',
      '',
    )
  })

  it('is found in a checkpoint', async () => {
    const state = await tamper(
      `UPDATE checkpoints SET note = REPLACE(note, substr(note, -12, 4), 'AAAA') WHERE size = (SELECT MIN(size) FROM checkpoints)`,
    )
    await warned(state, 'checkpoint-signature-invalid')
  })

  it('is found in the manifest', async () => {
    const state = await tamper(
      `UPDATE manifests SET bytes = CAST(REPLACE(CAST(bytes AS TEXT), '"threshold":2', '"threshold":3') AS BLOB)`,
    )
    await blocked(state, 'MANIFEST_INVALID', 'manifest-signature-invalid')
  })

  it('is found when the manifest is gone', async () => {
    await blocked(await tamper('DELETE FROM manifests'), 'MANIFEST_INVALID', 'manifest-not-in-log')
  })

  it('can still be exported, signed', async () => {
    const seq = await seqOf('request.opened')
    await tamper(flip('entries', 'bytes', `seq = ${seq}`))
    const folder = path.join(place.root, 'export')
    world.host.chooseFolder = () => folder
    await world.call['export.make']({ person: ready.lead.id, selection: null, archive: false })
    const { statement } = jobOf(await world.strongroom().job(), 'act')
    await world.strongroom().call.acted({ tap: makeTap(ready.lead, firstKeyOf(ready.lead), 'act', statement) })
    await expect.poll(async () => (await world.state()).exported?.result).toBe('done')
    expect(existsSync(path.join(folder, 'log.jsonl'))).toBe(true)
  })
})

describe('a damaged record', () => {
  const views = async () => new Map((await world.call['credentials.list']({})).map((view) => [view.id, view]))

  it('blocks its credential and no other', async () => {
    const state = await tamper(flip('records', 'body', `credential = '${credential}'`))
    expect(state).toMatchObject({ phase: 'ready', damage: null, log: { integrity: 'intact' } })
    expect((await views()).get(credential)?.damage).toContain('not as it was sealed')
    expect((await views()).get(other)?.damage).toBeNull()
    await expect(world.call['request.open'](requestInput(ready, credential))).rejects.toMatchObject({
      code: 'RECORD_DAMAGED',
    })
    await useCredential(world, ready, other)
    expect(await seqOf('log.verification-failed')).toBeGreaterThan(0)
    // A new version heals it.
    await seal(world, ready, credential)
    expect((await views()).get(credential)).toMatchObject({ version: 2, damage: null })
    await useCredential(world, ready, credential)
  })

  it('names whose share it is, and still opens while enough shares are whole', async () => {
    await tamper(flip('shares', 'box', `credential = '${credential}' AND idx = 3`))
    expect((await views()).get(credential)?.damage).toContain("Custodian 3's")
    await useCredential(world, ready, credential)
  })

  it('is refused when too few shares are whole', async () => {
    await tamper(flip('shares', 'box', `credential = '${credential}' AND idx >= 2`))
    await expect(world.call['request.open'](requestInput(ready, credential))).rejects.toMatchObject({
      code: 'SHARE_DAMAGED',
    })
  })

  it('is seen when it is missing, or when one was planted', async () => {
    await tamper(
      `DELETE FROM shares WHERE credential = '${credential}'; DELETE FROM records WHERE credential = '${credential}'`,
      `INSERT INTO records SELECT credential, 7, header, body FROM records WHERE credential = '${other}'`,
    )
    expect((await views()).get(credential)?.damage).toContain('no record')
    expect((await views()).get(other)).toMatchObject({ version: 1, damage: null })
    await expect(world.call['request.open'](requestInput(ready, credential))).rejects.toMatchObject({
      code: 'RECORD_DAMAGED',
    })
    await useCredential(world, ready, other)
  })
})

describe('a vault that cannot be opened', () => {
  it('says why, and answers everything else with that', async () => {
    await world.close()
    writeFileSync(place.file, 'not a database at all, just some text that is long enough')
    world = openWorld(place, clock)
    expect(await world.state()).toMatchObject({ phase: 'damaged', damage: { code: 'VAULT_DAMAGED' }, vault: null })
    await expect(world.call['request.open'](requestInput(ready, credential))).rejects.toMatchObject({
      code: 'VAULT_DAMAGED',
    })
    await expect(world.call['setup.begin']({ vaultName: 'x', stationName: 'y' })).rejects.toMatchObject({
      code: 'VAULT_EXISTS',
    })
  })

  it('is the second one while the first runs', async () => {
    const second = openWorld(place, clock)
    expect(await second.state()).toMatchObject({ phase: 'damaged', damage: { code: 'VAULT_LOCKED_BY_OTHER' } })
    await useCredential(world, ready, credential)
    // Once the first is closed, a reload of the second's window is enough.
    await world.close()
    const reloaded = createHub(second.link.openPort('app', null))
    const ignore = (): void => undefined
    const app = reloaded.connect(appContract, { changed: ignore, appended: ignore, verifyProgress: ignore })
    expect(await app.call.state({})).toMatchObject({ phase: 'ready', damage: null })
    await second.close()
  })

  it('is one written by a newer Halligan', async () => {
    const state = await tamper('PRAGMA user_version = 99')
    expect(state.damage).toMatchObject({ code: 'VAULT_TOO_NEW', detail: { found: 99, known: 4 } })
  })
})
