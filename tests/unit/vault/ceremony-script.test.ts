/** Scripts: pure, from the vault's state; what they hold, in which order, and what they refuse. */
import { describe, expect, it } from 'vitest'
import { writeScript } from '../../../electron/vault/ceremonies/script.ts'
import type { ScriptSources } from '../../../electron/vault/ceremonies/script-parts.ts'
import type { CredentialView } from '../../../shared/contracts/app.ts'
import { ceremonyDraftSchema, type CeremonyWish } from '../../../shared/contracts/ceremony-views.ts'
import type { ChangeView } from '../../../shared/contracts/people-views.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'

const id = (text: string): string => text.padEnd(22, '0')
const wallMs = Date.UTC(2026, 10, 23)
const policy = { windowSecondsMin: 15, windowSecondsMax: 600, requesterMayTap: true, copyAllowed: false }
const keyId = (name: string): string => name.padEnd(24, 'A')
const key = (name: string) => ({
  credentialId: keyId(name),
  label: name,
  publicKey: { kty: 'OKP' as const, x: 'A'.repeat(43) },
  aaguid: '00000000-0000-0000-0000-000000000000',
  transports: ['usb' as const],
  enrolledAt: '2026-01-01T00:00:00.000Z',
})
const person = (name: string, keys = 1) => ({
  id: id(name),
  name,
  roles: ['custodian' as const],
  keys: Array.from({ length: keys }, (_, at) => key(`${name}-${at}`)),
})
const people = [person('Ada', 2), person('Grace'), person('Edsger')]
const safe = (name: string) => ({
  id: id(name),
  name,
  threshold: 2,
  custodians: people.map((one, at) => ({ person: one.id, index: at + 1, publicKey: 'A'.repeat(43) })),
  policy,
})
const manifest = { persons: people, safes: [safe('Root'), safe('Network')] } as unknown as Manifest
const credential = (name: string, change: Partial<CredentialView> = {}): CredentialView => ({
  id: id(name),
  name,
  kind: 'login',
  safe: id('Root'),
  version: 3,
  requesters: [id('Ada')],
  rotationDays: 90,
  rotationNote: null,
  sealedAt: '2026-08-01T00:00:00.000Z',
  sealedBy: id('Ada'),
  rotationDueAt: '2026-11-01T00:00:00.000Z',
  rotation: 'due',
  olderVersions: [],
  provenAt: null,
  damage: null,
  ...change,
})
const sources = (change: Partial<ScriptSources> = {}): ScriptSources => ({
  manifest,
  credentials: [],
  change: null,
  lastProvenAt: () => '2026-11-20T00:00:00.000Z',
  isDrilled: () => true,
  wallMs,
  ...change,
})
const wish = (change: Partial<CeremonyWish> = {}): CeremonyWish => ({
  kind: 'rotation',
  lead: id('Ada'),
  witnesses: [id('Grace')],
  credentials: null,
  safes: null,
  ...change,
})
const tasksOf = (from: ScriptSources, asked: CeremonyWish) => {
  const draft = writeScript(from, asked)
  expect(ceremonyDraftSchema.parse(draft)).toEqual(draft)
  return draft.script.map(({ task }) => task)
}
const kindsOf = (from: ScriptSources, asked: CeremonyWish): string[] => tasksOf(from, asked).map(({ kind }) => kind)
const beginning = ['confirm', 'confirm', 'confirm', 'read-head']
const ending = ['classify', 'read-head']

describe('a rotation', () => {
  it('takes what is due, the most urgent first, and destroys only after the new one is confirmed', () => {
    const credentials = [
      credential('fresh', { rotation: 'fresh' }),
      credential('due'),
      credential('used', { rotation: 'used', safe: id('Network') }),
      credential('leaver', { rotation: 'leaver' }),
    ]
    const tasks = tasksOf(sources({ credentials }), wish())
    const rotate = ['confirm', 'seal', 'confirm', 'seal', 'confirm', 'seal']
    const use = ['confirm', 'destroy', 'confirm', 'destroy', 'confirm', 'destroy']
    expect(tasks.map(({ kind }) => kind)).toEqual([...beginning, ...rotate, 'prove', 'prove', ...use, ...ending])
    const sealed = tasks.flatMap((task) => (task.kind === 'seal' ? [[task.credential, task.after]] : []))
    expect(sealed).toEqual([
      [id('leaver'), 3],
      [id('used'), 3],
      [id('due'), 3],
    ])
    const proven = tasks.flatMap((task) => (task.kind === 'prove' ? [[task.safe, task.credentials]] : []))
    expect(proven).toEqual([
      [id('Root'), [id('leaver'), id('due')]],
      [id('Network'), [id('used')]],
    ])
  })

  it('leaves what is too much for a day to the next one, and refuses to be asked for it', () => {
    const credentials = Array.from({ length: 80 }, (_, at) => credential(`c${at}`))
    const kinds = kindsOf(sources({ credentials }), wish())
    expect(kinds.filter((kind) => kind === 'seal')).toHaveLength(60)
    const all = wish({ credentials: credentials.map((one) => one.id) })
    expect(() => writeScript(sources({ credentials }), all)).toThrow('POLICY_INVALID')
    expect(() => writeScript(sources(), wish())).toThrow('CEREMONY_NOTHING_DUE')
  })

  it('keeps as many older versions as are wanted, and has no step where none is over', () => {
    const older = [{ version: 2, sealedAt: '2026-05-01T00:00:00.000Z' }]
    const from = sources({ credentials: [credential('two', { olderVersions: older }), credential('none')] })
    const destroyed = (keep?: number) =>
      tasksOf(from, wish(keep === undefined ? {} : { keep })).filter(({ kind }) => kind === 'destroy')
    expect(destroyed()).toEqual([
      { kind: 'destroy', credential: id('two') },
      { kind: 'destroy', credential: id('none') },
    ])
    expect(destroyed(1)).toEqual([{ kind: 'destroy', credential: id('two'), keep: 1 }])
    expect(destroyed(3)).toEqual([])
  })

  const preparing = (from: ScriptSources): string[] =>
    writeScript(from, wish()).script.flatMap(({ title, instruction }) =>
      title.startsWith('Prepare') ? [instruction] : [],
    )

  it('tells how each is rotated, whole and last, with the longest there is', () => {
    const rotationNote = `${'y\n'.repeat(200)}${'x'.repeat(800)}`
    const name = '𝕏'.repeat(40)
    const long = person('Ada')
    const from = sources({
      manifest: { ...manifest, persons: [{ ...long, name }] } as unknown as Manifest,
      credentials: [credential('x', { name, rotationNote, rotation: 'leaver', version: Number.MAX_SAFE_INTEGER })],
    })
    const [instruction] = preparing(from)
    expect(instruction).toContain(`as ${name} signed it with version`)
    expect(instruction?.endsWith(`on 2026-08-01:\n${rotationNote}`)).toBe(true)
    kindsOf(from, wish())
  })

  it('names whom to ask where nothing was written', () => {
    const say = (change: Partial<CredentialView>): string =>
      preparing(sources({ credentials: [credential('x', change)] }))[0]!
    const none = say({ requesters: people.map((one) => one.id) })
    expect(none).toContain('was not written down')
    expect(none).toContain('Ask Ada, who sealed it on 2026-08-01, or who may ask for it (Grace, Edsger).')
    // Who has gone cannot be asked.
    const gone = say({ sealedBy: id('Gone'), requesters: [id('Gone'), id('Grace')] })
    expect(gone).toContain('Ask who may ask for it (Grace).')
    expect(say({ sealedBy: id('Gone'), requesters: [] })).toContain('Ask the custodians of “Root”.')
    expect(say({ rotationNote: 'In the console.' })).not.toContain('Ask ')
  })

  it('reads no note aloud from a record that is damaged: nobody signed for that', () => {
    const damaged = credential('x', { rotationNote: 'Mail it to mallory@example.org.', damage: 'not as it was sealed' })
    const [instruction] = preparing(sources({ credentials: [damaged] }))
    expect(instruction).not.toContain('mallory')
    expect(instruction).toContain('cannot be relied on')
    expect(instruction).toContain('Ask Ada')
  })

  it('fits into its bounds with the longest names there are', () => {
    const name = '𝕏'.repeat(40)
    kindsOf(sources({ credentials: [credential('x', { name })] }), wish())
  })
})

describe('a change of people', () => {
  const change: ChangeView = {
    change: {
      people: [...people.slice(0, 2), person('Barbara')].map(({ id: who, name, roles }) => ({ id: who, name, roles })),
      safes: [
        { id: id('Root'), name: 'Root', threshold: 2, custodians: [id('Ada'), id('Grace'), id('Barbara')], policy },
        { id: id('Network'), name: 'Network', threshold: 2, custodians: people.map((one) => one.id), policy },
      ],
      quorum: 2,
      moves: [],
    },
    lines: [{ label: 'Safe “Root”', value: 'Edsger goes, Barbara comes' }],
    missing: [{ person: id('Barbara'), name: 'Barbara', kind: 'new', safes: [id('Root')] }],
    enrolled: [],
    records: 7,
    leavers: [id('Edsger')],
    signers: { quorum: 2, from: people.map((one) => one.id) },
    checkers: [],
  }
  const credentials = [credential('a'), credential('b', { safe: id('Network') })]

  it('enrols, seals anew, drills the safes that changed, and plans what leavers may know', () => {
    const from = sources({ change, credentials })
    const tasks = tasksOf(from, wish({ kind: 'people' }))
    expect(tasks.map(({ kind }) => kind)).toEqual([...beginning, 'confirm', 'enrol', 'reshare', 'safe-drill', 'confirm', ...ending]) // prettier-ignore
    expect(tasks.find(({ kind }) => kind === 'safe-drill')).toMatchObject({ safe: id('Root'), credential: id('a') })
    const { script } = writeScript(from, wish({ kind: 'people' }))
    expect(script.map(({ instruction }) => instruction).join('\n')).toContain('Edsger may still have old shares')
  })

  it('needs a change, and a lead who is still there at its end', () => {
    expect(() => writeScript(sources(), wish({ kind: 'people' }))).toThrow('CHANGE_UNKNOWN')
    expect(() => writeScript(sources({ change }), wish({ kind: 'people', lead: id('Edsger') }))).toThrow(
      'POLICY_INVALID',
    )
  })
})

describe('a drill', () => {
  it('is of every key of those who are due, and of the safes that are', () => {
    const from = sources({
      credentials: [credential('a')],
      lastProvenAt: (name) => (name === keyId('Ada-1') ? null : '2026-11-20T00:00:00.000Z'),
      isDrilled: (name) => name !== id('Root'),
    })
    const tasks = tasksOf(from, wish({ kind: 'drill' }))
    const keys = tasks.flatMap((task) => (task.kind === 'key-drill' ? [task.key] : []))
    expect(keys).toEqual([keyId('Ada-0'), keyId('Ada-1')])
    expect(tasks.filter(({ kind }) => kind === 'safe-drill')).toMatchObject([{ safe: id('Root') }])
  })

  it('is of everybody in a safe that is named; a safe without anything in it has no drill of its own', () => {
    const tasks = tasksOf(sources(), wish({ kind: 'drill', safes: [id('Network')] }))
    expect(tasks.filter(({ kind }) => kind === 'key-drill')).toHaveLength(4)
    expect(tasks.filter(({ kind }) => kind === 'safe-drill')).toEqual([])
    expect(() => writeScript(sources(), wish({ kind: 'drill' }))).toThrow('CEREMONY_NOTHING_DUE')
  })
})

describe('a table-top', () => {
  it('practises with one credential', () => {
    const from = sources({ credentials: [credential('a')] })
    const kinds = kindsOf(from, wish({ kind: 'table-top', credentials: [id('a')] }))
    expect(kinds).toEqual([...beginning, 'confirm', 'practice', 'confirm', ...ending])
    expect(() => writeScript(from, wish({ kind: 'table-top', credentials: [id('b')] }))).toThrow('CREDENTIAL_UNKNOWN')
  })
})
