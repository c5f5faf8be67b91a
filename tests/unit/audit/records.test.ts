/** Sealed records at rest: damage is found and named. */
import { beforeEach, describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { parseRecordHeader, recordHash, sealedRecordHash, type StoredRecord } from '../../../shared/audit/records.ts'
import { toBase64Url, utf8 } from '../../../shared/bytes.ts'
import { canonicalMessage } from '../../../shared/canonical.ts'
import { check } from './check-log.ts'
import type { TestLog } from './log-writer.ts'
import { createTestVault, type TestVault } from './test-vault.ts'

let vault: TestVault
let log: TestLog
let records: StoredRecord[]

beforeEach(() => {
  vault = createTestVault({ seed: 'records' })
  vault.setUp()
  const credential = vault.seal(vault.people[0]!)
  vault.seal(vault.people[0]!, credential)
  vault.seal(vault.people[1]!)
  log = vault.finish()
  records = structuredClone(vault.records)
})

const problemsOf = async () => (await check(log, null, records)).integrity.problems

const flip = (bytes: Uint8Array, at = 10): Uint8Array => {
  const changed = Uint8Array.from(bytes)
  changed[at]! ^= 1
  return changed
}

describe('records at rest', () => {
  it('are intact when nothing happened, with or without their old versions', async () => {
    expect(await problemsOf()).toEqual([])
    records = records.filter(({ version, credential }) => version === 2 || credential !== records[0]!.credential)
    expect(await problemsOf()).toEqual([])
  })

  it('name whose share is damaged, missing or too much', async () => {
    const [first, ...others] = records
    const boxes = first!.boxes.map((one) => (one.index === 2 ? { ...one, box: flip(one.box) } : one))
    records = [{ ...first!, boxes }, ...others]
    expect(await problemsOf()).toMatchObject([
      {
        code: 'share-damaged',
        detail: expect.stringMatching(
          /share 2 of credential "Root of the core switch" version 1, Grace Murray's, is damaged/,
        ) as unknown,
      },
    ])
    records = [{ ...first!, boxes: first!.boxes.slice(1) }, ...others]
    expect(await problemsOf()).toMatchObject([
      { code: 'share-damaged', detail: expect.stringContaining("Ada Byron's, is missing") as unknown },
    ])
    records = [{ ...first!, boxes: [...first!.boxes, { index: 9, box: utf8('x') }] }, ...others]
    expect(await problemsOf()).toMatchObject([
      { code: 'share-damaged', detail: expect.stringContaining('share 9') as unknown },
    ])
  })

  it.each([
    ['body', (record: StoredRecord) => ({ ...record, body: flip(record.body) })],
    ['header', (record: StoredRecord) => ({ ...record, header: flip(record.header, 60) })],
    [
      'header with a space',
      (record: StoredRecord) => ({ ...record, header: utf8(` ${new TextDecoder().decode(record.header)}`) }),
    ],
    ['version', (record: StoredRecord) => ({ ...record, version: 2 })],
  ])('name a damaged %s', async (_, damage) => {
    const [first] = records
    records = [damage(first!), ...records.slice(1)]
    expect((await problemsOf()).map(({ code }) => code)).toContain('record-damaged')
  })

  it('name a newest version that is not there, and a record that was never sealed', async () => {
    const [first, second, third] = records
    records = [first!, third!]
    expect(await problemsOf()).toMatchObject([
      { code: 'record-damaged', detail: expect.stringContaining('version 2 has no record') as unknown },
    ])
    records = [first!, second!, third!, { ...third!, version: 7 }]
    expect(await problemsOf()).toMatchObject([{ code: 'record-not-in-log' }])
  })
})

describe('the record hash', () => {
  it('is SHA-256 over header and hash of the body', () => {
    const { header: bytes, body, boxes } = records[0]!
    const header = parseRecordHeader(bytes)!
    const message = canonicalMessage('record', { header, body: toBase64Url(nodePrimitives.sha256(body)) })
    const hash = recordHash(nodePrimitives, header, body)
    expect(hash).toBe(toBase64Url(nodePrimitives.sha256(message)))
    const sealed = { header, boxes: boxes.map(({ box }) => toBase64Url(box)), body: toBase64Url(body) }
    expect(sealedRecordHash(nodePrimitives, sealed)).toBe(hash)
    expect(parseRecordHeader(utf8('nothing'))).toBeNull()
  })
})
