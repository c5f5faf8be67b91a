/** The published schema is the one that the product checks with. */
import { describe, expect, it } from 'vitest'
import { makeSchemas, readSchemas } from './make-schema.ts'

describe('docs/format.schema.json', () => {
  it('says what the code says (npx tsx tests/unit/audit/make-schema.ts)', () => {
    expect(readSchemas()).toEqual(JSON.parse(JSON.stringify(makeSchemas())))
  })
})
