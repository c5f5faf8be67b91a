/** A day in the log: one entry of every type, newest first. */
import type { Actor, Entry, EntryData, EntryType } from '../../../shared/audit/entry.ts'
import { act, ada, asked, assertion, credential, field, head, key, request, rita, station } from './canned-acts.ts'
import { hash, idOf } from './canned-people.ts'

type Script = { readonly [T in EntryType]: readonly [Actor, EntryData<T>] }

const script: Script = {
  'vault.created': [
    station,
    { vault: idOf(900), name: 'Northwind operations', station: 'Safe room laptop 1', key: hash },
  ],
  'app.opened': [station, { version: '0.1.0' }],
  'log.key-rotated': [station, { key: hash, previousKey: hash, signature: `${'A'.repeat(85)}A` }],
  'key.enrolled': [
    ada,
    {
      person: idOf(1),
      name: 'Ada Byron',
      key: {
        credentialId: hash,
        label: 'Main key',
        publicKey: { kty: 'OKP', crv: 'Ed25519', x: hash },
        aaguid: '00000000-0000-0000-0000-000000000000',
        transports: ['usb'],
        enrolledAt: '2026-11-23T08:00:00.000Z',
      },
      safes: [idOf(101)],
    },
  ],
  'manifest.signed': [ada, { version: 1, hash, person: idOf(1), key, assertion }],
  'manifest.changed': [station, { version: 1, hash }],
  'credential.sealed': [
    ada,
    {
      credential,
      version: 1,
      safe: idOf(101),
      name: 'AWS root account',
      kind: 'login',
      record: hash,
      statement: act(
        { kind: 'seal', safe: idOf(101), credential, version: 1, name: 'AWS root account', record: hash },
        idOf(1),
      ),
      key,
      assertion,
    },
  ],
  'request.opened': [
    rita,
    {
      credentialName: 'AWS root account',
      statement: asked,
    },
  ],
  'tap.refused': [station, { operation: idOf(300), request, code: 'TAP_PERSON_ALREADY_COUNTED', person: idOf(1), key }],
  'tap.accepted': [
    ada,
    {
      operation: idOf(300),
      request,
      person: idOf(1),
      key,
      assertion,
      counts: true,
      signCount: 3,
      signCountWentBack: false,
    },
  ],
  'request.granted': [
    station,
    { request, credential, version: 1, approvals: [idOf(1), idOf(2), idOf(3)], windowSeconds: 120 },
  ],
  'request.waiting': [
    station,
    { request, credential, version: 1, approvals: [idOf(1), idOf(2), idOf(3)], delaySeconds: 14_400 },
  ],
  'request.resumed': [
    station,
    {
      statement: { ...asked, createdAt: '2026-11-23T18:10:00.000Z', first: hash },
    },
  ],
  'request.vetoed': [
    ada,
    {
      request,
      statement: act(
        {
          kind: 'veto',
          request,
          credential,
          credentialName: 'AWS root account',
          version: 1,
          requester: idOf(5),
          waitingSince: '2026-11-23T14:02:10.000Z',
          reason: 'Nobody called about it: not before I have spoken to Rita.',
        },
        idOf(1),
      ),
      key,
      assertion,
    },
  ],
  'field.shown': [rita, field],
  'field.copied': [rita, field],
  'code.burned': [rita, { request, credential, version: 1, field: 2, code: 0 }],
  'window.closed': [station, { request, reason: 'hidden-by-person', openedMs: 95_000 }],
  'request.classified': [
    rita,
    {
      request,
      statement: act(
        {
          kind: 'classify',
          request,
          credential,
          credentialName: 'AWS root account',
          version: 1,
          requester: idOf(5),
          grantedAt: '2026-11-23T14:02:10.000Z',
          outcome: 'emergency',
          note: 'Keys revoked at 03:05.',
        },
        idOf(5),
      ),
      key,
      assertion,
    },
  ],
  'request.cancelled': [rita, { request, reason: 'cancelled' }],
  'request.expired': [station, { request }],
  'request.failed': [station, { request, code: 'SHARE_DAMAGED', custodian: idOf(3) }],
  'drill.passed': [
    ada,
    {
      kind: 'key',
      statement: act({ kind: 'key-drill', key, safes: [idOf(101)] }, idOf(1)),
      key,
      assertion,
      signCount: 12,
      signCountWentBack: false,
    },
  ],
  'drill.failed': [ada, { kind: 'key', person: idOf(1), key, code: 'TAP_WRAP_DAMAGED' }],
  'passphrase.changed': [
    ada,
    { statement: act({ kind: 'passphrase', key, safes: [idOf(101)] }, idOf(1)), key, assertion },
  ],
  'tap-page.refused': [station, { operation: idOf(300), code: 'token-wrong', count: 12 }],
  'operation.ended': [station, { operation: idOf(300), kind: 'seal', result: 'cancelled', code: null }],
  'export.made': [
    ada,
    {
      size: 1200,
      root: hash,
      digest: hash,
      signed: { statement: act({ kind: 'export', size: 1200, root: hash }, idOf(6)), key, assertion },
    },
  ],
  'clock.jumped': [station, { byMs: -3_600_000 }],
  'storage.ballast-released': [station, { bytes: 8_388_608 }],
  'sync.acknowledged': [station, { sink: idOf(950), name: 'Log server', size: 1200, root: hash }],
  'sync.diverged': [station, { sink: idOf(950), name: 'Log server', size: 1200, ours: hash, theirs: hash }],
  'due.noticed': [
    station,
    { total: 1, items: [{ kind: 'rotate', name: 'AWS root account', dueAt: '2026-11-20T08:00:00.000Z' }] },
  ],
  'log.verification-failed': [station, { code: 'LOG_INVALID', seq: 412 }],
  'app.closed': [station, { reason: 'crash-recovered' }],
  'joint.opened': [
    station,
    {
      statement: {
        format: 'halligan/joint/v1',
        vault: idOf(900),
        act: idOf(320),
        manifest: hash,
        detail: {
          kind: 'prove',
          purpose: 'drill',
          safe: idOf(101),
          records: [{ credential, version: 1, name: 'AWS root account', record: hash }],
        },
        createdAt: '2026-11-23T14:01:00.000Z',
        station: idOf(901),
        head,
        nonce: hash,
      },
    },
  ],
  'joint.signed': [ada, { act: idOf(320), person: idOf(1), key, assertion, signCount: 3, signCountWentBack: false }],
  'proof.passed': [
    station,
    { act: idOf(320), purpose: 'drill', safe: idOf(101), people: [idOf(1), idOf(5)], durationMs: 41_000 },
  ],
  'proof.failed': [
    station,
    {
      act: idOf(320),
      purpose: 'drill',
      safe: idOf(101),
      people: [idOf(1)],
      code: 'SHARE_DAMAGED',
      failures: [{ person: idOf(5), code: 'TAP_WRAP_DAMAGED' }],
      durationMs: 41_000,
    },
  ],
  'credential.resealed': [
    station,
    {
      credential,
      version: 1,
      name: 'AWS root account',
      safe: idOf(101),
      previous: hash,
      record: hash,
      manifest: hash,
      act: idOf(320),
      leavers: [idOf(1)],
    },
  ],
  'credential.destroyed': [
    ada,
    {
      credential,
      version: 1,
      name: 'AWS root account',
      statement: act({ kind: 'destroy', credential, version: 1, name: 'AWS root account', record: hash }, idOf(1)),
      key,
      assertion,
    },
  ],
  'ceremony.opened': [
    ada,
    {
      ceremony: idOf(330),
      kind: 'rotation',
      title: 'Quarterly rotation, autumn 2026',
      lead: idOf(1),
      witnesses: [idOf(5)],
      script: [
        {
          title: 'Read the head aloud',
          instruction: 'The lead reads the four words; a witness compares.',
          role: 'lead',
          person: idOf(1),
          task: { kind: 'read-head' },
        },
      ],
      statement: act(
        {
          kind: 'ceremony-open',
          ceremony: idOf(330),
          ceremonyKind: 'rotation',
          title: 'Quarterly rotation, autumn 2026',
          script: hash,
          steps: 1,
        },
        idOf(1),
      ),
      key,
      assertion,
    },
  ],
  'ceremony.step': [
    ada,
    {
      ceremony: idOf(330),
      step: 0,
      title: 'Read the head aloud',
      result: 'done',
      person: idOf(1),
      initials: 'AB',
      note: '',
    },
  ],
  'ceremony.exception': [
    ada,
    { ceremony: idOf(330), step: 0, what: 'Grace left early', decidedBy: idOf(1), absent: idOf(5) },
  ],
  'ceremony.cancelled': [
    ada,
    {
      ceremony: idOf(330),
      statement: act(
        {
          kind: 'ceremony-cancel',
          ceremony: idOf(330),
          title: 'Quarterly rotation, autumn 2026',
          reason: 'Fire alarm',
        },
        idOf(1),
      ),
      key,
      assertion,
    },
  ],
  'minutes.written': [
    station,
    {
      ceremony: idOf(330),
      minutes: {
        format: 'halligan/minutes/v1',
        vault: idOf(900),
        vaultName: 'Northwind operations',
        station: idOf(901),
        stationName: 'Safe room laptop 1',
        ceremony: idOf(330),
        kind: 'rotation',
        title: 'Quarterly rotation, autumn 2026',
        lead: idOf(1),
        openedAt: '2026-11-23T14:01:00.000Z',
        writtenAt: '2026-11-23T15:01:00.000Z',
        program: { version: '0.1.0', digest: hash },
        manifestBefore: { version: 1, hash },
        manifestAfter: { version: 1, hash },
        headBefore: head,
        headAfter: { size: 42, root: hash },
        participants: [
          {
            person: idOf(1),
            name: 'Ada Byron',
            roles: ['lead'],
            keys: [{ credentialId: key, label: 'Main key' }],
            signs: true,
          },
        ],
        steps: [
          {
            step: 0,
            title: 'Read the head aloud',
            result: 'done',
            person: idOf(1),
            initials: 'AB',
            note: '',
            at: '2026-11-23T14:02:00.000Z',
            seq: 14,
          },
        ],
        exceptions: [],
      },
    },
  ],
  'ceremony.closed': [station, { ceremony: idOf(330), minutes: hash, act: idOf(321) }],
  'alert.test': [ada, { channel: idOf(960), name: 'On-call phone' }],
  'alert.delivered': [
    station,
    { cause: 12, event: 'request-opened', channel: idOf(960), name: 'On-call phone', attempts: 1, receipt: null },
  ],
  'alert.failed': [
    station,
    {
      cause: 12,
      event: 'request-opened',
      channel: idOf(960),
      name: 'On-call phone',
      attempts: 1,
      code: 'CHANNEL_UNREACHABLE',
      final: false,
    },
  ],
}

/** One entry of each type. */
export const entries: readonly Entry[] = Object.entries(script)
  .map(
    ([type, [actor, data]], index) =>
      ({
        seq: index,
        at: new Date(Date.UTC(2026, 10, index < 7 ? 22 : 23, 10, index * 2, 10)).toISOString(),
        monotonic: 1000 * index,
        boot: idOf(902),
        station: idOf(901),
        actor,
        prev: hash,
        type,
        data,
      }) as Entry,
  )
  .reverse()
