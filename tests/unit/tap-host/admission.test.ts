import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSameSecret, judgeRequest, type Door, type RequestFacts } from '../../../electron/tap-host/admission.ts'

const door: Door = {
  host: 'halligan.localhost:4711',
  origin: 'http://halligan.localhost:4711',
  token: 't'.repeat(43),
  channel: 'c'.repeat(43),
}
const real: Readonly<Record<string, RequestFacts>> = {
  page: { method: 'GET', target: `/${door.token}/`, headers: { host: [door.host] } },
  file: { method: 'GET', target: `/${door.token}/index.js`, headers: { host: [door.host] } },
  messages: {
    method: 'GET',
    target: `/${door.token}/messages`,
    headers: { host: [door.host], 'x-halligan-channel': [door.channel] },
  },
  message: {
    method: 'POST',
    target: `/${door.token}/message`,
    headers: { host: [door.host], origin: [door.origin], 'x-halligan-channel': [door.channel] },
  },
}

describe('admission', () => {
  test.each(Object.entries(real))('%s, as our page asks for it', (route, request) => {
    expect(judgeRequest(request, door)).toMatchObject({ admitted: true, route })
  })

  test('denies by default: whatever is thrown at it', () => {
    const header = fc.option(
      fc.array(fc.oneof(fc.string(), fc.constantFrom(door.host, door.origin, door.channel)), { maxLength: 2 }),
      { nil: undefined },
    )
    const request = fc.record({
      method: fc.oneof(fc.string(), fc.constantFrom('GET', 'POST', 'HEAD')),
      target: fc.oneof(
        fc.string(),
        fc.string().map((rest) => `/${'x'.repeat(43)}/${rest}`),
      ),
      headers: fc.record({ host: header, origin: header, 'sec-fetch-site': header, 'x-halligan-channel': header }),
    })
    fc.assert(fc.property(request, (facts) => !judgeRequest(facts, door).admitted))
  })

  test('one thing wrong is enough, and is named', () => {
    const wrong: readonly (readonly [
      keyof typeof real,
      Partial<RequestFacts>,
      Record<string, readonly string[] | undefined>,
      string,
    ])[] = [
      ['page', {}, { host: undefined }, 'host-wrong'],
      ['page', {}, { host: [door.host, door.host] }, 'host-wrong'],
      ['page', { method: 'POST' }, {}, 'method-wrong'],
      ['page', { target: `/${door.token}/?` }, {}, 'path-unknown'],
      ['page', {}, { origin: ['null'] }, 'origin-wrong'],
      ['page', {}, { 'sec-fetch-site': ['same-site'] }, 'origin-wrong'],
      ['page', {}, { 'sec-fetch-dest': ['iframe'] }, 'origin-wrong'],
      ['file', {}, { 'sec-fetch-site': ['none'] }, 'origin-wrong'],
      ['messages', {}, { 'sec-fetch-site': ['cross-site'] }, 'origin-wrong'],
      ['message', {}, { origin: undefined }, 'origin-wrong'],
      ['message', {}, { origin: [door.origin, door.origin] }, 'origin-wrong'],
      ['page', { target: `/${door.token}x/` }, {}, 'token-wrong'],
      ['message', { target: '//message' }, {}, 'token-wrong'],
      ['message', {}, { 'x-halligan-channel': undefined }, 'channel-wrong'],
      ['message', {}, { 'x-halligan-channel': [door.channel, door.channel] }, 'channel-wrong'],
    ]
    for (const [route, change, headers, code] of wrong) {
      const request = { ...real[route]!, ...change, headers: { ...real[route]!.headers, ...headers } }
      expect(judgeRequest(request, door)).toMatchObject({ admitted: false, code })
    }
  })

  test('secrets are the same only when they are', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => isSameSecret(a, b) === Buffer.from(a).equals(Buffer.from(b))),
    )
    expect(isSameSecret('ä', 'ä')).toBe(true)
    expect(isSameSecret('', 'x')).toBe(false)
  })
})
