import { mulberry32 } from './seeded-random.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyFileSync, cpSync, rmSync } from 'node:fs'
import path from 'node:path'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import type { Entry } from '../../../shared/audit/entry.ts'
import { systemClock } from '../../../electron/platform/clock.ts'
import { bundleVault, type VaultProgram } from '../../support/forked-vault.ts'
import { findKnown, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { seal, setUp, useCredential, type ReadyWorld } from '../../support/vault-steps.ts'
import { createWorld, type World } from '../../support/vault-world.ts'

const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'
const kills = isCampaign ? 200 : 15
const seed = Number(process.env['HALLIGAN_SEED'] ?? 7731)

let program: VaultProgram
let origin: Place
let ready: ReadyWorld
let credential: string

beforeAll(async () => {
  program = bundleVault()
  origin = makePlace()
  const world = openWorld(origin, systemClock)
  ready = await setUp(world)
  credential = await seal(world, ready)
  await world.close()
})
afterAll(() => {
  program.remove()
  origin.remove()
})

/** What the outside was told: nothing of it may be missing afterwards. */
interface Told {
  seq: number
  sealed: string[]
  finishedRequests: string[]
}

/** Seals and uses credentials until the process is gone. */
async function work(world: World, told: Told): Promise<void> {
  for (;;) {
    told.sealed.push(await seal(world, ready))
    told.finishedRequests.push(await useCredential(world, ready, credential))
  }
}

const everything = { types: [], person: null, credential: null, text: '', from: null, before: null }
async function readLog(world: World): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let before: number | null = null; ;) {
    const page: { entries: Entry[]; more: boolean } = await world.call['timeline.page']({
      before,
      limit: 200,
      filter: everything,
    })
    entries.unshift(...page.entries.toReversed())
    if (!page.more) return entries
    before = entries[0]?.seq ?? null
  }
}

async function killOnce(afterMs: number): Promise<number> {
  const place = makePlace()
  cpSync(origin.dir, place.dir, { recursive: true })
  const known = findKnown(origin)
  copyFileSync(known, path.join(place.root, path.basename(known)))
  const told: Told = { seq: 0, sealed: [], finishedRequests: [] }
  const link = program.start({ dir: place.dir, knownCheckpointFile: place.known })
  const world = createWorld(link)
  try {
    await world.state()
    const timer = setTimeout(() => void link.kill(), afterMs)
    await work(world, told).catch(() => undefined)
    clearTimeout(timer)
    await link.kill()
    told.seq = world.events.appended.at(-1) ?? 0
    world.disconnect()

    // What is on the disk verifies as it is, before anything repairs it.
    const cold = await verifyFolder(place.dir, null)
    expect(cold.integrity.problems, `after ${afterMs} ms`).toEqual([])
    expect(cold.size).toBeGreaterThan(told.seq)

    const again = openWorld(place, systemClock)
    const report = await again.call['log.verify']({})
    expect(report).toMatchObject({
      integrity: { verdict: 'intact', problems: [] },
      completeness: { verdict: 'complete' },
    })
    const log = await readLog(again)
    const sealed = log.flatMap((entry) => (entry.type === 'credential.sealed' ? [entry.data.credential] : []))
    const list = (await again.call['credentials.list']({})).map(({ id, damage }) => ({ id, damage }))
    // No half-sealed credential: the log and the records say the same, and nothing is damaged.
    expect(list).toEqual(sealed.map((id) => ({ id, damage: null })))
    for (const id of told.sealed) expect(sealed).toContain(id)
    for (const request of told.finishedRequests) {
      expect(
        log.some(
          (entry) =>
            entry.type === 'window.closed' && entry.data.request === request && entry.data.reason !== 'vault-died',
        ),
      ).toBe(true)
    }
    // Whatever was open then has an end now.
    const opened = log.flatMap((entry) => (entry.type === 'request.opened' ? [entry.data.statement.request] : []))
    const ended = log.flatMap((entry) =>
      entry.type === 'window.closed' || entry.type === 'request.cancelled' ? [entry.data.request] : [],
    )
    expect(new Set(ended)).toEqual(new Set(opened))
    expect(ended).toHaveLength(opened.length)
    expect(log.some((entry) => entry.type === 'app.closed' && entry.data.reason === 'crash-recovered')).toBe(true)
    // And it goes on working.
    await useCredential(again, ready, credential)
    await again.close()
    return told.sealed.length + told.finishedRequests.length
  } finally {
    await link.kill()
    place.remove()
  }
}

describe('kill -9 of the vault process', () => {
  it(
    `at ${kills} random moments loses nothing that was acknowledged and leaves nothing half done`,
    async () => {
      const random = mulberry32(seed)
      let done = 0
      for (let round = 0; round < kills; round++) done += await killOnce(Math.floor(random() * 260))
      // The kills must hit work, not an idle process.
      expect(done).toBeGreaterThan(kills / 4)
    },
    isCampaign ? 1_200_000 : 90_000,
  )

  it('during set-up keeps the draft as far as it was acknowledged', async () => {
    const place = makePlace()
    const link = program.start({ dir: place.dir, knownCheckpointFile: place.known })
    const world = createWorld(link)
    await world.call['setup.begin']({ vaultName: 'V', stationName: 'S' })
    await world.call['setup.plan'](ready.plan)
    await link.kill()
    world.disconnect()
    const again = openWorld(place, systemClock)
    expect((await again.state()).setup?.plan).toEqual(ready.plan)
    expect((await again.call['log.verify']({})).integrity.problems).toEqual([])
    await again.close()
    place.remove()
  })

  it('frees the lock at once', async () => {
    const place = makePlace()
    cpSync(origin.dir, place.dir, { recursive: true })
    const first = program.start({ dir: place.dir, knownCheckpointFile: null })
    const world = createWorld(first)
    expect((await world.state()).phase).toBe('ready')
    const second = program.start({ dir: place.dir, knownCheckpointFile: null })
    const beside = createWorld(second)
    expect((await beside.state()).damage).toMatchObject({ code: 'VAULT_LOCKED_BY_OTHER' })
    await first.kill()
    const third = program.start({ dir: place.dir, knownCheckpointFile: null })
    expect((await createWorld(third).state()).phase).toBe('ready')
    await Promise.all([second.kill(), third.kill()])
    rmSync(path.join(place.root), { recursive: true, force: true })
  })
})
