/** The format's description names what is stored. A column that it does not name is one that nobody can recover from. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase, type Row } from '../../../electron/vault/store/driver.ts'
import { createHandClock, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { seal, setUp } from '../../support/vault-steps.ts'

const format = readFileSync(new URL('../../../docs/format.md', import.meta.url), 'utf8')
const section = format.slice(format.indexOf('\n## 7. '), format.indexOf('\n## 8. '))

/** Table → column → type, as section 7 lists them. */
function readTables(): Map<string, Map<string, string>> {
  const tables = new Map<string, Map<string, string>>()
  let table = ''
  for (const [, name, column, type] of section.matchAll(
    /^\| (?:`(\w+)`)? *\| `(\w+)` +\| (INTEGER|TEXT|BLOB) +\|/gmu,
  )) {
    if (name !== undefined) table = name
    const columns = tables.get(table) ?? new Map<string, string>()
    columns.set(column ?? '', type ?? '')
    tables.set(table, columns)
  }
  return tables
}

let place: Place

beforeEach(async () => {
  place = makePlace()
  const clock = createHandClock()
  const world = openWorld(place, clock)
  await seal(world, await setUp(world))
  await world.close()
})
afterEach(() => {
  place.remove()
})

async function query(...queries: readonly string[]): Promise<readonly (readonly Row[])[]> {
  const database = await openDatabase(place.file, 'read')
  try {
    return await Promise.all(queries.map((sql) => database.all(sql)))
  } finally {
    await database.close()
  }
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()

/** RFC 6962, 2.1: the root of `leaves`, which are hashes already. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves
  if (first === undefined || leaves.length === 1) return first ?? sha256()
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1))
  return sha256(Buffer.of(1), rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)))
}

describe('docs/format.md, section 7', () => {
  it('names every table, column, type and index that a vault has, and no other', async () => {
    const [columns, indexes, version, mark] = await query(
      `SELECT s.name AS "table", c.name AS "column", c.type AS type
       FROM sqlite_schema AS s JOIN pragma_table_info(s.name) AS c WHERE s.type = 'table'`,
      `SELECT name FROM sqlite_schema WHERE type NOT IN ('table', 'index') OR (type = 'index' AND sql IS NOT NULL)`,
      'PRAGMA user_version',
      'PRAGMA application_id',
    )
    const found = columns?.map(({ table, column, type }) => `${String(table)}.${String(column)} ${String(type)}`)
    const named = [...readTables()].flatMap(([table, described]) =>
      [...described].map(([column, type]) => `${table}.${column} ${type}`),
    )
    expect(named.toSorted()).toEqual(found?.toSorted())
    for (const { name } of indexes ?? []) expect(section).toContain(`\`${String(name)}\``)
    expect(section).toContain(`\`user_version\` ${String(version?.[0]?.['user_version'])}.`)
    expect(section).toContain(`0x${Number(mark?.[0]?.['application_id']).toString(16).toUpperCase()}`)
  })

  it('names every file of a vault folder and beside it', () => {
    const beside = readdirSync(place.root).filter((name) => name !== 'vault')
    expect(beside).not.toEqual([])
    for (const name of [...readdirSync(place.dir), ...beside]) {
      expect(section, name).toContain(`\`${name.replace(/-[\w-]{22}(?=\.|$)/u, '-<vault id>')}\``)
    }
  })

  it('says what log_state holds: anybody can make it again from the entries', async () => {
    const [entries, state, keys] = await query(
      'SELECT bytes FROM entries ORDER BY seq',
      'SELECT size, last, frontier FROM log_state',
      'SELECT public, secret FROM station_key',
    )
    const leaves = (entries ?? []).map(({ bytes }) => sha256(Buffer.of(0), bytes as Uint8Array))
    const full: string[] = []
    for (let from = 0, bit = 2 ** 30; bit >= 1; bit /= 2) {
      if ((leaves.length & bit) === 0) continue
      full.push(rootOf(leaves.slice(from, (from += bit))).toString('base64url'))
    }
    const row = state?.[0]
    expect(row?.['size']).toBe(leaves.length)
    expect(Buffer.from(row?.['last'] as Uint8Array)).toEqual(leaves.at(-1))
    expect(JSON.parse(Buffer.from(row?.['frontier'] as Uint8Array).toString())).toEqual(full)
    const { public: publicKey, secret } = keys?.[0] ?? {}
    expect(Buffer.from(secret as Uint8Array).subarray(32)).toEqual(Buffer.from(publicKey as Uint8Array))
    expect(secret).toHaveLength(64)
  })
})
