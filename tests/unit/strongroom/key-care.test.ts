/** Changes of the manifest, further keys and drills, when the vault process or its database lies about them. */
import { describe, expect, it } from 'vitest'
import { manifestHash } from '../../../shared/audit/manifest.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import type { ActStatement } from '../../../shared/domain/statements.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { newId } from '../../support/node-app.ts'
import { bytesOf, openWrapByHand, textOf } from '../../support/sealing-oracle.ts'
import { createWorld, id32, keyOf, now, type World, type WorldPerson } from '../../support/sealed-world.ts'
import { createSoftwareKey, type SoftwareKey } from '../../support/software-key.ts'
import { startHarness, type Harness } from '../../support/strongroom-harness.ts'
import { rpId, windowOrigin } from '../../../shared/domain/tap.ts'

const first = (world: World): WorldPerson => world.custodians[0]!
const facts = (world: World) => ({
  operation: newId(),
  vault: world.vault,
  vaultName: 'Test vault',
  station: world.station,
  manifests: world.manifests,
})

const nextOf = (world: World, change: (manifest: Manifest) => Manifest): Manifest => ({
  ...change(world.manifest),
  version: 2,
  previous: world.manifestHash,
  createdAt: toTimestamp(now),
})
const withPerson = (
  manifest: Manifest,
  id: string,
  change: (person: Manifest['persons'][number]) => object,
): Manifest => ({
  ...manifest,
  persons: manifest.persons.map((person) => (person.id === id ? { ...person, ...change(person) } : person)),
})

async function endsUntapped(harness: Harness, code: ErrorCode): Promise<void> {
  expect(await harness.ended).toEqual({ result: 'failed', code })
  // Nobody was asked, so nobody was shown anything that is not so.
  expect(harness.opened).toEqual([])
  expect(harness.tap.views).toEqual([])
}

describe('signing a change', () => {
  const amendJob = (world: World, next: Manifest, change: Partial<JobOf<'amend'>> = {}): JobOf<'amend'> => ({
    kind: 'amend',
    ...facts(world),
    next,
    ...change,
  })

  it('is refused before anybody taps when it is no successor, changes nothing, or slips in a key', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const ann = first(world)
    const stranger = createSoftwareKey()
    const rename = nextOf(world, (m) => ({ ...m, name: 'Other' }))
    const slipped = { ...world.manifest.persons[0]!.keys[0]!, credentialId: stranger.credentialId }
    const [safe] = world.manifest.safes
    const cases: [Manifest, ErrorCode][] = [
      [{ ...rename, version: 3 }, 'MANIFEST_INVALID'],
      [{ ...rename, previous: id32() }, 'MANIFEST_INVALID'],
      [{ ...rename, vault: newId() }, 'MANIFEST_INVALID'],
      [{ ...rename, quorum: 4 }, 'MANIFEST_INVALID'],
      [nextOf(world, (m) => m), 'AMENDMENT_EMPTY'],
      // One person could sign these alone: but nobody has seen the key.
      [nextOf(world, (m) => withPerson(m, ann.id, ({ keys }) => ({ keys: [...keys, { ...slipped, publicKey: stranger.publicKey }] }))), 'MANIFEST_INVALID'], // prettier-ignore
      [nextOf(world, (m) => withPerson(m, ann.id, ({ keys }) => ({ keys: keys.map((key) => ({ ...key, publicKey: stranger.publicKey })) }))), 'MANIFEST_INVALID'], // prettier-ignore
      [nextOf(world, (m) => ({ ...m, safes: [{ ...safe!, custodians: safe!.custodians.map((one) => ({ ...one, publicKey: id32() })) }] })), 'MANIFEST_INVALID'], // prettier-ignore
    ]
    for (const [next, code] of cases) await endsUntapped(startHarness(amendJob(world, next)), code)
    const forged = world.manifests.map((signed) => ({ ...signed, signatures: signed.signatures.slice(1) }))
    await endsUntapped(startHarness(amendJob(world, rename, { manifests: forged })), 'MANIFEST_INVALID')
    await endsUntapped(startHarness(amendJob(world, rename, { vault: newId() })), 'MANIFEST_INVALID')
  })

  it('shows the change, asks as many as must sign, and reports each', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const next = nextOf(world, (m) => ({ ...m, name: 'Other' }))
    const harness = startHarness(amendJob(world, next))
    const [ann, ben, cy] = world.custodians
    for (const person of [ann!, ann!, cy!]) harness.tap.touch(keyOf(person))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.callsOf('tapRefused').map(({ code }) => code)).toEqual(['TAP_PERSON_ALREADY_COUNTED'])
    expect(harness.callsOf('manifestSigned').map(({ tap }) => tap.person)).toEqual([ann!.id, cy!.id])
    const [view] = harness.tap.views
    expect(view?.lines[0]).toEqual({ label: 'Vault', value: 'the vault “Test vault” is now called “Other”' })
    expect(view?.people.map(({ name }) => name)).toContain(ben!.name)
  })
})

describe('a further key', () => {
  const addJob = (world: World, change: Partial<JobOf<'add-key'>> = {}): JobOf<'add-key'> => ({
    kind: 'add-key',
    ...facts(world),
    person: first(world).id,
    label: 'Backup',
    wraps: world.wraps.filter(({ person }) => person === first(world).id),
    ...change,
  })
  const touchAll = (harness: Harness, key: SoftwareKey, times: number): void => {
    for (let at = 0; at < times; at++) harness.tap.touch(key)
  }
  const prfOf = (key: SoftwareKey, salt: string): Uint8Array =>
    key.assert({ challenge: new Uint8Array(32), origin: windowOrigin, rpId, prf: [bytesOf(salt)] }).prf[0] ??
    new Uint8Array(0)

  it('holds the same secret as the first one, and the manifest says nothing else', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const ann = first(world)
    const harness = startHarness(addJob(world))
    const backup = createSoftwareKey()
    touchAll(harness, backup, 3)
    touchAll(harness, keyOf(ann), 1)
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    const [added] = harness.callsOf('keyAdded')
    const before = world.wraps.find(({ key }) => key === keyOf(ann).credentialId)!
    const secret = textOf(openWrapByHand(before, prfOf(keyOf(ann), before.salt)))
    expect(added?.wraps).toHaveLength(1)
    const [wrap] = added!.wraps
    expect(textOf(openWrapByHand(wrap!, prfOf(backup, wrap!.salt)))).toBe(secret)
    expect(wrap!.salt).not.toBe(before.salt)
    const { keys } = added!.manifest.persons[0]!
    expect(keys.map(({ credentialId }) => credentialId)).toEqual(
      [...ann.keys, backup].map(({ credentialId }) => credentialId),
    )
    expect({ ...added!.manifest, persons: [], version: 0, previous: null, createdAt: '' }).toEqual({
      ...world.manifest,
      persons: [],
      version: 0,
      previous: null,
      createdAt: '',
    })
    expect(added!.manifest.previous).toBe(manifestHash(nodePrimitives, world.manifest))
    // What the old key's owner read is the change, from the manifests themselves.
    expect(JSON.stringify(harness.tap.views.at(-1)?.lines)).toContain('gets the security key “Backup”')
  })

  it('is not given what the database swapped: wraps of another, damaged, or missing', async () => {
    const world = createWorld({ n: 3, k: 2, firstKeys: 1 })
    const ann = first(world)
    const other = world.wraps.find(({ person }) => person === world.custodians[1]!.id)!
    const [own] = addJob(world).wraps
    const cases = [
      [],
      [{ ...own!, box: other.box }],
      [{ ...other, person: ann.id, key: keyOf(ann).credentialId }],
      [{ ...own!, vault: newId() }],
    ]
    for (const wraps of cases) {
      const harness = startHarness(addJob(world, { wraps }))
      touchAll(harness, createSoftwareKey(), 3)
      touchAll(harness, keyOf(ann), 1)
      const accepted = await harness.tap.feedback()
      expect(accepted).toMatchObject({ accepted: true })
      expect(await harness.tap.feedback()).toMatchObject({ accepted: false, code: 'TAP_WRAP_DAMAGED' })
      expect(harness.callsOf('keyAdded')).toEqual([])
      await harness.end('app-quit')
      await harness.exited
    }
  })

  it('is for people who are listed, have a key, and room for one more', async () => {
    const world = createWorld({ n: 3, k: 2 })
    await endsUntapped(startHarness(addJob(world, { person: newId() })), 'PERSON_UNKNOWN')
    const forged = world.manifests.map((signed) => ({ ...signed, manifest: { ...signed.manifest, name: 'Other' } }))
    await endsUntapped(startHarness(addJob(world, { manifests: forged })), 'MANIFEST_INVALID')
  })
})

describe('a key drill', () => {
  function drillJob(
    world: World,
    change: Partial<ActStatement> = {},
    more: Partial<JobOf<'key-drill'>> = {},
  ): JobOf<'key-drill'> {
    const ann = first(world)
    const statement: ActStatement = {
      format: 'halligan/act/v1',
      vault: world.vault,
      act: newId(),
      person: ann.id,
      manifest: world.manifestHash,
      detail: { kind: 'key-drill', key: keyOf(ann).credentialId, safes: [world.safe] },
      createdAt: toTimestamp(now),
      station: world.station,
      head: { size: 9, root: id32() },
      nonce: id32(),
      ...change,
    }
    return { kind: 'key-drill', ...facts(world), statement, wraps: world.wraps, signCounts: [], ...more }
  }

  it('is refused before the tap when statement, manifest or wrap do not fit', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const ann = first(world)
    const key = keyOf(ann).credentialId
    const detail = { kind: 'key-drill' as const, key, safes: [world.safe] }
    const cases: [JobOf<'key-drill'>, ErrorCode][] = [
      [drillJob(world, { manifest: id32() }), 'MANIFEST_INVALID'],
      [drillJob(world, { vault: newId() }), 'MANIFEST_INVALID'],
      [drillJob(world, { person: newId() }), 'PERSON_UNKNOWN'],
      [drillJob(world, { person: world.custodians[1]!.id }), 'KEY_UNKNOWN'],
      [drillJob(world, { detail: { ...detail, safes: [] } }), 'MANIFEST_INVALID'],
      [drillJob(world, { detail: { ...detail, safes: [newId()] } }), 'MANIFEST_INVALID'],
      [drillJob(world, { detail: { kind: 'export', size: 1, root: id32() } }), 'MESSAGE_INVALID'],
      [drillJob(world, {}, { wraps: [] }), 'TAP_WRAP_DAMAGED'],
      [drillJob(world, {}, { wraps: world.wraps.map((wrap) => ({ ...wrap, publicKey: id32() })) }), 'TAP_WRAP_DAMAGED'],
    ]
    for (const [job, code] of cases) await endsUntapped(startHarness(job), code)
  })

  it('opens nothing but the wrap, and tells no secret to anybody', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const ann = first(world)
    const harness = startHarness(drillJob(world, {}, { signCounts: [{ key: keyOf(ann).credentialId, count: 5000 }] }))
    harness.tap.touch(keyOf(ann))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.opened).toEqual(['tap'])
    const [passed] = harness.callsOf('drillPassed')
    expect(passed).toMatchObject({ signCountWentBack: true })
    expect(passed?.wraps).toHaveLength(1)
    expect(passed?.wraps[0]?.salt).not.toBe(world.wraps[0]?.salt)
    expect(harness.calls.map(({ method }) => method)).toEqual(['job', 'progress', 'drillPassed', 'progress', 'ended'])
  })
})
