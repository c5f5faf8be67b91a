/** Sinks in words. */
import type { SinkView } from '../../../shared/contracts/sink-views.ts'
import type { SinkKind, SinkSettings } from '../../../shared/domain/sink.ts'
import { sentenceFor } from '../../ui/sentences.ts'
import { formatMoment, formatNumber } from '../../ui/time.ts'
import type { StatusWords } from '../status-words.ts'

export const kindNames: Readonly<Record<SinkKind, string>> = {
  postgresql: 'PostgreSQL',
  syslog: 'Syslog over TLS',
  https: 'HTTPS',
  folder: 'Folder',
}

/** Where it is, in a few words. */
export function placeOf(settings: SinkSettings): string {
  switch (settings.kind) {
    case 'postgresql':
      return `${settings.user}@${settings.host}:${settings.port}/${settings.database}`
    case 'syslog':
      return `${settings.host}:${settings.port}`
    case 'https':
      return settings.url
    case 'folder':
      return settings.path
  }
}

/** How one sink stands. */
export function describeSink({ state, name, acknowledged, size, acknowledgedAt, problem }: SinkView): StatusWords {
  const has = `${formatNumber(acknowledged)} of ${formatNumber(size)} entries`
  const last = acknowledgedAt === null ? '' : `, last at ${formatMoment(acknowledgedAt)}`
  switch (state) {
    case 'current':
      return { tone: 'ok', text: `Has everything: ${has}${last}.` }
    case 'syncing':
      return { tone: 'plain', text: `Syncing: has ${has}.` }
    case 'paused':
      return { tone: 'plain', text: `Waits while a credential is being opened: has ${has}.` }
    case 'waiting': {
      const why = problem === null ? 'Waiting.' : sentenceFor(problem.code, { sink: name, ...problem.detail })
      return { tone: 'warn', text: `${why} It has ${has}${last}.` }
    }
    case 'diverged':
      return { tone: 'bad', text: sentenceFor('SINK_DIVERGED', { sink: name }) }
  }
}

/** What one sink has, in a few words. */
export function describeAcknowledged({ state, name, acknowledged, size }: SinkView): StatusWords {
  if (state === 'diverged') return { tone: 'bad', text: `${name} holds another log` }
  if (acknowledged === size) return { tone: 'ok', text: `${name} has everything` }
  return { tone: 'plain', text: `${name} has ${formatNumber(acknowledged)} of ${formatNumber(size)} entries` }
}

/** All sinks in a few words, for the status bar. */
export function describeSinks(sinks: readonly SinkView[]): StatusWords & { readonly isOffline: boolean } {
  if (sinks.length === 0) return { tone: 'plain', text: 'Offline: no sinks configured', isOffline: true }
  const diverged = sinks.find(({ state }) => state === 'diverged')
  if (diverged !== undefined) return { tone: 'bad', text: `Sync: ${diverged.name} holds another log`, isOffline: false }
  const waiting = sinks.filter(({ state }) => state === 'waiting')
  const behind = Math.max(...sinks.map(({ acknowledged, size }) => size - acknowledged))
  const rest = `${formatNumber(behind)} ${behind === 1 ? 'entry' : 'entries'} to go`
  if (waiting.length > 0) {
    const names = waiting.map(({ name }) => name).join(', ')
    return { tone: 'warn', text: `Sync: waiting for ${names}, ${rest}`, isOffline: true }
  }
  return behind === 0
    ? { tone: 'ok', text: 'Sync: everything has arrived', isOffline: false }
    : { tone: 'plain', text: `Sync: ${rest}`, isOffline: false }
}

const secretWords: Readonly<Record<SinkView['secret'], string>> = {
  keychain: 'Its password, token or key is kept in this system’s keychain.',
  file: 'Its password, token or key is kept in a file that only this user can read: this system has no keychain to rely on.',
  missing: 'It asks for a password, token or key, and this machine has none yet.',
  'not-needed': 'It needs no password.',
}

/** Where what it asks for is kept. */
export const describeSecret = (secret: SinkView['secret']): string => secretWords[secret]
