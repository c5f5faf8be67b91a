/** Somebody who can write the database between enrolment and signature must not become everybody's custodian. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import path from 'node:path'
import sqlite from 'sqlite3'
import { loadSodium } from '../../../electron/platform/sodium.ts'
import { fromUtf8, toBase64Url } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { newId } from '../../support/node-app.ts'
import { createSoftwareKey, type SoftwareKey } from '../../support/software-key.ts'
import { startJourney, usualPolicy, type JourneyApp } from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from './starters.ts'

let place: Workplace
let journey: JourneyApp
const keys = [createSoftwareKey(), createSoftwareKey()] as const
const spares = [createSoftwareKey(), createSoftwareKey()] as const
const people = ['Ada', 'Grace'].map((name) => ({
  id: newId(),
  name,
  roles: ['custodian' as const, 'requester' as const],
}))

const query = (sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> =>
  new Promise((resolve, reject) => {
    const database = new sqlite.Database(path.join(place.dir, 'vault.sqlite3'))
    database.all<Record<string, unknown>>(sql, values, (error, rows) => {
      database.close()
      if (error === null) resolve(rows)
      else reject(error)
    })
  })

interface Draft {
  readonly enrolled: {
    custody: { publicKey: string }[]
    keys: { credentialId: string; publicKey: object; label: string }[]
    rings?: { mac: string }[]
  }[]
}

/** Changes the draft on the disk; it is read again, as after a restart. */
async function editDraft(change: (draft: Draft) => void): Promise<void> {
  const [row] = await query('SELECT bytes FROM draft')
  const draft = JSON.parse(fromUtf8(row?.['bytes'] as Uint8Array)) as Draft
  change(draft)
  await query('UPDATE draft SET bytes = ?', Buffer.from(canonicalBytes(draft)))
  await restart()
}

async function restart(): Promise<void> {
  await journey.app.close()
  journey = await startJourney(starters(place))
}

/** Every wrap under one key, as one under another. */
async function renameWraps(key: string, as: string): Promise<void> {
  const rows = await query('SELECT safe, bytes FROM wraps WHERE key = ?', key)
  expect(rows).toHaveLength(3)
  for (const { safe, bytes } of rows) {
    const wrap = { ...(JSON.parse(fromUtf8(bytes as Uint8Array)) as object), key: as }
    await query('UPDATE wraps SET key = ?, bytes = ? WHERE safe = ? AND key = ?', as, Buffer.from(canonicalBytes(wrap)), safe, key) // prettier-ignore
  }
}

async function enrol(person: string, owned: readonly SoftwareKey[]): Promise<void> {
  // For each key: create, then a pair of gets for two safes, and a pair for the third.
  for (const key of owned) for (let touch = 0; touch < 5; touch++) journey.tap.touch(key)
  const labels = owned.map((_, at) => (at === 0 ? 'Main key' : `Spare key ${at}`))
  const { operation } = await journey.app.call['setup.enrol']({ person, labels })
  const state = await journey.app.until((now) => now.operation === null && now.lastOutcome?.operation === operation)
  expect(state.lastOutcome).toMatchObject({ result: 'done' })
}

/** Two touches for each: three safes are more than one touch can prove. */
async function acknowledge(...owned: readonly SoftwareKey[]): Promise<void> {
  for (const key of owned) for (let touch = 0; touch < 2; touch++) journey.tap.touch(key)
  const { operation } = await journey.app.call['setup.acknowledge']({})
  await journey.app.until((now) => now.lastOutcome?.operation === operation)
}

async function refused(): Promise<void> {
  await acknowledge(keys[0])
  const state = await journey.app.until((now) => now.lastOutcome !== null)
  expect(state.lastOutcome).toMatchObject({ result: 'failed', code: 'MANIFEST_INVALID' })
  expect(state.phase).toBe('setup')
  expect(state.setup?.acknowledged).toEqual([])
  // Touches that nobody asked for must not answer later.
  await restart()
}

const [ada, grace] = people.map(({ id }) => id)
if (ada === undefined || grace === undefined) throw new Error('nobody')
const plan = {
  people,
  safes: ['One', 'Two', 'Three'].map((name) => ({
    ...{ id: newId(), name, threshold: 2, policy: usualPolicy },
    custodians: people.map(({ id }) => id),
  })),
  quorum: 2,
}

beforeEach(async () => {
  place = makeWorkplace()
  journey = await startJourney(starters(place))
  await journey.app.call['setup.begin']({ vaultName: 'Test vault', stationName: 'Test station' })
  await journey.app.call['setup.plan'](plan)
  await enrol(ada, [keys[0], spares[0]])
  await enrol(grace, [keys[1], spares[1]])
})
afterEach(async () => {
  await journey.app.close()
  place.remove()
})

describe('the signing tap', () => {
  it.each([
    ['the main keys', keys],
    ['a main and a spare key', [keys[0], spares[1]]],
  ] as const)('proves every custody key, with %s', async (_, touched) => {
    await acknowledge(...touched)
    await journey.app.until((state) => state.phase === 'ready')
  })

  it('refuses to sign a manifest that names a key of somebody else', async () => {
    const sodium = await loadSodium()
    const stranger = toBase64Url(sodium.crypto_box_keypair().publicKey)
    await editDraft(({ enrolled }) => {
      const custody = enrolled[0]?.custody[2]
      if (custody === undefined) throw new Error('no third custody')
      custody.publicKey = stranger
    })
    await refused()
  })

  it('refuses to sign for a spare key that nobody enrolled, until its owner has enrolled anew', async () => {
    const stranger = createSoftwareKey()
    await renameWraps(spares[0].credentialId, stranger.credentialId)
    await editDraft(({ enrolled }) => {
      const spare = enrolled[0]?.keys[1]
      expect(spare?.credentialId).toBe(spares[0].credentialId)
      Object.assign(spare ?? {}, { credentialId: stranger.credentialId, publicKey: stranger.publicKey })
    })
    await refused()
    await enrol(ada, [keys[0], spares[0]])
    await acknowledge(...keys)
    const state = await journey.app.until((now) => now.phase === 'ready')
    const named = state.persons.flatMap(({ keys: listed }) => listed.map(({ credentialId }) => credentialId))
    expect(named.toSorted()).toEqual([...keys, ...spares].map(({ credentialId }) => credentialId).toSorted())
  })

  it.each<[string, (draft: Draft) => void]>([
    ['in another order', ({ enrolled }) => enrolled[0]?.keys.reverse()],
    ['under another label', ({ enrolled }) => Object.assign(enrolled[0]?.keys[1] ?? {}, { label: 'Spare key 2' })],
    ['without proof of which they are', ({ enrolled }) => delete enrolled[0]?.rings],
    [
      'with the proof of somebody else',
      ({ enrolled }) => Object.assign(enrolled[0] ?? {}, { rings: enrolled[1]?.rings }),
    ],
  ])('refuses to sign for keys %s', async (_, change) => {
    await editDraft(change)
    await refused()
  })

  it('signs after a new plan, for the keys that were enrolled under it', async () => {
    await journey.app.call['setup.replan']({})
    await journey.app.call['setup.plan']({ ...plan, safes: plan.safes.toReversed() })
    await enrol(grace, [keys[1]])
    await enrol(ada, [keys[0], spares[0]])
    await acknowledge(spares[0], keys[1])
    await journey.app.until((state) => state.phase === 'ready')
  })
})
