/** docs/format-sealing.md, section 9, step by step: from a database that the product wrote, without the product's code. */
import { createHash } from 'node:crypto'
import { cpSync } from 'node:fs'
import path from 'node:path'
import sqlite from 'sqlite3'
import { expect, it } from 'vitest'
import { bytesOf, hashOf, message, recoverByHand, textOf } from '../../support/sealing-oracle.ts'
import { firstKey, sealCredential, setUpVault, startJourney, textField } from '../../support/vault-journey.ts'
import { makeWorkplace, starters } from '../system/starters.ts'

type Row = Record<string, string | number | Buffer>
interface Header {
  vault: string
  safe: string
  credential: string
  version: number
  threshold: number
  keyCommitment: string
  nonce: string
  shares: { custodian: string; index: number; commitment: string; box: string }[]
}
interface Wrap {
  person: string
  key: string
  publicKey: string
  salt: string
  nonce: string
  box: string
}
interface Sealed {
  type: string
  data: { name: string; credential: string; version: number; record: string }
}

const parse = (bytes: unknown): unknown => JSON.parse((bytes as Buffer).toString('utf8'))

function openCopy(file: string): (sql: string, ...values: unknown[]) => Promise<Row[]> {
  const database = new sqlite.Database(file, sqlite.OPEN_READWRITE)
  return (sql, ...values) =>
    new Promise((resolve, reject) => {
      database.all<Row>(sql, values, (error, rows) => {
        if (error === null) resolve(rows)
        else reject(error)
      })
    })
}

it('a sealed credential is recovered from a copy of the database and k security keys', async () => {
  const place = makeWorkplace()
  const journey = await startJourney(starters(place))
  try {
    const vault = await setUpVault(journey, { n: 3, k: 2 })
    await sealCredential(journey, vault, [textField('Password', 'an older version')])
    const credential = await sealCredential(journey, vault, [textField('Password', 'correct-horse-7731')], {
      name: 'Core switch',
    })
    const copy = path.join(path.dirname(place.dir), 'copy')
    cpSync(place.dir, copy, { recursive: true })
    const query = openCopy(path.join(copy, 'vault.sqlite3'))

    // 1. and 2.: the record that the log says was sealed
    const entries = await query(`SELECT bytes FROM entries WHERE type = 'credential.sealed' ORDER BY seq`)
    const sealed = entries
      .map(({ bytes }) => parse(bytes) as Sealed)
      .findLast(({ data }) => data.name === 'Core switch')
    expect(sealed?.data.credential).toBe(credential)
    const which = [credential, sealed?.data.version]
    const [record] = await query('SELECT header, body FROM records WHERE credential = ? AND version = ?', ...which)
    const shares = await query(
      'SELECT idx, box FROM shares WHERE credential = ? AND version = ? ORDER BY idx',
      ...which,
    )
    const header = parse(record?.['header']) as Header
    const body = record?.['body'] as Buffer
    const recordHash = createHash('sha256')
      .update(message('record', { header, body: hashOf(body) }))
      .digest('base64url')
    expect(recordHash).toBe(sealed?.data.record)
    const boxes = header.shares.map(({ index }) => shares.find(({ idx }) => idx === index)?.['box'] as Buffer)

    // 3. and 4.: the wraps of two custodians, and what their keys answer
    const wraps = (await query('SELECT bytes FROM wraps WHERE safe = ?', header.safe)).map(
      ({ bytes }) => parse(bytes) as Wrap,
    )
    const given = vault.custodians.slice(1).map((person) => {
      const key = firstKey(person)
      const wrap = wraps.find((one) => one.person === person.id && one.key === key.credentialId)
      if (wrap === undefined) throw new Error('no wrap')
      const input = { challenge: new Uint8Array(32), origin: 'https://halligan.localhost', rpId: 'halligan.localhost' }
      const [prf] = key.assert({ ...input, prf: [bytesOf(wrap.salt)] }).prf
      if (prf === undefined) throw new Error('no PRF')
      return { wrap, prf }
    })

    // 5. to 8.
    const recovered = recoverByHand({ header, boxes: boxes.map(textOf), body: textOf(body) }, given)
    expect(recovered.fields.map(({ value }) => Buffer.from(value).toString())).toEqual(['correct-horse-7731'])
    expect(Buffer.from(recovered.runbook).toString()).toContain('# Runbook')
  } finally {
    await journey.app.close()
    place.remove()
  }
})
