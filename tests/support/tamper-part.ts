/** Partial exports that were tampered with. */
import { exportFiles } from '../../shared/audit/export.ts'
import type { Selection } from '../../shared/domain/selection.ts'
import { fromUtf8, utf8 } from '../../shared/bytes.ts'
import { editEntry, parseEntry, relink, stranger } from '../unit/audit/tampering.ts'
import { barePart, choosePart, describeExport, partExport, type Files, type PartFiles } from './export-files.ts'

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

export function* partCases(scene: Scene): Generator<TamperCase> {
  const { log, key, credential, older, olderKey } = scene
  const selection: Selection = { kind: 'credential', credential }
  const part = choosePart(log, selection)
  const files = partExport(log, key, selection)
  const typeAt = (at: number): string => parseEntry(part.entries[at] ?? utf8('{}')).type
  const find = (type: string): number => part.entries.findIndex((_, at) => typeAt(at) === type)
  /** A part made anew by whoever has today's key, with what it says of itself made to fit. */
  const insider = (change: (bent: { entries: Uint8Array[]; proofs: Uint8Array[] }) => void, facts = {}): Files => {
    const bent: PartFiles = { entries: [...part.entries], proofs: [...part.proofs], facts: part.facts }
    change(bent)
    return describeExport(barePart(log, bent), log, key, { ...part.facts, shown: bent.entries.length, ...facts })
  }
  const removed = (at: number): Files =>
    insider((bent) => {
      bent.entries.splice(at, 1)
      bent.proofs.splice(at, 1)
    })

  yield broken(
    'part: an entry edited',
    insider((bent) => {
      const copy = { ...log, entries: [...bent.entries] }
      editEntry(copy, find('request.opened'), (entry) => (entry['at'] = '2026-11-23T03:00:59.999Z'))
      bent.entries = copy.entries
    }),
    'proof-invalid',
  )
  yield broken(
    'part: an entry edited, beside an untouched export.json',
    changed(files, exportFiles.entries, /03:00:00\.\d/, '03:00:00.x'),
    'export-file-changed',
  )
  yield broken('part: a tap left out', removed(find('tap.accepted')), 'grant-without-quorum')
  yield broken('part: the ratchet left out', removed(find('log.key-rotated')), 'checkpoint-signature-invalid')
  yield broken('part: the first entry left out', removed(0), 'log-first-entry-wrong')
  yield broken('part: a manifest left out of the entries', removed(find('manifest.changed')), 'manifest-not-in-log')
  yield broken(
    'part: a selected entry left out, what it says of itself kept',
    removed(find('field.shown')),
    'export-mismatch',
  )
  yield broken(
    'part: entries swapped',
    insider((bent) => {
      const at = find('tap.accepted')
      bent.entries.splice(at, 2, ...bent.entries.slice(at, at + 2).reverse())
      bent.proofs.splice(at, 2, ...bent.proofs.slice(at, at + 2).reverse())
    }),
    'entry-out-of-order',
  )
  const stray = seqOf(log, 'app.opened')
  yield broken(
    'part: a true entry that was not asked for',
    insider((bent) => {
      const all = choosePart(log, { kind: 'period', from: '2000-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' })
      const at = bent.entries.findIndex((bytes) => parseEntry(bytes).seq > stray)
      bent.entries.splice(at, 0, log.entries[stray] ?? utf8('{}'))
      bent.proofs.splice(at, 0, all.proofs[stray] ?? utf8('{}\n'))
    }),
    'export-mismatch',
  )
  const foreign = playScene('another vault')
  const foreignPart = choosePart(foreign.log, { kind: 'credential', credential: foreign.credential })
  yield broken(
    'part: an entry of another log',
    insider((bent) => {
      const at = find('request.opened')
      bent.entries[at] = foreignPart.entries[at] ?? utf8('{}')
      bent.proofs[at] = foreignPart.proofs[at] ?? utf8('{}\n')
    }),
    'proof-invalid',
  )
  yield broken('part: proofs taken away', without(files, exportFiles.proofs), 'proof-invalid')
  yield broken(
    'part: proofs in another order',
    insider((bent) => bent.proofs.reverse()),
    'proof-invalid',
  )
  yield broken(
    'part: a proof too many',
    insider((bent) => bent.proofs.push(part.proofs[0] ?? utf8('{}\n'))),
    'proof-invalid',
  )
  yield broken(
    'part: a path shortened',
    insider((bent) => {
      const last = bent.proofs.length - 1
      bent.proofs[last] = utf8(fromUtf8(bent.proofs[last] ?? utf8('')).replace(/"path":\["[^"]*",?/, '"path":['))
    }),
    'proof-invalid',
  )
  yield broken(
    'part: the proofs of heads taken away',
    insider((bent) => {
      bent.proofs = bent.proofs.map((line) =>
        utf8(fromUtf8(line).replace(/"heads":\[.*\],"path"/, '"heads":[],"path"')),
      )
    }),
    'proof-invalid',
  )
  yield broken(
    'part: an earlier checkpoint',
    describeExport(replaced(files, exportFiles.checkpoints, utf8(noteOf(older, -1))), older, olderKey, part.facts),
    'proof-invalid',
  )
  yield broken('part: no checkpoint', without(files, exportFiles.checkpoints), 'checkpoint-missing')
  yield broken(
    'part: two checkpoints',
    describeExport(
      replaced(files, exportFiles.checkpoints, utf8(`${noteOf(log, -2)}\n${noteOf(log, -1)}`)),
      log,
      key,
      part.facts,
    ),
    'checkpoint-malformed',
  )
  yield broken(
    'part: its checkpoint re-signed with a fresh key',
    describeExport(
      barePart(
        remade(log, (copy) => relink(copy, copy.entries.length - 1, stranger())),
        part,
      ),
      log,
      stranger(),
      part.facts,
    ),
    'checkpoint-signature-invalid',
  )
  yield broken('part: export.json taken away', without(files, exportFiles.description), 'export-malformed')
  yield broken(
    'part: it says that it was asked for another credential',
    describeExport(files, log, key, {
      ...part.facts,
      selection: { kind: 'credential', credential: foreign.credential },
    }),
    'export-mismatch',
  )
  yield broken(
    'part: passed off as the whole log',
    new Map([
      ...without(files, exportFiles.entries, exportFiles.proofs),
      [exportFiles.log, files.get(exportFiles.entries) ?? utf8('')],
    ]),
    'entry-out-of-order',
  )
  yield broken('part: its end cut off', changed(files, exportFiles.entries, /[^\n]*\n$/, ''), 'proof-invalid')
  const olderPart = partExport(older, olderKey, selection)
  yield incomplete(
    'part: of an older log, whose later checkpoint is known',
    olderPart,
    noteOf(log, -1),
    'known-checkpoint-ahead',
  )
  yield incomplete(
    'part: of another vault',
    partExport(foreign.log, foreign.key, { kind: 'credential', credential: foreign.credential }),
    noteOf(log, 3),
    'known-checkpoint-invalid',
  )
  const { fork, known } = makeFork()
  const everything: Selection = { kind: 'period', from: '2000-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' }
  yield incomplete(
    'part: of a fork by the same key',
    partExport(fork.log, fork.key, everything),
    known,
    'known-checkpoint-mismatch',
  )
  yield {
    ...honest('', files, noteOf(log, -2), false),
    name: 'part: a known checkpoint that it proves nothing about',
    code: 'known-checkpoint-invalid',
    exit: 3,
  }
}
