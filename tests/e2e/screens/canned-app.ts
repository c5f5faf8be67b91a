/** States of the app window, from no vault to a damaged one. */
import type { VerifyReport } from '../../../shared/audit/report.ts'
import type { AppState, CredentialView, OperationView } from '../../../shared/contracts/app.ts'
import { hash, idOf, persons, safes } from './canned-people.ts'

const day = 86_400_000
const now = Date.now()
/** The timestamp `days` from now. */
export const inDays = (days: number): string => new Date(now + days * day).toISOString()
/** The timestamp `seconds` from now. */
export const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()

export const noVault: AppState = {
  phase: 'none',
  damage: null,
  version: '0.1.0',
  vault: null,
  station: null,
  setup: null,
  persons: [],
  safes: [],
  operation: null,
  waiting: [],
  lastOutcome: null,
  exporting: null,
  exported: null,
  owed: [],
  log: { size: 0, root: null, words: [], lastAt: null, integrity: 'checking', completeness: 'checking' },
  sinks: [],
  due: [],
  change: null,
  ceremony: null,
  alerts: { channels: [], waiting: 0 },
}

const vault = {
  id: idOf(900),
  name: 'Northwind operations',
  manifestVersion: 1,
  manifestHash: hash,
  quorum: 3,
  createdAt: '2026-09-01T08:00:00.000Z',
}

export const ready: AppState = {
  ...noVault,
  phase: 'ready',
  vault,
  station: { id: idOf(901), name: 'Safe room laptop 1' },
  persons: [...persons],
  safes: [...safes],
  log: {
    size: 1284,
    root: hash,
    words: ['amber', 'falcon', 'quiet', 'harbour'],
    lastAt: inSeconds(-90),
    integrity: 'intact',
    completeness: 'complete',
  },
}

type Setup = NonNullable<AppState['setup']>

const plan: Setup['plan'] = {
  people: persons.map(({ id, name, roles }) => ({ id, name, roles })),
  safes: safes.map(({ drilled: _drilled, ...safe }) => safe),
  quorum: 3,
}
const keysOf = (number: number): Setup['enrolled'][number] => ({
  person: idOf(number),
  keys: [
    { credentialId: hash, label: 'Main key' },
    { credentialId: hash, label: 'Spare key' },
  ],
})

const inSetup = (setup: Setup): AppState => ({
  ...noVault,
  phase: 'setup',
  vault: { ...vault, manifestVersion: 0, manifestHash: null },
  station: ready.station,
  setup,
  log: { ...ready.log, size: 4 },
})

export const setups = {
  people: inSetup({ step: 'plan', plan: { people: [], safes: [], quorum: 2 }, enrolled: [], acknowledged: [] }),
  safes: inSetup({ step: 'plan', plan: { ...plan, safes: [] }, enrolled: [], acknowledged: [] }),
  keys: inSetup({ step: 'keys', plan, enrolled: [keysOf(1), keysOf(3)], acknowledged: [] }),
  acknowledge: inSetup({ step: 'acknowledge', plan, enrolled: [1, 2, 3, 4, 5].map(keysOf), acknowledged: [idOf(2)] }),
} as const

const credential = (number: number, name: string, change: Partial<CredentialView> = {}): CredentialView => ({
  id: idOf(200 + number),
  name,
  kind: 'login',
  safe: idOf(101),
  version: 1,
  requesters: [idOf(1), idOf(2), idOf(5)],
  rotationDays: 90,
  rotationNote: null,
  sealedAt: inDays(-20),
  sealedBy: idOf(1),
  rotationDueAt: inDays(70),
  rotation: 'fresh',
  olderVersions: [],
  provenAt: null,
  damage: null,
  ...change,
})

export const credentials: readonly CredentialView[] = [
  credential(1, 'AWS root account', { version: 4 }),
  credential(2, 'Domain registrar', { rotation: 'due', rotationDueAt: inDays(-6), sealedAt: inDays(-96) }),
  credential(3, 'Backup encryption key', { kind: 'ssh-key', rotation: 'used' }),
  credential(4, 'Bank signing codes', {
    kind: 'recovery-codes',
    safe: idOf(102),
    damage: 'the share of Edsger Dijkstra cannot be read',
  }),
  credential(5, 'Break-glass administrator of the identity provider, production tenant', { kind: 'totp' }),
]

/** Enough of them that the list must page. */
export const manyCredentials: readonly CredentialView[] = Array.from({ length: 250 }, (_, index) =>
  credential(index + 10, `Server ${String(index + 1).padStart(3, '0')} root password`),
)

const operation: OperationView = {
  id: idOf(300),
  kind: 'unseal',
  stage: 'tap',
  person: idOf(5),
  have: 0,
  need: 3,
  taps: [],
  refusals: [],
  request: {
    id: idOf(301),
    credential: idOf(201),
    credentialName: 'AWS root account',
    safe: idOf(101),
    version: 4,
    newest: null,
    requester: idOf(5),
    reason: 'Identity provider is down since 02:40; production keys leaked and must be revoked now.',
    incident: 'INC-2041',
    windowSeconds: 120,
    openedAt: inSeconds(-75),
    expiresAt: inSeconds(1725),
    grantedAt: null,
  },
}

/** Something under way that is no request. */
export const sealing: OperationView = { ...operation, kind: 'seal', request: null }

const withOperation = (change: Partial<OperationView>): AppState => ({
  ...ready,
  operation: { ...operation, ...change },
})
const tap = (number: number, counts = true): OperationView['taps'][number] => ({
  person: idOf(number),
  at: inSeconds(-40 + number),
  counts,
})

/** A reason as long as the contract lets it be. */
const longReason = 'The identity provider rejects every sign-in and the on-call rota cannot be reached by telephone. '
  .repeat(5)
  .trim()
  .slice(0, 500)

export const requests = {
  starting: withOperation({ stage: 'starting' }),
  asked: withOperation({}),
  halfway: withOperation({ have: 2, taps: [tap(5, false), tap(1), tap(2)] }),
  refused: withOperation({
    have: 1,
    taps: [tap(5, false), tap(1)],
    refusals: [{ code: 'TAP_PERSON_ALREADY_COUNTED', person: idOf(1), at: inSeconds(-2) }],
  }),
  long: {
    ...ready,
    safes: ready.safes.map((safe) => ({
      ...safe,
      threshold: 20,
      custodians: [...safe.custodians, ...Array.from({ length: 40 }, (_, index) => idOf(400 + index))],
    })),
    persons: [
      ...ready.persons,
      ...Array.from({ length: 40 }, (_, index) => ({
        id: idOf(400 + index),
        name: `Custodian number ${String(index + 5)}`,
        roles: ['custodian' as const],
        keys: [],
      })),
    ],
    operation: {
      ...operation,
      need: 20,
      have: 1,
      taps: [tap(5, false), tap(1)],
      refusals: [{ code: 'TAP_NO_USER_VERIFICATION' as const, person: idOf(2), at: inSeconds(-2) }],
      request: operation.request === null ? null : { ...operation.request, reason: longReason },
    },
  } satisfies AppState,
  open: withOperation({
    stage: 'open',
    have: 3,
    taps: [tap(5, false), tap(1), tap(2), tap(3)],
    request: operation.request === null ? null : { ...operation.request, grantedAt: inSeconds(-70) },
  }),
} as const

export const otherOperations = {
  enrol: {
    ...setups.keys,
    operation: {
      ...operation,
      kind: 'enrol',
      person: idOf(2),
      need: 6,
      have: 2,
      request: null,
      refusals: [{ code: 'TAP_NO_PRF', person: null, at: inSeconds(-3) }],
    },
  },
  acknowledge: {
    ...setups.acknowledge,
    operation: { ...operation, kind: 'acknowledge', person: null, need: 4, have: 1, taps: [tap(2)], request: null },
  },
  seal: withOperation({ kind: 'seal', stage: 'form', person: idOf(1), need: 1, request: null }),
  export: withOperation({ kind: 'export', stage: 'working', person: idOf(6), need: 1, request: null }),
} satisfies Record<string, AppState>

const outcome = (change: Partial<NonNullable<AppState['lastOutcome']>>): NonNullable<AppState['lastOutcome']> => ({
  operation: idOf(300),
  kind: 'unseal',
  result: 'done',
  code: null,
  detail: null,
  at: inSeconds(-5),
  ...change,
})

export const afterUse: AppState = {
  ...ready,
  lastOutcome: outcome({}),
  owed: [
    {
      request: idOf(301),
      credential: idOf(201),
      credentialName: 'AWS root account',
      grantedAt: inSeconds(-130),
      closedAt: inSeconds(-10),
      rotate: true,
      classify: true,
    },
    {
      request: idOf(302),
      credential: idOf(203),
      credentialName: 'Backup encryption key',
      grantedAt: inDays(-3),
      closedAt: inDays(-3),
      rotate: true,
      classify: false,
    },
  ],
}

export const failedExport: AppState = {
  ...ready,
  exported: outcome({ kind: 'export', result: 'failed', code: 'EXPORT_FAILED' }),
}
export const doneExport: AppState = {
  ...ready,
  exported: outcome({ kind: 'export', detail: '/media/usb/halligan-export-2026-11-23T140210Z' }),
}
export const failedRequest: AppState = {
  ...ready,
  lastOutcome: outcome({ result: 'failed', code: 'SHARE_DAMAGED', detail: 'Edsger Dijkstra' }),
}

export const damaged: AppState = {
  ...ready,
  phase: 'damaged',
  damage: { code: 'RECORD_DAMAGED', detail: {} },
  log: { ...ready.log, integrity: 'broken', completeness: 'incomplete' },
}

export const goodReport: VerifyReport = {
  kind: 'whole',
  integrity: { verdict: 'intact', problems: [], trustworthy: 1284 },
  completeness: { verdict: 'cannot-be-judged', knownSize: null, problems: [] },
  size: 1284,
  root: hash,
  words: ['amber', 'falcon', 'quiet', 'harbour'],
  lastAt: inSeconds(-90),
  checked: { entries: 1284, checkpoints: 31, taps: 212, manifests: 1, records: 9 },
  export: null,
}

export const badReport: VerifyReport = {
  ...goodReport,
  integrity: {
    verdict: 'broken',
    problems: [
      { code: 'entry-chain-broken', seq: 412, detail: 'the entry before it hashes to something else' },
      { code: 'checkpoint-root-mismatch', seq: 430, detail: '' },
    ],
    trustworthy: 400,
  },
  completeness: {
    verdict: 'incomplete',
    knownSize: 1300,
    problems: [{ code: 'known-checkpoint-ahead', seq: null, detail: '1300 entries were known, 1284 are here' }],
  },
}
