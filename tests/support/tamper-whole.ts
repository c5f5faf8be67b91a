/** Whole exports that were tampered with. */
import { nodePrimitives } from '../../electron/platform/primitives.ts'
import { challengeOf } from '../../shared/audit/tap.ts'
import type { TestPerson } from '../unit/audit/test-people.ts'
import { createTestVault } from '../unit/audit/test-vault.ts'
import { exportFiles, filesForPeople } from '../../shared/audit/export.ts'
import { parseCheckpoint } from '../../shared/audit/checkpoint.ts'
import type { ExportDescription } from '../../shared/audit/export-description.ts'
import { toBase64Url, utf8 } from '../../shared/bytes.ts'
import type { TestLog } from '../unit/audit/log-writer.ts'
import { editEntry, relink, stranger } from '../unit/audit/tampering.ts'
import { bareWhole, describeExport, wholeExport, wholeFacts, type Files } from './export-files.ts'

import {
  broken,
  changed,
  honest,
  incomplete,
  makeFork,
  noteOf,
  playScene,
  remade,
  replaced,
  seqOf,
  without,
  type Scene,
  type TamperCase,
} from './tamper-case.ts'

export function* wholeCases(scene: Scene): Generator<TamperCase> {
  const { log, key, older, olderKey } = scene
  const files = wholeExport(log, key)
  /** Files made anew over a bent log, `export.json` too, by whoever has today's key: only the log itself can tell. */
  const insider = (bent: TestLog): Files => describeExport(bareWhole(bent), log, key, wholeFacts(bent))
  const bend = (change: (copy: TestLog) => void): Files => insider(remade(log, change))
  const opened = seqOf(log, 'request.opened')
  const rotated = seqOf(log, 'log.key-rotated')

  yield broken(
    'an entry edited',
    bend((copy) => editEntry(copy, 6, (entry) => (entry['at'] = '2026-11-23T03:00:59.999Z'))),
    'entry-chain-broken',
  )
  yield broken(
    'an entry edited, beside an untouched export.json',
    changed(files, exportFiles.log, /03:00:00\.\d/, '03:00:00.x'),
    'export-file-changed',
  )
  yield broken(
    'an entry deleted',
    bend((copy) => copy.entries.splice(opened, 1)),
    'entry-out-of-order',
  )
  yield broken(
    'an entry inserted',
    bend((copy) => copy.entries.splice(opened, 0, log.entries[opened - 1] ?? utf8('{}'))),
    'entry-out-of-order',
  )
  yield broken(
    'two entries swapped',
    bend((copy) => copy.entries.splice(opened, 2, ...copy.entries.slice(opened, opened + 2).reverse())),
    'entry-out-of-order',
  )
  yield broken(
    'an entry that means the same in other bytes',
    changed(files, exportFiles.log, '"actor":', '"actor": '),
    'entry-not-canonical',
  )
  yield broken(
    'the end cut off',
    bend((copy) => copy.entries.splice(-2)),
    'checkpoint-beyond-log',
  )
  yield broken(
    'the end and its checkpoints cut off, but not export.json',
    replaced(
      replaced(
        files,
        exportFiles.log,
        bareWhole(remade(log, (copy) => copy.entries.splice(-2))).get(exportFiles.log) ?? utf8(''),
      ),
      exportFiles.checkpoints,
      bareWhole(remade(log, (copy) => copy.checkpoints.splice(-2))).get(exportFiles.checkpoints) ?? utf8(''),
    ),
    'export-mismatch',
  )
  yield incomplete(
    'an older copy, whose later checkpoint is known',
    wholeExport(older, olderKey),
    noteOf(log, -1),
    'known-checkpoint-ahead',
  )
  yield broken('checkpoints taken away', without(files, exportFiles.checkpoints), 'checkpoint-missing')
  yield broken(
    'checkpoints emptied by an insider',
    bend((copy) => (copy.checkpoints = [])),
    'checkpoint-missing',
  )
  yield broken(
    'the newest checkpoint taken away by an insider',
    bend((copy) => copy.checkpoints.splice(-1)),
    'checkpoint-missing',
  )
  yield broken('manifests taken away', without(files, exportFiles.manifests), 'manifest-not-in-log')
  yield broken(
    're-signed with a fresh key',
    bend((copy) => relink(copy, opened, stranger())),
    'checkpoint-signature-invalid',
  )
  yield broken('made anew from the beginning under a fresh key', remadeFromGenesis(log), 'log-first-entry-wrong')
  yield broken(
    'the past rewritten with today’s key',
    bend((copy) => {
      editEntry(copy, 6, (entry) => (entry['at'] = '2026-11-23T03:00:59.999Z'))
      relink(copy, 6, key)
    }),
    'checkpoint-signature-invalid',
  )
  yield broken(
    'the ratchet taken out',
    bend((copy) => {
      copy.entries.splice(rotated, 1)
      relink(copy, rotated, key)
    }),
    'entry-wrong-station',
  )
  const foreign = playScene('another vault')
  yield broken(
    'two logs spliced',
    bend((copy) => {
      copy.entries.splice(opened, copy.entries.length, ...foreign.log.entries.slice(opened))
      relink(copy, opened, foreign.key)
    }),
    'entry-wrong-station',
  )
  yield broken('a tap whose signature is false, in a perfect log', makeFalseTap(), 'tap-signature-invalid')
  yield broken('a sink that acknowledged another history, in a perfect log', makeFalseSink(), 'head-mismatch')
  const { fork, known } = makeFork()
  yield incomplete('a fork by the same key', wholeExport(fork.log, fork.key), known, 'known-checkpoint-mismatch')
  yield incomplete(
    'another vault’s export',
    wholeExport(foreign.log, foreign.key),
    noteOf(log, 3),
    'known-checkpoint-invalid',
  )
  yield {
    ...honest('with a checkpoint that is none', files, 'nothing\n', true),
    name: 'a known checkpoint that is none',
    completeness: 'cannot-be-judged',
    code: 'known-checkpoint-invalid',
    exit: 3,
  }
  for (const name of filesForPeople) {
    yield broken(
      `${name} beside a log without export.json`,
      new Map([...without(files, exportFiles.description), [name, utf8('forged')]]),
      'export-malformed',
    )
  }
  yield broken(
    'manifests made of newlines',
    replaced(files, exportFiles.manifests, utf8('\n'.repeat(300_000))),
    'manifest-malformed',
  )
  yield broken(
    'a checkpoint that does not end',
    replaced(files, exportFiles.checkpoints, utf8(`${'x'.repeat(1023)}\n`.repeat(2000))),
    'checkpoint-malformed',
  )
  yield broken('a table changed', changed(files, 'log.csv', 'what', 'who'), 'export-file-changed')
  yield broken('the text for people taken away', without(files, exportFiles.readme), 'export-file-changed')
  yield broken(
    'export.json of an earlier export',
    replaced(files, exportFiles.description, wholeExport(older, olderKey).get(exportFiles.description) ?? utf8('')),
    'export-mismatch',
  )
  yield broken(
    'export.json signed with a fresh key',
    describeExport(files, log, stranger(), wholeFacts(log)),
    'export-signature-invalid',
  )
  yield broken(
    'export.json changed',
    changed(files, exportFiles.description, '2026-11-24', '2026-11-23'),
    'export-signature-invalid',
  )
  yield broken('export.json not canonical', changed(files, exportFiles.description, '{', '{ '), 'export-malformed')
  yield broken(
    'export.json that does not list the log',
    describeExport(files, log, key, wholeFacts(log), { files: [] }),
    'export-file-changed',
  )
  yield broken(
    'export.json that calls it a part',
    describeExport(files, log, key, { ...wholeFacts(log), selection: { kind: 'person', person: scene.person } }),
    'export-mismatch',
  )
  yield* signerCases(scene)
}

const firstKey = ({ keys }: TestPerson): TestPerson['keys'][number] => {
  const [key] = keys
  if (key === undefined) throw new Error('no key')
  return key
}

/** Exports that say who signed for them, truly or not. */
function* signerCases(scene: Scene): Generator<TamperCase> {
  const { vault, log, key } = scene
  const [ada, grace] = vault.people
  if (ada === undefined || grace === undefined) throw new Error('two people')
  const { size, root } = wholeHead(scene)
  const signedBy = (signed: NonNullable<ExportDescription['signed']>): Files =>
    describeExport(wholeExport(log, key), log, key, wholeFacts(log), { signed })
  const act = vault.writeAct(ada, { kind: 'export', size, root })
  const challenge = challengeOf(nodePrimitives, 'act', act.statement)
  const tapFrom = (origin: string): Files => signedBy({ ...act, assertion: firstKey(ada).tap(challenge, { origin }) })
  const bad = 'export-signature-invalid'

  yield honest('signed for', signedBy(act), noteOf(log, -1), true)
  yield honest('signed for in the browser', tapFrom('http://halligan.localhost:41234'), noteOf(log, -1), true)
  yield broken('signed for on another page', tapFrom('http://halligan.localhost.example:41234'), bad)
  yield broken(
    'signed for with the tap of somebody else',
    signedBy({ ...act, assertion: firstKey(grace).tap(challenge) }),
    bad,
  )
  yield broken(
    'signed for by one, with the key of another',
    signedBy({ ...act, key: firstKey(grace).credentialId }),
    bad,
  )
  yield broken(
    'the signature of a shorter log',
    signedBy(vault.writeAct(ada, { kind: 'export', size: size - 1, root })),
    bad,
  )
  const selection = { kind: 'person', person: ada.id } as const
  yield broken('the signature of a part', signedBy(vault.writeAct(ada, { kind: 'export', size, root, selection })), bad)
  yield broken(
    'a signature of something else',
    signedBy(vault.writeAct(ada, { kind: 'key-drill', key: firstKey(ada).credentialId, safes: [] })),
    bad,
  )
}

function wholeHead({ log }: Scene): { size: number; root: string } {
  const head = parseCheckpoint(noteOf(log, -1))
  if (head === null) throw new Error('a log without a checkpoint')
  return { size: head.size, root: toBase64Url(head.root) }
}

/** What a station that lies can write: everything fits but one signature of somebody's key. */
function makeFalseTap(): Files {
  const vault = createTestVault({ seed: 'false tap', custodians: 2 })
  vault.setUp()
  const [ada] = vault.people
  if (ada === undefined) throw new Error('nobody')
  const statement = vault.openRequest(ada, vault.seal(ada))
  const assertion = ada.keys[0]?.tap(challengeOf(nodePrimitives, 'request', statement), { breakSignature: true })
  vault.approve(statement, ada, assertion === undefined ? {} : { assertion })
  return wholeExport(vault.finish(), vault.log.stationKey())
}

/** Signed by the station, and by nobody else. */
function makeFalseSink(): Files {
  const { log, setUp, finish } = createTestVault({ seed: 'false sink', custodians: 2 })
  setUp()
  const { size } = log.head()
  log.append('sync.acknowledged', { sink: log.newId(), name: 'Share', size, root: log.nonce() })
  return wholeExport(finish(), log.stationKey())
}

/** The log of an attacker who has everything but the people: another first key, all of it consistent, people's manifests kept. */
function remadeFromGenesis(log: TestLog): Files {
  const key = stranger()
  const bent = remade(log, (copy) => {
    // The rotation would have to be signed by keys that the attacker chose: one boot is enough.
    copy.entries = copy.entries.slice(0, seqOf(log, 'log.key-rotated'))
    editEntry(copy, 0, (entry) => (entry['data'] = { ...(entry['data'] as object), key: key.key }))
    relink(copy, 0, key)
  })
  return describeExport(bareWhole(bent), bent, key, wholeFacts(bent))
}
