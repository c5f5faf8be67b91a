/**
 * A station that lies: chain, tree, ratchet and checkpoints are perfect, but what the entries say did not happen. Only the
 * taps can tell.
 */
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { fromBase64Url } from '../../../shared/bytes.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { manifestHash } from '../../../shared/audit/manifest.ts'
import { check } from './check-log.ts'
import { begin, firstOf, play, type Scene } from './lying-station.ts'
import { createByteSource, createTestSecurityKey } from './test-keys.ts'
import { personActor, type TestPerson } from './test-people.ts'
import { createTestVault, type TestVault } from './test-vault.ts'

describe('a tap', () => {
  const approveWith = (change: (scene: Scene, challenge: Uint8Array) => Parameters<TestVault['approve']>[2]) =>
    play((scene) => {
      const { vault, ada, grace, credential } = scene
      const statement = vault.openRequest(ada, credential)
      vault.approve(statement, grace, change(scene, challengeOf(nodePrimitives, 'request', statement)))
    })

  it('must be signed by a key of that person', async () => {
    const forged = await approveWith((_, challenge) => ({
      assertion: createTestSecurityKey(createByteSource('forger')).tap(challenge),
    }))
    expect(forged).toEqual(['tap-signature-invalid'])
    const another = await approveWith(({ edsger }, challenge) => ({ assertion: firstOf(edsger.keys).tap(challenge) }))
    expect(another).toEqual(['tap-signature-invalid'])
    const unknown = await play(({ vault, ada, grace, credential }) => {
      const stranger = { ...grace, keys: [createTestSecurityKey(createByteSource('stranger'))] }
      vault.approve(vault.openRequest(ada, credential), stranger)
    })
    expect(unknown).toEqual(['tap-key-unknown'])
  })

  it('must be on this very statement', async () => {
    const wrong = await approveWith(({ grace }) => ({ assertion: firstOf(grace.keys).tap(new Uint8Array(32)) }))
    expect(wrong).toEqual(['tap-statement-mismatch'])
  })

  it('must say what every tap must say', async () => {
    const changes = [
      { flags: 0x04 },
      { flags: 0x01 },
      { flags: 0x0d },
      { origin: 'https://halligan.localhost.example.com' },
      { rpId: 'localhost' },
      { breakSignature: true },
      { clientData: { type: 'webauthn.create' } },
      { clientData: { crossOrigin: true } },
    ]
    for (const change of changes) {
      const codes = await approveWith(({ grace }, challenge) => ({
        assertion: firstOf(grace.keys).tap(challenge, change),
      }))
      expect(codes, JSON.stringify(change)).toEqual(['tap-signature-invalid'])
    }
  })

  it('proves only the person who tapped', async () => {
    const codes = await play(({ vault, ada, grace, credential }) => {
      const statement = vault.openRequest(ada, credential)
      const key = firstOf(grace.keys)
      const assertion = key.tap(challengeOf(nodePrimitives, 'request', statement))
      const tap = { person: grace.id, key: key.credentialId, assertion }
      const rest = {
        operation: statement.request,
        request: statement.request,
        counts: true,
        signCount: 1,
        signCountWentBack: false,
      }
      vault.log.append('tap.accepted', { ...rest, ...tap }, personActor(ada))
    })
    expect(codes).toEqual(['tap-statement-mismatch'])
  })

  it('without a request is held to its own words', async () => {
    const accept = ({ vault, grace }: Scene, breakSignature: boolean): void => {
      const key = firstOf(grace.keys)
      vault.log.append(
        'tap.accepted',
        {
          operation: vault.log.newId(),
          request: null,
          person: grace.id,
          key: key.credentialId,
          assertion: key.tap(new Uint8Array(32).fill(7), { breakSignature }),
          counts: true,
          signCount: 1,
          signCountWentBack: false,
        },
        personActor(grace),
      )
    }
    expect(await play((scene) => accept(scene, false))).toEqual([])
    expect(await play((scene) => accept(scene, true))).toEqual(['tap-signature-invalid'])
  })
})

describe('a statement', () => {
  const openWith = (change: (scene: Scene) => Partial<ReturnType<TestVault['draftRequest']>>) =>
    play((scene) => {
      const { vault, ada, credential } = scene
      vault.openRequest(ada, credential, { ...vault.draftRequest(ada, credential), ...change(scene) })
    })

  it('must be about this vault, station, manifest, safe and record', async () => {
    const id = createTestVault({ seed: 'elsewhere' }).log.newId()
    const hash = manifestHash(nodePrimitives, begin({ seed: 'elsewhere' }).vault.draftManifest())
    expect(await openWith(() => ({}))).toEqual([])
    expect(await openWith(() => ({ vault: id }))).toEqual(['tap-statement-mismatch'])
    expect(await openWith(() => ({ station: id }))).toEqual(['tap-statement-mismatch'])
    expect(await openWith(() => ({ manifest: hash }))).toEqual(['tap-statement-mismatch'])
    expect(await openWith(() => ({ record: hash }))).toEqual(['tap-statement-mismatch'])
    expect(await openWith(() => ({ version: 2 }))).toEqual(['tap-statement-mismatch'])
    expect(await openWith(() => ({ requester: id }))).toEqual(['tap-statement-mismatch'])
    expect(await openWith(() => ({ safe: id }))).toEqual(['tap-statement-mismatch', 'tap-statement-mismatch'])
  })

  it('must co-sign a head that this log really had', async () => {
    expect(await openWith(({ vault }) => ({ head: { ...vault.log.head(), root: vault.log.nonce() } }))).toEqual([
      'tap-statement-mismatch',
    ])
    expect(await openWith(({ vault }) => ({ head: { ...vault.log.head(), size: 999 } }))).toEqual([
      'tap-statement-mismatch',
    ])
  })

  it('cannot be entered a second time with its old taps', async () => {
    const codes = await play(({ vault, ada, grace, edsger, credential }) => {
      const first = vault.openRequest(ada, credential)
      const taps = [ada, grace, edsger].map((person) => ({
        person,
        assertion: firstOf(person.keys).tap(challengeOf(nodePrimitives, 'request', first)),
      }))
      for (let round = 0; round < 2; round++) {
        if (round === 1) vault.openRequest(ada, credential, first)
        for (const { person, assertion } of taps) vault.approve(first, person, { assertion })
        vault.grant(first, [grace, edsger])
        vault.log.append('window.closed', { request: first.request, reason: 'time-elapsed', openedMs: 120_000 })
      }
    })
    expect(codes).toEqual(['tap-statement-mismatch'])
  })

  it('of an act must say what the entry says', async () => {
    const classified = await play(({ vault, ada, grace, edsger, credential }) => {
      const [first, second] = [1, 2].map(() => vault.reveal(ada, credential, [grace, edsger]).request)
      const detail = { ...vault.useOf(first!), kind: 'classify' as const, request: first!, outcome: 'drill' as const }
      const act = vault.writeAct(ada, { ...detail, note: '' })
      vault.log.append('request.classified', { request: second!, ...act }, personActor(ada))
    })
    expect(classified).toEqual(['tap-statement-mismatch'])
    const sealed = await play(({ vault, ada, credential }) => {
      const what = { credential: credential.id, version: 2, safe: vault.safe, name: 'Root', record: vault.log.nonce() }
      const act = vault.writeAct(ada, { kind: 'seal', ...what })
      const entry = { ...what, record: vault.log.nonce(), kind: 'login' as const }
      vault.log.append('credential.sealed', { ...entry, ...act }, personActor(ada))
    })
    expect(sealed).toEqual(['tap-statement-mismatch'])
    const exported = await play(({ vault, ada }) => {
      const { size, root } = vault.log.head()
      const signed = vault.writeAct(ada, { kind: 'export', size: size - 1, root })
      vault.log.append('export.made', { size, root, digest: vault.log.nonce(), signed }, personActor(ada))
    })
    expect(exported).toEqual(['tap-statement-mismatch'])
    const elsewhere = await play(({ vault }) => {
      vault.log.append('export.made', { size: 3, root: vault.log.nonce(), digest: vault.log.nonce(), signed: null })
    })
    expect(elsewhere).toEqual(['head-mismatch'])
  })

  it('of a classification shows the request as it was', async () => {
    type Change = (scene: Scene) => Parameters<TestVault['classify']>[2]
    const classifyWith = (change: Change) =>
      play((scene) => {
        const { vault, ada, grace, edsger, credential } = scene
        const { request } = vault.reveal(ada, credential, [grace, edsger])
        vault.log.rotate()
        vault.classify(edsger, request, change(scene))
      })
    expect(await classifyWith(() => ({}))).toEqual([])
    const lies: Change[] = [
      ({ vault }) => ({ credential: vault.log.newId() }),
      () => ({ credentialName: 'Coffee machine' }),
      () => ({ version: 2 }),
      ({ grace }) => ({ requester: grace.id }),
      ({ vault }) => ({ grantedAt: vault.log.now() }),
    ]
    for (const lie of lies) expect(await classifyWith(lie)).toEqual(['tap-statement-mismatch'])
  })

  it('of a classification is about a request that was granted', async () => {
    const codes = await play(({ vault, ada, grace, edsger, credential }) => {
      const use = vault.useOf(vault.reveal(ada, credential, [grace, edsger]).request)
      const { request } = vault.openRequest(ada, credential)
      const act = vault.writeAct(ada, { kind: 'classify', request, ...use, outcome: 'drill', note: '' })
      vault.log.append('request.classified', { request, ...act }, personActor(ada))
    })
    expect(codes).toEqual(['tap-statement-mismatch'])
  })

  it('of a request is about the credential by the name it was sealed with', async () => {
    const codes = await play(({ vault, ada, credential }) => {
      vault.openRequest(ada, { ...credential, name: 'Coffee machine' })
    })
    expect(codes).toEqual(['tap-statement-mismatch'])
  })

  it('of a seal cannot go back to an earlier version', async () => {
    const codes = await play(({ vault, ada, credential }) => {
      vault.seal(ada, credential)
      credential.version = 0
      vault.seal(ada, credential)
    })
    expect(codes).toEqual(['tap-statement-mismatch'])
  })
})

describe('the manifest', () => {
  it('must come with the log', async () => {
    const { vault } = begin()
    const log = vault.finish()
    const { integrity } = await check({ ...log, manifests: [] })
    expect(integrity.problems[0]).toMatchObject({ code: 'manifest-not-in-log' })
  })

  it('must be in the log, with exactly its signatures', async () => {
    const { vault, ada, grace } = begin()
    const log = vault.finish()
    vault.changeManifest([ada, grace])
    const later = vault.finish()
    expect((await check({ ...log, manifests: later.manifests })).integrity.problems).toMatchObject([
      { code: 'manifest-not-in-log' },
    ])
    const three = begin({ seed: 'three' })
    three.vault.changeManifest()
    const chain = three.vault.chain
    chain[1]!.signatures.pop()
    expect((await check(three.vault.finish())).integrity.problems).toMatchObject([{ code: 'manifest-not-in-log' }])
  })

  it('adds only keys that were enrolled in the log', async () => {
    const codes = await play(({ vault, grace }) => {
      grace.keys.push(createTestSecurityKey(createByteSource('smuggled')))
      vault.changeManifest([grace])
    })
    expect(codes).toEqual(['manifest-not-in-log'])
  })

  it('takes signatures of a change that was given up, and nothing else in their place', async () => {
    const abandon = (
      vault: TestVault,
      signers: readonly TestPerson[],
      bend = (tap: Tap, _hash: string): Tap => tap,
    ): void => {
      const draft = { ...vault.draftManifest(), name: 'Given up' }
      const hash = manifestHash(nodePrimitives, draft)
      for (const { id, name, keys } of signers) {
        const key = firstOf(keys)
        const tap = bend({ person: id, key: key.credentialId, assertion: key.tap(fromBase64Url(hash)) }, hash)
        vault.log.append('manifest.signed', { version: draft.version, hash, ...tap }, personActor({ id, name, keys }))
      }
    }
    const honest = await play(({ vault, ada, grace, edsger }) => {
      abandon(vault, [ada, grace])
      vault.changeManifest([grace, edsger])
      abandon(vault, [ada])
    })
    expect(honest).toEqual([])
    // They bind nothing, but they are held to what they say: the challenge is the hash beside them.
    const forged = await play(({ vault, ada, grace }) => {
      const key = firstOf(grace.keys)
      abandon(vault, [ada], (tap, hash) => ({ ...tap, assertion: key.tap(fromBase64Url(hash)) }))
    })
    expect(forged).toEqual(['tap-signature-invalid'])
    const other = await play(({ vault, ada }) => {
      abandon(vault, [ada], (tap) => ({ ...tap, assertion: firstOf(ada.keys).tap(new Uint8Array(32)) }))
    })
    expect(other).toEqual(['tap-statement-mismatch'])
  })

  it('counts a signature of a later version that was recorded before its turn', async () => {
    const { vault, ada, grace } = begin({ seed: 'early' })
    const second = { ...vault.draftManifest(), name: 'Second' }
    const secondHash = manifestHash(nodePrimitives, second)
    const third = { ...second, version: 3, previous: secondHash, name: 'Third' }
    const thirdHash = manifestHash(nodePrimitives, third)
    const sign = (version: number, hash: string): Tap[] =>
      [ada, grace].map((person) => {
        const key = firstOf(person.keys)
        const tap = { person: person.id, key: key.credentialId, assertion: key.tap(fromBase64Url(hash)) }
        vault.log.append('manifest.signed', { version, hash, ...tap }, personActor(person))
        return tap
      })
    const early = sign(3, thirdHash)
    vault.chain.push({ manifest: second, signatures: sign(2, secondHash) })
    vault.log.append('manifest.changed', { version: 2, hash: secondHash })
    vault.chain.push({ manifest: third, signatures: early })
    vault.log.append('manifest.changed', { version: 3, hash: thirdHash })
    expect((await check(vault.finish())).integrity.problems).toEqual([])
  })

  it('takes a re-planned set-up: signatures of a draft that never came into force', async () => {
    const vault = createTestVault({ seed: 'replan' })
    vault.log.begin('Example Power')
    for (let at = 0; at < 3; at++) vault.enrol(vault.addPerson())
    const draft = vault.draftManifest()
    const ada = firstOf(vault.people)
    const key = firstOf(ada.keys)
    const hash = manifestHash(nodePrimitives, draft)
    const assertion = key.tap(challengeOf(nodePrimitives, 'manifest', draft))
    vault.log.append(
      'manifest.signed',
      { version: 1, hash, person: ada.id, key: key.credentialId, assertion },
      personActor(ada),
    )
    vault.enrol(firstOf(vault.people))
    vault.changeManifest()
    expect((await check(vault.finish())).integrity.problems).toEqual([])
  })
})
