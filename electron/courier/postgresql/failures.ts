/** What PostgreSQL's SQLSTATEs mean to us (PostgreSQL documentation, appendix A; ours: docs/sinks/postgresql.sql). */
import { DatabaseError } from 'pg'
import { HalliganError, type ErrorCode, type ErrorDetail } from '../../../shared/errors.ts'
import { describeConnectionFailure, readCode, type Peer } from '../tls/failures.ts'

const meanings: Readonly<Record<string, ErrorCode>> = {
  ZHG01: 'SINK_DIVERGED',
  ZHG02: 'SINK_DIVERGED',
  ZHG03: 'SINK_FAILED',
  ZHG04: 'SINK_LOGIN',
  // login and rights
  '28000': 'SINK_LOGIN',
  '28P01': 'SINK_LOGIN',
  '42501': 'SINK_LOGIN',
  // database, schema, function, table
  '3D000': 'SINK_SCHEMA_MISSING',
  '3F000': 'SINK_SCHEMA_MISSING',
  '42883': 'SINK_SCHEMA_MISSING',
  '42P01': 'SINK_SCHEMA_MISSING',
  '53100': 'SINK_FULL',
  // starting, stopping, too many connections, a statement that took too long
  '53300': 'SINK_UNREACHABLE',
  '55P03': 'SINK_UNREACHABLE',
  '57014': 'SINK_UNREACHABLE',
  '57P01': 'SINK_UNREACHABLE',
  '57P02': 'SINK_UNREACHABLE',
  '57P03': 'SINK_UNREACHABLE',
  '57P05': 'SINK_UNREACHABLE',
}

const reasons: Readonly<Record<string, string>> = { ZHG01: 'gap', ZHG02: 'fork', ZHG04: 'not-its-writer' }

/**
 * `error` of the client in our words. PostgreSQL's own message is left behind: it may quote rows.
 * @param isLoggedIn whether the login was over: before it, what has no code is about the login
 */
export function describePostgresqlFailure(error: unknown, peer: Peer, isLoggedIn: boolean): HalliganError {
  if (error instanceof DatabaseError) {
    const state = error.code ?? ''
    const code = meanings[state] ?? (state.startsWith('08') ? 'SINK_UNREACHABLE' : 'SINK_FAILED')
    const detail: ErrorDetail = { ...peer, sqlstate: state }
    const reason = reasons[state]
    return new HalliganError(code, reason === undefined ? detail : { ...detail, reason })
  }
  // The client's own words for a password exchange that went wrong: it has no codes for them.
  if (!isLoggedIn && error instanceof Error && error.message.startsWith('SASL')) {
    return new HalliganError('SINK_LOGIN', { ...peer, reason: 'password-exchange' })
  }
  if (error instanceof Error && error.message === 'The server does not support SSL connections') {
    return new HalliganError('SINK_CERTIFICATE', { ...peer, reason: 'no-tls' })
  }
  return readCode(error) === '' && error instanceof TypeError
    ? new HalliganError('SINK_FAILED', { ...peer })
    : describeConnectionFailure(error, peer)
}
