/** Custodians change: what the old ones can still open (nothing), what the new ones can (everything), and what stops the switch. */
import { describe, expect, it } from 'vitest'
import { fromUtf8, fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import type { VouchedRecord } from '../../../shared/contracts/strongroom.ts'
import type { SealedRecord } from '../../../shared/domain/credential.ts'
import type { Manifest, Safe } from '../../../shared/domain/manifest.ts'
import { loadSodium } from '../../../electron/platform/sodium.ts'
import { openRecord } from '../../../electron/strongroom/crypto/record.ts'
import { newId } from '../../support/node-app.ts'
import { arrive, createFakeVault, custodiansOf, nextManifest, openOwn, vouch, type Bend, type FakeVault } from '../../support/reshare-world.ts' // prettier-ignore
import { createWorld, field, keyOf, requestJob, sealIn, tapBy, type World, type WorldPerson } from '../../support/sealed-world.ts' // prettier-ignore
import { startHarness, type Harness } from '../../support/strongroom-harness.ts'

const sodium = await loadSodium()

const secretOf = (at: number): string => `secret number ${at}`

/** Five records: of four credentials, one of them in two versions. */
function sealFive(world: World): VouchedRecord[] {
  const twice = newId()
  return [0, 1, 2, 3, 4].map((at) =>
    vouch(sealIn(world, [field('Password', secretOf(at))], at < 2 ? { credential: twice, version: at + 1 } : {})),
  )
}

const safeOf = ({ manifest }: World): Safe => manifest.safes[0]!

/** The world in which the last custodian leaves and Nina comes. */
function replaceLast(world: World): {
  next: Manifest
  more: Parameters<typeof createFakeVault>[3]
  comes: ReturnType<typeof arrive>
  leaver: WorldPerson
} {
  const safe = safeOf(world)
  const leaver = world.custodians.at(-1)!
  const comes = arrive(world, safe.id)
  const custodians = custodiansOf([
    ...safe.custodians.filter(({ person }) => person !== leaver.id),
    { person: comes.who.id, publicKey: comes.publicKey },
  ])
  const persons = [...world.manifest.persons.filter(({ id }) => id !== leaver.id), comes.listed]
  const next = nextManifest(world, { persons, safes: [{ ...safe, custodians }] })
  return { next, comes, leaver, more: { wraps: [...world.wraps, ...comes.wraps], rings: [comes.ring] } }
}

async function tapAll(harness: Harness, people: readonly WorldPerson[]): Promise<void> {
  for (const person of people) {
    harness.tap.touch(keyOf(person))
    const feedback = await Promise.race([
      harness.tap.feedback(),
      harness.ended.then((end) => Promise.reject(new Error(`ended: ${String(end.code)}`))),
    ])
    expect(feedback).toEqual({ accepted: true, code: null, person: person.name })
  }
}

/** Runs a change to its end. */
async function run(vault: FakeVault, first: readonly WorldPerson[], second: readonly WorldPerson[]): Promise<Harness> {
  const harness = startHarness(vault.job, vault.overrides)
  await tapAll(harness, first)
  await tapAll(harness, second)
  expect(await harness.ended).toEqual({ result: 'done', code: null })
  return harness
}

const subsets = <T>(list: readonly T[], size: number): T[][] =>
  size === 0 ? [[]] : list.flatMap((one, at) => subsets(list.slice(at + 1), size - 1).map((rest) => [one, ...rest]))

/** What these people can read of it with their keys and every wrap there is; null: nothing. */
function readWith(wraps: World['wraps'], people: readonly WorldPerson[], record: SealedRecord): string | null {
  const shares = people.flatMap((person) => openOwn(wraps, person, record) ?? [])
  const own = people.map((person) => openOwn(wraps, person, record)).filter((share) => share !== null)
  if (shares.length === 0) return null
  try {
    return fromUtf8(openRecord(sodium, record, own).values[0]!)
  } catch {
    return null
  }
}

describe('a custodian is replaced, 3 of 5', () => {
  it('opens to every three of the new five and to nobody else', async () => {
    const world = createWorld()
    const { next, more, comes, leaver } = replaceLast(world)
    const records = sealFive(world)
    const vault = createFakeVault(world, records, next, more)
    const stay = world.custodians.slice(0, 4)
    // The leaver's tap counts as one of the old quorum.
    const harness = await run(vault, [leaver, stay[0]!, comes.who, stay[1]!], [...stay, comes.who])
    expect(vault.isSwitched()).toBe(true)
    await expect.poll(() => harness.seen.at(-1)).toMatchObject({ version: 2 })
    expect(vault.staged).toHaveLength(5)
    const secrets = new Map(
      records.map(({ record: { header } }, at) => [`${header.credential} ${header.version}`, secretOf(at)]),
    )
    for (const record of vault.staged) {
      const secret = secrets.get(`${record.header.credential} ${record.header.version}`)
      for (const three of subsets([...stay, comes.who], 3))
        expect(readWith(vault.job.wraps, three, record)).toBe(secret)
      for (const two of subsets([...stay, comes.who], 2)) expect(readWith(vault.job.wraps, two, record)).toBeNull()
      for (const three of subsets(world.custodians, 3).filter((people) => people.includes(leaver))) {
        expect(readWith(vault.job.wraps, three, record)).toBeNull()
      }
      expect(openOwn(vault.job.wraps, leaver, record)).toBeNull()
    }
    // The old records stay readable with the old keys: that is why the secrets must be rotated.
    expect(readWith(world.wraps, world.custodians.slice(2), records[0]!.record)).toBe(secretOf(0))
  })

  it('keeps what the header says of the secret, and nothing that opens it', async () => {
    const world = createWorld()
    const { next, more, comes, leaver } = replaceLast(world)
    const vault = createFakeVault(world, sealFive(world), next, more)
    const stay = world.custodians.slice(0, 4)
    await run(vault, [leaver, stay[0]!, comes.who, stay[1]!], [...stay, comes.who])
    for (const [at, { record: after }] of vault.vouchedAfter().entries()) {
      const before =
        vault.overrides.oldRecords === undefined
          ? null
          : (await vault.overrides.oldRecords({ from: at })).records[0]!.record
      const { credential, version, name, sealedAt, sealedBy, requesters, rotationDays } = before!.header
      expect(after.header).toMatchObject({ credential, version, name, sealedAt, sealedBy, requesters, rotationDays })
      expect(after.header.keyCommitment).not.toBe(before!.header.keyCommitment)
      expect(after.header.nonce).not.toBe(before!.header.nonce)
    }
  })

  it('is opened afterwards by a request, vouched for by those who checked it', async () => {
    const world = createWorld()
    const { next, more, comes, leaver } = replaceLast(world)
    const vault = createFakeVault(world, sealFive(world), next, more)
    const stay = world.custodians.slice(0, 4)
    await run(vault, [leaver, stay[0]!, comes.who, stay[1]!], [...stay, comes.who])
    const after = vault.after()
    const vouched = vault.vouchedAfter()[3]!
    const job = { ...requestJob(after, { record: vouched.record, ...vouched.sealed }), resealed: vouched.resealed }
    const harness = startHarness(job)
    await tapAll(harness, [world.requester, comes.who, stay[2]!, stay[3]!])
    await expect.poll(() => harness.callsOf('granted')).toHaveLength(1)
    await harness.end('app-quit')
    await harness.ended
  })

  it('is signed, opened and checked again when the next change comes', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const first = replaceLast(world)
    const vault = createFakeVault(world, sealFive(world), first.next, first.more)
    const [ann, bob] = world.custodians as [WorldPerson, WorldPerson]
    await run(vault, [ann, bob, first.comes.who], [ann, bob, first.comes.who])
    const after = { ...vault.after(), custodians: [ann, bob, first.comes.who] }
    const second = replaceLast(after)
    const again = createFakeVault(after, vault.vouchedAfter(), second.next, second.more)
    await run(again, [ann, bob, second.comes.who], [ann, bob, second.comes.who])
    expect(again.isSwitched()).toBe(true)
    for (const record of again.staged) {
      expect(readWith(again.job.wraps, [ann, second.comes.who], record)).toMatch(/^secret number/)
      expect(openOwn(again.job.wraps, first.comes.who, record)).toBeNull()
    }
  })
})

describe('other changes', () => {
  it('changes the threshold', async () => {
    const world = createWorld({ n: 4, k: 2 })
    const next = nextManifest(world, { safes: [{ ...safeOf(world), threshold: 3 }] })
    const vault = createFakeVault(world, sealFive(world), next)
    await run(vault, world.custodians.slice(0, 2), world.custodians)
    for (const record of vault.staged) {
      expect(readWith(world.wraps, world.custodians.slice(0, 2), record)).toBeNull()
      expect(readWith(world.wraps, world.custodians.slice(1), record)).toMatch(/^secret/)
    }
  })

  it('splits a safe: a credential moves to another one', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const [ann, bob, cyd] = world.custodians as [WorldPerson, WorldPerson, WorldPerson]
    const id = newId()
    const comers = [bob, cyd].map((who) => arrive(world, id, who))
    const fresh: Safe = {
      ...safeOf(world),
      ...{
        id,
        name: 'Safe two',
        custodians: custodiansOf(comers.map(({ who, publicKey }) => ({ person: who.id, publicKey }))),
      },
    }
    const next = nextManifest(world, { safes: [safeOf(world), fresh] })
    const records = sealFive(world)
    const moved = records[2]!
    const vault = createFakeVault(world, [moved], next, {
      moves: [{ credential: moved.record.header.credential, safe: id }],
      wraps: [...world.wraps, ...comers.flatMap(({ wraps }) => wraps)],
      rings: comers.map(({ ring }) => ring),
    })
    // Both who come prove their new key pairs and open the old ones with the same touch.
    await run(vault, [bob, cyd], [cyd, bob])
    expect(vault.staged[0]!.header.safe).toBe(id)
    expect(readWith(vault.job.wraps, [bob, cyd], vault.staged[0]!)).toBe(secretOf(2))
    expect(readWith(vault.job.wraps, [ann, bob], vault.staged[0]!)).toBeNull()
  })

  it('needs no second round when nothing is sealed', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const { next, more, comes } = replaceLast(world)
    const vault = createFakeVault(world, [], next, more)
    await run(vault, [world.custodians[0]!, comes.who, world.custodians[1]!], [])
    expect(vault.isSwitched()).toBe(true)
    expect(vault.taps).toEqual([])
  })

  it('goes on for a share that is needed when enough have signed', async () => {
    // Two sign; three open.
    const world = createWorld({ n: 4, k: 3, quorum: 2 })
    const { next, more, comes } = replaceLast(world)
    const vault = createFakeVault(world, sealFive(world), next, more)
    const stay = world.custodians.slice(0, 3)
    await run(vault, [...stay, comes.who], [...stay, comes.who])
  })
})

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

const flip = (text: string): string => {
  const bytes = fromBase64Url(text)
  bytes[bytes.length - 1]! ^= 1
  return toBase64Url(bytes)
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
})
