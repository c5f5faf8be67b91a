/** What the Electron that we ship can do about PINs: docs/adr/0016-where-taps-take-place.md rests on it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'

it('Electron still has no event that asks for a key’s PIN; when this fails, decide about the tap window anew (ADR 0016)', () => {
  const types = readFileSync(createRequire(import.meta.url).resolve('electron/electron.d.ts'), 'utf8')
  // The list of events is there, and in the form that the search relies on.
  expect(types).toContain("on(event: 'select-hid-device'")
  expect(types).not.toMatch(/webauthn-pin/i)
})
