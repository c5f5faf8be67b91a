/** A change of custodians under somebody who can write the database: what stops it before the switch. */
import { describe, expect, it } from 'vitest'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { VouchedRecord } from '../../../shared/contracts/strongroom.ts'
import type { SealedRecord } from '../../../shared/domain/credential.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { loadSodium } from '../../../electron/platform/sodium.ts'
import { newId } from '../../support/node-app.ts'
import { flip, replaceLast, run, sealFive } from '../../support/reshare-steps.ts'
import { arrive, createFakeVault, type Bend, type FakeVault } from '../../support/reshare-world.ts'
import { createWorld, keyOf, requestJob, tapBy, type WorldPerson } from '../../support/sealed-world.ts'
import { startHarness, type Harness } from '../../support/strongroom-harness.ts'

const sodium = await loadSodium()

/** Runs a change that must not come to a switch; who taps in both rounds, and how it ended. */
async function runBent(
  bend: Bend,
  options: { readonly taps?: number; readonly change?: (job: FakeVault['job']) => FakeVault['job'] } = {},
): Promise<{ harness: Harness; vault: FakeVault; code: string | null; people: WorldPerson[] }> {
  const world = createWorld({ n: 3, k: 2 })
  const { next, more, comes } = replaceLast(world)
  const vault = createFakeVault(world, sealFive(world), next, more, bend)
  const job = options.change?.(vault.job) ?? vault.job
  const harness = startHarness(job, vault.overrides)
  const [ann, bob] = world.custodians as [WorldPerson, WorldPerson]
  const people = [ann, bob, comes.who]
  for (const person of [...people, ...people].slice(0, options.taps ?? 6)) harness.tap.touch(keyOf(person))
  const { result, code } = await harness.ended
  expect(result).toBe('failed')
  expect(vault.isSwitched()).toBe(false)
  expect(harness.callsOf('reshared')).toEqual([])
  return { harness, vault, code, people }
}

const changeOne =
  (change: (record: SealedRecord) => SealedRecord, at = 3) =>
  (records: SealedRecord[]): SealedRecord[] =>
    records.map((record, place) => (place === at ? change(record) : record))

describe('a wrong new share is found before the switch', () => {
  it('when a box is damaged on the disk: whose it is is said', async () => {
    const { code, harness, people } = await runBent({
      disk: changeOne((record) => ({ ...record, boxes: record.boxes.map((box, at) => (at === 1 ? flip(box) : box)) })),
    })
    expect(code).toBe('SHARE_DAMAGED')
    expect(harness.callsOf('tapRefused').at(-1)).toMatchObject({ code: 'SHARE_DAMAGED', person: people[1]!.id })
    expect(harness.callsOf('jointSigned').map(({ tap }) => tap.person)).toEqual([people[0]!.id])
  })

  it('when two boxes are swapped', async () => {
    const { code } = await runBent({
      disk: changeOne((record) => ({ ...record, boxes: [record.boxes[1]!, record.boxes[0]!, record.boxes[2]!] })),
    })
    expect(code).toBe('SHARE_DAMAGED')
  })

  it('when a share is put in another’s place and the header made to fit', async () => {
    const { code } = await runBent({
      disk: changeOne((record) => ({
        ...record,
        header: {
          ...record.header,
          shares: record.header.shares.map((share, at) =>
            at === 0 ? { ...share, commitment: record.header.keyCommitment } : share,
          ),
        },
      })),
    })
    expect(code).toBe('RECORD_DAMAGED')
  })

  it('when a whole record is another: of another version, or the body', async () => {
    expect((await runBent({ disk: (records) => [...records].reverse() })).code).toBe('RECORD_DAMAGED')
    expect((await runBent({ disk: changeOne((record) => ({ ...record, body: flip(record.body) }), 0) })).code).toBe(
      'RECORD_DAMAGED',
    )
    expect((await runBent({ disk: (records) => records.slice(0, 4) })).code).toBe('RECORD_DAMAGED')
  })
})

describe('what nobody is asked to sign', () => {
  it('a joint statement about something else than was done', async () => {
    for (const change of [
      { root: toBase64Url(new Uint8Array(32)) },
      { records: 4 },
      { next: { version: 2, hash: toBase64Url(new Uint8Array(32)) } },
    ]) {
      const bent = await runBent({
        statement: (made) => ({ ...made, detail: { ...made.detail, ...change } as typeof made.detail }),
      })
      expect(bent.code).toBe('MANIFEST_INVALID')
      expect(bent.harness.callsOf('jointSigned')).toEqual([])
    }
    expect(
      (await runBent({ statement: (made) => ({ ...made, manifest: toBase64Url(new Uint8Array(32)) }) })).code,
    ).toBe('MANIFEST_INVALID')
  })

  it('a manifest with another key pair for somebody who comes, or without the proof of theirs', async () => {
    const other = toBase64Url(sodium.crypto_box_keypair().publicKey)
    const swapped = await runBent(
      {},
      {
        change: (job) => ({
          ...job,
          next: {
            ...job.next,
            safes: job.next.safes.map((safe) => ({
              ...safe,
              custodians: safe.custodians.map((one) => (one.index === 3 ? { ...one, publicKey: other } : one)),
            })),
          },
        }),
      },
    )
    expect(swapped.code).toBe('MANIFEST_INVALID')
    expect(swapped.vault.staged).toEqual([])
    const without = await runBent({}, { change: (job) => ({ ...job, rings: [] }) })
    expect(without.code).toBe('MANIFEST_INVALID')
    expect(without.vault.staged).toEqual([])
  })

  it('a manifest with another key pair for somebody who stays, or a key put beside theirs', async () => {
    const other = toBase64Url(sodium.crypto_box_keypair().publicKey)
    const changeNext = (change: (next: Manifest) => Manifest) => ({
      change: (job: FakeVault['job']): FakeVault['job'] => ({ ...job, next: change(job.next) }),
      taps: 0,
    })
    const swapped = await runBent(
      {},
      changeNext((next) => ({
        ...next,
        safes: next.safes.map((safe) => ({
          ...safe,
          custodians: safe.custodians.map((one) => (one.index === 1 ? { ...one, publicKey: other } : one)),
        })),
      })),
    )
    expect(swapped.code).toBe('MANIFEST_INVALID')
    const stranger = arrive(createWorld({ n: 2, k: 2 }), newId()).listed.keys
    const beside = await runBent(
      {},
      changeNext((next) => ({
        ...next,
        persons: next.persons.map((person, at) =>
          at === 0 ? { ...person, keys: [...person.keys, ...stranger] } : person,
        ),
      })),
    )
    expect(beside.code).toBe('MANIFEST_INVALID')
    expect(beside.harness.callsOf('manifestSigned')).toEqual([])
  })

  it('a key put beside those with which somebody comes', async () => {
    const stranger = arrive(createWorld({ n: 2, k: 2 }), newId()).listed.keys
    const { code, vault } = await runBent(
      {},
      {
        change: (job) => ({
          ...job,
          next: {
            ...job.next,
            persons: job.next.persons.map((person) =>
              person.name === 'Nina New' ? { ...person, keys: [...person.keys, ...stranger] } : person,
            ),
          },
        }),
      },
    )
    expect(code).toBe('MANIFEST_INVALID')
    expect(vault.staged).toEqual([])
  })

  it('records that are not what was sealed, or not all in their order', async () => {
    const changed = (change: (records: VouchedRecord[]) => VouchedRecord[]) => runBent({ old: change }, { taps: 0 })
    const bodies = await changed((all) =>
      all.map((one, at) => (at === 1 ? { ...one, record: { ...one.record, body: flip(one.record.body) } } : one)),
    )
    expect(bodies.code).toBe('RECORD_DAMAGED')
    expect((await changed((all) => [...all].reverse())).code).toBe('RECORD_DAMAGED')
    expect((await changed((all) => [all[0]!, all[0]!, ...all.slice(2)])).code).toBe('RECORD_DAMAGED')
  })
})

describe('a record that was sealed anew', () => {
  it('is believed only with enough of its custodians’ taps on the root that it is under', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const { next, more, comes } = replaceLast(world)
    const vault = createFakeVault(world, sealFive(world), next, more)
    const [ann, bob] = world.custodians as [WorldPerson, WorldPerson]
    await run(vault, [ann, bob, comes.who], [ann, bob, comes.who])
    const after = vault.after()
    const vouched = vault.vouchedAfter()[2]!
    const { resealed } = vouched
    if (resealed === null) throw new Error('not sealed anew')
    const stranger = createWorld({ n: 2, k: 2 }).custodians[0]!
    const bent: (typeof resealed)[] = [
      { ...resealed, taps: resealed.taps.slice(0, 1) },
      { ...resealed, taps: [resealed.taps[0]!, resealed.taps[0]!] },
      { ...resealed, taps: [resealed.taps[0]!, tapBy(stranger, new Uint8Array(32))] },
      { ...resealed, index: 1 },
      { ...resealed, proof: resealed.proof.slice(1) },
      { ...resealed, statement: { ...resealed.statement, nonce: toBase64Url(new Uint8Array(32)) } },
      { ...resealed, statement: { ...resealed.statement, manifest: after.manifestHash } },
    ]
    const open = async (with_: typeof resealed | null): Promise<string | null> => {
      const job = { ...requestJob(after, { record: vouched.record, ...vouched.sealed }), resealed: with_ }
      const harness = startHarness(job)
      const asked = harness.tap.views
      await Promise.race([harness.ended, expect.poll(() => asked.length).toBeGreaterThan(0)])
      if (asked.length > 0) await harness.end('app-quit')
      return asked.length > 0 ? 'asked' : (await harness.ended).code
    }
    expect(await open(resealed)).toBe('asked')
    for (const one of [...bent, null]) expect(await open(one)).toBe('RECORD_DAMAGED')
  })

  it('is not believed for the tap of a key that the same change strikes off', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const { next: replaced, more, comes } = replaceLast(world)
    const [ann, bob] = world.custodians as [WorldPerson, WorldPerson]
    const lost = keyOf(ann, 1)
    const persons = replaced.persons.map((person) =>
      person.id === ann.id
        ? { ...person, keys: person.keys.filter(({ credentialId }) => credentialId !== lost.credentialId) }
        : person,
    )
    const vault = createFakeVault(world, sealFive(world), { ...replaced, persons }, more)
    await run(vault, [ann, bob, comes.who], [ann, bob, comes.who])
    const vouched = vault.vouchedAfter()[2]!
    const { resealed } = vouched
    if (resealed === null) throw new Error('not sealed anew')
    const challenge = challengeOf(nodePrimitives, 'joint', resealed.statement)
    const taps = [tapBy(ann, challenge, lost), ...resealed.taps.filter(({ person }) => person === bob.id)]
    const job = requestJob(vault.after(), { record: vouched.record, ...vouched.sealed })
    const harness = startHarness({ ...job, resealed: { ...resealed, taps } })
    expect((await harness.ended).code).toBe('RECORD_DAMAGED')
  })
})
