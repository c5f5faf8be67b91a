/** The known checkpoint across several vaults of one user, and across more than one older copy. */
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppState } from '../../../shared/contracts/app.ts'
import { createHandClock, findKnown, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { seal, setUp, useCredential, type ReadyWorld } from '../../support/vault-steps.ts'
import { eventually, type World } from '../../support/vault-world.ts'

const clock = createHandClock()
let place: Place
let other: Place
let world: World
let ready: ReadyWorld
let credential: string

beforeEach(async () => {
  place = makePlace()
  // The same user's data folder, another vault folder.
  const dir = path.join(place.root, 'other')
  other = { ...place, dir, file: path.join(dir, 'vault.sqlite3') }
  world = openWorld(place, clock)
  ready = await setUp(world)
  credential = await seal(world, ready)
  await world.close()
})
afterEach(async () => {
  await world.close().catch(() => undefined)
  place.remove()
})

async function open(where: Place): Promise<AppState['log']> {
  await world.close().catch(() => undefined)
  world = openWorld(where, clock)
  await eventually(async () => (await world.state()).log.integrity !== 'checking', 'checked')
  return (await world.state()).log
}
const copyOf = (name: string): string => path.join(place.root, name)
async function restore(name: string): Promise<void> {
  await world.close().catch(() => undefined)
  copyFileSync(copyOf(name), place.file)
  for (const more of ['-wal', '-shm']) rmSync(`${place.file}${more}`, { force: true })
}
const keep = async (name: string): Promise<void> => {
  await world.close().catch(() => undefined)
  copyFileSync(place.file, copyOf(name))
}
const evidence = (): string[] => readdirSync(place.root).filter((name) => name.includes('.evidence'))

describe('two vaults of one user', () => {
  it('neither cries wolf over the other nor makes it blind', async () => {
    world = openWorld(other, clock)
    await setUp(world)
    expect(await open(place)).toMatchObject({ integrity: 'intact', completeness: 'complete' })
    expect(await open(other)).toMatchObject({ integrity: 'intact', completeness: 'complete' })
    await open(place)
    await keep('old')
    await open(place)
    await useCredential(world, ready, credential)
    expect(await open(other)).toMatchObject({ completeness: 'complete' })
    await restore('old')
    expect(await open(place)).toMatchObject({ integrity: 'intact', completeness: 'incomplete' })
    expect(await open(other)).toMatchObject({ completeness: 'complete' })
    expect(evidence()).toHaveLength(1)
  })

  it('a checkpoint of another log says nothing and is no evidence', async () => {
    const mine = findKnown(place)
    world = openWorld({ ...other, known: copyOf('elsewhere') }, clock)
    await setUp(world)
    await world.close()
    copyFileSync(findKnown({ known: copyOf('elsewhere') }), mine)
    expect(await open(place)).toMatchObject({ integrity: 'intact', completeness: 'cannot-be-judged' })
    expect(evidence()).toEqual([])
    expect(await open(place)).toMatchObject({ completeness: 'complete' })
  })
})

describe('older copies, one after another', () => {
  it('each leaves its evidence, and the newest checkpoint is known again in between', async () => {
    await keep('old')
    await open(place)
    await useCredential(world, ready, credential)
    await keep('used once')
    await restore('old')
    expect((await open(place)).completeness).toBe('incomplete')
    const known = evidence()[0]?.replace('.evidence', '') ?? ''
    await eventually(() => existsSync(path.join(place.root, known)), 'known again')
    await useCredential(world, ready, credential)
    await world.close()
    await open(place)
    // The verdict stays, and what was found once is not found anew.
    expect((await world.state()).log.completeness).toBe('incomplete')
    expect(evidence()).toHaveLength(1)
    await restore('old')
    expect((await open(place)).completeness).toBe('incomplete')
    expect(evidence()).toHaveLength(2)
    // The true copy put back holds the first evidence; what was written in between it does not.
    await restore('used once')
    expect((await open(place)).completeness).toBe('incomplete')
  })
})
