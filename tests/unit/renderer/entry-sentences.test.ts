import { describe, expect, it } from 'vitest'
import { entryTone, entryTypeNames } from '../../../shared/audit/entry-names.ts'
import { describeEntry, type Names } from '../../../shared/audit/entry-sentences.ts'
import { sentenceFor } from '../../../renderer/ui/sentences.ts'
import { entrySchema, entryTypes, type Entry } from '../../../shared/audit/entry.ts'
import { entries } from '../../e2e/screens/canned-entries.ts'
import { idOf } from '../../e2e/screens/canned-people.ts'

const names: Names = {
  person: (id) => (id === idOf(1) ? 'Ada Byron' : id === idOf(5) ? 'Rita Okafor' : 'Somebody'),
  credential: () => 'AWS root account',
  request: () => 'AWS root account',
  safe: () => 'Production',
  failure: sentenceFor,
}
const find = (type: Entry['type']): Entry => {
  const entry = entries.find((one) => one.type === type)
  if (entry === undefined) throw new Error(`no ${type}`)
  return entry
}

describe('entries in words', () => {
  it('covers every type with an entry that the log would accept', () => {
    expect(new Set(entries.map(({ type }) => type))).toEqual(new Set(entryTypes))
    for (const entry of entries) expect(entrySchema.safeParse(entry).success, entry.type).toBe(true)
  })

  it.each(entryTypes)('%s reads as a sentence without ids or codes', (type) => {
    const sentence = describeEntry(find(type), names)
    expect(sentence).toMatch(/^[A-Z“].*[.]$/s)
    expect(sentence).not.toMatch(/undefined|null|NaN|\[object|id0000|[A-Z]+_[A-Z]+/)
    expect(entryTypeNames[type]).not.toContain('.')
  })

  it('says who asked for what, why, and for how long', () => {
    const sentence = describeEntry(find('request.opened'), names)
    for (const part of ['Rita Okafor', 'AWS root account', '2 minutes', 'Identity provider is down', 'INC-2041'])
      expect(sentence).toContain(part)
  })

  it('says that an older version was asked for', () => {
    const opened = find('request.opened') as Extract<Entry, { type: 'request.opened' }>
    const statement = { ...opened.data.statement, version: 3, newest: 4 }
    const sentence = describeEntry({ ...opened, data: { ...opened.data, statement } }, names)
    expect(sentence).toContain('asked to see version 3 (the newest is 4) of “AWS root account” for')
    expect(describeEntry(opened, names)).not.toContain('version')
  })

  it('tells a tap that counts from one that does not, and a counter that went back', () => {
    const tap = find('tap.accepted') as Extract<Entry, { type: 'tap.accepted' }>
    expect(describeEntry(tap, names)).toBe('Ada Byron approved opening “AWS root account”.')
    expect(describeEntry({ ...tap, data: { ...tap.data, counts: false } }, names)).toContain('does not count')
    const copied: Entry = { ...tap, data: { ...tap.data, signCountWentBack: true } }
    expect(describeEntry(copied, names)).toContain('may have been copied')
    expect(entryTone(tap)).toBe('plain')
    expect(entryTone(copied)).toBe('bad')
  })
})
