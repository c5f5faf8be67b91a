/**
 * Syncing a backlog to PostgreSQL against a plain COPY of the same rows into a table of the same shape: what the checks cost
 * (hash, chain, all or nothing, TLS, one batch acknowledged before the next). HALLIGAN_BENCH_ENTRIES=1000000 for the large run.
 */
import { once } from 'node:events'
import { spawn } from 'node:child_process'
import path from 'node:path'
import type { Bench, BenchRow } from '../../build/bench-report.ts'
import { createPostgresqlSink } from '../../electron/courier/postgresql/postgresql-sink.ts'
import { deliveryLimits } from '../../shared/contracts/courier.ts'
import { createAuthority } from '../support/servers/certificates.ts'
import { makeFakeLog, type FakeLog } from '../support/servers/fake-log.ts'
import { findPostgresPrograms, findReasonToSkip, wantedServers } from '../support/servers/packages.ts'
import { startPostgres, type PostgresServer } from '../support/servers/postgres-server.ts'
import { makeServerFolder } from '../support/servers/server-process.ts'

const count = Number(process.env['HALLIGAN_BENCH_ENTRIES'] ?? 100_000)
/** As the courier gets them. */
const batchSize = deliveryLimits.entries
/** A backlog of a million in a minute. */
const targetPerSecond = 1_000_000 / 60

async function perSecond(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return (count * 1000) / (performance.now() - start)
}

/** The rows as COPY's text format has them, made before anything is measured. */
function makeRows({ entries }: FakeLog): Buffer[] {
  const rows: Buffer[] = []
  for (let at = 0; at < entries.length; at += batchSize) {
    const lines = entries.slice(at, at + batchSize).map(({ seq, hash, bytes }) => {
      const leaf = Buffer.from(hash, 'base64url').toString('hex')
      return `1\t${seq}\t\\\\x${leaf}\t\\\\x${Buffer.from(bytes).toString('hex')}\t2026-11-23 14:00:00+00\n`
    })
    rows.push(Buffer.from(lines.join('')))
  }
  return rows
}

/** psql's COPY over the local socket: no TLS, no checks, one transaction. */
async function copyRows(server: PostgresServer, rows: readonly Buffer[]): Promise<void> {
  const psql = path.join(findPostgresPrograms() ?? '', 'psql')
  const to = [
    '--host',
    server.dir,
    '--port',
    String(server.port),
    '--username',
    'postgres',
    '--dbname',
    server.database,
  ]
  const command = ['--quiet', '--set', 'ON_ERROR_STOP=1', '--command', 'COPY plain FROM STDIN']
  const child = spawn(psql, ['--no-psqlrc', ...to, ...command], { stdio: ['pipe', 'ignore', 'inherit'] })
  const ended = once(child, 'exit')
  for (const chunk of rows) if (!child.stdin.write(chunk)) await once(child.stdin, 'drain')
  child.stdin.end()
  const [code] = (await ended) as [number | null]
  if (code !== 0) throw new Error('COPY failed')
}

async function syncAll(server: PostgresServer, log: FakeLog, ca: string): Promise<void> {
  const place = { host: 'localhost', port: server.port, database: server.database, user: 'bench', schema: 'halligan' }
  const sink = createPostgresqlSink({ kind: 'postgresql', id: 'x', name: 'x', ca, ...place }, { password: 'bench' })
  for (let at = 0; at < count; at += batchSize) await sink.deliver(log.batch(at, Math.min(count, at + batchSize)))
  const head = await sink.head(log.name)
  await sink.close()
  if (head?.size !== count) throw new Error('not all of it arrived')
}

async function measure(): Promise<BenchRow[]> {
  const reason = await findReasonToSkip(wantedServers.postgresql)
  if (reason !== null) throw new Error(reason)
  const folder = makeServerFolder('certificates')
  const authority = createAuthority(folder.dir)
  const server = await startPostgres(authority, authority.sign('server', { name: 'localhost' }))
  try {
    const log = makeFakeLog(count)
    server.installSchema()
    await server.addWriter('bench', 'bench', [log.name.station])
    await server.query('CREATE TABLE plain (LIKE halligan.entries INCLUDING ALL)')
    const rows = makeRows(log)
    const against = await perSecond(() => copyRows(server, rows))
    rows.length = 0
    const value = await perSecond(() => syncAll(server, log, authority.ca))
    return [
      {
        name: `${count} entries to PostgreSQL over TLS, against plain COPY of the same rows`,
        ...{ value, unit: 'entries/s', against, ratio: value / against },
        target: `>= ${Math.round(targetPerSecond)} entries/s (1 M in 60 s)`,
        met: value >= targetPerSecond,
      },
    ]
  } finally {
    await server.remove()
    folder.remove()
  }
}

const bench: Bench = { name: 'sync a backlog to PostgreSQL', run: measure }
export default bench
