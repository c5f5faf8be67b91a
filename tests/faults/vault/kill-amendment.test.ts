/** The vault process is killed while a change of the manifest becomes durable: afterwards it is the old one or the new one, whole. */
import { cpSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { systemClock } from '../../../electron/platform/clock.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { manifestHash } from '../../../shared/audit/manifest.ts'
import { createSoftwareKey } from '../../support/software-key.ts'
import { bundleVault, type VaultProgram } from '../../support/forked-vault.ts'
import { makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { describeKey, firstKeyOf, jobOf, makeWrap, setUp, type ReadyWorld } from '../../support/vault-steps.ts'
import { createWorld, makeTap, type World } from '../../support/vault-world.ts'
import { readRows } from '../../e2e/journey/log.ts'
import { mulberry32 } from './seeded-random.ts'

const rounds = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 150 : 8

let program: VaultProgram
let origin: Place
let ready: ReadyWorld

beforeAll(async () => {
  program = bundleVault()
  origin = makePlace()
  const world = openWorld(origin, systemClock)
  ready = await setUp(world)
  await world.close()
})
afterAll(() => {
  program.remove()
  origin.remove()
})

/** A quorum strikes off the first custodian's second key. */
async function retire(world: World): Promise<void> {
  const [one, two, three] = ready.custodians
  await world.call['keys.retire']({ person: one!.id, key: one!.keys[1]!.credentialId })
  const { call, job } = world.strongroom()
  const { next } = jobOf(await job(), 'amend')
  for (const person of [two!, three!]) {
    await call.manifestSigned({ tap: makeTap(person, firstKeyOf(person), 'manifest', next) })
  }
}

/** The second custodian gets a second key. */
async function add(world: World): Promise<void> {
  const who = ready.custodians[1]!
  await world.call['keys.add']({ person: who.id, label: 'Backup' })
  const { call, job } = world.strongroom()
  const { manifests, vault } = jobOf(await job(), 'add-key')
  const { manifest: before } = manifests.at(-1)!
  const key = describeKey(createSoftwareKey(), 'Backup')
  const manifest = {
    ...before,
    version: before.version + 1,
    previous: manifestHash(nodePrimitives, before),
    createdAt: '2026-11-23T14:00:01.000Z',
    persons: before.persons.map((person) =>
      person.id === who.id ? { ...person, keys: [...person.keys, key] } : person,
    ),
  }
  const publicKey = before.safes[0]!.custodians.find(({ person }) => person === who.id)!.publicKey
  const wraps = [makeWrap(vault, ready.safe, who.id, key.credentialId, publicKey)]
  await call.keyAdded({ manifest, tap: makeTap(who, firstKeyOf(who), 'manifest', manifest), wraps })
}

async function killOnce(change: (world: World) => Promise<void>, afterMs: number): Promise<boolean> {
  const place = makePlace()
  cpSync(origin.dir, place.dir, { recursive: true })
  const link = program.start({ dir: place.dir, knownCheckpointFile: null })
  const world = createWorld(link)
  try {
    await world.state()
    const started = change(world).catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    await link.kill()
    world.disconnect()
    void started

    const cold = await verifyFolder(place.dir, null)
    expect(cold.integrity.problems, `after ${afterMs} ms`).toEqual([])
    const again = openWorld(place, systemClock)
    const state = await again.state()
    const isNew = state.vault?.manifestVersion === 2
    const listed = state.persons
      .filter(({ id }) => ready.custodians.some((one) => one.id === id))
      .flatMap(({ keys }) => keys.map(({ credentialId }) => credentialId))
    const wrapped = (await readRows<{ key: string }>(place.dir, 'SELECT key FROM wraps')).map(({ key }) => key)
    // Manifest, log and wraps say the same.
    expect(wrapped.toSorted()).toEqual(listed.toSorted())
    expect((await again.call['log.verify']({})).integrity.problems).toEqual([])
    await again.close()
    return isNew
  } finally {
    await link.kill()
    place.remove()
  }
}

describe('kill -9 while a change of the manifest becomes durable', () => {
  it.each([
    ['a key struck off', retire],
    ['a key added', add],
  ] as const)(
    '%s: the old or the new one, never half of either',
    async (_, change) => {
      const random = mulberry32(7731)
      const seen = new Set<boolean>([await killOnce(change, 0), await killOnce(change, 1500)])
      // Both ends were seen, so the kills in between fall where something happens.
      expect(seen).toEqual(new Set([false, true]))
      for (let round = 0; round < rounds; round++) await killOnce(change, Math.floor(random() * 60))
    },
    600_000,
  )
})
