import net from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { hasCommand } from '../../../build/run-command.ts'
import { sourceOf } from '../../../electron/courier/https/body.ts'
import { createHttpsSink } from '../../../electron/courier/https/https-sink.ts'
import type { Sink } from '../../../electron/courier/sink.ts'
import type { SinkOf, SinkSecret } from '../../../shared/domain/sink.ts'
import { createAuthority } from '../../support/servers/certificates.ts'
import { codeOf, failureOf } from '../../support/servers/deliver-through-cuts.ts'
import { makeFakeLog } from '../../support/servers/fake-log.ts'
import { startHttpsReceiver, type HttpsReceiver } from '../../support/servers/https-receiver.ts'
import { findFreePort, makeServerFolder } from '../../support/servers/server-process.ts'

/** Never reached in a good run, however busy the machine. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const token = 'let-me-in'

describe.skipIf(!hasCommand('openssl'))('an HTTPS receiver as a sink', () => {
  const folder = makeServerFolder('certificates')
  const authority = createAuthority(folder.dir)
  const stranger = createAuthority(folder.dir, 'stranger')
  const good = authority.sign('server', { name: 'localhost' })
  let server: HttpsReceiver
  const open = new Set<Sink>()
  beforeAll(async () => {
    server = await startHttpsReceiver(authority, good, { token })
  })
  afterEach(async () => {
    server.force(null)
    for (const sink of open) await sink.close()
    open.clear()
  })
  afterAll(async () => {
    await server.stop()
    folder.remove()
  })

  function openSink(changes: Partial<SinkOf<'https'>> = {}, secret: SinkSecret = { token }): Sink {
    const usual = { url: server.url, mode: 'cloudevents', auth: 'token', ca: authority.ca } as const
    const timings = { connectMs: 2000, answerMs: 3000 }
    const sink = createHttpsSink({ kind: 'https', id: 'x', name: 'x', ...usual, ...changes }, secret, timings)
    open.add(sink)
    return sink
  }

  it('takes batches and answers for its head; what it has is neither kept twice nor an error', async () => {
    const log = makeFakeLog(30)
    const sink = openSink()
    expect(await sink.head(log.name)).toEqual({ size: 0, lastHash: null })
    for (const [from, to] of [
      [0, 10],
      [0, 10],
      [5, 20],
      [20, 30],
    ] as const)
      await sink.deliver(log.batch(from, to))
    expect(await sink.head(log.name)).toEqual({ size: 30, lastHash: log.entries[29]!.hash })
    const texts = server.kept(sourceOf(log.name)).map(({ text }) => text)
    expect(texts).toEqual(log.entries.map(({ bytes }) => Buffer.from(bytes).toString()))
  })

  it('says it in CloudEvents, the checkpoint at the end', async () => {
    const log = makeFakeLog(2)
    await openSink().deliver(log.batch(0, 2))
    const { method, headers, body } = server.lastRequest()
    expect(method).toBe('POST')
    expect(headers['content-type']).toBe('application/cloudevents-batch+json; charset=utf-8')
    expect(headers['authorization']).toBe(`Bearer ${token}`)
    const events = JSON.parse(body) as unknown[]
    const source = `https://halligan.localhost/log/${log.name.vault}/${log.name.station}`
    const { hash, bytes } = log.entries[1]!
    expect(events).toHaveLength(3)
    expect(events[1]).toEqual({
      specversion: '1.0',
      id: hash,
      source,
      type: 'halligan.field.shown',
      subject: '1',
      time: '2026-11-23T00:00:01.000Z',
      datacontenttype: 'application/json',
      data: JSON.parse(Buffer.from(bytes).toString()) as unknown,
    })
    const { checkpoint, root } = log.batch(0, 2)
    expect(events[2]).toMatchObject({
      id: `checkpoint/2/${root}`,
      source,
      type: 'halligan.checkpoint',
      data: checkpoint,
    })
  })

  it('says it in the shape of a Splunk collector, which cannot answer for its head', async () => {
    const log = makeFakeLog(2)
    server.force({ status: 200, body: '{"text":"Success","code":0}' })
    const sink = openSink({ mode: 'splunk-hec', url: `https://localhost:${server.port}/services/collector/event` })
    expect(await sink.head(log.name)).toBeNull()
    await sink.deliver(log.batch(0, 2))
    const { headers, body } = server.lastRequest()
    expect(headers['authorization']).toBe(`Splunk ${token}`)
    const lines = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const { vault, station } = log.name
    expect(lines[1]).toEqual({
      time: Date.UTC(2026, 10, 23) / 1000 + 1,
      host: station,
      source: sourceOf(log.name),
      sourcetype: 'halligan:entry',
      fields: { vault, station, seq: 1, hash: log.entries[1]!.hash },
      event: JSON.parse(Buffer.from(log.entries[1]!.bytes).toString()) as unknown,
    })
    expect(lines[2]).toMatchObject({ sourcetype: 'halligan:checkpoint', event: log.batch(0, 2).checkpoint })
    server.force({ status: 403, body: '{"text":"Invalid token","code":4}' })
    expect(await codeOf(sink.deliver(log.batch(0, 2)))).toBe('SINK_LOGIN')
  })

  it('keeps two stations apart', async () => {
    const logs = [makeFakeLog(200), makeFakeLog(200)] as const
    await Promise.all(
      logs.map(async (log) => {
        const sink = openSink()
        for (let at = 0; at < 200; at += 20) await sink.deliver(log.batch(at, at + 20))
      }),
    )
    for (const log of logs) {
      expect(server.kept(sourceOf(log.name)).map(({ hash }) => hash)).toEqual(log.entries.map(({ hash }) => hash))
    }
  })

  it('reports a fork and a gap as divergence; nothing of the batch is kept', async () => {
    const log = makeFakeLog(20)
    const fork = makeFakeLog(30, log.entries.slice(0, 10), log.name)
    const sink = openSink()
    await sink.deliver(log.batch(0, 20))
    for (const [from, to] of [
      [0, 30],
      [10, 11],
      [20, 30],
    ] as const) {
      const failure = await failureOf(sink.deliver(fork.batch(from, to)))
      expect(failure).toMatchObject({ code: 'SINK_DIVERGED', detail: { status: 409, size: 20 } })
    }
    expect(await codeOf(sink.deliver(makeFakeLog(9).batch(3, 9)))).toBe('SINK_DIVERGED')
    expect(await sink.head(log.name)).toEqual({ size: 20, lastHash: log.entries[19]!.hash })
  })

  it('a token that is wrong or missing', async () => {
    const log = makeFakeLog(1)
    for (const secret of [{ token: 'wrong' }, {}]) {
      expect(await codeOf(openSink({}, secret).deliver(log.batch(0, 1)))).toBe('SINK_LOGIN')
      expect(await codeOf(openSink({}, secret).head(log.name))).toBe('SINK_LOGIN')
    }
    expect(await codeOf(openSink({ auth: 'none' }).deliver(log.batch(0, 1)))).toBe('SINK_LOGIN')
  })

  it('a client certificate: with it, without, of a stranger', async () => {
    const strict = await startHttpsReceiver(authority, good, { needsClient: true })
    try {
      const log = makeFakeLog(3)
      const settings = { url: strict.url, auth: 'client-certificate' } as const
      const own = authority.sign('station', { name: 'station' })
      const strange = stranger.sign('strange', { name: 'station' })
      const refused = [
        openSink(settings, {}),
        openSink({ ...settings, auth: 'none' }, {}),
        openSink({ ...settings, clientCertificate: own.cert }, {}),
        openSink({ ...settings, clientCertificate: strange.cert }, { clientKey: strange.key }),
      ]
      for (const sink of refused) expect(await codeOf(sink.deliver(log.batch(0, 3)))).toBe('SINK_LOGIN')
      expect(strict.requests()).toBe(0)
      await openSink({ ...settings, clientCertificate: own.cert }, { clientKey: own.key }).deliver(log.batch(0, 3))
      expect(strict.kept(sourceOf(log.name))).toHaveLength(3)
    } finally {
      await strict.stop()
    }
  })

  it('a wrong authority, an expired certificate, one of another host: nothing is asked of it', async () => {
    const log = makeFakeLog(1)
    const before = server.requests()
    expect(await codeOf(openSink({ ca: stranger.ca }).deliver(log.batch(0, 1)))).toBe('SINK_CERTIFICATE')
    const wrong = [
      authority.sign('expired', { name: 'localhost', days: -1 }),
      authority.sign('elsewhere', { name: 'localhost', names: ['DNS:audit.example'] }),
    ]
    for (const certificate of wrong) {
      server.useCertificate(certificate)
      expect(await codeOf(openSink().deliver(log.batch(0, 1)))).toBe('SINK_CERTIFICATE')
    }
    expect(server.requests()).toBe(before)
    server.useCertificate(good)
    await openSink().deliver(log.batch(0, 1))
  })

  it('what its statuses mean, and how long it asks to be left alone', async () => {
    const log = makeFakeLog(1)
    const sink = openSink()
    const deliver = () => failureOf(sink.deliver(log.batch(0, 1)))
    const meanings = {
      204: 'none',
      202: 'none',
      400: 'SINK_FAILED',
      404: 'SINK_SCHEMA_MISSING',
      405: 'SINK_SCHEMA_MISSING',
      413: 'SINK_FAILED',
      500: 'SINK_FAILED',
      502: 'SINK_UNREACHABLE',
      507: 'SINK_FULL',
    }
    for (const [status, code] of Object.entries(meanings)) {
      server.force({ status: Number(status), body: status === '204' ? '' : '"no"' })
      const failure = await deliver()
      expect(failure === 'none' ? failure : failure.code, status).toBe(code)
    }
    server.force({ status: 503, headers: { 'retry-after': '7' } })
    expect(await deliver()).toMatchObject({ code: 'SINK_UNREACHABLE', detail: { status: 503, retryAfterMs: 7000 } })
    const date = { date: 'Mon, 23 Nov 2026 14:00:00 GMT', 'retry-after': 'Mon, 23 Nov 2026 14:02:00 GMT' }
    server.force({ status: 429, headers: date })
    expect(await deliver()).toMatchObject({ code: 'SINK_UNREACHABLE', detail: { retryAfterMs: 120_000 } })
    server.force({ status: 503, headers: { 'retry-after': '999999999' } })
    expect(await deliver()).toMatchObject({ detail: { retryAfterMs: 3_600_000 } })
    server.force(null)
    await sink.deliver(log.batch(0, 1))
  })

  it('the place does not exist there, then it does', async () => {
    const log = makeFakeLog(1)
    expect(await codeOf(openSink({ url: `https://localhost:${server.port}/nothing` }).deliver(log.batch(0, 1)))).toBe(
      'SINK_SCHEMA_MISSING',
    )
    await openSink().deliver(log.batch(0, 1))
  })

  it('a receiver that cannot say what it has is no failure, one that says nonsense is', async () => {
    const { name } = makeFakeLog(1)
    for (const status of [404, 405, 501]) {
      server.force({ status })
      expect(await openSink().head(name)).toBeNull()
    }
    for (const body of [
      '',
      '[]',
      '{"size":-1,"lastHash":null}',
      '{"size":3,"lastHash":null}',
      '{"size":1,"lastHash":"x"}',
    ]) {
      server.force({ status: 200, body })
      expect(await codeOf(openSink().head(name)), body).toBe('SINK_FAILED')
    }
  })

  it('no redirect is followed, and an answer has an end', async () => {
    const log = makeFakeLog(1)
    server.force({ status: 307, headers: { location: server.url } })
    const before = server.requests()
    expect(await failureOf(openSink().deliver(log.batch(0, 1)))).toMatchObject({
      code: 'SINK_FAILED',
      detail: { reason: 'redirect' },
    })
    expect(server.requests()).toBe(before + 1)
    server.force({ status: 200, body: 'x'.repeat(100_000) })
    expect(await failureOf(openSink().deliver(log.batch(0, 1)))).toMatchObject({
      code: 'SINK_FAILED',
      detail: { reason: 'answer-too-long' },
    })
  })

  it('name and password in the address go nowhere', async () => {
    const log = makeFakeLog(1)
    await openSink({ url: server.url.replace('https://', 'https://user:word@') }).deliver(log.batch(0, 1))
    expect(server.lastRequest().headers['authorization']).toBe(`Bearer ${token}`)
  })

  it('the receiver stopped and started again; nobody there; somebody who speaks no TLS, or says nothing', async () => {
    const log = makeFakeLog(20)
    const sink = openSink()
    await sink.deliver(log.batch(0, 10))
    await server.stop()
    expect(await codeOf(sink.deliver(log.batch(10, 20)))).toBe('SINK_UNREACHABLE')
    await server.start()
    await sink.deliver(log.batch(10, 20))
    const elsewhere = (port: number) => openSink({ url: `https://localhost:${port}/audit` }).deliver(log.batch(0, 1))
    expect(await codeOf(elsewhere(await findFreePort()))).toBe('SINK_UNREACHABLE')
    for (const [says, code] of [
      ['HTTP/1.1 200 OK\r\n\r\n', 'SINK_FAILED'],
      ['', 'SINK_UNREACHABLE'],
    ] as const) {
      const plain = net.createServer((socket) => {
        socket.on('error', () => undefined)
        socket.write(says)
      })
      await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
      expect(await codeOf(elsewhere((plain.address() as net.AddressInfo).port)), says).toBe(code)
      plain.close()
    }
  })

  it('closing ends what is under way', async () => {
    const log = makeFakeLog(5000)
    const sink = openSink()
    const delivery = codeOf(sink.deliver(log.batch(0, 5000)))
    await sink.close()
    expect(await delivery).toBe('SINK_UNREACHABLE')
    expect(await codeOf(sink.head(log.name))).toBe('SINK_UNREACHABLE')
    await sink.close()
  })
})
