/**
 * Chains of manifests that agree with themselves and are not what was in force on this machine: made up by whoever writes the
 * database, or cut off before a key was struck off. What main remembers tells, and no vault process is asked.
 */
import { describe, expect, it } from 'vitest'
import { manifestHash, verifyManifestChain } from '../../../shared/audit/manifest.ts'
import { fromBase64Url, utf8 } from '../../../shared/bytes.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { KnownManifest } from '../../../shared/contracts/broker.ts'
import type { Job, JobOf, SignedManifest } from '../../../shared/contracts/strongroom.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import type { ActStatement } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { newId } from '../../support/node-app.ts'
import { createWorld, field, id32, keyOf, now, requestJob, sealIn, tapBy, type World } from '../../support/sealed-world.ts' // prettier-ignore
import { createSoftwareKey } from '../../support/software-key.ts'
import { startHarness, type Harness } from '../../support/strongroom-harness.ts'

const hashOf = (manifest: Manifest): string => manifestHash(nodePrimitives, manifest)
const knownOf = (manifest: Manifest): KnownManifest => ({ version: manifest.version, hash: hashOf(manifest) })

/** One job of every kind that is given a chain, honest but for the chain. */
function jobsOf(world: World): Job[] {
  const [ann] = world.custodians
  const { vault, station, manifests, safe, wraps } = world
  const facts = { operation: newId(), vault, vaultName: 'Test vault', station, manifests }
  const person = ann!.id
  const act = (detail: ActStatement['detail']): ActStatement => ({
    format: 'halligan/act/v1',
    vault,
    act: newId(),
    person,
    manifest: world.manifestHash,
    detail,
    createdAt: toTimestamp(now),
    station,
    head: { size: 9, root: id32() },
    nonce: id32(),
  })
  const key = keyOf(ann!).credentialId
  const seal: JobOf<'seal'> = {
    kind: 'seal',
    ...facts,
    person,
    credential: newId(),
    version: 1,
    safe,
    name: 'Cloud root',
    credentialKind: 'login',
    requesters: [world.requester.id],
    rotationDays: 90,
  }
  const next = { ...world.manifest, version: 2, previous: world.manifestHash, name: 'Other' }
  return [
    seal,
    requestJob(world, sealIn(world, [field('Password', 'correct-horse')])),
    { kind: 'act', ...facts, statement: act({ kind: 'export', size: 9, root: id32() }), script: null },
    { kind: 'add-key', ...facts, person, label: 'Backup', wraps: wraps.filter((wrap) => wrap.person === person) },
    { kind: 'amend', ...facts, next },
    { kind: 'key-drill', ...facts, statement: act({ kind: 'key-drill', key, safes: [safe] }), wraps, signCounts: [] },
  ]
}

async function endsUntapped(harness: Harness, code: string): Promise<void> {
  expect(await harness.ended).toEqual({ result: 'failed', code })
  expect(harness.opened).toEqual([])
  expect(harness.tap.views).toEqual([])
  expect(harness.seen).toEqual([])
}

/** The job gets as far as its first page. */
async function goesOn(harness: Harness, kind: string): Promise<void> {
  await expect.poll(() => harness.opened.length, { message: kind }).toBeGreaterThan(0)
  await harness.end('app-quit')
  await harness.exited
}

/** A vault of software keys under the name and id of the real one, with real people listed besides. */
function makeUp(real: World): World {
  const forged = createWorld({ n: 2, k: 2, firstKeys: 1 })
  const [ann] = real.manifest.persons
  const manifest: Manifest = {
    ...forged.manifest,
    vault: real.vault,
    persons: [...forged.manifest.persons, { ...ann!, roles: ['lead'] }],
  }
  const signatures = forged.custodians.map((person) => tapBy(person, fromBase64Url(hashOf(manifest))))
  const wraps = forged.wraps.map((wrap) => ({ ...wrap, vault: real.vault }))
  return { ...forged, vault: real.vault, manifest, manifestHash: hashOf(manifest), manifests: [{ manifest, signatures }], wraps } // prettier-ignore
}

/** The chain goes on: the first custodian's first key was lost, and the others struck it off. */
function strikeOff(world: World): readonly SignedManifest[] {
  const [first, ...others] = world.manifest.persons
  const manifest: Manifest = {
    ...world.manifest,
    version: 2,
    previous: world.manifestHash,
    createdAt: toTimestamp(now),
    persons: [{ ...first!, keys: first!.keys.slice(1) }, ...others],
  }
  const signatures = world.custodians.slice(1).map((person) => tapBy(person, fromBase64Url(hashOf(manifest))))
  const chain = [...world.manifests, { manifest, signatures }]
  expect(verifyManifestChain(nodePrimitives, chain)).toMatchObject({ ok: true })
  return chain
}

describe('a chain that the vault process made up', () => {
  it('is refused by every operation before anything is shown, where the real one was seen', async () => {
    const real = createWorld({ n: 2, k: 2, firstKeys: 1 })
    for (const job of jobsOf(makeUp(real))) {
      await endsUntapped(startHarness(job, {}, knownOf(real.manifest)), 'MANIFEST_OLDER')
    }
  })

  it('seals nothing to software keys, though a real person is listed in it and ready to tap', async () => {
    const real = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const [ann] = real.custodians
    const [job] = jobsOf(makeUp(real))
    const harness = startHarness({ ...(job as JobOf<'seal'>), person: ann!.id }, {}, knownOf(real.manifest))
    harness.tap.touch(keyOf(ann!))
    await endsUntapped(harness, 'MANIFEST_OLDER')
    expect(harness.callsOf('sealed')).toEqual([])
  })

  it('would agree with itself, and be believed by a machine that knows nothing', async () => {
    for (const job of jobsOf(makeUp(createWorld({ n: 2, k: 2, firstKeys: 1 })))) {
      await goesOn(startHarness(job), job.kind)
    }
  })
})

describe('a chain cut off before a key was struck off', () => {
  it('is refused by every operation before anything is shown, where the whole one was seen', async () => {
    const world = createWorld({ n: 3, k: 2, firstKeys: 2 })
    const whole = strikeOff(world)
    for (const job of jobsOf(world)) {
      await endsUntapped(startHarness(job, {}, knownOf(whole[1]!.manifest)), 'MANIFEST_OLDER')
    }
  })

  it('shows on a machine that knows nothing: every page says which version it is under', async () => {
    const world = createWorld({ n: 3, k: 2, firstKeys: 2 })
    const line = { label: 'Who holds what', value: `version 1 of ${world.manifest.createdAt}` }
    const [seal, ...rest] = jobsOf(world)
    const harnesses = rest.filter(({ kind }) => kind !== 'amend').map((job) => startHarness(job))
    const sealing = startHarness(seal!)
    const page = await sealing.seal()
    await page.begin({})
    await page.submit({ runbook: utf8('# Steps'), fields: [field('Password', 'correct-horse')] })
    for (const harness of [sealing, ...harnesses]) {
      await expect.poll(() => harness.tap.views[0]?.lines).toContainEqual(line)
      await harness.end('app-quit')
      await harness.exited
    }
  })
})

describe('what main remembers', () => {
  it('is what came first, and what goes on from there; the same again is not told', async () => {
    const world = createWorld({ n: 3, k: 2, firstKeys: 2 })
    const whole = strikeOff(world)
    const [one, two] = [knownOf(world.manifest), knownOf(whole[1]!.manifest)]
    const cases = [
      { manifests: world.manifests, known: null, seen: [one] },
      { manifests: world.manifests, known: one, seen: [] },
      { manifests: whole, known: one, seen: [two] },
      { manifests: whole, known: two, seen: [] },
    ]
    for (const { manifests, known, seen } of cases) {
      const [job] = jobsOf({ ...world, manifests: [...manifests] })
      const harness = startHarness(job!, {}, known)
      await goesOn(harness, 'seal')
      expect(harness.seen).toEqual(seen.map((told) => ({ vault: world.vault, ...told })))
    }
  })

  it('with the same number and another hash refuses, and what it cannot read it says', async () => {
    const world = createWorld()
    for (const job of jobsOf(world)) {
      await endsUntapped(startHarness(job, {}, { version: 1, hash: id32() }), 'MANIFEST_OLDER')
      const damaged = new HalliganError('MANIFEST_MEMORY_DAMAGED')
      await endsUntapped(startHarness(job, {}, damaged), 'MANIFEST_MEMORY_DAMAGED')
    }
  })

  it('is told of a change when its last signature is durable, not before', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const amend = jobsOf(world).find((job) => job.kind === 'amend')!
    const seenAt: number[] = []
    const harness: Harness = startHarness(
      amend,
      { manifestSigned: () => (seenAt.push(harness.seen.length), {}) },
      knownOf(world.manifest),
    )
    for (const person of world.custodians.slice(0, 2)) harness.tap.touch(keyOf(person))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(seenAt).toEqual([0, 0])
    expect(harness.seen).toEqual([{ vault: world.vault, ...knownOf(amend.next) }])
  })

  it('is told of a further key when its entry is durable, and never of one that was not recorded', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const touches = async (harness: Harness): Promise<void> => {
      const backup = createSoftwareKey()
      for (let at = 0; at < 3; at++) harness.tap.touch(backup)
      harness.tap.touch(keyOf(world.custodians[0]!))
      await harness.ended
    }
    const [job] = jobsOf(world).filter(({ kind }) => kind === 'add-key')
    const harness = startHarness(job!, {}, knownOf(world.manifest))
    await touches(harness)
    const [added] = harness.callsOf('keyAdded')
    expect(harness.seen).toEqual([{ vault: world.vault, ...knownOf(added!.manifest) }])
    const full = (): never => {
      throw new HalliganError('STORAGE_FULL')
    }
    const failing = startHarness(job!, { keyAdded: full }, knownOf(world.manifest))
    await touches(failing)
    expect(failing.seen).toEqual([])
  })

  it('is told of the first manifest when all have signed here; a vault that was set up is not set up again', async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const { vault, station, manifest, wraps, rings } = world
    const facts = { operation: newId(), vault, vaultName: 'Test vault', station }
    const job = { kind: 'acknowledge' as const, ...facts, manifest, signed: [], wraps, rings }
    const harness = startHarness(job)
    for (const person of world.custodians) harness.tap.touch(keyOf(person))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(harness.seen).toEqual([{ vault, ...knownOf(manifest) }])
    // Who else has signed is the vault process's word: that is no signature seen.
    const rest = startHarness({ ...job, signed: [world.custodians[0]!.id] })
    rest.tap.touch(keyOf(world.custodians[1]!))
    expect(await rest.ended).toEqual({ result: 'done', code: null })
    expect(rest.seen).toEqual([])
    await endsUntapped(startHarness(job, {}, knownOf(manifest)), 'MANIFEST_OLDER')
    const enrol = { kind: 'enrol' as const, ...facts, person: { id: newId(), name: 'Ann' }, labels: ['Key 1'], safes: [], models: [], enrolled: [] } // prettier-ignore
    await endsUntapped(startHarness(enrol, {}, knownOf(manifest)), 'MANIFEST_OLDER')
  })
})
