import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAddressOf, windowKinds } from '../../../electron/main/page-address.ts'
import { isTrustedSender, type Sender } from '../../../electron/main/port-handover.ts'

const origin = 'https://halligan.localhost'
const trusted = (url: string): Sender => ({
  isDestroyed: false,
  isMainFrame: true,
  hasRightSession: true,
  url,
  origin,
  arguments: [],
})

describe('a port', () => {
  test.each(windowKinds)('goes to the %s page', (kind) => {
    expect(isTrustedSender(kind, trusted(`${origin}/${kind}/`))).toBe(true)
    expect(isTrustedSender(kind, trusted(`${origin}/${kind}/#timeline`))).toBe(true)
  })

  test.each<Partial<Sender>>([
    { isDestroyed: true },
    { isMainFrame: false },
    { hasRightSession: false },
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { origin: `${origin}.example` },
    { url: '' },
    { url: 'about:blank' },
    { url: `${origin}/seal/` },
    { url: `${origin}/reveal` },
    { url: `${origin}/reveal/index.html` },
    { url: `${origin}/reveal/?manual` },
    { url: `${origin}/reveal//` },
    { url: `${origin}:8443/reveal/` },
    { url: 'https://x@halligan.localhost/reveal/' },
    { url: 'http://halligan.localhost/reveal/' },
    { arguments: [{}] },
    { arguments: [undefined] },
  ])('does not go to %o', (change) => {
    expect(isTrustedSender('reveal', { ...trusted(`${origin}/reveal/`), ...change })).toBe(false)
  })

  test('goes to no other address that anybody could think of', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.webPath().map((path) => origin + path),
        ),
        (url) => {
          fc.pre(!/^https:\/\/halligan\.localhost\/app\/(#.*)?$/.test(url))
          expect(isAddressOf('app', url)).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })
})
