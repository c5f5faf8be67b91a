/**
 * Two verifiers of one format: the product's, and one in Python, from docs/format.md, that shares no code with it. Where they disagree, one
 * of three is wrong: the product, the page, or the second verifier.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyFolder } from '../../electron/cli/verify-command.ts'
import { fromUtf8 } from '../../shared/bytes.ts'
import type { Selection } from '../../shared/domain/selection.ts'
import { partExport } from '../support/export-files.ts'
import { makeTamperCorpus } from '../support/tamper-corpus.ts'
import { firstKey, sealCredential, setUpVault, startJourney, textField } from '../support/vault-journey.ts'
import { check } from '../unit/audit/check-log.ts'
import { ceremonyLies } from '../unit/audit/ceremony-lies.ts'
import { jointLies } from '../unit/audit/joint-lies.ts'
import type { TestLog } from '../unit/audit/log-writer.ts'
import type { ExportVector, LogVector } from '../unit/audit/make-vectors.ts'
import { personActor, type TestPerson } from '../unit/audit/test-people.ts'
import { createTestVault, type TestVault } from '../unit/audit/test-vault.ts'
import { makeWorkplace, starters } from '../unit/system/starters.ts'
import { judge, noPython, title } from './run-oracle.ts'

let root: string
let made = 0
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'halligan-oracle-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

/** Writes an export folder, as docs/format.md, section 6 says. */
function writeFolder(log: TestLog, knownCheckpoint: string | null = null): string {
  const folder = path.join(root, String(made++))
  mkdirSync(folder)
  const lines = (items: readonly Uint8Array[]): string => items.map((item) => `${fromUtf8(item)}\n`).join('')
  writeFileSync(path.join(folder, 'log.jsonl'), lines(log.entries))
  writeFileSync(path.join(folder, 'manifests.jsonl'), lines(log.manifests))
  writeFileSync(path.join(folder, 'checkpoints.txt'), log.checkpoints.join('\n'))
  if (knownCheckpoint !== null) writeFileSync(path.join(folder, 'known.txt'), knownCheckpoint)
  return folder
}

interface Scene {
  readonly vault: TestVault
  readonly ada: TestPerson
  readonly grace: TestPerson
  readonly edsger: TestPerson
}
type Lie = (scene: Scene, credential: ReturnType<TestVault['seal']>) => void

/** Structure, ratchet and checkpoints are perfect in all of them; only taps, manifests and statements can tell. */
const truths = new Set(['nothing but the truth', 'a key added by a quorum', 'a name changed alone'])
const lies: Readonly<Record<string, Lie>> = {
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
const plainLies: typeof lies = {
  'a passphrase where none is asked for': ({ vault, grace }) => {
    const key = grace.keys[0]?.credentialId ?? ''
    vault.log.append('passphrase.changed', vault.writeAct(grace, { kind: 'passphrase', key, safes: [vault.safe] }))
  },
  'a passphrase of no safe': ({ vault, grace }) => {
    const key = grace.keys[0]?.credentialId ?? ''
    vault.log.append('passphrase.changed', vault.writeAct(grace, { kind: 'passphrase', key, safes: [] }))
  },
}

const jointTruths = Object.entries({ ...jointLies, ...ceremonyLies }).flatMap(([name, { found }]) =>
  found === null ? [name] : [],
)

const goodModel = 'aaaaaaaa-0000-0000-0000-000000000001'
/** In a vault whose safe names the models of key that it allows. */
const modelLies: typeof lies = {
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

function play(lie: Lie, options: Partial<Parameters<typeof createTestVault>[0]> = { passphrase: true }): TestLog {
  const vault = createTestVault({ seed: 'oracle', checkpointEvery: 5, ...options })
  vault.setUp()
  const [ada, grace, edsger] = vault.people
  if (ada === undefined || grace === undefined || edsger === undefined) throw new Error('three people')
  lie({ vault, ada, grace, edsger }, vault.seal(ada))
  return vault.finish()
}

describe.skipIf(noPython)(title, () => {
  it('says of the committed vectors what the product says', () => {
    const dir = new URL('../vectors/log/', import.meta.url)
    const vectors = readdirSync(dir).map((name) => JSON.parse(readFileSync(new URL(name, dir), 'utf8')) as LogVector)
    expect(vectors.length).toBeGreaterThanOrEqual(3)
    const bytes = (texts: readonly string[]): Uint8Array[] => texts.map((text) => new TextEncoder().encode(text))
    const reports = judge(
      vectors.map(({ entries, manifests, checkpoints, knownCheckpoint }) =>
        writeFolder(
          { entries: bytes(entries), manifests: bytes(manifests), checkpoints: [...checkpoints] },
          knownCheckpoint,
        ),
      ),
    )
    for (const [at, { about, expected }] of vectors.entries()) {
      const { integrity, completeness, size } = expected
      const [first] = integrity.problems
      const found = reports[at]
      expect(found, about).toMatchObject({
        integrity: { verdict: integrity.verdict, trustworthy: integrity.trustworthy },
        completeness: { verdict: completeness.verdict, problem: completeness.problems[0]?.code ?? null },
        size,
        root: expected.root,
      })
      expect(found?.integrity.problems[0]?.code, about).toBe(first?.code)
      expect(found?.integrity.problems[0]?.seq, about).toBe(first?.seq)
    }
  })

  it('says of the committed exports what the product says', () => {
    const dir = new URL('../vectors/export/', import.meta.url)
    const vectors = readdirSync(dir).map((name) => JSON.parse(readFileSync(new URL(name, dir), 'utf8')) as ExportVector)
    expect(vectors.length).toBeGreaterThanOrEqual(4)
    const reports = judge(
      vectors.map(({ files, knownCheckpoint }) => {
        const folder = path.join(root, String(made++))
        mkdirSync(folder)
        for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
        if (knownCheckpoint !== null) writeFileSync(path.join(folder, 'known.txt'), knownCheckpoint)
        return folder
      }),
    )
    for (const [at, { about, expected }] of vectors.entries()) {
      const { integrity, completeness, size, root: head } = expected
      expect(reports[at], about).toMatchObject({
        integrity: { verdict: integrity.verdict, trustworthy: integrity.trustworthy },
        completeness: { verdict: completeness.verdict, problem: completeness.problems[0]?.code ?? null },
        size,
        root: head,
      })
      const [first] = integrity.problems
      expect(reports[at]?.integrity.problems[0]?.code, about).toBe(first?.code)
      expect(reports[at]?.integrity.problems[0]?.seq, about).toBe(first?.seq)
    }
  })

  it('finds what a station that lies perfectly has made up, with the code that the product gives', async () => {
    const logs = [
      ...Object.entries(lies).map(([name, lie]) => ({ name, log: play(lie) })),
      ...Object.entries(plainLies).map(([name, lie]) => ({ name, log: play(lie, {}) })),
      ...Object.entries(jointLies).map(([name, { tell }]) => ({ name, log: play(tell, {}) })),
      ...Object.entries(ceremonyLies).map(([name, { tell }]) => ({ name, log: play(tell, {}) })),
      ...Object.entries(modelLies).map(([name, lie]) => ({ name, log: play(lie, { model: goodModel }) })),
    ]
    const reports = judge(logs.map(({ log }) => writeFolder(log)))
    for (const [at, { name, log }] of logs.entries()) {
      const { integrity } = await check(log)
      const found = reports[at]?.integrity
      expect(integrity.verdict, name).toBe(truths.has(name) || jointTruths.includes(name) ? 'intact' : 'broken')
      expect(found?.verdict, name).toBe(integrity.verdict)
      const [first] = integrity.problems
      expect([found?.problems[0]?.code, found?.problems[0]?.seq], name).toEqual([first?.code, first?.seq])
    }
  })

  it('takes every part of a log with joint statements for what it is', async () => {
    const vault = createTestVault({ seed: 'oracle parts', checkpointEvery: 5 })
    vault.setUp()
    const [ada, grace, edsger] = vault.people
    if (ada === undefined || grace === undefined || edsger === undefined) throw new Error('three people')
    const credential = vault.seal(ada)
    vault.seal(ada)
    jointLies['the truth about a change of custodians']?.tell({ vault, ada, grace, edsger }, credential)
    const log = vault.finish()
    const times = log.entries.map((bytes) => (JSON.parse(fromUtf8(bytes)) as { at: string }).at)
    const selections: Selection[] = [
      ...[credential.id, vault.records[0]?.credential ?? ''].map((id) => ({
        kind: 'credential' as const,
        credential: id,
      })),
      ...[...vault.people, edsger].map(({ id }) => ({ kind: 'person' as const, person: id })),
      ...times.flatMap((from, at) =>
        at % 7 === 0 ? [{ kind: 'period' as const, from, to: times[at + 2] ?? from }] : [],
      ),
    ]
    const folders = selections.map((selection) => {
      const folder = path.join(root, String(made++))
      mkdirSync(folder)
      const files = partExport(log, vault.log.stationKey(), selection)
      for (const [name, bytes] of files) writeFileSync(path.join(folder, name), bytes)
      return folder
    })
    const reports = judge(folders)
    for (const [at, folder] of folders.entries()) {
      const what = JSON.stringify(selections[at])
      expect((await verifyFolder(folder, null)).integrity, what).toMatchObject({ verdict: 'intact', problems: [] })
      expect(reports[at]?.integrity, what).toMatchObject({ verdict: 'intact', problems: [] })
    }
  })

  it('says of every export of the corpus what it must, honest or tampered with', { timeout: 300_000 }, () => {
    const corpus = makeTamperCorpus()
    const reports = judge(
      corpus.map(({ files, known, knownWords: said }) => {
        const folder = path.join(root, String(made++))
        mkdirSync(folder)
        for (const [name, bytes] of files) writeFileSync(path.join(folder, name), bytes)
        if (known !== null) writeFileSync(path.join(folder, 'known.txt'), known)
        if (said !== undefined) writeFileSync(path.join(folder, 'words.txt'), [...said.words, said.size].join(' '))
        return folder
      }),
    )
    for (const [at, { name, integrity, completeness, code }] of corpus.entries()) {
      const found = reports[at]
      expect(found?.integrity.verdict, name).toBe(integrity)
      expect(found?.completeness.verdict, name).toBe(completeness)
      const codes = [...(found?.integrity.problems ?? []).map((problem) => problem.code), found?.completeness.problem]
      if (code === null) expect(codes, name).toEqual([null])
      else expect(codes, name).toContain(code)
    }
  })

  it('verifies an export that the product made, and finds every changed byte of it', { timeout: 60_000 }, async () => {
    const place = makeWorkplace()
    const journey = await startJourney(starters(place), () => place.exportDir)
    try {
      const vault = await setUpVault(journey, { n: 3, k: 2 })
      await sealCredential(journey, vault, [textField('Password', 'correct-horse-7731')])
      const [person] = vault.custodians
      if (person === undefined) throw new Error('no custodian')
      journey.tap.touch(firstKey(person))
      const signed = await journey.app.call['export.make']({
        person: person.id,
        selection: null,
        archive: false,
      })
      await journey.app.until((state) => state.exported?.operation === signed?.operation, 'the export')
      const [honest] = judge([place.exportDir])
      const report = await verifyFolder(place.exportDir, null)
      expect(honest).toMatchObject({ integrity: { verdict: 'intact', problems: [] }, size: report.size })
      expect(honest?.root).toBe(report.root)

      const copies = ['log.jsonl', 'checkpoints.txt', 'manifests.jsonl'].flatMap((name) => {
        const bytes = readFileSync(path.join(place.exportDir, name))
        // Spread over the file, with its first byte and its last.
        return Array.from({ length: 9 }, (_, part) => {
          const at = Math.floor(((bytes.length - 1) * part) / 8)
          const folder = path.join(root, String(made++))
          cpSync(place.exportDir, folder, { recursive: true })
          const changed = Buffer.from(bytes)
          changed[at] = (changed[at] ?? 0) ^ 1
          writeFileSync(path.join(folder, name), changed)
          return { folder, what: `${name}, byte ${String(at)}` }
        })
      })
      const reports = judge(copies.map(({ folder }) => folder))
      for (const [at, { folder, what }] of copies.entries()) {
        expect(reports[at]?.integrity.verdict, what).toBe('broken')
        expect((await verifyFolder(folder, null)).integrity.verdict, what).toBe('broken')
      }
    } finally {
      await journey.app.close()
      place.remove()
    }
  })
})
