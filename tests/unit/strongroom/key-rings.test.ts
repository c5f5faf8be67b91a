/**
 * Between enrolment and the first signature the draft lies where others may write. One key of each custodian is touched then;
 * the rest must be the keys that were enrolled all the same.
 */
import { describe, expect, it } from 'vitest'
import { verifyManifestChain } from '../../../shared/audit/manifest.ts'
import { toTimestamp } from '../../../shared/clock.ts'
import type { Job, JobOf } from '../../../shared/contracts/strongroom.ts'
import { custodiesOf } from '../../../shared/domain/custody.ts'
import type { Manifest, SafePolicy } from '../../../shared/domain/manifest.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { newId } from '../../support/node-app.ts'
import { addPassphrase, createPassphraseWorld, passphraseOf, prfOfKey } from '../../support/passphrase-world.ts'
import { createWorld, id32, keyOf, now, type World, type WorldPerson } from '../../support/sealed-world.ts'
import { bytesOf, keyRingByHand, openWrapByHand, textOf } from '../../support/sealing-oracle.ts'
import { createSoftwareKey, type SoftwareKey } from '../../support/software-key.ts'
import { startHarness, type Harness } from '../../support/strongroom-harness.ts'

type Acknowledge = JobOf<'acknowledge'>
type Keys = Manifest['persons'][number]['keys']

const jobFor = ({ vault, station, manifest, wraps, rings }: World): Acknowledge =>
  structuredClone({
    ...{ kind: 'acknowledge', operation: newId(), vault, vaultName: 'Test vault', station },
    ...{ manifest, signed: [], wraps, rings },
  })

/** An element that is there. */
function at<T>(list: readonly T[], index: number): T {
  const found = list[index]
  if (found === undefined) throw new Error(`no element ${index}`)
  return found
}

async function refusedFor(job: Job, touch: (harness: Harness) => void): Promise<void> {
  const harness = startHarness(job)
  touch(harness)
  expect(await harness.ended).toEqual({ result: 'failed', code: 'MANIFEST_INVALID' })
  expect(harness.callsOf('manifestSigned')).toEqual([])
}

describe('a draft that somebody has changed', () => {
  const world = createWorld({ n: 3, k: 2, firstKeys: 3, otherKeys: 2 })
  const [first, second] = [at(world.custodians, 0), at(world.custodians, 1)]
  const stranger = createSoftwareKey()
  const strange = { credentialId: stranger.credentialId, publicKey: stranger.publicKey }
  /** Also gives the wraps to the new name, as a thorough intruder would. */
  const rename = (job: Acknowledge, old: string, credentialId: string): void => {
    for (const wrap of job.wraps) if (wrap.key === old) Object.assign(wrap, { key: credentialId })
  }
  const swap = (job: Acknowledge, keys: Keys, index: number): void => {
    const key = at(keys, index)
    rename(job, key.credentialId, strange.credentialId)
    Object.assign(key, strange)
  }

  const changes: [string, (keys: Keys, job: Acknowledge) => void][] = [
    ['a spare key swapped, with its wraps', (keys, job) => { swap(job, keys, 1) }],
    ['the last spare key swapped', (keys, job) => { swap(job, keys, 2) }],
    ['the public key of a spare key swapped', (keys) => { at(keys, 1).publicKey = stranger.publicKey }],
    ['the label of a spare key changed', (keys) => { at(keys, 1).label = 'Key 1a' }],
    ['the model of a spare key changed', (keys) => { at(keys, 1).aaguid = 'aaaaaaaa-0000-0000-0000-000000000001' }],
    ['proof of a model made up', (keys) => { at(keys, 1).attestation = { format: 'packed', model: 'Good key' } }],
    ['the transports of a spare key changed', (keys) => { at(keys, 1).transports = ['hybrid'] }],
    ['the time of enrolment changed', (keys) => { at(keys, 1).enrolledAt = toTimestamp(now + 1) }],
    ['the label of the signing key changed', (keys) => { at(keys, 0).label = 'Main' }],
    ['the order changed', (keys) => { keys.push(...keys.splice(1, 1)) }],
    ['a key added, with wraps', (keys, job) => {
      keys.push({ ...at(keys, 1), ...strange })
      const wraps = job.wraps.filter(({ key }) => key === at(keys, 1).credentialId)
      job.wraps.push(...wraps.map((wrap) => ({ ...wrap, key: strange.credentialId })))
    }],
    ['a key taken away, with its wraps', (keys, job) => {
      const [gone] = keys.splice(1, 1)
      job.wraps = job.wraps.filter(({ key }) => key !== gone?.credentialId)
    }],
    ['the proof swapped for made-up bytes', (_, { rings }) => { at(rings, 0).mac = id32() }],
    ["somebody else's proof", (_, { rings }) => { at(rings, 0).mac = at(rings, 1).mac }],
  ] // prettier-ignore
  it.each(changes)('is not signed: %s', async (_, change) => {
    const job = jobFor(world)
    change(at(job.manifest.persons, 0).keys, job)
    await refusedFor(job, (harness) => {
      harness.tap.touch(keyOf(first))
    })
  })

  const wrapChanges: [string, (job: Acknowledge) => void][] = [
    ['no proof at all', (job) => { job.rings = [] }],
    ['two proofs for one safe', (job) => { job.rings.push({ ...at(job.rings, 0), mac: id32() }) }],
    ['a spare key without a wrap', (job) => { job.wraps = job.wraps.filter(({ key }) => key !== keyOf(first, 2).credentialId) }],
    ['two wraps for one key', (job) => { job.wraps.push(at(job.wraps, 1)) }],
    ['a second wrap in the place of a missing one', (job) => { job.wraps.splice(1, 1, at(job.wraps, 0)) }],
    ['a wrap under a key that is not listed', (job) => { job.wraps.push({ ...at(job.wraps, 0), key: strange.credentialId }) }],
    ['a wrap of a person who is not listed', (job) => { job.wraps.push({ ...at(job.wraps, 0), person: newId() }) }],
    ['a wrap of another safe', (job) => { at(job.wraps, 1).safe = newId() }],
    ['a wrap of another vault', (job) => { at(job.wraps, 1).vault = newId() }],
    ['a spare wrap of another secret key', (job) => { at(job.wraps, 1).publicKey = id32() }],
  ] // prettier-ignore
  it.each(wrapChanges)('is refused before any touch: %s', async (_, change) => {
    const job = jobFor(world)
    change(job)
    const harness = startHarness(job)
    expect(await harness.ended).toEqual({ result: 'failed', code: 'MANIFEST_INVALID' })
    expect(harness.opened).toEqual([])
  })

  it('is signed by whoever is not concerned, and not by whoever is', async () => {
    const job = jobFor(world)
    swap(job, at(job.manifest.persons, 0).keys, 1)
    const harness = startHarness(job)
    harness.tap.touch(keyOf(second))
    expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
    harness.tap.touch(keyOf(first))
    expect(await harness.ended).toEqual({ result: 'failed', code: 'MANIFEST_INVALID' })
    expect(harness.callsOf('manifestSigned').map(({ tap }) => tap.person)).toEqual([second.id])
  })

  it('may have another key of somebody who holds no share: nothing of theirs can vouch for it', async () => {
    const job = jobFor(world)
    Object.assign(at(at(job.manifest.persons, 3).keys, 0), strange)
    const harness = startHarness(job)
    for (const person of world.custodians) harness.tap.touch(keyOf(person))
    expect(await harness.ended).toEqual({ result: 'done', code: null })
  })
})

describe('a safe that asks for passphrases', () => {
  it('is not signed for with a spare key whose wrap has none', async () => {
    const plain = createWorld({ n: 2, k: 2, firstKeys: 2, otherKeys: 2, policy: { passphrase: true } })
    const wraps = await Promise.all(
      plain.wraps.map(async (wrap) => {
        const person = plain.custodians.find(({ id }) => id === wrap.person)
        const main = person?.keys[0]
        if (main?.credentialId !== wrap.key || person === undefined) return wrap
        return addPassphrase(wrap, prfOfKey(main, wrap.salt), passphraseOf(person.name))
      }),
    )
    const [first] = plain.custodians
    if (first === undefined) throw new Error('nobody')
    await refusedFor(jobFor({ ...plain, wraps }), (harness) => {
      harness.tap.touch({ key: keyOf(first), passphrase: passphraseOf(first.name) })
    })
  })

  it('is the only one whose wraps may ask for them', async () => {
    const world = await createPassphraseWorld({ n: 2, k: 2 })
    const job = jobFor(world)
    expect(delete at(job.manifest.safes, 0).policy.passphrase).toBe(true)
    const harness = startHarness(job)
    expect(await harness.ended).toEqual({ result: 'failed', code: 'MANIFEST_INVALID' })
  })
})

interface Enrolled extends WorldPerson {
  readonly said: ReturnType<typeof readEnrolled>
}
const readEnrolled = (harness: Harness) => harness.callsOf('keyEnrolled')
const policy: SafePolicy = { windowSecondsMin: 15, windowSecondsMax: 600, requesterMayTap: true, copyAllowed: false }

/** Enrols somebody in a real strongroom, with so many keys for these safes. */
async function enrolFor(vault: string, name: string, keys: readonly SoftwareKey[], safes: string[]): Promise<Enrolled> {
  const id = newId()
  const harness = startHarness({
    ...{ kind: 'enrol', operation: newId(), vault, vaultName: 'Test vault', station: newId() },
    person: { id, name },
    labels: keys.map((_, index) => `Key ${index + 1}`),
    safes: safes.map((safe) => ({ id: safe, name: `Safe ${safe}`, policy })),
    models: [],
    enrolled: [],
  })
  const pairs = Math.ceil(safes.length / 2)
  for (const key of keys) for (let touch = 0; touch < 1 + 2 * pairs; touch++) harness.tap.touch(key)
  expect(await harness.ended).toEqual({ result: 'done', code: null })
  return { id, name, keys, said: readEnrolled(harness) }
}

/** What a vault process makes of that. */
function acknowledgeFor(vault: string, safes: readonly string[], people: readonly Enrolled[]): Acknowledge {
  const publicKeyOf = ({ said }: Enrolled, safe: string): string =>
    said[0]?.custody.find((one) => one.safe === safe)?.publicKey ?? ''
  return {
    ...{ kind: 'acknowledge', operation: newId(), vault, vaultName: 'Test vault', station: newId(), signed: [] },
    manifest: {
      ...{ format: 'halligan/manifest/v1', vault, name: 'Test vault', version: 1, previous: null, quorum: 2 },
      createdAt: toTimestamp(now),
      persons: people.map(({ id, name, said }) => ({
        ...{ id, name, roles: ['custodian' as const] },
        keys: said.map(({ key }) => key),
      })),
      safes: safes.map((safe) => ({
        ...{ id: safe, name: `Safe ${safe}`, threshold: 2, policy },
        custodians: people.map((one, index) => ({
          ...{ person: one.id, index: index + 1 },
          publicKey: publicKeyOf(one, safe),
        })),
      })),
      stations: [{ id: newId(), name: 'Test station', firstKey: id32() }],
    },
    wraps: people.flatMap(({ said }) => said.flatMap(({ wraps }) => wraps)),
    rings: people.flatMap(({ id, said }) => (said.at(-1)?.rings ?? []).map((ring) => ({ person: id, ...ring }))),
  }
}

describe('an honest set-up', () => {
  it.each([
    { keys: 1, safes: 1 },
    { keys: 2, safes: 2 },
    { keys: 3, safes: 3 },
    { keys: 2, safes: 5 },
  ])('is signed by any of $keys keys for $safes safes', async ({ keys: count, safes: number }) => {
    const vault = newId()
    const safes = Array.from({ length: number }, newId)
    const makeKeys = (): SoftwareKey[] => Array.from({ length: count }, () => createSoftwareKey())
    const people = [
      await enrolFor(vault, 'Ann', makeKeys(), safes),
      await enrolFor(vault, 'Bob', makeKeys(), safes),
      // As somebody who enrols anew after the others.
      await enrolFor(vault, 'Cleo', makeKeys(), safes),
    ]
    const job = acknowledgeFor(vault, safes, people)
    const harness = startHarness(job)
    for (const [index, person] of people.entries()) {
      for (let touch = 0; touch < Math.ceil(number / 2); touch++) harness.tap.touch(keyOf(person, index % count))
    }
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    const signatures = harness.callsOf('manifestSigned').map(({ tap }) => tap)
    expect(verifyManifestChain(nodePrimitives, [{ manifest: job.manifest, signatures }]).ok).toBe(true)
  })

  it('has proofs that the page on formats describes, one per safe and key, over the keys so far', async () => {
    const vault = newId()
    const safes = [newId(), newId(), newId()]
    const keys = [createSoftwareKey(), createSoftwareKey(), createSoftwareKey()]
    const { id, said } = await enrolFor(vault, 'Ann', keys, safes)
    expect(said).toHaveLength(3)
    for (const [index, { rings, wraps }] of said.entries()) {
      expect(rings.map(({ safe }) => safe)).toEqual(safes)
      for (const { safe, mac } of rings) {
        const wrap = wraps.find((one) => one.safe === safe)
        if (wrap === undefined) throw new Error('no wrap')
        const secretKey = openWrapByHand(wrap, prfOfKey(at(keys, index), wrap.salt))
        const facts = { vault, safe, person: id, keys: said.slice(0, index + 1).map(({ key }) => key) }
        expect(textOf(keyRingByHand(facts, secretKey))).toBe(mac)
      }
    }
    expect(new Set(said.flatMap(({ rings }) => rings.map(({ mac }) => mac))).size).toBe(9)
  })

  it('is refused with proofs from before the last key, from another safe, or from an earlier enrolment', async () => {
    const vault = newId()
    const safes = [newId(), newId()]
    const pairOfKeys = (): SoftwareKey[] => [createSoftwareKey(), createSoftwareKey()]
    const [ann, bob] = [
      await enrolFor(vault, 'Ann', pairOfKeys(), safes),
      await enrolFor(vault, 'Bob', pairOfKeys(), safes),
    ]
    const earlier = await enrolFor(vault, 'Ann', ann.keys, safes)
    const good = acknowledgeFor(vault, safes, [ann, bob])
    expect(custodiesOf(good.manifest, ann.id)).toHaveLength(2)
    const others = good.rings.filter(({ person }) => person !== ann.id)
    const [one, two] = good.rings.filter(({ person }) => person === ann.id)
    if (one === undefined || two === undefined) throw new Error('no rings')
    const old = (rings: { safe: string; mac: string }[] | undefined) =>
      (rings ?? []).map((ring) => ({ person: ann.id, ...ring }))
    for (const mine of [
      old(ann.said[0]?.rings),
      old(earlier.said[1]?.rings),
      [
        { ...one, mac: two.mac },
        { ...two, mac: one.mac },
      ],
      [one, { ...two, mac: id32() }],
    ]) {
      expect(mine).toHaveLength(2)
      await refusedFor({ ...good, operation: newId(), rings: [...others, ...mine] }, (harness) => {
        harness.tap.touch(keyOf(ann))
      })
    }
    expect(bytesOf(one.mac)).toHaveLength(32)
  })
})
