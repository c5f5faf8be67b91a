/** Custodians change: what the old ones can still open (nothing), what the new ones can (everything), and what stops the switch. */
import { describe, expect, it } from 'vitest'
import { fromUtf8 } from '../../../shared/bytes.ts'
import type { VouchedRecord } from '../../../shared/contracts/strongroom.ts'
import type { SealedRecord } from '../../../shared/domain/credential.ts'
import type { Safe } from '../../../shared/domain/manifest.ts'
import { loadSodium } from '../../../electron/platform/sodium.ts'
import { openRecord } from '../../../electron/strongroom/crypto/record.ts'
import { newId } from '../../support/node-app.ts'
import { flip, replaceLast, run, safeOf, sealFive, secretOf, tapAll } from '../../support/reshare-steps.ts'
import { arrive, createFakeVault, custodiansOf, nextManifest, openOwn } from '../../support/reshare-world.ts'
import { createWorld, keyOf, requestJob, type World, type WorldPerson } from '../../support/sealed-world.ts'
import { holds, startHarness } from '../../support/strongroom-harness.ts'

const sodium = await loadSodium()

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
    for (const [at] of records.entries()) expect(holds([harness.calls, harness.controlled], secretOf(at))).toBe(false)
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
    const harness = await run(vault, [bob, cyd], [cyd, bob])
    // Which credential moves stands in no manifest: people read it before both of their touches.
    const { name } = moved.record.header
    for (const { lines } of [harness.tap.views[0]!, harness.tap.views.at(-1)!]) {
      expect(lines).toContainEqual({ label: 'Moves', value: `from “${safeOf(world).name}” to “Safe two”:\n“${name}”` })
    }
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

describe('who must touch', () => {
  it('goes on with another share when one of before is damaged, and says so at once when too few are left', async () => {
    const world = createWorld({ n: 4, k: 2 })
    const { next, more, comes } = replaceLast(world)
    const [ann, bob, cyd] = world.custodians as [WorldPerson, WorldPerson, WorldPerson]
    const damage = (places: readonly number[]) => (records: VouchedRecord[]) =>
      records.map((one) => ({
        ...one,
        record: { ...one.record, boxes: one.record.boxes.map((box, at) => (places.includes(at) ? flip(box) : box)) },
      }))
    const vault = createFakeVault(world, sealFive(world), next, more, { old: damage([0]) })
    // Ann signs, but brings nothing: two more must touch.
    await run(vault, [ann, bob, comes.who, cyd], [ann, bob, cyd, comes.who])
    const lost = createFakeVault(world, sealFive(world), next, more, { old: damage([0, 1, 2]) })
    const harness = startHarness(lost.job, lost.overrides)
    expect(await harness.ended).toEqual({ result: 'failed', code: 'SHARE_DAMAGED' })
    expect(harness.tap.views).toEqual([])
  })

  it('refuses a second tap of one person, a stranger, and a key that is struck off', async () => {
    const world = createWorld({ n: 4, k: 2 })
    const { next, more, comes } = replaceLast(world)
    const [ann, bob] = world.custodians as [WorldPerson, WorldPerson]
    const struck = {
      ...next,
      persons: next.persons.map((person) =>
        person.id === ann.id ? { ...person, keys: person.keys.slice(1) } : person,
      ),
    }
    const vault = createFakeVault(world, sealFive(world), struck, more)
    const harness = startHarness(vault.job, vault.overrides)
    const refusals: (string | null)[] = []
    for (const touch of [
      { key: keyOf(ann) },
      { key: keyOf(bob) },
      { key: keyOf(bob) },
      { key: keyOf(world.requester), force: true },
    ]) {
      harness.tap.touch(touch)
      refusals.push((await harness.tap.feedback()).code)
    }
    expect(refusals).toEqual(['TAP_KEY_UNKNOWN', null, 'TAP_PERSON_ALREADY_COUNTED', 'TAP_NOT_CUSTODIAN'])
    harness.tap.touch(keyOf(comes.who))
    await harness.tap.feedback()
    harness.tap.touch(keyOf(ann, 1))
    await harness.tap.feedback()
    await expect.poll(() => vault.staged.length).toBe(5)
    await harness.end('app-quit')
    await harness.ended
    expect(vault.isSwitched()).toBe(false)
  })

  it('lets somebody who only comes to ask prove each of their keys', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const asks = arrive(world, newId(), undefined, 2)
    const person = { ...asks.listed, name: 'Rolf Requester', roles: ['requester' as const] }
    const next = nextManifest(world, { persons: [...world.manifest.persons, person] })
    const vault = createFakeVault(world, [], next)
    const harness = startHarness(vault.job, vault.overrides)
    for (const key of [keyOf(world.custodians[0]!), keyOf(asks.who), keyOf(world.custodians[1]!), keyOf(asks.who, 1)]) {
      harness.tap.touch(key)
      expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
    }
    expect(await harness.ended).toEqual({ result: 'done', code: null })
    expect(vault.signatures).toHaveLength(2)
  })

  it('shows every change in words, and how much is sealed anew', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const { next, more, comes } = replaceLast(world)
    const vault = createFakeVault(world, sealFive(world), next, more)
    const [ann, bob] = world.custodians as [WorldPerson, WorldPerson]
    const harness = await run(vault, [ann, bob, comes.who], [ann, bob, comes.who])
    const [view] = harness.tap.views
    const texts = view?.lines.map(({ label, value }) => `${label}: ${value}`) ?? []
    expect(texts).toContain('Safe “Safe one”: Custodian 3 is no longer a custodian')
    expect(texts).toContain('Safe “Safe one”: Nina New becomes a custodian')
    expect(texts).toContain('Sealed anew: 5 versions in “Safe one”')
  })

  it('is not a plain amendment', async () => {
    const world = createWorld({ n: 3, k: 2 })
    const next = nextManifest(world, { safes: [{ ...safeOf(world), threshold: 3 }] })
    const { operation, vault, vaultName, station, manifests } = createFakeVault(world, [], next).job
    const harness = startHarness({ kind: 'amend', operation, vault, vaultName, station, manifests, next })
    expect(await harness.ended).toEqual({ result: 'failed', code: 'MANIFEST_INVALID' })
    expect(harness.tap.views).toEqual([])
  })
})
