/** Somebody who can write the database between enrolment and signature must not become everybody's custodian. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import path from 'node:path'
import sqlite from 'sqlite3'
import { loadSodium } from '../../../electron/platform/sodium.ts'
import { fromUtf8, toBase64Url } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { newId } from '../../support/node-app.ts'
import { createSoftwareKey } from '../../support/software-key.ts'
import { startJourney, usualPolicy, type JourneyApp } from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from './starters.ts'

let place: Workplace
let journey: JourneyApp
const keys = [createSoftwareKey(), createSoftwareKey()] as const
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

beforeEach(async () => {
  place = makeWorkplace()
  journey = await startJourney(starters(place))
  const { call } = journey.app
  await call['setup.begin']({ vaultName: 'Test vault', stationName: 'Test station' })
  // Three safes: more than one touch can prove.
  const safes = ['One', 'Two', 'Three'].map((name) => ({
    id: newId(),
    name,
    threshold: 2,
    custodians: people.map(({ id }) => id),
    policy: usualPolicy,
  }))
  await call['setup.plan']({ people, safes, quorum: 2 })
  for (const [at, person] of people.entries()) {
    // create, then a pair of gets for two safes, and a pair for the third.
    for (let touch = 0; touch < 5; touch++) journey.tap.touch(keys[at] ?? keys[0])
    const { operation } = await call['setup.enrol']({ person: person.id, labels: ['Main key'] })
    await journey.app.until((state) => state.operation === null && state.lastOutcome?.operation === operation)
  }
})
afterEach(async () => {
  await journey.app.close()
  place.remove()
})

describe('the signing tap', () => {
  it('proves every custody key, with a second touch where there are more than two safes', async () => {
    for (const key of keys) for (let touch = 0; touch < 2; touch++) journey.tap.touch(key)
    await journey.app.call['setup.acknowledge']({})
    await journey.app.until((state) => state.phase === 'ready')
  })

  it('refuses to sign a manifest that names a key of somebody else', async () => {
    const sodium = await loadSodium()
    const stranger = toBase64Url(sodium.crypto_box_keypair().publicKey)
    const [row] = await query('SELECT bytes FROM draft')
    const draft = JSON.parse(fromUtf8(row?.['bytes'] as Uint8Array)) as {
      enrolled: { custody: { publicKey: string }[] }[]
    }
    const custody = draft.enrolled[0]?.custody[2]
    if (custody === undefined) throw new Error('no third custody')
    custody.publicKey = stranger
    await query('UPDATE draft SET bytes = ?', Buffer.from(canonicalBytes(draft)))
    // Read again from the disk, as after a restart.
    await journey.app.close()
    journey = await startJourney(starters(place))
    for (let touch = 0; touch < 2; touch++) journey.tap.touch(keys[0])
    const { operation } = await journey.app.call['setup.acknowledge']({})
    const state = await journey.app.until((now) => now.lastOutcome?.operation === operation)
    expect(state.lastOutcome).toMatchObject({ result: 'failed', code: 'MANIFEST_INVALID' })
    expect(state.phase).toBe('setup')
    expect(state.setup?.acknowledged).toEqual([])
  })
})
