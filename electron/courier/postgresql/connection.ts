/** One connection to PostgreSQL: TLS always, nothing taken from the environment, ended from here at any moment. */
import { Client, type QueryResult, type QueryResultRow } from 'pg'
import net from 'node:net'
import { HalliganError } from '../../../shared/errors.ts'
import type { SinkOf, SinkSecret } from '../../../shared/domain/sink.ts'
import type { Peer } from '../tls/failures.ts'
import { makeTlsOptions } from '../tls/options.ts'
import type { SinkTimings } from '../tls/timings.ts'
import { describePostgresqlFailure } from './failures.ts'

export interface Connection {
  /** False once it broke or was ended. */
  readonly isUsable: () => boolean
  /** @throws HalliganError of a sink; whatever is no answer of the server also ends the connection */
  readonly ask: <Row extends QueryResultRow>(text: string, values: readonly unknown[]) => Promise<Row[]>
  /** Cuts it: what is under way rejects with SINK_UNREACHABLE. */
  readonly end: () => void
}

/** What the client would otherwise take from the environment or from files in the user's home. */
const ownOptions = {
  application_name: 'halligan',
  // Answered means flushed to disk, whatever the server's default for this user says.
  options: '-c synchronous_commit=on -c client_encoding=UTF8',
} as const

/**
 * Starts to connect; the first `ask` waits for the login.
 * @throws HalliganError SINK_CERTIFICATE or SINK_LOGIN when certificates or key cannot be read
 */
export function connect(settings: SinkOf<'postgresql'>, secret: SinkSecret, timings: SinkTimings): Connection {
  const peer: Peer = { host: settings.host, port: settings.port }
  const socket = new net.Socket()
  let isLoggedIn = false
  let isOver = false
  const client = new Client({
    ...ownOptions,
    ...peer,
    database: settings.database,
    user: settings.user,
    // A function, because of an empty value the client would go and look in PGPASSWORD and ~/.pgpass.
    password: () => {
      if (secret.password === undefined) throw new HalliganError('SINK_LOGIN', { ...peer, reason: 'password' })
      return secret.password
    },
    ssl: makeTlsOptions(settings, secret, peer),
    stream: () => socket,
    connectionTimeoutMillis: timings.connectMs,
    query_timeout: timings.answerMs,
    statement_timeout: timings.answerMs,
    keepAlive: true,
  })
  const end = (): void => {
    isOver = true
    // Not `client.end()`: it waits for the other side, which may be gone.
    socket.destroy()
  }
  // An idle connection that breaks says so here, and here only.
  client.on('error', end)
  client.on('end', end)
  const login = client.connect().then(() => {
    isLoggedIn = true
  })
  // Whoever asks hears of it; nobody may have asked yet.
  login.catch(end)

  return {
    isUsable: () => !isOver,
    end,
    ask: async <Row extends QueryResultRow>(text: string, values: readonly unknown[]) => {
      try {
        await login
        const result: QueryResult<Row> = await client.query<Row>(text, [...values])
        return result.rows
      } catch (error) {
        const failure = describePostgresqlFailure(error, peer, isLoggedIn)
        // After its own error a server goes on as before; after anything else nobody knows where it stands.
        if (!('sqlstate' in failure.detail) || failure.code === 'SINK_UNREACHABLE') end()
        throw failure
      }
    },
  }
}
