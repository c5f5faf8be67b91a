/** A PostgreSQL of a test's own: TLS and passwords on a TCP port for the sink, a socket without either for the test. */
import { Client } from 'pg'
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fromRoot } from '../../../build/paths.ts'
import { capture } from '../../../build/run-command.ts'
import type { Authority, Certificate } from './certificates.ts'
import { findPostgresPrograms } from './packages.ts'
import {
  asServerUser,
  findFreePort,
  giveFolder,
  makeServerFolder,
  startServerProcess,
  waitUntilReady,
  type ServerProcess,
} from './server-process.ts'

const database = 'audit'

export interface PostgresServer {
  readonly port: number
  readonly database: string
  readonly dir: string
  /** Rows of one statement, as superuser. */
  readonly query: (text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>
  /** A superuser's connection, for whoever needs more than {@link query}. The caller ends it. */
  readonly connect: () => Promise<Client>
  /** The shipped SQL, run as its own first lines say. @throws Error with what psql said */
  readonly installSchema: () => void
  /** A login that may write, the logs of `stations`. */
  readonly addWriter: (name: string, password: string | null, stations?: readonly string[]) => Promise<void>
  /** Another certificate; takes effect at once, for new connections. */
  readonly useCertificate: (certificate: Certificate) => Promise<void>
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
  readonly start: () => Promise<void>
  readonly remove: () => Promise<void>
}

function runTool(program: string, args: readonly string[]): void {
  const [command, words] = asServerUser(program, args)
  const done = capture(command, words)
  if (done.code !== 0) throw new Error(`${path.basename(program)}: ${done.stderr}${done.stdout}`)
}

/** Makes a cluster and starts it; `authority` vouches for clients that log in by certificate (as their common name). */
export async function startPostgres(authority: Authority, certificate: Certificate): Promise<PostgresServer> {
  const programs = findPostgresPrograms()
  if (programs === null) throw new Error('PostgreSQL is missing')
  const { dir, remove } = makeServerFolder('postgres')
  const data = path.join(dir, 'data')
  mkdirSync(data)
  giveFolder(dir)
  runTool(path.join(programs, 'initdb'), [
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=trust',
    '-E',
    'UTF8',
    '--no-sync',
    '--locale=C.UTF-8',
  ])
  const port = await findFreePort()
  // `autovacuum` off: a test that counts on what it wrote being the only thing written.
  appendFileSync(
    path.join(data, 'postgresql.conf'),
    [
      `port = ${port}`,
      "listen_addresses = '127.0.0.1'",
      `unix_socket_directories = '${dir}'`,
      'ssl = on',
      `ssl_ca_file = 'client-ca.pem'`,
      'max_wal_size = 4GB',
      'wal_level = minimal',
      'max_wal_senders = 0',
      'max_connections = 30',
      '',
    ].join('\n'),
  )
  writeFileSync(
    path.join(data, 'pg_hba.conf'),
    [
      'local all postgres trust',
      'hostssl all by_certificate 127.0.0.1/32 cert',
      'hostssl all all 127.0.0.1/32 scram-sha-256',
      '',
    ].join('\n'),
  )
  writeFileSync(path.join(data, 'client-ca.pem'), authority.ca)
  const writeCertificate = ({ cert, key }: Certificate): void => {
    writeFileSync(path.join(data, 'server.crt'), cert)
    writeFileSync(path.join(data, 'server.key'), key)
    chmodSync(path.join(data, 'server.key'), 0o600)
    giveFolder(data)
  }
  writeCertificate(certificate)

  let server: ServerProcess | null = null
  const connect = async (to: string = database): Promise<Client> => {
    const client = new Client({ host: dir, port, user: 'postgres', database: to })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const query = async (
    text: string,
    values: readonly unknown[] = [],
    to: string = database,
  ): Promise<Record<string, unknown>[]> => {
    const client = await connect(to)
    try {
      return (await client.query<Record<string, unknown>>(text, [...values])).rows
    } finally {
      await client.end()
    }
  }
  const start = async (): Promise<void> => {
    server = startServerProcess(path.join(programs, 'postgres'), ['-D', data], dir)
    await waitUntilReady(server, () =>
      query('SELECT 1', [], 'postgres').then(
        () => true,
        () => false,
      ),
    )
  }
  await start()
  await query(`CREATE DATABASE ${database}`, [], 'postgres')

  return {
    port,
    database,
    dir,
    connect: () => connect(),
    query: (text, values) => query(text, values),
    installSchema: () => {
      const file = fromRoot('docs/sinks/postgresql.sql')
      const to = ['--host', dir, '--port', String(port), '--username', 'postgres', '--dbname', database]
      const done = capture(path.join(programs, 'psql'), [
        '--no-psqlrc',
        '--set',
        'ON_ERROR_STOP=1',
        ...to,
        '--file',
        file,
      ])
      if (done.code !== 0) throw new Error(done.stderr)
    },
    addWriter: async (name, password, stations = []) => {
      await query(`CREATE ROLE ${name} LOGIN ${password === null ? '' : `PASSWORD '${password}'`}`)
      await query(`GRANT halligan_writer TO ${name}`)
      for (const station of stations) await query('INSERT INTO halligan.writers VALUES ($1, $2)', [station, name])
    },
    useCertificate: async (next) => {
      writeCertificate(next)
      await query('SELECT pg_reload_conf()')
      // The postmaster reads it when it gets to it.
      await new Promise((resolve) => setTimeout(resolve, 300))
    },
    stop: async (signal = 'SIGINT') => {
      await server?.stop(signal)
      server = null
    },
    start,
    remove: async () => {
      await server?.stop('SIGQUIT')
      remove()
    },
  }
}
