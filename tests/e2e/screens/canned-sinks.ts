/** Sinks in every state that a screen can show. */
import type { AppState } from '../../../shared/contracts/app.ts'
import type { SinkView } from '../../../shared/contracts/sink-views.ts'
import type { SinkSettings } from '../../../shared/domain/sink.ts'
import { inSeconds, ready } from './canned-app.ts'
import { hash, idOf } from './canned-people.ts'

export const settings: readonly SinkSettings[] = [
  {
    id: idOf(401),
    name: 'Audit database',
    kind: 'postgresql',
    host: 'audit.internal',
    port: 5432,
    database: 'audit',
    user: 'halligan_writer',
    schema: 'halligan',
  },
  { id: idOf(402), name: 'Log server', kind: 'syslog', host: 'logs.internal', port: 6514, facility: 13 },
  {
    id: idOf(403),
    name: 'Security operations',
    kind: 'https',
    url: 'https://collector.example.test/halligan',
    mode: 'cloudevents',
    auth: 'token',
  },
  { id: idOf(404), name: 'Auditor’s stick', kind: 'folder', path: '/media/auditor/halligan' },
]

const view = (at: number, rest: Partial<SinkView>): SinkView => {
  const { id, name, kind } = settings[at] ?? { id: idOf(400), name: 'None', kind: 'folder' }
  return {
    id,
    name,
    kind,
    state: 'current',
    acknowledged: 1284,
    size: 1284,
    acknowledgedAt: inSeconds(-60),
    problem: null,
    divergence: null,
    secret: 'not-needed',
    ...rest,
  }
}

export const withSinks: AppState = {
  ...ready,
  sinks: [
    view(0, { secret: 'keychain' }),
    view(1, { state: 'syncing', acknowledged: 400 }),
    view(2, {
      state: 'waiting',
      acknowledged: 0,
      acknowledgedAt: null,
      secret: 'missing',
      problem: { code: 'SINK_LOGIN', detail: {} },
    }),
    view(3, { state: 'waiting', acknowledged: 1200, problem: { code: 'SINK_UNREACHABLE', detail: {} } }),
  ],
}

export const diverged: AppState = {
  ...ready,
  sinks: [
    view(0, {
      state: 'diverged',
      acknowledged: 900,
      secret: 'file',
      problem: { code: 'SINK_DIVERGED', detail: {} },
      divergence: { size: 900, ours: hash, theirs: `${'B'.repeat(42)}E` },
    }),
  ],
}
