import { describe, expect, it } from 'vitest'
import { entryTypes, type Entry, type EntryType } from '../../../shared/audit/entry.ts'
import type { AlertEvent, AlertSettings, Severity } from '../../../shared/domain/alert.ts'
import { judgeEntry, routeAlert, type AlertAbout } from '../../../electron/vault/alerts/events.ts'
import { composeAlert } from '../../../electron/vault/alerts/texts.ts'
import { alertMessageSchema } from '../../../shared/domain/alert.ts'

const safeOf = (request: string): string | undefined => (request === 'known' ? 'safe' : undefined)
const prove = { act: 'act', detail: { kind: 'prove', purpose: 'drill', safe: 'safe' } }
const classify = (outcome: string) => ({
  request: 'known',
  statement: { person: 'p', detail: { kind: 'classify', outcome, note: '' } },
})

/** An entry of each type with as much data as decides what it is; what nobody is alerted of needs none. */
const samples: Readonly<Partial<Record<EntryType, unknown>>> = {
  'request.opened': { statement: { request: 'known', safe: 'safe' } },
  'tap.refused': { request: 'known', operation: 'o', code: 'TAP_KEY_UNKNOWN' },
  'request.granted': { request: 'known' },
  'field.copied': { request: 'known' },
  'window.closed': { request: 'known' },
  'request.cancelled': { request: 'known' },
  'request.expired': { request: 'known' },
  'request.failed': { request: 'known' },
  'request.classified': classify('emergency'),
  'joint.opened': { statement: prove },
  'proof.passed': { act: 'act', purpose: 'drill', safe: 'safe' },
  'proof.failed': { act: 'act', purpose: 'drill', safe: 'safe' },
  'ceremony.opened': { ceremony: 'c' },
  'ceremony.exception': { ceremony: 'c' },
  'ceremony.cancelled': { ceremony: 'c' },
  'ceremony.closed': { ceremony: 'c' },
  'sync.diverged': { sink: 'sink' },
  'alert.test': { channel: 'one', name: 'One' },
}
const entryOf = (type: EntryType, data: unknown = samples[type] ?? {}): Entry => ({ type, data }) as never
const judge = (type: EntryType, data?: unknown): AlertAbout | null => judgeEntry(entryOf(type, data), safeOf)

describe('which entries somebody is alerted of', () => {
  it('is decided for every type', () => {
    const said = Object.fromEntries(
      entryTypes.flatMap((type) => {
        const about = judge(type)
        return about === null ? [] : [[type, `${about.event} ${about.severity} ${about.action}`]]
      }),
    )
    expect(said).toEqual({
      'clock.jumped': 'clock-jumped warning trigger',
      'manifest.changed': 'manifest-changed warning trigger',
      'request.opened': 'request-opened critical trigger',
      'tap.refused': 'tap-refused warning trigger',
      'request.granted': 'request-granted critical trigger',
      'field.copied': 'field-copied warning trigger',
      'window.closed': 'window-ended warning trigger',
      'request.cancelled': 'request-ended info resolve',
      'request.expired': 'request-ended warning resolve',
      'request.failed': 'request-ended error trigger',
      'drill.passed': 'drill info trigger',
      'drill.failed': 'drill error trigger',
      'request.classified': 'request-classified info resolve',
      'sync.diverged': 'sink-diverged critical trigger',
      'joint.opened': 'drill info trigger',
      'proof.passed': 'drill info resolve',
      'proof.failed': 'drill error trigger',
      'ceremony.opened': 'ceremony info trigger',
      'ceremony.exception': 'ceremony warning trigger',
      'ceremony.cancelled': 'ceremony warning resolve',
      'ceremony.closed': 'ceremony info resolve',
      'request.waiting': 'request-waiting critical trigger',
      'request.vetoed': 'request-ended warning resolve',
      'due.noticed': 'overdue warning trigger',
      'alert.test': 'test info trigger',
      'log.verification-failed': 'log-failed critical trigger',
    } satisfies Partial<Record<EntryType, `${AlertEvent} ${Severity} ${string}`>>)
  })

  it('never holds for what became of an alert: that would have no end', () => {
    expect(judge('alert.delivered')).toBeNull()
    expect(judge('alert.failed')).toBeNull()
  })

  it('knows the safe of a request, and its id as what belongs together', () => {
    expect(judge('request.granted')).toMatchObject({ group: 'known', safe: 'safe' })
    expect(judge('request.granted', { request: 'lost' })).toMatchObject({ group: 'lost', safe: null })
  })

  it('does not end the incident of a misuse', () => {
    expect(judge('request.classified', classify('misuse'))).toMatchObject({ action: 'trigger', severity: 'critical' })
    expect(judge('request.classified', classify('drill'))).toMatchObject({ action: 'resolve' })
  })
})

describe('routes', () => {
  const [one, two, three] = ['one', 'two', 'three'].map((id) => ({ id, name: id, kind: 'desktop' as const }))
  const settings = (routes: AlertSettings['routes']): AlertSettings => ({ channels: [one!, two!, three!], routes })
  const route = (safe: string | null, severity: Severity, ...channels: string[]) => ({ safe, severity, channels })
  const granted = judge('request.granted')!

  it('are all followed that fit, each channel once', () => {
    expect(
      routeAlert(
        settings([
          route(null, 'info', 'two'),
          route('safe', 'critical', 'one', 'two'),
          route('other', 'info', 'three'),
        ]),
        granted,
      ),
    ).toEqual(['one', 'two'])
  })
  it('leave out what is not grave enough', () => {
    expect(routeAlert(settings([route(null, 'critical', 'one')]), judge('field.copied')!)).toEqual([])
    expect(routeAlert(settings([route(null, 'warning', 'one')]), judge('field.copied')!)).toEqual(['one'])
  })
  it('of a safe get nothing that concerns none', () => {
    expect(routeAlert(settings([route('safe', 'info', 'one')]), judge('manifest.changed')!)).toEqual([])
  })
  it('bring the end to whoever heard of the beginning, and drills to every channel', () => {
    const only = settings([route('safe', 'critical', 'one')])
    expect(routeAlert(only, judge('request.classified')!)).toEqual(['one'])
    expect(routeAlert(only, judge('request.cancelled')!)).toEqual(['one'])
    expect(routeAlert(only, judge('proof.passed')!)).toEqual(['one'])
  })
  it('are not asked about a test', () => {
    expect(routeAlert(settings([route(null, 'info', 'two')]), judge('alert.test')!)).toEqual(['one'])
  })
})

describe('what an alert says', () => {
  const hostile = 'He said "down"\n<b>now</b> <!channel> \r\nBcc: evil@example.org\u202e 🧨 {{7*7}} ${x}'
  const statement = {
    request: 'known',
    safe: 'safe',
    requester: 'ada',
    reason: hostile,
    incident: 'INC-7',
    windowSeconds: 300,
  }
  const facts = (reason: string, now = Date.parse('2026-11-23T14:00:01.000Z'), more: object = {}) => {
    const data = { statement: { ...statement, reason, ...more }, credentialName: 'Root' }
    const entry = {
      ...entryOf('request.opened', data),
      seq: 7,
      at: '2026-11-23T14:00:00.000Z',
      actor: { kind: 'station' },
    }
    return {
      entry: entry as never,
      about: judge('request.opened')!,
      channel: 'one',
      request: data as never,
      names: {
        person: (id: string) => (id === 'rita' ? 'Rita' : 'Ada'),
        credential: () => 'Root',
        request: () => 'Root',
        safe: () => 'Core',
        failure: (code: string) => code,
      },
      vetoers: [],
      vault: { id: 'vault', name: 'Acme' },
      station: 'Bunker',
      head: { size: 8, root: 'root' },
      headWords: ['one', 'two', 'three', 'four'],
      now,
    }
  }
  const compose = (reason = hostile, now?: number, more?: object) => composeAlert(facts(reason, now, more))

  it('is who, what, why, until when, where and the head in words, text of people as they wrote it', () => {
    const message = compose()
    expect(message.title).toContain(hostile)
    const lines = Object.fromEntries(message.lines.map(({ label, value }) => [label, value]))
    expect(lines).toMatchObject({
      Who: 'Ada',
      What: 'Root',
      Why: hostile,
      Incident: 'INC-7',
      Safe: 'Core',
      'Until when': 'Can be approved until 2026-11-23 14:30:00 UTC, then opens for 5 minutes',
      When: '2026-11-23 14:00:00 UTC',
      Station: 'Bunker',
      Log: 'one two three four (8 entries)',
    })
    expect(message).toMatchObject({ key: 'vault.7.one', group: 'known', late: false })
    expect(alertMessageSchema.safeParse(message).success).toBe(true)
  })

  it('about a request that waits: who approved, from when it can be opened, who can stop it', () => {
    const data = { request: 'known', credential: 'x', version: 1, approvals: ['ada'], delaySeconds: 14_400 }
    const { lines } = composeAlert({
      ...facts(hostile),
      entry: {
        ...entryOf('request.waiting', data),
        at: '2026-11-23T14:00:00.000Z',
        actor: { kind: 'station' },
      } as never,
      about: judge('request.waiting')!,
      vetoers: ['rita'],
    })
    const said = Object.fromEntries(lines.map(({ label, value }) => [label, value]))
    expect(said).toMatchObject({ Who: 'Ada', 'Asked by': 'Ada', Why: hostile, 'Who can stop it': 'Rita' })
    expect(said['Until when']).toContain('not before 2026-11-23 18:00:00 UTC')
  })

  it('names an older version', () => {
    const message = compose('x', undefined, { version: 3, newest: 4 })
    expect(message.lines).toContainEqual({ label: 'What', value: 'Root, version 3 (the newest is 4)' })
    expect(message.title).toContain('version 3 (the newest is 4) of “Root”')
  })

  it('says that it is late, and keeps within its bounds without cutting a character', () => {
    expect(compose('x', Date.parse('2026-11-23T14:02:00.000Z')).late).toBe(true)
    for (const odd of ['', 'y']) {
      const { title } = compose(`${odd}${'🧨'.repeat(900)}`)
      expect(title.length).toBeLessThanOrEqual(1000)
      expect(title.isWellFormed()).toBe(true)
    }
  })
})
