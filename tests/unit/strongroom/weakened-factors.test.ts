/** Factors and vetoes that somebody tries to take away: passphrases, models of key, struck-off keys. */
import { describe, expect, it } from 'vitest'
import { manifestHash } from '../../../shared/audit/manifest.ts'
import { fromBase64Url } from '../../../shared/bytes.ts'
import type { Manifest, SafePolicy } from '../../../shared/domain/manifest.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { newId } from '../../support/node-app.ts'
import { addPassphrase, passphraseOf, prfOfKey } from '../../support/passphrase-world.ts'
import { createWorld, field, keyOf, requestJob, sealIn, tapBy, type World } from '../../support/sealed-world.ts'
import { startHarness } from '../../support/strongroom-harness.ts'

describe('a safe that asks for a passphrase', () => {
  it('takes no share from a wrap without one, and says so before anybody taps when too few are left', async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1, policy: { passphrase: true } })
    const harness = startHarness(requestJob(world, sealIn(world, [field('p', 'x')])))
    expect(await harness.ended).toMatchObject({ result: 'failed' })
    expect(harness.opened).toEqual([])
  })

  it('takes it from another key of the same person', async () => {
    const plain = createWorld({ n: 2, k: 2, firstKeys: 2, policy: { passphrase: true } })
    const [ann] = plain.custodians
    // All but the one under Ann's second key, which opens with that key alone.
    const wraps = await Promise.all(
      plain.wraps.map(async (wrap) => {
        const owner = plain.custodians.find(({ id }) => id === wrap.person)!
        const key = owner.keys.find(({ credentialId }) => credentialId === wrap.key)!
        return key === ann!.keys[1] ? wrap : addPassphrase(wrap, prfOfKey(key, wrap.salt), passphraseOf(owner.name))
      }),
    )
    const world = { ...plain, wraps }
    const harness = startHarness(requestJob(world, sealIn(world, [field('p', 'x')])))
    harness.tap.touch(keyOf(world.requester))
    await harness.tap.feedback()
    harness.tap.touch({ key: keyOf(ann!, 1), passphrase: passphraseOf(ann!.name) })
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_WRAP_DAMAGED' })
    harness.tap.touch({ key: keyOf(ann!, 0), passphrase: passphraseOf(ann!.name) })
    expect(await harness.tap.feedback()).toMatchObject({ code: null })
    expect(harness.callsOf('tapAccepted').at(-1)).toMatchObject({ counts: true })
    await harness.end('app-quit')
  })
})

describe('a safe that names models of key', () => {
  it('gets no further key on one custodian’s word', async () => {
    const world = createWorld({ n: 2, k: 2, firstKeys: 1 })
    const aaguid = 'aaaaaaaa-0000-0000-0000-000000000001'
    const policy = (was: SafePolicy): SafePolicy => ({ ...was, models: [aaguid] })
    const manifest: Manifest = {
      ...world.manifest,
      models: [{ aaguid, name: 'Good key', roots: ['AAAA'] }],
      safes: world.manifest.safes.map((safe) => ({ ...safe, policy: policy(safe.policy) })),
      persons: world.manifest.persons.map((person) => ({
        ...person,
        keys: person.keys.map((key) => ({ ...key, aaguid, attestation: { format: 'packed', model: 'Good key' } })),
      })),
    }
    const challenge = fromBase64Url(manifestHash(nodePrimitives, manifest))
    const manifests = [{ manifest, signatures: world.custodians.map((person) => tapBy(person, challenge)) }]
    const { vault, station, wraps } = world
    const about = { operation: newId(), vault, vaultName: 'Test vault', station, manifests }
    const harness = startHarness({ kind: 'add-key', ...about, person: world.custodians[0]!.id, label: 'soft', wraps })
    expect(await harness.ended).toEqual({ result: 'failed', code: 'POLICY_INVALID' })
    expect(harness.opened).toEqual([])
  })
})

describe('a record sealed with a key that was struck off since', () => {
  const sealedLine = async (world: World, sealed: ReturnType<typeof sealIn>): Promise<unknown> => {
    const harness = startHarness(requestJob(world, sealed))
    harness.tap.touch(keyOf(world.requester))
    await harness.tap.feedback()
    const line = harness.tap.views[0]?.lines.find(({ label }) => label === 'Sealed')
    await harness.end('app-quit')
    return line?.value
  }

  it('opens, and everybody who taps reads of it', async () => {
    const world = createWorld({ n: 3, k: 2, firstKeys: 2 })
    const [ann, bob, carol] = world.custodians
    const persons = world.manifest.persons.map((person) =>
      person.id === ann!.id ? { ...person, keys: person.keys.slice(1) } : person,
    )
    const manifest: Manifest = { ...world.manifest, version: 2, previous: world.manifestHash, persons }
    const hash = manifestHash(nodePrimitives, manifest)
    const signatures = [bob!, carol!].map((person) => tapBy(person, fromBase64Url(hash)))
    const after = { ...world, manifests: [...world.manifests, { manifest, signatures }], manifestHash: hash, manifest }
    const sealed = sealIn(world, [field('password', 'planted')])
    expect(await sealedLine(after, sealed)).toBe(`by ${ann!.name}, with a key that has been struck off since`)
    expect(await sealedLine(world, sealed)).toBeUndefined()
  })
})
