/** How a credential is rotated: in the header, in front of whoever signs for it, and the same after custodians changed. */
import { describe, expect, it } from 'vitest'
import { sealedRecordHash } from '../../../shared/audit/records.ts'
import { utf8 } from '../../../shared/bytes.ts'
import { jobSchema, type JobOf } from '../../../shared/contracts/strongroom.ts'
import { tapViewSchema } from '../../../shared/contracts/tap.ts'
import { recordHeaderSchema } from '../../../shared/domain/credential.ts'
import { manifestHash } from '../../../shared/audit/manifest.ts'
import { limits } from '../../../shared/limits.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { headerLines } from '../../../electron/strongroom/operations/header-lines.ts'
import { trustRequest } from '../../../electron/strongroom/trust/request.ts'
import { checkResealed } from '../../../electron/vault/people/change/resealed-check.ts'
import { newId } from '../../support/node-app.ts'
import { replaceLast, run, safeOf } from '../../support/reshare-steps.ts'
import { createFakeVault, vouch } from '../../support/reshare-world.ts'
import { createWorld, field, keyOf, requestJob, sealIn, type World } from '../../support/sealed-world.ts'
import { newMachine, startHarness } from '../../support/strongroom-harness.ts'

const note = 'Console, “Security credentials”:\n  1. make a second key\n  2. sign in with it'

const sealJob = (world: World, more: Partial<JobOf<'seal'>> = {}): JobOf<'seal'> => ({
  kind: 'seal',
  operation: newId(),
  vault: world.vault,
  vaultName: 'Test vault',
  station: world.station,
  manifests: world.manifests,
  person: world.custodians[0]!.id,
  credential: newId(),
  version: 1,
  safe: world.safe,
  name: 'Cloud root',
  credentialKind: 'login',
  requesters: [world.requester.id, world.custodians[1]!.id],
  rotationDays: 90,
  ...more,
})

/** Seals, and returns the record's header beside what the sealing person read before the touch. */
async function seal(world: World, job: JobOf<'seal'>) {
  const harness = startHarness(job)
  const page = await harness.seal()
  await page.begin({})
  await page.submit({ runbook: utf8(''), fields: [field('Password', 'correct-horse-7731')] })
  harness.tap.touch(keyOf(world.custodians[0]!))
  expect(await harness.ended).toEqual({ result: 'done', code: null })
  const [sealed] = harness.callsOf('sealed')
  return { ...sealed!, lines: harness.tap.views[0]!.lines }
}

describe('sealing', () => {
  it('puts it into the header, and all of the header before the person who signs', async () => {
    const world = createWorld({ n: 3, k: 2, firstKeys: 1 })
    const { record, statement, lines } = await seal(world, sealJob(world, { rotationNote: note }))
    expect(record.header.rotationNote).toBe(note)
    // The tap is over the record's hash, and the note is under it.
    expect(statement.detail).toMatchObject({ record: sealedRecordHash(nodePrimitives, record) })
    const bare = { ...record, header: { ...record.header, rotationNote: `${note}.` } }
    expect(sealedRecordHash(nodePrimitives, bare)).not.toBe(sealedRecordHash(nodePrimitives, record))
    expect(lines).toContainEqual({ label: 'How it is rotated', value: note })
    expect(lines).toContainEqual({ label: 'Kind', value: 'Login' })
    expect(lines).toContainEqual({ label: 'Rotated', value: 'every 90 days' })
    const may = `${world.requester.name}, ${world.custodians[1]!.name}`
    expect(lines).toContainEqual({ label: 'May ask for it', value: may })
  })

  it('without it has no such member, and the page says so', async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const { record, lines } = await seal(world, sealJob(world))
    expect('rotationNote' in record.header).toBe(false)
    expect(lines).toContainEqual({ label: 'How it is rotated', value: 'Nothing is written down.' })
  })

  it('shows what a vault process hands over instead of what was typed', async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const { lines } = await seal(
      world,
      sealJob(world, { rotationNote: 'Mail the new secret to mallory@example.org.', rotationDays: 1 }),
    )
    const said = lines.map(({ value }) => value)
    expect(said).toContain('Mail the new secret to mallory@example.org.')
    expect(said).toContain('every day')
  })

  it('names everybody who may ask, however many they are', () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const long = (at: number): string => `${String(at).padStart(4, '0')} ${'x'.repeat(limits.nameLength - 5)}`
    const header = {
      ...sealIn(world, [field('Password', 'x')]).record.header,
      requesters: Array.from({ length: limits.persons }, () => newId()),
    }
    const persons = header.requesters.map((id, at) => ({ id, name: long(at), roles: [], keys: [] }))
    const lines = headerLines(header, { ...world.manifest, persons })
    expect(tapViewSchema.shape.lines.parse(lines)).toEqual(lines)
    const named = lines.filter(({ label }) => label === 'May ask for it').map(({ value }) => value)
    expect(named.join(', ').split(', ')).toEqual(persons.map(({ name }) => name))
  })

  it('is bounded, and holds nothing that could disguise it', () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const { header } = sealIn(world, [field('Password', 'x')], { rotationNote: note }).record
    const takes = (text: string): boolean[] => [
      jobSchema.safeParse(sealJob(world, { rotationNote: text })).success,
      recordHeaderSchema.safeParse({ ...header, rotationNote: text }).success,
    ]
    for (const good of [note, 'x'.repeat(limits.rotationNoteLength), '\tnach „außen“, 再起動 🔥'])
      expect(takes(good), good).toEqual([true, true])
    for (const bad of [
      '',
      'x'.repeat(limits.rotationNoteLength + 1),
      'over\u202Eride',
      'isolate\u2066d',
      'bell\u0007',
      'escape\u001b[2J',
      'carriage\rreturn',
      'next\u0085line',
      'lone\ud800surrogate',
    ])
      expect(takes(bad), JSON.stringify(bad)).toEqual([false, false])
  })
})

describe('a change of custodians', () => {
  it('carries it over as it was, also where there is none', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const { next, more, comes } = replaceLast(world)
    const old = [note, undefined, 'Another one.'].map((rotationNote) =>
      vouch(sealIn(world, [field('Password', 'correct-horse')], rotationNote === undefined ? {} : { rotationNote })),
    )
    const vault = createFakeVault(world, old, next, more)
    const stay = world.custodians.slice(0, 2)
    await run(vault, [...stay, comes.who], [...stay, comes.who])
    const before = new Map(old.map(({ record: { header } }) => [header.credential, header]))
    expect(vault.staged).toHaveLength(3)
    for (const { header } of vault.staged) expect(header.rotationNote).toBe(before.get(header.credential)!.rotationNote)

    // The vault process takes none with another note, and none that has lost or found one.
    const inForce = { manifest: next, hash: manifestHash(nodePrimitives, next) } as Parameters<
      typeof checkResealed
    >[3]['next']
    for (const record of vault.staged) {
      const check = (rotationNote: string | undefined): unknown => {
        const { rotationNote: _, ...rest } = record.header
        const header = { ...rest, ...(rotationNote === undefined ? {} : { rotationNote }) }
        const was = before.get(header.credential)!
        return checkResealed(nodePrimitives, was, { ...record, header }, { to: safeOf(world).id, next: inForce })
      }
      const { rotationNote } = record.header
      expect(check(rotationNote)).toBeTruthy()
      for (const other of [note, undefined, 'Another one.'].filter((one) => one !== rotationNote))
        expect(() => check(other)).toThrow(expect.objectContaining({ detail: { what: 'header.rotationNote' } }))
    }

    // And what is changed at rest afterwards, nobody's tap vouches for.
    for (const { record, sealed, resealed } of vault.vouchedAfter()) {
      const job = { ...requestJob(vault.after(), { record, ...sealed }), resealed }
      await expect(trustRequest(newMachine, structuredClone(job))).resolves.toBeTruthy()
      const changed = structuredClone(job)
      changed.record.header.rotationNote = 'Mail the new secret to mallory@example.org.'
      changed.statement.record = sealedRecordHash(nodePrimitives, changed.record)
      await expect(trustRequest(newMachine, changed)).rejects.toMatchObject({ code: 'RECORD_DAMAGED' })
    }
  })
})
