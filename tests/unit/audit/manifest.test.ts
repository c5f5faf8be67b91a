/** The manifest chain: rules of one version, and who must have signed. */
import { describe, expect, it, vi } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { entryBytesMax, manifestBytesMax, readManifest } from '../../../shared/audit/entry-reader.ts'
import { checkManifestRules, manifestHash, verifyManifestChain } from '../../../shared/audit/manifest.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { fromBase64Url, toHex } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import type { SignedManifest } from '../../../shared/contracts/strongroom.ts'
import { manifestSchema, type Manifest } from '../../../shared/domain/manifest.ts'
import { check } from './check-log.ts'
import type { TestPerson } from './test-people.ts'
import { createTestVault, type TestVault } from './test-vault.ts'

function createVault(options: Partial<Parameters<typeof createTestVault>[0]> = {}): TestVault {
  const vault = createTestVault({ seed: 'manifest', ...options })
  vault.setUp()
  return vault
}

const verify = (chain: readonly SignedManifest[]) => verifyManifestChain(nodePrimitives, chain)
const codeOf = (chain: readonly SignedManifest[]): string => {
  const verdict = verify(chain)
  return verdict.ok ? 'ok' : verdict.problem.code
}

const person = (vault: TestVault, at: number): TestPerson => vault.people[at]!

/** A deep copy that tests may bend. */
type Bendable<T> = { -readonly [K in keyof T]: T[K] extends object | null ? Bendable<T[K]> : T[K] }
const bend = (manifest: Manifest): Bendable<Manifest> => structuredClone(manifest)

describe('rules of a manifest', () => {
  const good = createVault().chain[0]!.manifest

  it('hold for an ordinary one', () => {
    expect(manifestSchema.safeParse(good).success).toBe(true)
    expect(checkManifestRules(good)).toBeNull()
    expect(toHex(fromBase64Url(manifestHash(nodePrimitives, good)))).toBe(
      toHex(challengeOf(nodePrimitives, 'manifest', good)),
    )
  })

  const cases: [string, (manifest: Bendable<Manifest>) => void][] = [
    ['no safe', (m) => (m.safes = [])],
    ['no station', (m) => (m.stations = [])],
    ['an id is used twice', (m) => m.persons.push(m.persons[0]!)],
    ['an id is used twice', (m) => m.safes.push(m.safes[0]!)],
    ['an id is used twice', (m) => m.stations.push(m.stations[0]!)],
    ['listed twice', (m) => (m.persons[0]!.keys[0]!.credentialId = m.persons[1]!.keys[0]!.credentialId)],
    ['listed twice', (m) => m.persons[0]!.keys.push(m.persons[0]!.keys[0]!)],
    ['not listed', (m) => (m.safes[0]!.custodians[0]!.person = m.vault)],
    ['without being a custodian', (m) => (m.persons[0]!.roles = ['requester'])],
    ['without a security key', (m) => (m.persons[0]!.keys = [])],
    ['lists a person twice', (m) => (m.safes[0]!.custodians[1]!.person = m.safes[0]!.custodians[0]!.person)],
    ['share indices', (m) => (m.safes[0]!.custodians[0]!.index = 2)],
    ['share indices', (m) => (m.safes[0]!.custodians[0]!.index = 4)],
    ['more custodians than it has', (m) => (m.safes[0]!.threshold = 4)],
    ['longer than the longest', (m) => (m.safes[0]!.policy.windowSecondsMax = 14)],
    ['quorum is larger', (m) => (m.quorum = 4)],
  ]
  it.each(cases)('say "%s"', (sentence, change) => {
    const manifest = bend(good)
    change(manifest)
    expect(checkManifestRules(manifest as Manifest)).toContain(sentence)
  })
})

describe('the largest that is set up', () => {
  it('is read back: 255 custodians with two keys each in 30 safes are more than an entry may be', async () => {
    const vault = createTestVault({ seed: 'large', checkpointEvery: 1000 })
    vault.log.begin('Example Power')
    const people = Array.from({ length: 255 }, () => vault.addPerson())
    for (const one of people) {
      vault.enrol(one)
      vault.enrol(one)
    }
    const draft = vault.draftManifest()
    const [safe] = draft.safes
    const safes = Array.from({ length: 30 }, (_, at) => ({ ...safe!, id: at === 0 ? safe!.id : vault.log.newId() }))
    vault.changeManifest(people, { ...draft, safes })
    const log = vault.finish()
    expect(log.manifests[0]!.length).toBeGreaterThan(entryBytesMax)
    expect((await check(log)).integrity.problems).toEqual([])
  })

  it('has a bound of its own: no line of a hostile file fills the memory', () => {
    const [first] = createVault().chain
    const signature = first!.signatures[0]!
    const padding = (length: number): Uint8Array => {
      const clientDataJSON = 'A'.repeat(length)
      const assertion = { ...signature.assertion, clientDataJSON }
      return canonicalBytes({ ...first!, signatures: [{ ...signature, assertion }] })
    }
    const room = manifestBytesMax - padding(0).length
    // Too long for the schema either way; but only the longer one is refused before it is parsed.
    const parse = vi.spyOn(JSON, 'parse')
    expect(readManifest(padding(room)).ok).toBe(false)
    expect(parse).toHaveBeenCalledTimes(1)
    expect(readManifest(padding(room + 1)).ok).toBe(false)
    expect(parse).toHaveBeenCalledTimes(1)
    parse.mockRestore()
  })
})

describe('the first version', () => {
  it('is signed by every custodian', () => {
    const [first] = createVault().chain
    expect(verify([first!])).toMatchObject({
      ok: true,
      current: first!.manifest,
      hashes: [manifestHash(nodePrimitives, first!.manifest)],
    })
    expect(codeOf([{ ...first!, signatures: first!.signatures.slice(1) }])).toBe('manifest-quorum-missing')
    expect(codeOf([{ ...first!, signatures: [] }])).toBe('manifest-quorum-missing')
  })

  it('holds no false, foreign or double signature', () => {
    const { manifest, signatures } = createVault().chain[0]!
    const [one, two, three] = signatures
    expect(codeOf([{ manifest, signatures: [...signatures, one!] }])).toBe('manifest-signature-invalid')
    expect(codeOf([{ manifest, signatures: [one!, two!, { ...three!, assertion: one!.assertion }] }])).toBe(
      'manifest-signature-invalid',
    )
    expect(codeOf([{ manifest, signatures: [one!, two!, { ...three!, key: one!.key }] }])).toBe(
      'manifest-signature-invalid',
    )
    const renamed = { ...manifest, name: 'Another Power' }
    expect(codeOf([{ manifest: renamed, signatures }])).toBe('manifest-signature-invalid')
  })

  it('has no predecessor, and there is one', () => {
    const { manifest, signatures } = createVault().chain[0]!
    expect(codeOf([])).toBe('manifest-malformed')
    expect(codeOf([{ manifest: { ...manifest, version: 2 }, signatures }])).toBe('manifest-chain-broken')
    const previous = manifestHash(nodePrimitives, manifest)
    expect(codeOf([{ manifest: { ...manifest, previous }, signatures }])).toBe('manifest-chain-broken')
    expect(codeOf([{ manifest: { ...manifest, safes: [] }, signatures }])).toBe('manifest-malformed')
  })
})

describe('a later version', () => {
  it('is signed by a quorum of the one before', () => {
    const vault = createVault()
    vault.changeManifest([person(vault, 0), person(vault, 2)])
    expect(verify(vault.chain)).toMatchObject({ ok: true, current: { version: 2 } })
    const [first, second] = vault.chain
    expect(codeOf([first!, { ...second!, signatures: second!.signatures.slice(1) }])).toBe('manifest-quorum-missing')
    expect(codeOf([second!])).toBe('manifest-chain-broken')
    expect(codeOf([first!, { ...second!, manifest: { ...second!.manifest, previous: null } }])).toBe(
      'manifest-chain-broken',
    )
    expect(
      codeOf([first!, { ...second!, manifest: { ...second!.manifest, vault: second!.manifest.safes[0]!.id } }]),
    ).toBe('manifest-chain-broken')
  })

  it('is signed by everybody it adds', () => {
    const vault = createVault()
    const added = vault.addPerson()
    vault.enrol(added)
    vault.changeManifest([person(vault, 0), person(vault, 1)])
    expect(codeOf(vault.chain)).toBe('manifest-quorum-missing')
    const other = createVault()
    const joined = other.addPerson()
    other.enrol(joined)
    other.changeManifest([person(other, 0), person(other, 1), joined])
    expect(codeOf(other.chain)).toBe('ok')
    const lonely = createVault()
    const fourth = lonely.addPerson()
    lonely.enrol(fourth)
    lonely.changeManifest([person(lonely, 0), fourth])
    expect(codeOf(lonely.chain)).toBe('manifest-quorum-missing')
  })

  it('is not signed for the old quorum by keys that only the new version lists', () => {
    const vault = createVault()
    const thief = person(vault, 1)
    const [honest] = thief.keys
    thief.keys.length = 0
    vault.enrol(thief)
    thief.keys.push(honest!)
    vault.changeManifest([person(vault, 0), thief])
    expect(codeOf(vault.chain)).toBe('manifest-quorum-missing')
  })
})
