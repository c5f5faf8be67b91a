/** What a station could make up: told to both verifiers. */
import { ceremonyLies } from '../unit/audit/ceremony-lies.ts'
import { delayTruths } from '../unit/audit/delay-truths.ts'
import { jointLies } from '../unit/audit/joint-lies.ts'
import { personActor, type TestPerson } from '../unit/audit/test-people.ts'
import { versionLies } from '../unit/audit/version-lies.ts'
import { createTestVault, type TestVault } from '../unit/audit/test-vault.ts'

export interface Scene {
  readonly vault: TestVault
  readonly ada: TestPerson
  readonly grace: TestPerson
  readonly edsger: TestPerson
}
export type Lie = (scene: Scene, credential: ReturnType<TestVault['seal']>) => void

/** Structure, ratchet and checkpoints are perfect in all of them; only taps, manifests and statements can tell. */
export const truths = new Set(['nothing but the truth', 'a key added by a quorum', 'a name changed alone'])
export const lies: Readonly<Record<string, Lie>> = {
  'nothing but the truth': ({ vault, ada, grace, edsger }, credential) => {
    vault.classify(ada, vault.reveal(ada, credential, [grace, edsger]).request)
    vault.log.rotate()
    vault.changeManifest([ada, grace])
    vault.makeExport(grace)
    vault.enrol(grace)
    vault.changeManifest([grace])
    const key = grace.keys[0]?.credentialId ?? ''
    const drill = vault.writeAct(grace, { kind: 'key-drill', key, safes: [vault.safe] })
    vault.log.append(
      'drill.passed',
      { kind: 'key', ...drill, signCount: 1, signCountWentBack: false },
      personActor(grace),
    )
    const passphrase = vault.writeAct(grace, { kind: 'passphrase', key, safes: [vault.safe] })
    vault.log.append('passphrase.changed', passphrase, personActor(grace))
    vault.makeExport(grace)
  },
  'a grant by one person': ({ vault, ada, grace }, credential) => void vault.reveal(ada, credential, [grace], 0),
  'a grant that counts one person twice': ({ vault, ada, grace }, credential) =>
    void vault.reveal(ada, credential, [grace, grace], 0),
  'a grant without one of its taps': ({ vault, ada, grace, edsger }, credential) => {
    const statement = vault.openRequest(ada, credential)
    vault.approveAll(statement, [grace])
    vault.grant(statement, [grace, edsger])
  },
  'a grant without a tap of the person who asked': ({ vault, ada, grace, edsger }, credential) => {
    const statement = vault.openRequest(ada, credential)
    for (const person of [grace, edsger]) vault.approve(statement, person)
    vault.grant(statement, [grace, edsger])
  },
  'a grant after request.failed': ({ vault, ada, grace, edsger }, credential) => {
    const statement = vault.openRequest(ada, credential)
    vault.approveAll(statement, [grace, edsger])
    const { request } = statement
    vault.log.append('request.failed', { request, code: 'SHARE_WRONG', custodian: grace.id })
    vault.grant(statement, [grace, edsger])
  },
  'a tap for another statement': ({ vault, ada, grace }, credential) => {
    const [key] = grace.keys
    const assertion = key?.tap(new Uint8Array(32))
    vault.approve(vault.openRequest(ada, credential), grace, assertion === undefined ? {} : { assertion })
  },
  'a tap by a key that was only enrolled': ({ vault, ada, grace }, credential) => {
    const forged = { ...grace, keys: [] }
    vault.enrol(forged)
    vault.approve(vault.openRequest(ada, credential), forged)
  },
  'a field shown after the window': ({ vault, ada, grace, edsger }, credential) => {
    const statement = vault.openRequest(ada, credential)
    vault.approveAll(statement, [grace, edsger])
    vault.grant(statement, [grace, edsger])
    vault.log.wait(126_000)
    vault.show(statement)
  },
  'a field shown after a new start': ({ vault, ada, grace, edsger }, credential) => {
    const statement = vault.openRequest(ada, credential)
    vault.approveAll(statement, [grace, edsger])
    vault.grant(statement, [grace, edsger])
    vault.log.rotate()
    vault.show(statement)
  },
  'a field shown to somebody else': ({ vault, ada, grace, edsger }, credential) => {
    const statement = vault.openRequest(ada, credential)
    vault.approveAll(statement, [grace, edsger])
    vault.grant(statement, [grace, edsger])
    vault.show(statement, 0, personActor(edsger))
  },
  'an old statement with its old taps': ({ vault, ada, grace, edsger }, credential) => {
    vault.openRequest(ada, credential, vault.reveal(ada, credential, [grace, edsger]))
  },
  'a statement that co-signs another history': ({ vault, ada }, credential) => {
    const head = { ...vault.log.head(), root: vault.log.nonce() }
    vault.openRequest(ada, credential, { ...vault.draftRequest(ada, credential), head })
  },
  'a record that was not sealed': ({ vault, ada }, credential) => {
    vault.openRequest(ada, credential, { ...vault.draftRequest(ada, credential), record: vault.log.nonce() })
  },
  'a version that was sealed before': ({ vault, ada }, credential) => {
    credential.version = 0
    vault.seal(ada, credential)
  },
  'a manifest without its quorum': ({ vault, ada }) => {
    vault.changeManifest([ada])
  },
  'a manifest with a key from nowhere': ({ vault, grace }) => {
    const stranger = createTestVault({ seed: 'stranger' })
    const person = stranger.addPerson()
    stranger.log.begin('Elsewhere')
    stranger.enrol(person)
    grace.keys.push(...person.keys)
    vault.changeManifest([grace])
  },
  "one person's change that a quorum signs as well": ({ vault, ada, grace }) => {
    vault.enrol(grace)
    vault.changeManifest([ada, grace])
  },
  "one person's change that somebody else signs": ({ vault, ada, grace }) => {
    vault.enrol(grace)
    vault.changeManifest([ada])
  },
  'a key that signs for itself': ({ vault, grace }) => {
    vault.enrol(grace)
    const draft = vault.draftManifest()
    grace.keys.reverse()
    vault.changeManifest([grace], draft)
  },
  "one person's change with another beside it": ({ vault, grace }) => {
    vault.enrol(grace)
    vault.changeManifest([grace], { ...vault.draftManifest(), quorum: 3 })
  },
  'keys in another order, by one person': ({ vault, grace }) => {
    vault.enrol(grace)
    vault.changeManifest([grace])
    grace.keys.reverse()
    vault.changeManifest([grace])
  },
  'a key that votes on being struck off': ({ vault, ada, grace }) => {
    vault.enrol(grace)
    vault.changeManifest([grace])
    const lost = grace.keys.shift()!
    vault.changeManifest([ada, { ...grace, keys: [lost] }])
  },
  'a manifest signature that the log does not know': ({ vault, ada, grace, edsger }) => {
    vault.changeManifest([ada, grace, edsger])
    vault.chain.at(-1)?.signatures.pop()
  },
  'a drill by another key than the one named': ({ vault, grace }) => {
    vault.enrol(grace)
    vault.changeManifest([grace])
    const key = grace.keys[1]?.credentialId ?? ''
    const act = vault.writeAct(grace, { kind: 'key-drill', key, safes: [vault.safe] })
    vault.log.append(
      'drill.passed',
      { kind: 'key', ...act, signCount: 1, signCountWentBack: false },
      personActor(grace),
    )
  },
  'a drill that leaves out a safe': ({ vault, grace }) => {
    const key = grace.keys[0]?.credentialId ?? ''
    const act = vault.writeAct(grace, { kind: 'key-drill', key, safes: [] })
    vault.log.append(
      'drill.passed',
      { kind: 'key', ...act, signCount: 1, signCountWentBack: false },
      personActor(grace),
    )
  },
  'a drill in the place of a new passphrase': ({ vault, grace }) => {
    const key = grace.keys[0]?.credentialId ?? ''
    const act = vault.writeAct(grace, { kind: 'key-drill', key, safes: [vault.safe] })
    vault.log.append('passphrase.changed', act, personActor(grace))
  },
  'a new passphrase that leaves out a safe': ({ vault, grace }) => {
    const key = grace.keys[0]?.credentialId ?? ''
    vault.log.append('passphrase.changed', vault.writeAct(grace, { kind: 'passphrase', key, safes: [] }))
  },
  'a passphrase for a safe twice': ({ vault, grace }) => {
    const key = grace.keys[0]?.credentialId ?? ''
    const act = vault.writeAct(grace, { kind: 'passphrase', key, safes: [vault.safe, vault.safe] })
    vault.log.append('passphrase.changed', act, personActor(grace))
  },
  'an export of another history': ({ vault }) => {
    const data = { size: 3, root: vault.log.nonce(), digest: vault.log.nonce(), signed: null }
    vault.log.append('export.made', data)
  },
  'a sink that acknowledged another history': ({ vault }) => {
    vault.log.append('sync.acknowledged', { sink: vault.log.newId(), name: 'Share', size: 3, root: vault.log.nonce() })
  },
  'a sink that acknowledged what was not there yet': ({ vault }) => {
    const { size, root } = vault.log.head()
    vault.log.append('sync.acknowledged', { sink: vault.log.newId(), name: 'Share', size: size + 1, root })
  },
  'a sink compared with another history': ({ vault }) => {
    const hashes = { ours: vault.log.nonce(), theirs: vault.log.nonce() }
    vault.log.append('sync.diverged', { sink: vault.log.newId(), name: 'Share', size: 3, ...hashes })
  },
  'a sink compared with an entry that was not there': ({ vault }) => {
    const hashes = { ours: vault.log.nonce(), theirs: null }
    vault.log.append('sync.diverged', { sink: vault.log.newId(), name: 'Share', size: 0, ...hashes })
  },
}

/** In a vault whose safe asks for no passphrase. */
export const plainLies: typeof lies = {
  'a passphrase where none is asked for': ({ vault, grace }) => {
    const key = grace.keys[0]?.credentialId ?? ''
    vault.log.append('passphrase.changed', vault.writeAct(grace, { kind: 'passphrase', key, safes: [vault.safe] }))
  },
  'a passphrase of no safe': ({ vault, grace }) => {
    const key = grace.keys[0]?.credentialId ?? ''
    vault.log.append('passphrase.changed', vault.writeAct(grace, { kind: 'passphrase', key, safes: [] }))
  },
}

export const jointTruths = Object.entries({ ...jointLies, ...ceremonyLies, ...delayTruths, ...versionLies }).flatMap(
  ([name, { found }]) => (found === null ? [name] : []),
)

export const goodModel = 'aaaaaaaa-0000-0000-0000-000000000001'
/** In a vault whose safe names the models of key that it allows. */
export const modelLies: typeof lies = {
  'a key added by a quorum': ({ vault, ada, grace }) => {
    vault.enrol(grace)
    vault.changeManifest([ada, grace])
  },
  'a name changed alone': ({ vault, grace }) => {
    const draft = structuredClone(vault.draftManifest())
    draft.persons[1]!.keys[0]!.label = 'other'
    vault.changeManifest([grace], draft)
  },
  'a key added alone, of a model that only its owner vouches for': ({ vault, grace }) => {
    vault.enrol(grace)
    vault.changeManifest([grace])
  },
}
