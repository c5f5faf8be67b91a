import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Sink } from '../../../electron/courier/sink.ts'
import { createSyslogSink } from '../../../electron/courier/syslog/syslog-sink.ts'
import type { SinkOf, SinkSecret } from '../../../shared/domain/sink.ts'
import { createAuthority, type Certificate } from '../../support/servers/certificates.ts'
import { codeOf, failureOf } from '../../support/servers/deliver-through-cuts.ts'
import { makeFakeLog, type FakeLog } from '../../support/servers/fake-log.ts'
import { findReasonToSkip, wantedServers } from '../../support/servers/packages.ts'
import { startRsyslog, type RsyslogServer } from '../../support/servers/rsyslog-server.ts'
import { findFreePort, makeServerFolder } from '../../support/servers/server-process.ts'

/** Never reached in a good run, however busy the machine. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const reason = await findReasonToSkip(wantedServers.rsyslog)
/** Until the receiver has written what it took. */
const patient = { timeout: 30_000 }
const timings = { connectMs: 3000, answerMs: 5000, settleMs: 300, quietMs: 50 }

describe.skipIf(reason !== null)(`rsyslog as a sink${reason === null ? '' : ` (${reason})`}`, () => {
  const folder = makeServerFolder('certificates')
  const authority = createAuthority(folder.dir)
  const stranger = createAuthority(folder.dir, 'stranger')
  const good = authority.sign('server', { name: 'localhost' })
  let server: RsyslogServer
  const open = new Set<Sink>()
  beforeAll(async () => {
    server = await startRsyslog(authority, good)
  })
  afterEach(async () => {
    for (const sink of open) await sink.close()
    open.clear()
  })
  afterAll(async () => {
    await server.remove()
    folder.remove()
  })

  function openSink(changes: Partial<SinkOf<'syslog'>> = {}, secret: SinkSecret = {}): Sink {
    const place = { host: 'localhost', port: server.port, facility: 13, ca: authority.ca }
    const sink = createSyslogSink({ kind: 'syslog', id: 'x', name: 'x', ...place, ...changes }, secret, timings)
    open.add(sink)
    return sink
  }
  const bodiesOf = ({ name }: FakeLog): string[] =>
    server.readMessages().flatMap(({ station, seq, body }) => (station === name.station && seq >= 0 ? [body] : []))
  const textsOf = ({ entries }: FakeLog): string[] => entries.map(({ bytes }) => Buffer.from(bytes).toString())

  it('carries the exact bytes of each entry, named by vault, station, place and hash', async () => {
    const log = makeFakeLog(40)
    const sink = openSink()
    expect(await sink.head(log.name)).toBeNull()
    await sink.deliver(log.batch(0, 25))
    await sink.deliver(log.batch(25, 40))
    await expect.poll(() => bodiesOf(log), patient).toEqual(textsOf(log))
    const [first] = server.readLines().filter((line) => line.includes(log.name.station))
    const { vault, station } = log.name
    const data = `[halligan@32473 vault="${vault}" station="${station}" seq="0" hash="${log.entries[0]!.hash}"]`
    // Facility 13 is "log audit", severity 5 "notice".
    expect(first).toBe(`<109>1 2026-11-23T00:00:00.000Z ${station} halligan - field.shown ${data} ${textsOf(log)[0]!}`)
  })

  it('carries the checkpoint of each batch, readable again', async () => {
    const log = makeFakeLog(3)
    await openSink().deliver(log.batch(0, 3))
    const find = () =>
      server.readLines().find((line) => line.includes(`vault="${log.name.vault}"`) && line.includes(' checkpoint '))
    await expect.poll(find, patient).toBeDefined()
    const { size, note } = /size="(?<size>\d+)" root="[^"]+" note="(?<note>[^"]+)"/.exec(find()!)!.groups!
    expect(size).toBe('3')
    expect(Buffer.from(note!, 'base64').toString()).toBe(log.batch(0, 3).checkpoint)
  })

  it('carries an entry of 50 kB whole, where the receiver was told to take it', async () => {
    const log = makeFakeLog(1)
    const bytes = Buffer.from(JSON.stringify({ seq: 0, text: 'é'.repeat(25_000) }))
    await openSink().deliver({ ...log.batch(0, 1), entries: [{ seq: 0, bytes, hash: 'x' }] })
    await expect.poll(() => bodiesOf(log), patient).toEqual([bytes.toString()])
  })

  it('keeps two stations apart', async () => {
    const logs = [makeFakeLog(200), makeFakeLog(200)] as const
    await Promise.all(
      logs.map(async (log) => {
        const sink = openSink()
        for (let at = 0; at < 200; at += 50) await sink.deliver(log.batch(at, at + 50))
      }),
    )
    for (const log of logs) await expect.poll(() => bodiesOf(log), patient).toEqual(textsOf(log))
  })

  it('a wrong authority, an expired certificate, one of another host', async () => {
    const log = makeFakeLog(2)
    expect(await codeOf(openSink({ ca: stranger.ca }).deliver(log.batch(0, 2)))).toBe('SINK_CERTIFICATE')
    const wrong = [
      authority.sign('expired', { name: 'localhost', days: -1 }),
      authority.sign('elsewhere', { name: 'localhost', names: ['DNS:log.example'] }),
    ]
    for (const certificate of wrong) {
      await server.useCertificate(certificate)
      expect(await codeOf(openSink().deliver(log.batch(0, 2)))).toBe('SINK_CERTIFICATE')
    }
    await server.useCertificate(good)
    await openSink().deliver(log.batch(0, 2))
    await expect.poll(() => bodiesOf(log), patient).toEqual(textsOf(log))
  })

  it('the receiver stopped and started again', async () => {
    const log = makeFakeLog(20)
    const sink = openSink()
    await sink.deliver(log.batch(0, 10))
    await server.stop()
    expect(await codeOf(sink.deliver(log.batch(10, 20)))).toBe('SINK_UNREACHABLE')
    await server.start()
    await sink.deliver(log.batch(10, 20))
    await expect.poll(() => bodiesOf(log), patient).toEqual(textsOf(log))
  })

  it('the receiver killed while it reads: what it lost comes again', async () => {
    const log = makeFakeLog(4000)
    const sink = openSink()
    await sink.deliver(log.batch(0, 1))
    const delivery = codeOf(sink.deliver(log.batch(1, 4000)))
    await server.stop('SIGKILL')
    expect(await delivery).toBe('SINK_UNREACHABLE')
    await server.start()
    await sink.deliver(log.batch(1, 4000))
    await expect.poll(() => new Set(bodiesOf(log)).size, patient).toBeGreaterThanOrEqual(3999)
  })

  it('a client certificate, where the receiver asks for one: with it, without, of another name, of a stranger', async () => {
    const strict = await startRsyslog(authority, good, 'station')
    try {
      const log = makeFakeLog(5)
      const sign = (by: typeof authority, file: string, name: string): Certificate =>
        by.sign(file, { name, names: [`DNS:${name}`] })
      const as = ({ cert, key }: Certificate): Sink =>
        openSink({ port: strict.port, clientCertificate: cert }, { clientKey: key })
      const refused = [
        openSink({ port: strict.port }),
        as(sign(authority, 'other', 'other')),
        as(sign(stranger, 'strange', 'station')),
      ]
      for (const sink of refused) expect(await codeOf(sink.deliver(log.batch(0, 5)))).toBe('SINK_LOGIN')
      expect(strict.readMessages()).toEqual([])
      await as(sign(authority, 'station', 'station')).deliver(log.batch(0, 5))
      await expect.poll(() => strict.readMessages().map(({ seq }) => seq), patient).toEqual([0, 1, 2, 3, 4, -1])
    } finally {
      await strict.remove()
    }
  })

  it('nobody there; settings that cannot be read', async () => {
    const log = makeFakeLog(1)
    const batch = log.batch(0, 1)
    expect(await codeOf(openSink({ port: await findFreePort() }).deliver(batch))).toBe('SINK_UNREACHABLE')
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    expect(await codeOf(openSink({ ca: broken }).deliver(batch))).toBe('SINK_CERTIFICATE')
    const without = openSink({ clientCertificate: good.cert })
    expect(await failureOf(without.deliver(batch))).toMatchObject({
      code: 'SINK_LOGIN',
      detail: { reason: 'client-key' },
    })
  })

  it('closing ends what is under way', async () => {
    const log = makeFakeLog(10)
    const sink = openSink()
    const delivery = codeOf(sink.deliver(log.batch(0, 10)))
    await sink.close()
    expect(await delivery).toBe('SINK_UNREACHABLE')
    expect(await codeOf(sink.deliver(log.batch(0, 10)))).toBe('SINK_UNREACHABLE')
    await sink.close()
  })
})
