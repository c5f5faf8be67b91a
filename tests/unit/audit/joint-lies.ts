/**
 * Lies about what several people did together, and about records that were sealed anew or destroyed. Chain, tree, ratchet and
 * checkpoints are perfect. Both verifiers are held to what is expected here.
 */
import type { EntryData } from '../../../shared/audit/entry.ts'
import type { Problem } from '../../../shared/audit/report.ts'
import type { Resealing } from './test-joints.ts'
import { createByteSource, createTestSecurityKey } from './test-keys.ts'
import { personActor, type SealedCredential, type TestPerson } from './test-people.ts'
import type { TestVault } from './test-vault.ts'

export interface JointScene {
  readonly vault: TestVault
  readonly ada: TestPerson
  readonly grace: TestPerson
  readonly edsger: TestPerson
}

export interface JointLie {
  readonly tell: (scene: JointScene, credential: SealedCredential) => void
  /** What is found first; null: it is the truth. */
  readonly found: Problem['code'] | null
}

/** Edsger leaves, Barbara comes. */
function replace({ vault, ada, grace }: JointScene, bend: Partial<Resealing> = {}): TestPerson {
  const comes = vault.addPerson()
  vault.enrol(comes, 'EdDSA')
  vault.people.splice(2, 1)
  vault.changeManifest([ada, grace, comes], vault.draftManifest(), bend)
  return comes
}

type Resealed = EntryData<'credential.resealed'>

/** Two more credentials, one with an older version, and an entry of them bent. */
const bendEntries =
  (bend: (entries: Resealed[], scene: JointScene) => readonly Resealed[]): JointLie['tell'] =>
  (scene, credential) => {
    const { vault, ada, grace } = scene
    vault.seal(grace, credential)
    vault.seal(ada)
    replace(scene, { entries: (entries) => bend(entries, scene) })
  }

const bendFirst = (change: (entry: Resealed, scene: JointScene) => Partial<Resealed>): JointLie['tell'] =>
  bendEntries((entries, scene) => entries.map((one, at) => (at === 0 ? { ...one, ...change(one, scene) } : one)))

const zeros = 'A'.repeat(43)

/** A second safe beside the first, which only Grace and Edsger open, both together; the credential goes there with all its versions. */
function moveAway({ vault, ada, grace, edsger }: JointScene, credential: SealedCredential): string {
  vault.seal(grace, credential)
  vault.seal(ada)
  const draft = vault.draftManifest()
  const id = vault.log.newId()
  const custodians = [grace, edsger].map(({ id: person }, at) => ({ person, index: at + 1, publicKey: zeros }))
  const safes = draft.safes.flatMap((safe) => [safe, { ...safe, id, name: 'Vault', custodians }])
  const moves: Resealing['moves'] = (one) => (one.credential === credential.id ? id : undefined)
  vault.changeManifest([ada, grace], { ...draft, safes }, { moves })
  return id
}

/** The next version of the manifest, which differs from the last by a name only. */
function renameOnly({ vault }: JointScene): ReturnType<TestVault['draftManifest']> {
  const { version, previous, createdAt } = vault.draftManifest()
  const last = vault.chain.at(-1)?.manifest
  if (last === undefined) throw new Error('no manifest')
  return { ...last, version, previous, createdAt, name: 'Example Power and Light' }
}

const moveBack =
  (signers: (scene: JointScene) => TestPerson[], versions: readonly number[] = [1, 2]): JointLie['tell'] =>
  (scene, credential) => {
    const { vault } = scene
    moveAway(scene, credential)
    vault.changeManifest(signers(scene), renameOnly(scene), {
      moves: (one) => (one.credential === credential.id && versions.includes(one.version) ? vault.safe : undefined),
    })
  }

export const jointLies: Readonly<Record<string, JointLie>> = {
  'the truth about a change of custodians': {
    found: null,
    tell: (scene, credential) => {
      const { vault, ada, grace } = scene
      vault.seal(grace, credential)
      vault.seal(ada)
      const comes = replace(scene)
      vault.reveal(ada, credential, [comes, ada])
      vault.destroy(grace, credential.id, 1)
      vault.prove([comes, grace], [credential])
      vault.seal(comes, credential)
      replace(scene)
      vault.prove([ada, grace], [credential])
    },
  },
  'the truth about a change that was given up': {
    found: null,
    tell: ({ vault, ada, grace }, { id, version, record }) => {
      const leaf = { kind: 'reshare' as const, next: { version: 2, hash: zeros }, records: 1, root: zeros }
      vault.signJoint(vault.openJoint(leaf), ada)
      vault.log.rotate()
      vault.seal(grace, { id, name: 'Root of the core switch', version, record })
    },
  },

  'the truth about a credential that goes to another safe and back': {
    found: null,
    tell: moveBack(({ grace, edsger }) => [grace, edsger]),
  },

  'a credential moves, and too few of those who held it have signed': {
    found: 'joint-incomplete',
    tell: moveBack(({ ada, grace }) => [ada, grace]),
  },
  'a credential moves, and a version of it stays behind': {
    found: 'joint-incomplete',
    tell: moveBack(({ grace, edsger }) => [grace, edsger], [2]),
  },
  'a credential moves, and its newest version stays behind': {
    found: 'joint-incomplete',
    tell: moveBack(({ grace, edsger }) => [grace, edsger], [1]),
  },
  'records change hands, and too few of those who held them have signed': {
    found: 'joint-incomplete',
    tell: (scene, credential) => {
      const { vault, ada, grace, edsger } = scene
      const id = moveAway(scene, credential)
      const next = renameOnly(scene)
      const safes = next.safes.map((safe) =>
        safe.id === id
          ? { ...safe, custodians: [...safe.custodians, { person: ada.id, index: 3, publicKey: zeros }] }
          : safe,
      )
      vault.changeManifest([ada, grace], { ...next, safes }, { checkers: [ada, grace, edsger] })
    },
  },
  'custodians change and nothing is sealed anew': {
    found: 'joint-incomplete',
    tell: (scene) => {
      replace(scene, { entries: () => [] })
    },
  },
  'one version is left behind': { found: 'joint-incomplete', tell: bendEntries((entries) => entries.slice(1)) },
  'one is in it that was not checked': {
    found: 'joint-incomplete',
    tell: (scene) => {
      scene.vault.seal(scene.ada)
      replace(scene, { detail: { records: 1 } })
    },
  },
  'another root was checked': {
    found: 'joint-incomplete',
    tell: (scene) => {
      replace(scene, { detail: { root: zeros } })
    },
  },
  'another record than was checked': { found: 'joint-incomplete', tell: bendFirst(() => ({ record: zeros })) },
  'another record was there before': { found: 'joint-incomplete', tell: bendFirst(() => ({ previous: zeros })) },
  'another name': { found: 'joint-incomplete', tell: bendFirst(() => ({ name: 'Something harmless' })) },
  'a version that there never was': { found: 'joint-incomplete', tell: bendFirst(() => ({ version: 9 })) },
  'a safe that is not there': {
    found: 'joint-incomplete',
    tell: bendFirst((_, { vault }) => ({ safe: vault.log.newId() })),
  },
  'another manifest': { found: 'joint-incomplete', tell: bendFirst(() => ({ manifest: zeros })) },
  'an act that there never was': {
    found: 'joint-incomplete',
    tell: bendFirst((_, { vault }) => ({ act: vault.log.newId() })),
  },
  'nobody is said to leave': { found: 'joint-incomplete', tell: bendFirst(() => ({ leavers: [] })) },
  'somebody else is said to leave': {
    found: 'joint-incomplete',
    tell: bendFirst((_, { ada }) => ({ leavers: [ada.id] })),
  },
  'in another order': { found: 'joint-incomplete', tell: bendEntries((entries) => [...entries].reverse()) },
  'something happens between': {
    found: 'joint-incomplete',
    tell: bendEntries((entries, { vault }) => {
      const [first, ...rest] = entries
      if (first === undefined) throw new Error('none')
      vault.log.append('credential.resealed', first)
      vault.log.append('app.opened', { version: '0.1.0' })
      return rest
    }),
  },
  'sealed anew for a manifest that never followed': {
    found: 'joint-incomplete',
    tell: ({ vault }, { id, name, version, record }) => {
      const detail = { kind: 'reshare' as const, next: { version: 2, hash: zeros }, records: 1, root: zeros }
      const { act } = vault.openJoint(detail)
      const what = { credential: id, version, name, safe: vault.safe, previous: record, record: zeros }
      vault.log.append('credential.resealed', { ...what, manifest: zeros, act, leavers: [] })
    },
  },
  'one of the new custodians did not check': {
    found: 'joint-incomplete',
    tell: (scene) => {
      replace(scene, { checkers: [scene.ada, scene.grace] })
    },
  },
  'somebody who leaves checked in the place of somebody who comes': {
    found: 'joint-incomplete',
    tell: (scene) => {
      replace(scene, { checkers: [scene.ada, scene.grace, scene.edsger] })
    },
  },
  'somebody checked with a key of nobody': {
    found: 'tap-key-unknown',
    tell: (scene) => {
      const stranger = { ...scene.grace, keys: [createTestSecurityKey(createByteSource('stranger'))] }
      replace(scene, { checkers: [scene.ada, stranger] })
    },
  },
  'one and the same person checked twice': {
    found: 'joint-incomplete',
    tell: (scene) => {
      replace(scene, { checkers: [scene.ada, scene.grace, scene.grace] })
    },
  },
  'the statement is about another manifest than the next': {
    found: 'tap-statement-mismatch',
    tell: (scene) => {
      replace(scene, { detail: { next: { version: 7, hash: zeros } } })
    },
  },
  'a record that was replaced is asked for': {
    found: 'tap-statement-mismatch',
    tell: (scene, credential) => {
      const { vault, ada } = scene
      const before = { ...credential }
      replace(scene)
      vault.openRequest(ada, before)
    },
  },
  'the old statement vouches once more': {
    found: 'tap-statement-mismatch',
    tell: (scene, credential) => {
      const { vault, ada, grace } = scene
      const statement = vault.prove([ada, grace], [credential])
      vault.signJoint(statement, grace)
    },
  },

  'a proof by one person': {
    found: 'joint-incomplete',
    tell: ({ vault, ada }, credential) => void vault.prove([ada], [credential]),
  },
  'a proof that counts one person twice': {
    found: 'joint-incomplete',
    tell: ({ vault, ada }, credential) =>
      void vault.prove([ada], [credential], { passed: { people: [ada.id, ada.id] } }),
  },
  'a proof that counts somebody who has not tapped': {
    found: 'joint-incomplete',
    tell: ({ vault, ada, grace }, credential) =>
      void vault.prove([ada], [credential], { passed: { people: [ada.id, grace.id] } }),
  },
  'a proof of another safe': {
    found: 'joint-incomplete',
    tell: ({ vault, ada, grace }, credential) =>
      void vault.prove([ada, grace], [credential], { passed: { safe: vault.log.newId() } }),
  },
  'a proof for another purpose': {
    found: 'joint-incomplete',
    tell: ({ vault, ada, grace }, credential) =>
      void vault.prove([ada, grace], [credential], { passed: { purpose: 'rotation' } }),
  },
  'a proof of a statement that nobody opened': {
    found: 'joint-incomplete',
    tell: ({ vault, ada, grace }, credential) =>
      void vault.prove([ada, grace], [credential], { passed: { act: vault.log.newId() } }),
  },
  'a proof passed twice': {
    found: 'joint-incomplete',
    tell: ({ vault, ada, grace }, credential) => {
      const { act } = vault.prove([ada, grace], [credential])
      const people = [ada.id, grace.id]
      vault.log.append('proof.passed', { act, purpose: 'drill', safe: vault.safe, people, durationMs: 1 })
    },
  },
  'a proof of another record': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada, grace }, credential) => void vault.prove([ada, grace], [{ ...credential, record: zeros }]),
  },
  'a proof of an older version': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada, grace }, credential) => {
      const before = { ...credential }
      vault.seal(ada, credential)
      vault.prove([ada, grace], [before])
    },
  },
  'a proof under another name': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada, grace }, credential) => void vault.prove([ada, grace], [{ ...credential, name: 'Other' }]),
  },
  'a proof of another vault': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada, grace }, credential) =>
      void vault.prove([ada, grace], [credential], { statement: { vault: vault.log.newId() } }),
  },
  'a proof under another manifest': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada, grace }, credential) =>
      void vault.prove([ada, grace], [credential], { statement: { manifest: zeros } }),
  },
  'a proof of another history': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada, grace }, credential) => {
      const { size } = vault.log.head()
      vault.prove([ada, grace], [credential], { statement: { head: { size, root: zeros } } })
    },
  },
  'a proof that goes on after a new start': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada, grace }, { id, version, name, record }) => {
      const records = [{ credential: id, version, name, record }]
      const statement = vault.openJoint({ kind: 'prove', purpose: 'drill', safe: vault.safe, records })
      vault.signJoint(statement, ada)
      vault.log.rotate()
      vault.signJoint(statement, grace)
    },
  },

  'the newest version is destroyed': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada }, credential) => {
      vault.destroy(ada, credential.id, 1)
    },
  },
  'a version that there never was is destroyed': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada }, credential) => {
      vault.destroy(ada, credential.id, 5, { record: zeros })
    },
  },
  'another record is destroyed than was approved': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada }, credential) => {
      vault.seal(ada, credential)
      vault.destroy(ada, credential.id, 1, { record: zeros })
    },
  },
  'another version is destroyed than was approved': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada }, credential) => {
      vault.seal(ada, credential)
      vault.seal(ada, credential)
      vault.destroy(ada, credential.id, 1, { version: 2 })
    },
  },
  'somebody destroys who may not': {
    found: 'tap-statement-mismatch',
    tell: (scene, credential) => {
      const { vault, ada, edsger } = scene
      vault.seal(ada, credential)
      const draft = structuredClone(vault.draftManifest())
      const [safe] = draft.safes
      if (safe === undefined) throw new Error('no safe')
      const custodians = safe.custodians.slice(0, 2)
      vault.changeManifest([ada, scene.grace], { ...draft, safes: [{ ...safe, custodians }] })
      vault.destroy(edsger, credential.id, 1)
    },
  },
  'a destroyed version is destroyed again': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada, grace }, credential) => {
      vault.seal(ada, credential)
      vault.destroy(ada, credential.id, 1)
      vault.destroy(grace, credential.id, 1)
    },
  },
  'a destruction in another’s name': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada, grace }, credential) => {
      vault.seal(ada, credential)
      const { id, name } = credential
      const act = vault.writeAct(ada, { kind: 'destroy', credential: id, version: 1, name, record: credential.record })
      vault.log.append('credential.destroyed', { credential: id, version: 1, name, ...act }, personActor(grace))
    },
  },
}
