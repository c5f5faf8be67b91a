import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../electron/platform/clock.ts'
import { openDatabase } from '../../../electron/vault/store/driver.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import { makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { describeTap, grant, openRequest, requestInput, seal, setUp, useCredential, type ReadyWorld } from '../../support/vault-steps.ts' // prettier-ignore
import { eventually, outcomeOf, type World } from '../../support/vault-world.ts'

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0

/** Whether this machine lets us mount: root, and not locked down. */
function tryMount(): boolean {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-mount-'))
  const works = run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir)
  if (works) run('umount', dir)
  rmSync(dir, { recursive: true })
  return works
}
const canMount = process.platform === 'linux' && process.getuid?.() === 0 && tryMount()

let origin: Place
let ready: ReadyWorld
let credential: string

beforeAll(async () => {
  origin = makePlace()
  const world = openWorld(origin, systemClock)
  ready = await setUp(world)
  credential = await seal(world, ready)
  await world.close()
})
afterAll(() => origin.remove())

const everything = { types: [], person: null, credential: null, text: '', from: null, before: null }
const types = async (world: World): Promise<Entry['type'][]> =>
  (await world.call['timeline.page']({ before: null, limit: 200, filter: everything })).entries
    .map(({ type }) => type)
    .toReversed()

describe.skipIf(!canMount)('a full disk (needs root to mount a small one)', () => {
  let disk: string
  let place: Place
  let world: World

  beforeEach(() => {
    disk = mkdtempSync(path.join(os.tmpdir(), 'halligan-disk-'))
    if (!run('mount', '-t', 'tmpfs', '-o', 'size=24m,mode=0700', 'tmpfs', disk)) throw new Error('mount')
    place = { ...makePlace(), dir: path.join(disk, 'vault'), file: path.join(disk, 'vault', 'vault.sqlite3') }
    cpSync(origin.dir, place.dir, { recursive: true })
    chmodSync(place.dir, 0o700)
  })
  afterEach(async () => {
    await world.close().catch(() => undefined)
    run('umount', disk)
    rmSync(disk, { recursive: true, force: true })
    place.remove()
  })

  /** Leaves `keep` bytes. */
  const fill = (keep = 0): void => {
    for (let part = 0; ; part++) {
      const { bavail, bsize } = statfsSync(disk)
      const size = Math.min(bavail * bsize - keep, 1_048_576)
      if (size <= 0) return
      writeFileSync(path.join(disk, `filler-${part}`), Buffer.alloc(size))
    }
  }
  const ballast = (): boolean => existsSync(path.join(place.dir, 'ballast'))

  it('gives up its ballast so that an emergency is still recorded, and says so', async () => {
    world = openWorld(place, systemClock)
    expect((await world.state()).phase).toBe('ready')
    expect(ballast()).toBe(true)
    fill()
    const log = [...(await types(world))]
    for (let round = 0; round < 6; round++) await useCredential(world, ready, credential)
    const now = (await types(world)).slice(log.length)
    expect(now.filter((type) => type === 'window.closed')).toHaveLength(6)
    expect(now.filter((type) => type === 'storage.ballast-released')).toHaveLength(1)
    expect(ballast()).toBe(false)
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
  })

  it('refuses the grant when nothing can be recorded any more, and the credential stays closed', async () => {
    world = openWorld(place, systemClock)
    await world.state()
    const job = await openRequest(world, ready, credential)
    const { call } = world.strongroom()
    const [one, two] = ready.custodians
    await call.tapAccepted(describeTap(job, ready.requester, false))
    await call.tapAccepted(describeTap(job, one!))
    await call.tapAccepted(describeTap(job, two!))
    // Nothing left, not even the ballast: every append fails sooner or later.
    rmSync(path.join(place.dir, 'ballast'))
    fill()
    let refused: unknown = null
    for (let round = 0; round < 400 && refused === null; round++) {
      await call.tapRefused({ code: 'TAP_NO_PRF', person: null, key: null }).catch((error: unknown) => {
        refused = error
      })
    }
    expect(refused).toMatchObject({ code: 'STORAGE_FULL' })
    await expect(call.granted({ approvals: [one!.id, two!.id] })).rejects.toMatchObject({ code: 'STORAGE_FULL' })
    await expect(call.fieldShown({ field: 0, label: 'x' })).rejects.toMatchObject({ code: 'REQUEST_NOT_OPEN' })
    expect(await types(world)).not.toContain('request.granted')
    // With room again the same request goes on: nothing was lost.
    rmSync(path.join(disk, 'filler-0'))
    await call.granted({ approvals: [one!.id, two!.id] })
    await call.windowClosed({ reason: 'hidden-by-person', openedMs: 1 })
    await call.ended({ result: 'done', code: null })
    world.strongroom().die()
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
  })

  it('lets the app start, ask and grant on a disk that was full before', async () => {
    world = openWorld(place, systemClock)
    await world.state()
    await world.close()
    fill()
    world = openWorld(place, systemClock)
    expect(await world.state()).toMatchObject({ phase: 'ready', damage: null })
    await useCredential(world, ready, credential)
    expect(await types(world)).toContain('storage.ballast-released')
  })

  it('says STORAGE_FULL, not worse, when it cannot even start', async () => {
    world = openWorld(place, systemClock)
    await world.state()
    await world.close()
    rmSync(path.join(place.dir, 'ballast'))
    fill()
    world = openWorld(place, systemClock)
    expect((await world.state()).damage).toMatchObject({ code: 'STORAGE_FULL' })
    await world.close()
    rmSync(path.join(disk, 'filler-0'))
    world = openWorld(place, systemClock)
    expect(await world.state()).toMatchObject({ phase: 'ready', damage: null })
    await useCredential(world, ready, credential)
  })

  it('becomes read-only: says so, grants nothing, damages nothing', async () => {
    world = openWorld(place, systemClock)
    await world.state()
    await world.close()
    expect(run('mount', '-o', 'remount,ro', disk)).toBe(true)
    world = openWorld(place, systemClock)
    expect((await world.state()).damage).toMatchObject({ code: 'STORAGE_READ_ONLY' })
    await world.close()
    expect(run('mount', '-o', 'remount,rw', disk)).toBe(true)
    world = openWorld(place, systemClock)
    await useCredential(world, ready, credential)
  })
})

describe('a database that somebody else holds', () => {
  let place: Place
  let world: World
  beforeEach(() => {
    place = makePlace()
    cpSync(origin.dir, place.dir, { recursive: true })
    world = openWorld(place, systemClock)
  })
  afterEach(async () => {
    await world.close().catch(() => undefined)
    place.remove()
  })

  it('refuses the grant with STORAGE_BUSY and goes on when it is free again', async () => {
    const job = await openRequest(world, ready, credential)
    const { call } = world.strongroom()
    const [one, two] = ready.custodians
    await call.tapAccepted(describeTap(job, ready.requester, false))
    await call.tapAccepted(describeTap(job, one!))
    await call.tapAccepted(describeTap(job, two!))
    const intruder = await openDatabase(place.file, 'write')
    await intruder.execute('BEGIN IMMEDIATE')
    await expect(call.granted({ approvals: [one!.id, two!.id] })).rejects.toMatchObject({ code: 'STORAGE_BUSY' })
    await intruder.execute('ROLLBACK')
    await intruder.close()
    await call.granted({ approvals: [one!.id, two!.id] })
    expect((await world.call['log.verify']({})).integrity.problems).toEqual([])
  })

  it('stops when the intruder has written to the log, and never forks it', async () => {
    const job = await openRequest(world, ready, credential)
    await grant(world, ready, job)
    const intruder = await openDatabase(place.file, 'write')
    await intruder.execute(
      'DELETE FROM entries WHERE seq = (SELECT MAX(seq) FROM entries); UPDATE log_state SET size = size - 1',
    )
    await intruder.close()
    await expect(world.strongroom().call.fieldShown({ field: 0, label: 'x' })).rejects.toMatchObject({
      code: 'VAULT_DAMAGED',
    })
    await world.strongroom().call.ended({ result: 'done', code: null })
    expect(await outcomeOf(world)).toMatchObject({ result: 'failed', code: 'VAULT_DAMAGED' })
    await world.close()
    world = openWorld(place, systemClock)
    expect(await world.state()).toMatchObject({ phase: 'damaged' })
  })

  it('is readable by others all the time', async () => {
    const reader = await openDatabase(place.file, 'read')
    await reader.execute('BEGIN')
    const before = await reader.get('SELECT MAX(seq) AS last FROM entries')
    await useCredential(world, ready, credential)
    expect(await reader.get('SELECT MAX(seq) AS last FROM entries')).toEqual(before)
    await reader.execute('COMMIT')
    await reader.close()
  })
})

describe('a folder that is not safe', () => {
  it('is refused with its reason, and nothing in it is touched', async () => {
    const place = makePlace()
    mkdirSync(place.dir, { mode: 0o755 })
    chmodSync(place.dir, 0o755)
    const world = openWorld(place, systemClock)
    await world.state()
    await expect(world.call['setup.begin']({ vaultName: 'V', stationName: 'S' })).rejects.toMatchObject({
      code: 'VAULT_UNSAFE_PERMISSIONS',
      detail: { why: 'open-to-others' },
    })
    expect(existsSync(place.file)).toBe(false)
    chmodSync(place.dir, 0o700)
    await world.call['setup.begin']({ vaultName: 'V', stationName: 'S' })
    await world.close()
    chmodSync(place.file, 0o644)
    const again = openWorld(place, systemClock)
    await eventually(async () => (await again.state()).damage?.code === 'VAULT_UNSAFE_PERMISSIONS', 'refused')
    await expect(again.call['request.open'](requestInput(ready, credential))).rejects.toMatchObject({
      code: 'VAULT_UNSAFE_PERMISSIONS',
    })
    await again.close()
    place.remove()
  })
})
