import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createPostgresqlSink } from '../../../electron/courier/postgresql/postgresql-sink.ts'
import type { Sink } from '../../../electron/courier/sink.ts'
import type { SinkOf, SinkSecret } from '../../../shared/domain/sink.ts'
import { createAuthority, type Certificate } from '../../support/servers/certificates.ts'
import { codeOf, failureOf } from '../../support/servers/deliver-through-cuts.ts'
import { makeFakeLog as makeLogOf, newLogName, type FakeLog } from '../../support/servers/fake-log.ts'
import { findReasonToSkip, wantedServers } from '../../support/servers/packages.ts'
import { startPostgres, type PostgresServer } from '../../support/servers/postgres-server.ts'
import { giveFolder, makeServerFolder } from '../../support/servers/server-process.ts'
import { mountSmallDisk } from '../../support/servers/small-disk.ts'

/** Never reached in a good run, however busy the machine. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const reason = await findReasonToSkip(wantedServers.postgresql)
const password = 'correct horse'
/** Whose logins are bound to them. */
const [paris, lyon, byCertificate] = [newLogName().station, newLogName().station, newLogName().station]
/** A log of a vault of its own, of the station that `paris` is the login of. */
const makeFakeLog = (count: number, shared: FakeLog['entries'] = [], name = newLogName(paris)): FakeLog =>
  makeLogOf(count, shared, name)

describe.skipIf(reason !== null)(`PostgreSQL as a sink${reason === null ? '' : ` (${reason})`}`, () => {
  const folder = makeServerFolder('certificates')
  const authority = createAuthority(folder.dir)
  const stranger = createAuthority(folder.dir, 'stranger')
  const good = authority.sign('server', { name: 'localhost' })
  let server: PostgresServer
  const open = new Set<Sink>()

  beforeAll(async () => {
    server = await startPostgres(authority, good)
    server.installSchema()
    await server.addWriter('paris', password, [paris])
    await server.addWriter('lyon', password, [lyon])
    await server.addWriter('by_certificate', null, [byCertificate])
    await server.query("CREATE ROLE guest LOGIN PASSWORD 'correct horse'")
  })
  afterEach(async () => {
    for (const sink of open) await sink.close()
    open.clear()
  })
  afterAll(async () => {
    await server.remove()
    folder.remove()
  })

  function openSink(changes: Partial<SinkOf<'postgresql'>> = {}, secret: SinkSecret = { password }): Sink {
    const place = { host: 'localhost', port: server.port, database: server.database, schema: 'halligan' }
    const settings = {
      kind: 'postgresql',
      id: 'x',
      name: 'x',
      user: 'paris',
      ca: authority.ca,
      ...place,
      ...changes,
    } as const
    const sink = createPostgresqlSink(settings, secret, { connectMs: 5000, answerMs: 10_000 })
    open.add(sink)
    return sink
  }
  const lastOf = (log: { readonly entries: readonly { readonly hash: string }[] }): string => log.entries.at(-1)!.hash

  it('takes batches and answers for its head; what it has is neither kept twice nor an error', async () => {
    const log = makeFakeLog(30)
    const sink = openSink()
    expect(await sink.head(log.name)).toEqual({ size: 0, lastHash: null })
    await sink.deliver(log.batch(0, 10))
    await sink.deliver(log.batch(0, 10))
    await sink.deliver(log.batch(5, 20))
    await sink.deliver(log.batch(3, 7))
    await sink.deliver(log.batch(20, 30))
    expect(await sink.head(log.name)).toEqual({ size: 30, lastHash: lastOf(log) })
    const rows = await server.query(
      'SELECT e.bytes FROM halligan.entries e JOIN halligan.logs l ON l.id = e.log WHERE l.vault = $1 ORDER BY e.seq',
      [log.name.vault],
    )
    expect(rows.map(({ bytes }) => bytes)).toEqual(log.entries.map(({ bytes }) => bytes))
    const notes = await server.query(
      'SELECT c.size, c.note FROM halligan.checkpoints c JOIN halligan.logs l ON l.id = c.log WHERE l.vault = $1 ORDER BY c.size',
      [log.name.vault],
    )
    expect(notes.map(({ size }) => Number(size))).toEqual([7, 10, 20, 30])
    expect(notes.at(-1)!['note']).toBe(log.batch(20, 30).checkpoint)
  })

  it('keeps two stations apart, also when they come at once', async () => {
    const logs = [makeFakeLog(600), makeFakeLog(600, [], newLogName(lyon))] as const
    const sinks = [openSink(), openSink({ user: 'lyon' })] as const
    await Promise.all(
      logs.map(async (log, which) => {
        for (let at = 0; at < 600; at += 20) await sinks[which]!.deliver(log.batch(at, at + 20))
      }),
    )
    for (const [which, log] of logs.entries()) {
      expect(await sinks[which]!.head(log.name)).toEqual({ size: 600, lastHash: lastOf(log) })
      const [row] = await server.query(
        'SELECT count(*), max(l.writer) AS writer FROM halligan.entries e JOIN halligan.logs l ON l.id = e.log WHERE l.vault = $1 AND l.station = $2',
        [log.name.vault, log.name.station],
      )
      expect(row).toEqual({ count: '600', writer: which === 0 ? 'paris' : 'lyon' })
    }
  })

  it('two connections that deliver the same entries at once keep each of them once', async () => {
    const log = makeFakeLog(400)
    await Promise.all(
      [openSink(), openSink(), openSink()].map(async (sink, which) => {
        for (let at = 0; at < 400; at += 40 + which) await sink.deliver(log.batch(at, Math.min(400, at + 40 + which)))
      }),
    )
    expect(await openSink().head(log.name)).toEqual({ size: 400, lastHash: lastOf(log) })
  })

  describe('what it refuses', () => {
    it('a fork, at any place, as divergence; the log stays as it was', async () => {
      const log = makeFakeLog(20)
      const fork = makeFakeLog(30, log.entries.slice(0, 10), log.name)
      const sink = openSink()
      await sink.deliver(log.batch(0, 20))
      for (const [from, to] of [
        [0, 30],
        [10, 11],
        [15, 30],
        [19, 20],
        [20, 30],
      ] as const) {
        const failure = await failureOf(sink.deliver(fork.batch(from, to)))
        expect(failure).toMatchObject({ code: 'SINK_DIVERGED', detail: { reason: 'fork' } })
      }
      // Their common beginning is the same, but its root of 20 entries is not.
      expect(await codeOf(sink.deliver({ ...fork.batch(0, 10), size: 20, root: fork.batch(0, 20).root }))).toBe(
        'SINK_DIVERGED',
      )
      expect(await sink.head(log.name)).toEqual({ size: 20, lastHash: lastOf(log) })
    })

    it('a gap', async () => {
      const log = makeFakeLog(20)
      const sink = openSink()
      expect(await failureOf(sink.deliver(log.batch(5, 10)))).toMatchObject({
        code: 'SINK_DIVERGED',
        detail: { reason: 'gap' },
      })
      await sink.deliver(log.batch(0, 10))
      expect(await codeOf(sink.deliver(log.batch(11, 20)))).toBe('SINK_DIVERGED')
      expect(await sink.head(log.name)).toMatchObject({ size: 10 })
    })

    it('what is no chain: a changed, missing or foreign entry in the middle; all of the batch or nothing', async () => {
      const log = makeFakeLog(10)
      const sink = openSink()
      const batch = log.batch(0, 10)
      const flipped = batch.entries.map((entry) =>
        entry.seq === 4 ? { ...entry, bytes: Buffer.from(entry.bytes.toString().replace('Root', 'Boot')) } : entry,
      )
      const foreign = [...batch.entries.slice(0, 5), ...makeFakeLog(10).entries.slice(5)]
      const broken = batch.entries.map((entry) =>
        entry.seq === 9 ? { ...entry, bytes: Buffer.from('{"seq":9') } : entry,
      )
      for (const entries of [flipped, foreign, broken, batch.entries.filter(({ seq }) => seq !== 3)]) {
        expect(await codeOf(sink.deliver({ ...batch, entries }))).toBe('SINK_FAILED')
      }
      const other = openSink({ user: 'lyon' })
      expect(await codeOf(other.deliver({ ...batch, station: lyon }))).toBe('SINK_FAILED')
      expect(await sink.head(log.name)).toEqual({ size: 0, lastHash: null })
      await sink.deliver(batch)
    })

    it('another login on a log that is not its own, also before the log has begun', async () => {
      const log = makeFakeLog(10)
      const stranger = openSink({ user: 'lyon' })
      const failure = { code: 'SINK_LOGIN', detail: { reason: 'not-its-writer' } }
      expect(await failureOf(stranger.deliver(log.batch(0, 5)))).toMatchObject(failure)
      await openSink().deliver(log.batch(0, 5))
      expect(await failureOf(stranger.deliver(log.batch(5, 10)))).toMatchObject(failure)
      // A station of which nobody has said whose login it has.
      expect(await failureOf(openSink().deliver(makeLogOf(3).batch(0, 3)))).toMatchObject(failure)
      expect(await openSink().head(log.name)).toEqual({ size: 5, lastHash: log.entries[4]!.hash })
    })

    it('a checkpoint of fewer entries than it comes with, or of a log that will never be so long', async () => {
      const log = makeFakeLog(20)
      const sink = openSink()
      const batch = log.batch(0, 5)
      for (const size of [0, 4, 70_000, 1_000_000_000]) {
        expect(await codeOf(sink.deliver({ ...batch, size })), `${size}`).toBe('SINK_FAILED')
      }
      expect(await sink.head(log.name)).toMatchObject({ size: 0 })
      await sink.deliver({ ...batch, size: 20, root: log.batch(0, 20).root })
      await sink.deliver(log.batch(5, 20))
    })

    it('an answer that is another hash than what it was given', async () => {
      const log = makeFakeLog(5)
      const sink = openSink()
      const [source] = await server.query(
        "SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE proname = 'append' AND pronamespace = 'halligan'::regnamespace",
      )
      const text = String(source!['text'])
      const lying = text.replace(/last_hash := hashes\[cardinality\(hashes\)\]/, 'last_hash := hashes[1]')
      expect(lying).not.toBe(text)
      await server.query(lying)
      try {
        expect(await failureOf(sink.deliver(log.batch(0, 5)))).toMatchObject({
          code: 'SINK_DIVERGED',
          detail: { size: 5, lastHash: log.entries[0]!.hash },
        })
      } finally {
        await server.query(text)
      }
    })

    it('changes: by the writer, by the owner, by a superuser', async () => {
      const log = makeFakeLog(5)
      await openSink().deliver(log.batch(0, 5))
      const changes = [
        "UPDATE halligan.entries SET bytes = ''",
        'DELETE FROM halligan.entries',
        'TRUNCATE halligan.entries',
        'DELETE FROM halligan.logs',
        'UPDATE halligan.checkpoints SET size = size + 1',
        "INSERT INTO halligan.writers VALUES ('AAAAAAAAAAAAAAAAAAAAAA', 'paris')",
        "INSERT INTO halligan.entries VALUES (1, 1000000, decode(repeat('00', 32), 'hex'), '', now())",
      ]
      const tryAs = async (role: string, text: string): Promise<string> => {
        const client = await server.connect()
        try {
          await client.query(`SET ROLE ${role}`)
          await client.query(text)
          return 'done'
        } catch (error) {
          return (error as { code: string }).code
        } finally {
          await client.end()
        }
      }
      for (const text of changes) expect(await tryAs('paris', text), text).toBe('42501')
      // What is left to the owner and to a superuser is to add, and that shows: it is no part of a chain.
      // Nor by a session that says it replicates.
      const asReplica = server.query('SET session_replication_role = replica; DELETE FROM halligan.entries')
      await expect(asReplica).rejects.toMatchObject({ code: 'ZHG00' })
      for (const role of ['halligan_owner', 'postgres']) {
        for (const text of changes.slice(0, -2)) expect(await tryAs(role, text), `${role}: ${text}`).toBe('ZHG00')
      }
      expect(await tryAs('guest', "SELECT halligan.head('a', 'b')")).toBe('42501')
    })
  })

  describe('states that somebody has to repair', () => {
    it('password wrong, missing, or of nobody', async () => {
      const { name } = makeFakeLog(1)
      expect(await codeOf(openSink({}, { password: 'wrong' }).head(name))).toBe('SINK_LOGIN')
      expect(await codeOf(openSink({}, {}).head(name))).toBe('SINK_LOGIN')
      expect(await codeOf(openSink({ user: 'nobody' }).head(name))).toBe('SINK_LOGIN')
    })

    it('a login by certificate: with one, without one, with a stranger’s', async () => {
      const log = makeFakeLog(3, [], newLogName(byCertificate))
      const own = authority.sign('by_certificate', { name: 'by_certificate' })
      const strange = stranger.sign('strange', { name: 'by_certificate' })
      const as = ({ cert, key }: Certificate): Sink =>
        openSink({ user: 'by_certificate', clientCertificate: cert }, { clientKey: key })
      await as(own).deliver(log.batch(0, 3))
      expect(await codeOf(openSink({ user: 'by_certificate' }, {}).head(log.name))).toBe('SINK_LOGIN')
      expect(await codeOf(as(strange).head(log.name))).toBe('SINK_LOGIN')
      expect(await codeOf(as({ ...own, key: good.key }).head(log.name))).toBe('SINK_LOGIN')
      expect(await codeOf(openSink({ clientCertificate: own.cert }).head(log.name))).toBe('SINK_LOGIN')
    })

    it('a wrong authority, an expired certificate, one of another host', async () => {
      const { name } = makeFakeLog(1)
      const sink = openSink()
      expect(await codeOf(openSink({ ca: stranger.ca }).head(name))).toBe('SINK_CERTIFICATE')
      const wrong = [
        authority.sign('expired', { name: 'localhost', days: -1 }),
        authority.sign('elsewhere', { name: 'localhost', names: ['DNS:db.example'] }),
      ]
      for (const certificate of wrong) {
        await server.useCertificate(certificate)
        expect(await codeOf(openSink().head(name))).toBe('SINK_CERTIFICATE')
      }
      await server.useCertificate(good)
      expect(await sink.head(name)).toEqual({ size: 0, lastHash: null })
      expect(await openSink({ host: '127.0.0.1' }).head(name)).toMatchObject({ size: 0 })
    })

    it('a server without TLS is not spoken to', async () => {
      await server.query("ALTER SYSTEM SET ssl = 'off'")
      await server.query('SELECT pg_reload_conf()')
      try {
        await expect
          .poll(() => codeOf(openSink().head(makeFakeLog(1).name)), { timeout: 30_000 })
          .toBe('SINK_CERTIFICATE')
      } finally {
        await server.query('ALTER SYSTEM RESET ssl')
        await server.query('SELECT pg_reload_conf()')
      }
      await expect.poll(() => codeOf(openSink().head(makeFakeLog(1).name)), { timeout: 30_000 }).toBe('none')
    })

    it('database, schema or function missing; no right to use it', async () => {
      const log = makeFakeLog(2)
      expect(await codeOf(openSink({ database: 'elsewhere' }).deliver(log.batch(0, 2)))).toBe('SINK_SCHEMA_MISSING')
      expect(await codeOf(openSink({ schema: 'elsewhere' }).deliver(log.batch(0, 2)))).toBe('SINK_SCHEMA_MISSING')
      expect(await codeOf(openSink({ user: 'guest' }).deliver(log.batch(0, 2)))).toBe('SINK_LOGIN')
      const sink = openSink()
      await server.query('ALTER FUNCTION halligan.append RENAME TO gone')
      expect(await codeOf(sink.deliver(log.batch(0, 2)))).toBe('SINK_SCHEMA_MISSING')
      await server.query('ALTER FUNCTION halligan.gone RENAME TO append')
      await sink.deliver(log.batch(0, 2))
    })

    it('a full disk: nothing of the batch is kept, and it goes on when there is room', async ({ skip }) => {
      const dir = path.join(server.dir, 'small')
      const disk = mountSmallDisk(dir, 12)
      if (disk === null) return skip('no right to mount a small disk here')
      try {
        giveFolder(dir)
        await server.query(`CREATE TABLESPACE small LOCATION '${dir}'`)
        await server.query('ALTER TABLE halligan.entries SET TABLESPACE small')
        await server.query("DO $$ BEGIN EXECUTE 'ALTER INDEX halligan.entries_pkey SET TABLESPACE small'; END $$")
        const log = makeFakeLog(40_000)
        const sink = openSink()
        let at = 0
        let failure = await failureOf(Promise.resolve())
        for (; at < 40_000 && failure === 'none'; at += 2000)
          failure = await failureOf(sink.deliver(log.batch(at, at + 2000)))
        expect(failure).toMatchObject({ code: 'SINK_FULL' })
        at -= 2000
        expect(await sink.head(log.name)).toEqual({ size: at, lastHash: log.entries[at - 1]?.hash ?? null })
        expect(await codeOf(sink.deliver(log.batch(at, at + 2000)))).toBe('SINK_FULL')
        await server.query('ALTER TABLE halligan.entries SET TABLESPACE pg_default')
        await sink.deliver(log.batch(at, at + 2000))
        expect(await sink.head(log.name)).toMatchObject({ size: at + 2000 })
        await server.query('ALTER INDEX halligan.entries_pkey SET TABLESPACE pg_default')
        await server.query('DROP TABLESPACE small')
      } finally {
        disk.unmount()
      }
    })

    it('the server stopped and started again, killed and recovered', async () => {
      const log = makeFakeLog(3000)
      const sink = openSink()
      await sink.deliver(log.batch(0, 1000))
      await server.stop()
      expect(await codeOf(sink.deliver(log.batch(1000, 2000)))).toBe('SINK_UNREACHABLE')
      expect(await codeOf(sink.head(log.name))).toBe('SINK_UNREACHABLE')
      await server.start()
      await sink.deliver(log.batch(1000, 2000))
      // Killed right after it answered: what was acknowledged is on its disk.
      await server.stop('SIGQUIT')
      await server.start()
      expect(await sink.head(log.name)).toMatchObject({ size: 2000 })
      await sink.deliver(log.batch(2000, 3000))
      expect(await sink.head(log.name)).toEqual({ size: 3000, lastHash: lastOf(log) })
    })

    it('closing ends what is under way', async () => {
      const log = makeFakeLog(20_000)
      const sink = openSink()
      const delivery = codeOf(sink.deliver(log.batch(0, 20_000)))
      setTimeout(() => void sink.close(), 20)
      expect(await delivery).toBe('SINK_UNREACHABLE')
      expect(await codeOf(sink.head(log.name))).toBe('SINK_UNREACHABLE')
      await sink.close()
    })
  })
})
