/** kill -9 of the courier and of the vault process at random moments of a sync; both real, the sink a folder. */
import { cpSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { runStatus } from '../../../electron/cli/status-command.ts'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { systemClock } from '../../../electron/platform/clock.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { loadSodium } from '../../../electron/platform/sodium.ts'
import { continueLog } from '../../../electron/vault/audit/begin-boot.ts'
import { loadGenesis } from '../../../electron/vault/audit/tip.ts'
import { openDatabase } from '../../../electron/vault/store/driver.ts'
import { openStore } from '../../../electron/vault/store/store.ts'
import type { NewEntry } from '../../../shared/audit/entry.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import { bundleVault, type VaultProgram } from '../../support/forked-vault.ts'
import {
  bundleCourier,
  createSyncHost,
  signSinks,
  type CourierProgram,
  type SyncHost,
} from '../../support/sync-host.ts'
import { findKnown, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { grant, openRequest, seal, setUp, useCredential, type ReadyWorld } from '../../support/vault-steps.ts'
import { createWorld, eventually, newId, type World } from '../../support/vault-world.ts'
import { mulberry32 } from '../vault/seeded-random.ts'

/** Never reached in a good run, however busy the machine. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
/** For one of the things that a test waits for. */
const patienceMs = 100_000

const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'
const rounds = isCampaign ? 60 : 6
const backlog = isCampaign ? 30_000 : 8_000
const seed = Number(process.env['HALLIGAN_SEED'] ?? 4711)

let vaultProgram: VaultProgram
let courierProgram: CourierProgram
/** A vault with a sink and a long log that the sink has not seen. */
let origin: Place
let ready: ReadyWorld
let credential: string
let place: Place
let host: SyncHost

/** Where the manifest says that the share is mounted. */
let share: string

async function appendBacklog(one: Place): Promise<void> {
  const sodium = await loadSodium()
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
  const store = await openStore({ dir: one.dir, randomBytes: random })
  const genesis = await loadGenesis(store.database)
  if (genesis === null) throw new Error('no log')
  const jumped: NewEntry = { type: 'clock.jumped', actor: { kind: 'station' }, data: { byMs: 1 } }
  const log = await continueLog(
    {
      store,
      clock: systemClock,
      primitives: nodePrimitives,
      sodium,
      randomBytes: random,
      credentialOfRequest: () => undefined,
      withEntries: () => Promise.resolve(),
      onCommitted: () => undefined,
    },
    genesis,
    [],
  )
  for (let done = 0; done < backlog; done += 1000) await log.append(Array.from({ length: 1000 }, () => jumped))
  await log.close()
  await store.close()
}

beforeAll(async () => {
  vaultProgram = bundleVault()
  courierProgram = bundleCourier()
  origin = makePlace()
  const world = openWorld(origin, systemClock)
  ready = await setUp(world)
  credential = await seal(world, ready)
  share = path.join(origin.root, 'share')
  await signSinks(world, ready, [{ id: newId(), name: 'Share', kind: 'folder', path: share }])
  await world.close()
  await appendBacklog(origin)
}, 120_000)
afterAll(() => {
  vaultProgram.remove()
  courierProgram.remove()
  origin.remove()
})

beforeEach(() => {
  place = makePlace()
  cpSync(origin.dir, place.dir, { recursive: true })
  const known = findKnown(origin)
  copyFileSync(known, path.join(place.root, path.basename(known)))
  rmSync(share, { recursive: true, force: true })
  mkdirSync(share)
  host = createSyncHost(courierProgram)
})
afterEach(() => {
  host.close()
  place.remove()
})

const isCurrent = ({ sinks: [sink] }: AppState): boolean => sink?.state === 'current'
const copyOfLog = (): string => path.join(share, readdirSync(share)[0] ?? 'nothing yet')
const readCopy = (): Buffer => {
  const file = path.join(copyOfLog(), 'log.jsonl')
  return existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
}

/** What a station's database holds, as lines. */
async function readLines(): Promise<Buffer> {
  const database = await openDatabase(place.file, 'read')
  try {
    const rows = await database.all('SELECT bytes FROM entries ORDER BY seq')
    return Buffer.concat(rows.flatMap(({ bytes }) => [Buffer.from(bytes as Uint8Array), Buffer.of(10)]))
  } finally {
    await database.close()
  }
}

/** Whole lines at the beginning of what the station has, and perhaps one that was being written. */
async function expectPrefix(): Promise<number> {
  const copy = readCopy()
  const whole = copy.subarray(0, copy.lastIndexOf(10) + 1)
  expect((await readLines()).subarray(0, whole.length).equals(whole)).toBe(true)
  return whole.length
}

/** What `read` says once it has said the same for half a second. */
async function readWhenSteady(read: () => number[]): Promise<number[]> {
  let before = read()
  for (let same = 0; same < 20;) {
    await new Promise((resolve) => setTimeout(resolve, 25))
    const now = read()
    same = now.join() === before.join() ? same + 1 : 0
    before = now
  }
  return before
}

const waitUntilCurrent = (world: World): Promise<void> =>
  eventually(async () => isCurrent(await world.state()), 'everything at the sink', patienceMs)

describe('kill -9 in the middle of a sync', () => {
  it(
    `${rounds} times, of the courier or of the vault process, loses nothing, repeats nothing, and ends with a copy that verifies`,
    async () => {
      const random = mulberry32(seed)
      let inTheMiddle = 0
      for (let round = 0; round < rounds; round++) {
        const link = vaultProgram.start({ dir: place.dir, knownCheckpointFile: place.known })
        const world = createWorld(link, (hub) => host.serve(hub, link))
        await world.state()
        const before = readCopy().length
        await eventually(() => host.courier() !== null, 'a courier', patienceMs)
        // Not before it works, and in small steps, so that many kills fit into one backlog.
        await eventually(() => readCopy().length > before, 'something at the sink', patienceMs)
        await new Promise((resolve) => setTimeout(resolve, random() * 60))
        if (random() < 0.5) {
          host.courier()?.kill('SIGKILL')
          await new Promise((resolve) => setTimeout(resolve, random() * 400))
        }
        await link.kill()
        world.disconnect()
        host.close()
        const length = await expectPrefix()
        if (length < (await readLines()).length) inTheMiddle++
      }
      expect(inTheMiddle).toBeGreaterThan(0)

      const world = openWorld(place, systemClock, host.serve)
      await waitUntilCurrent(world)
      await eventually(async () => (await readLines()).equals(readCopy()), 'the same at both', patienceMs)
      expect(host.started()).toBeGreaterThan(rounds)
      await world.close()
      const report = await verifyFolder(copyOfLog(), null)
      expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
      const own = await verifyFolder(place.dir, null)
      expect(own.integrity).toMatchObject({ verdict: 'intact', problems: [] })
    },
    isCampaign ? 1_200_000 : 300_000,
  )
})

describe('a sink that is down during a whole break-glass', () => {
  it('is not even tried: from the request to the end of the window nothing is sent and no courier started', async () => {
    rmSync(share, { recursive: true })
    const world = openWorld(place, systemClock, host.serve)
    const sinkNow = async () => (await world.state()).sinks[0]
    await eventually(
      async () => (await sinkNow())?.problem?.code === 'SINK_UNREACHABLE',
      'a sink out of reach',
      patienceMs,
    )
    const job = await openRequest(world, ready, credential)
    // What was under way when the request came has its answer by now.
    const counts = (): number[] => [host.messages(), host.started()]
    const before = await readWhenSteady(counts)
    for (let beat = 0; beat < 8; beat++) {
      if (beat === 2) await grant(world, ready, job)
      if (beat === 5) await world.strongroom().call.fieldShown({ field: 0, label: 'Password' })
      // Longer than a sink out of reach is ever left alone.
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    expect(counts()).toEqual(before)
    expect((await sinkNow())?.state).toMatch(/paused|waiting/)
    const { call, die } = world.strongroom()
    await call.windowClosed({ reason: 'hidden-by-person', openedMs: 1200 })
    await call.ended({ result: 'done', code: null })
    die()
    mkdirSync(share)
    await waitUntilCurrent(world)
    await world.close()
    let said = ''
    await runStatus({ vault: place.dir, json: false }, { write: (text) => void (said += text), writeError: () => {} })
    expect(said).toMatch(/"Share" has \d{4,} of \d{4,} entries, last at 2/)
  }, 300_000)
})

it('two stations feed one share and stay apart', async () => {
  const first = openWorld(place, systemClock, host.serve)
  await waitUntilCurrent(first)
  const second = makePlace()
  const other = createSyncHost(courierProgram)
  const world = openWorld(second, systemClock, other.serve)
  const people = await setUp(world)
  await signSinks(world, people, [{ id: newId(), name: 'Share', kind: 'folder', path: share }])
  await waitUntilCurrent(world)
  await Promise.all([useCredential(first, ready, credential), seal(world, people)])
  await waitUntilCurrent(first)
  await waitUntilCurrent(world)
  await Promise.all([first.close(), world.close()])
  other.close()
  second.remove()
  const folders = readdirSync(share)
  expect(folders).toHaveLength(2)
  for (const folder of folders) {
    expect((await verifyFolder(path.join(share, folder), null)).integrity.problems).toEqual([])
  }
}, 300_000)
