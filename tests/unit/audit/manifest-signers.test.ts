/** Who must sign a change of the manifest: what one person may do alone, and that nothing else passes for it. */
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { createSigning, signingRule } from '../../../shared/audit/manifest-signers.ts'
import { checkManifestRules, manifestHash, verifyManifestChain } from '../../../shared/audit/manifest.ts'
import { fromBase64Url, toBase64Url } from '../../../shared/bytes.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import type { Tap } from '../../../shared/domain/tap.ts'
import { createTestSecurityKey, type TestSecurityKey } from './test-keys.ts'
import type { TestPerson } from './test-people.ts'
import { createTestVault } from './test-vault.ts'

type Bendable<T> = { -readonly [K in keyof T]: T[K] extends object | null ? Bendable<T[K]> : T[K] }
type Change = (next: Bendable<Manifest>) => void

function begin(options: { readonly model?: string } = {}) {
  const vault = createTestVault({ seed: 'signers', custodians: 3, ...options })
  vault.setUp()
  const [first] = vault.chain
  const [ada, grace, edsger] = vault.people
  if (first === undefined || ada === undefined || grace === undefined || edsger === undefined) throw new Error('set-up')
  const previous = first.manifest

  /** The next version: the one before, as `change` leaves it. */
  function next(change: Change): Manifest {
    const draft = structuredClone(previous) as Bendable<Manifest>
    Object.assign(draft, { version: 2, previous: manifestHash(nodePrimitives, previous), createdAt: vault.log.now() })
    change(draft)
    return draft
  }

  function verdictOf(manifest: Manifest, signers: readonly (readonly [TestPerson, TestSecurityKey])[]): string {
    const challenge = fromBase64Url(manifestHash(nodePrimitives, manifest))
    const signatures: Tap[] = signers.map(([person, key]) => ({
      person: person.id,
      key: key.credentialId,
      assertion: key.tap(challenge),
    }))
    const verdict = verifyManifestChain(nodePrimitives, [first!, { manifest, signatures }])
    return verdict.ok ? 'ok' : verdict.problem.code
  }
  const makeKey = () => {
    const key = createTestSecurityKey(vault.log.bytes)
    const listed = { ...structuredClone(previous.persons[0]!.keys[0]!), ...key, label: 'green' }
    const { credentialId, publicKey, label, aaguid, transports, enrolledAt } = listed
    return { key, listed: { credentialId, label, publicKey, aaguid, transports, enrolledAt } }
  }
  return { previous, ada, grace, edsger, next, verdictOf, makeKey }
}

const firstKey = (person: TestPerson): TestSecurityKey => person.keys[0]!

describe("one person's own keys", () => {
  it('are added and renamed with one signature, by that person', () => {
    const { ada, grace, next, verdictOf, makeKey, previous } = begin()
    const added = makeKey()
    const cases: Change[] = [
      (m) => m.persons[1]!.keys.push(added.listed),
      (m) => m.persons[1]!.keys.push(added.listed, makeKey().listed),
      (m) => (m.persons[1]!.keys[0]!.label = 'in the safe'),
      (m) => {
        m.persons[1]!.keys[0]!.label = 'in the safe'
        m.persons[1]!.keys.push(added.listed)
      },
    ]
    for (const change of cases) {
      const manifest = next(change)
      expect(signingRule(previous, manifest)).toEqual({ kind: 'own-keys', person: grace.id })
      expect(verdictOf(manifest, [[grace, firstKey(grace)]])).toBe('ok')
      // Nobody signs for somebody else, nobody beside them, and a quorum does not either.
      expect(verdictOf(manifest, [])).toBe('manifest-quorum-missing')
      expect(verdictOf(manifest, [[ada, firstKey(ada)]])).toBe('manifest-quorum-missing')
      expect(verdictOf(manifest, [[grace, firstKey(grace)], [ada, firstKey(ada)]])).toBe('manifest-quorum-missing') // prettier-ignore
    }
    // The key that is added signs for nothing, least of all for itself.
    expect(verdictOf(next((m) => m.persons[1]!.keys.push(added.listed)), [[grace, added.key]])).toBe('manifest-quorum-missing') // prettier-ignore
  })

  it('are no cover for anything else', () => {
    const { ada, grace, edsger, next, verdictOf, makeKey, previous } = begin()
    const added = makeKey().listed
    const elsewhere = toBase64Url(new Uint8Array(32).fill(7))
    const own: Change = (m) => m.persons[1]!.keys.push(added)
    const cases: [string, Change][] = [
      ['nothing', () => undefined],
      ["somebody else's key", (m) => m.persons[0]!.keys.push(makeKey().listed)],
      ["somebody else's label", (m) => (m.persons[0]!.keys[0]!.label = 'other')],
      ['role', (m) => m.persons[1]!.roles.push('lead')],
      ['own name', (m) => (m.persons[1]!.name = 'Grace II')],
      ['threshold', (m) => (m.safes[0]!.threshold = 3)],
      ['quorum', (m) => (m.quorum = 3)],
      ['policy', (m) => (m.safes[0]!.policy.copyAllowed = false)],
      ['custody', (m) => (m.safes[0]!.custodians[0]!.publicKey = elsewhere)],
      ['own custody', (m) => (m.safes[0]!.custodians[1]!.publicKey = elsewhere)],
      ['sinks', (m) => (m.sinks = [{ id: m.vault, name: 'x', kind: 'folder', path: '/mnt' }])],
      ['models', (m) => (m.models = [{ aaguid: added.aaguid, name: 'x', roots: ['AAAA'] }])],
      ['station', (m) => (m.stations[0]!.firstKey = elsewhere)],
      ['vault name', (m) => (m.name = 'Other')],
      ['public key under a known id', (m) => Object.assign(m.persons[1]!.keys[0]!, { publicKey: added.publicKey })],
      ['id over a known public key', (m) => (m.persons[1]!.keys[0]!.credentialId = makeKey().listed.credentialId)],
      ['transports', (m) => (m.persons[1]!.keys[0]!.transports = [])],
      ['time of enrolment', (m) => (m.persons[1]!.keys[0]!.enrolledAt = m.createdAt)],
      ['attestation', (m) => (m.persons[1]!.keys[0]!.attestation = { format: 'packed', model: 'x' })],
      ['a new key in front of the old', (m) => m.persons[1]!.keys.reverse()],
      ['people in another order', (m) => m.persons.reverse()],
    ]
    for (const [what, change] of cases) {
      const manifest = next((m) => {
        own(m)
        change(m)
      })
      // A model of key that no safe names breaks a rule of its own.
      if (what !== 'nothing' && what !== 'models') {
        expect(checkManifestRules(manifest), what).toBeNull()
        expect(signingRule(previous, manifest).kind, what).toBe('quorum')
        expect(verdictOf(manifest, [[grace, firstKey(grace)]]), what).toBe('manifest-quorum-missing')
        expect(verdictOf(manifest, [[ada, firstKey(ada)], [edsger, firstKey(edsger)]]), what).toBe('ok') // prettier-ignore
      }
      // Without the key beside it: nothing of it is for Grace alone either.
      const alone = signingRule(previous, next(change))
      expect(alone.kind === 'own-keys' && alone.person === grace.id, what).toBe(false)
    }
    expect(
      signingRule(
        previous,
        next((m) => (m.persons[0]!.keys[0]!.label = 'x')),
      ),
    ).toMatchObject({ person: ada.id })
    const lost = next((m) => m.persons[1]!.keys.pop())
    expect(signingRule(previous, lost).kind).toBe('quorum')
    // The same chain as before: a version in which nothing changes is not somebody's to push through.
    expect(
      signingRule(
        previous,
        next(() => undefined),
      ).kind,
    ).toBe('quorum')
  })

  it('of a person without any are a matter for the quorum: nobody is there who could sign', () => {
    const { previous, next, makeKey, ada, grace } = begin()
    const nobody = { ...structuredClone(previous.persons[0]!), id: previous.vault, name: 'Nobody', keys: [] }
    const without = { ...previous, persons: [...previous.persons, nobody] }
    const manifest = next((m) => m.persons.push({ ...nobody, roles: [...nobody.roles], keys: [makeKey().listed] }))
    const { rule, refuse } = createSigning(without, manifest)
    expect(rule.kind).toBe('quorum')
    expect(refuse(nobody.id, manifest.persons.at(-1)!.keys[0]!.credentialId)).toBe('TAP_NOT_CUSTODIAN')
    for (const person of [ada, grace]) expect(refuse(person.id, firstKey(person).credentialId)).toBeNull()
  })
})

describe('a safe that names models of key', () => {
  const model = 'aaaaaaaa-0000-0000-0000-000000000001'
  it('gets no further key of a custodian on that custodian’s word alone, but the new name of one', () => {
    const { previous, ada, grace, next, verdictOf, makeKey } = begin({ model })
    const claimed = { ...makeKey().listed, aaguid: model, attestation: { format: 'packed', model: 'Good key' } }
    const added = next((m) => m.persons[1]!.keys.push(claimed))
    expect(checkManifestRules(added)).toBeNull()
    expect(signingRule(previous, added).kind).toBe('quorum')
    expect(verdictOf(added, [[grace, firstKey(grace)]])).toBe('manifest-quorum-missing')
    expect(verdictOf(added, [[ada, firstKey(ada)], [grace, firstKey(grace)]])).toBe('ok') // prettier-ignore
    const renamed = next((m) => (m.persons[1]!.keys[0]!.label = 'in the safe'))
    expect(verdictOf(renamed, [[grace, firstKey(grace)]])).toBe('ok')
  })

  it('is nothing to people who hold no share of it', () => {
    const { previous, next, makeKey } = begin({ model })
    const leave: Change = (m) => {
      m.safes[0]!.custodians.pop()
      m.persons[2]!.roles = ['requester']
    }
    const before = { ...next(leave), version: 1 }
    const added = next((m) => {
      leave(m)
      m.persons[2]!.keys.push(makeKey().listed)
    })
    expect(signingRule(before, added)).toEqual({ kind: 'own-keys', person: previous.persons[2]!.id })
  })
})

describe('a key that is struck off', () => {
  it('has no say in that; its owner’s other key has', () => {
    const { ada, grace, next, verdictOf, makeKey, previous } = begin()
    const other = makeKey()
    // Ada's first key goes while another one, of which the version before knows nothing, comes.
    const swapped = next((m) => m.persons[0]!.keys.splice(0, 1, other.listed))
    const votes = (key: TestSecurityKey) =>
      [
        [ada, key],
        [grace, firstKey(grace)],
      ] as const
    expect(verdictOf(swapped, votes(firstKey(ada)))).toBe('manifest-quorum-missing')
    expect(verdictOf(swapped, votes(other.key))).toBe('manifest-quorum-missing')
    expect(createSigning(previous, swapped).refuse(ada.id, firstKey(ada).credentialId)).toBe('TAP_KEY_UNKNOWN')
    expect(createSigning(previous, swapped).refuse(grace.id, firstKey(grace).credentialId)).toBeNull()
    const kept = next((m) => m.persons[0]!.keys.push(other.listed) && m.persons[1]!.keys.push(makeKey().listed))
    expect(verdictOf(kept, votes(firstKey(ada)))).toBe('ok')
  })

  it('has one when its owner leaves altogether', () => {
    const { ada, grace, next, verdictOf } = begin()
    const left = next((m) => {
      m.persons.shift()
      m.safes[0]!.custodians = m.safes[0]!.custodians.slice(1).map((one, at) => ({ ...one, index: at + 1 }))
    })
    expect(verdictOf(left, [[ada, firstKey(ada)], [grace, firstKey(grace)]])).toBe('ok') // prettier-ignore
  })
})

describe('a change while it is signed', () => {
  it('counts people of the version before, then is complete', () => {
    const { previous, ada, grace, edsger, next } = begin()
    const signing = createSigning(
      previous,
      next((m) => (m.name = 'Other')),
    )
    const refuse = (person: TestPerson): string | null => signing.refuse(person.id, firstKey(person).credentialId)
    expect(signing.progress()).toEqual({ have: 0, need: 2 })
    expect(signing.refuse(ada.id, firstKey(grace).credentialId)).toBe('TAP_KEY_UNKNOWN')
    expect(signing.refuse(previous.vault, firstKey(grace).credentialId)).toBe('TAP_NOT_CUSTODIAN')
    expect(refuse(ada)).toBeNull()
    signing.add(ada.id)
    expect(refuse(ada)).toBe('TAP_PERSON_ALREADY_COUNTED')
    expect(refuse(grace)).toBeNull()
    signing.add(grace.id)
    expect(signing.progress()).toEqual({ have: 2, need: 2 })
    expect(refuse(edsger)).toBe('TAP_AFTER_QUORUM')
  })

  it('of own keys is for its owner', () => {
    const { previous, ada, grace, next, makeKey } = begin()
    const { listed } = makeKey()
    const signing = createSigning(
      previous,
      next((m) => m.persons[1]!.keys.push(listed)),
    )
    expect(signing.refuse(ada.id, firstKey(ada).credentialId)).toBe('TAP_NOT_THIS_PERSON')
    expect(signing.refuse(grace.id, listed.credentialId)).toBe('TAP_KEY_UNKNOWN')
    expect(signing.refuse(grace.id, firstKey(grace).credentialId)).toBeNull()
    signing.add(grace.id)
    expect(signing.progress()).toEqual({ have: 1, need: 1 })
  })
})
