import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createField, fieldsFor, readFields, wipeFields, type DraftField } from '../../../renderer/seal/draft.ts'
import { enteredFieldSchema } from '../../../shared/contracts/seal.ts'
import { credentialKindSchema } from '../../../shared/domain/credential.ts'
import { limits } from '../../../shared/limits.ts'

const field = (id: number, change: Partial<DraftField>): DraftField => ({
  ...createField(id, { label: `Field ${String(id)}`, type: 'text', secret: true, optional: false }),
  ...change,
})
const text = (value: Uint8Array): string => new TextDecoder().decode(value)

describe('the fields of a kind', () => {
  it.each(credentialKindSchema.options)('%s begins with fields, at least one of them required', (kind) => {
    const fields = fieldsFor(kind)
    expect(fields.some(({ optional }) => !optional)).toBe(true)
    expect(new Set(fields.map(({ label }) => label)).size).toBe(fields.length)
    expect(readFields(fields).problems.size).toBeGreaterThan(0)
  })
})

describe('reading what was entered', () => {
  it('sends what is filled and leaves out what is optional and empty', () => {
    const [name, password, ...rest] = fieldsFor('login')
    const read = readFields([{ ...name!, text: 'root' }, { ...password!, text: '  spaces kept  ' }, ...rest])
    expect(read.problems.size).toBe(0)
    expect(read.fields.map(({ label, value }) => [label, text(value)])).toEqual([
      ['User name', 'root'],
      ['Password', '  spaces kept  '],
    ])
    expect(read.ids).toEqual([0, 1])
  })

  it('makes codes one a line, trimmed, and refuses a code that stands there twice', () => {
    const codes = readFields([field(0, { type: 'codes', text: ' a1 \n\n b2\nc3 \n' })])
    expect(text(codes.fields[0]!.value)).toBe('a1\nb2\nc3')
    expect(readFields([field(0, { type: 'codes', text: 'a1\na1' })]).problems.get(0)).toContain('twice')
    const many = Array.from({ length: limits.recoveryCodes + 1 }, (_, index) => `code-${String(index)}`).join('\n')
    expect(readFields([field(0, { type: 'codes', text: many })]).problems.get(0)).toContain(
      `at most ${String(limits.recoveryCodes)}`,
    )
  })

  it('measures bytes, not characters', () => {
    expect(readFields([field(0, { text: 'ü'.repeat(limits.fieldBytes / 2) })]).problems.size).toBe(0)
    expect(readFields([field(0, { text: 'ü'.repeat(limits.fieldBytes / 2) + 'x' })]).problems.get(0)).toContain(
      '64 KiB',
    )
  })

  it('refuses two fields of one name, a nameless one, and an empty one, each beside itself', () => {
    const { problems } = readFields([
      field(0, { label: 'Key', text: 'a' }),
      field(1, { label: ' key ', text: 'b' }),
      field(2, { label: ' ', text: 'c' }),
      field(3, { text: '' }),
    ])
    expect([...problems.keys()]).toEqual([1, 2, 3])
  })

  it('keeps the chosen file intact when what was sent is wiped', () => {
    const bytes = new Uint8Array([1, 2, 3])
    const read = readFields([field(0, { type: 'file', file: { name: 'a\u202eb.txt', bytes } })])
    wipeFields(read.fields)
    expect([...read.fields[0]!.value]).toEqual([0, 0, 0])
    expect([...bytes]).toEqual([1, 2, 3])
    // A direction override could disguise an extension.
    expect(read.fields[0]!.fileName).toBe('ab.txt')
  })

  it('sends nothing that its contract refuses, whatever was typed', () => {
    const label = fc.string({ maxLength: limits.labelLength })
    fc.assert(
      fc.property(label, fc.string(), fc.constantFrom('text', 'multiline', 'codes', 'totp'), (name, typed, type) => {
        const read = readFields([field(0, { label: name, text: typed, type })])
        for (const one of read.fields) {
          // Labels with control characters are the contract's to refuse; the form's inputs cannot hold them.
          if (/^[\x20-\x7e]*$/.test(name)) expect(enteredFieldSchema.safeParse(one).success).toBe(true)
        }
        expect(read.fields.length + read.problems.size).toBeGreaterThan(0)
      }),
    )
  })
})
