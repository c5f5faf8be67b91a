/**
 * Exports that were tampered with, and honest ones, each with the verdict that every verifier must reach: the command line, the page,
 * the script, the second verifier.
 */
import { exportFiles } from '../../shared/audit/export.ts'
import type { Selection } from '../../shared/domain/selection.ts'
import { parseEntry } from '../unit/audit/tampering.ts'
import { partExport, wholeExport } from './export-files.ts'

import {
  honest,
  incomplete,
  noteOf,
  playScene,
  seqOf,
  without,
  wordsOf,
  type Scene,
  type TamperCase,
} from './tamper-case.ts'
import { delayCases } from './tamper-delay.ts'
import { partCases } from './tamper-part.ts'
import { wholeCases } from './tamper-whole.ts'

/** Words from paper, of the whole log and of a part. */
function* wordCases(scene: Scene): Generator<TamperCase> {
  const { log, key, older, olderKey } = scene
  const whole = wholeExport(log, key)
  const part = partExport(log, key, { kind: 'credential', credential: scene.credential })
  const said = wordsOf(older, -1)
  const wrong = { words: [...said.words].reverse(), size: said.size }
  const later = wordsOf(log, -1)
  const complete = { completeness: 'complete' } as const
  yield { ...honest('whole, its words known', whole, null, true), knownWords: later, ...complete }
  yield { ...honest('whole, words of an earlier head known', whole, null, true), knownWords: said, ...complete }
  yield { ...honest('part, its words known', part, null, false), knownWords: later }
  yield { ...honest('part, words of an earlier export known', part, null, false), knownWords: said }
  const older1 = wholeExport(older, olderKey)
  yield {
    ...incomplete('other words than are known', whole, '', 'known-words-mismatch'),
    known: null,
    knownWords: wrong,
  }
  yield {
    ...incomplete('an older copy, later words known', older1, '', 'known-checkpoint-ahead'),
    known: null,
    knownWords: later,
  }
  yield {
    ...incomplete('part: other words than are known', part, '', 'known-words-mismatch'),
    known: null,
    knownWords: wrong,
  }
  const before = partExport(older, olderKey, { kind: 'credential', credential: scene.credential })
  yield {
    ...incomplete('part: later words known', before, '', 'known-checkpoint-ahead'),
    known: null,
    knownWords: later,
  }
}

function* honestCases(scene: Scene): Generator<TamperCase> {
  const { log, key, older, olderKey } = scene
  const whole = wholeExport(log, key)
  yield honest('whole', whole, null, true)
  yield honest('whole, with a known checkpoint', whole, noteOf(log, 3), true)
  yield honest('whole, as it was earlier', wholeExport(older, olderKey), noteOf(older, -1), true)
  yield honest('whole, without export.json', without(whole, exportFiles.description), null, true)
  for (const selection of selectionsOf(scene)) {
    const part = partExport(log, key, selection)
    yield honest(`part by ${selection.kind}`, part, null, false)
    yield honest(`part by ${selection.kind}, with its own checkpoint known`, part, noteOf(log, -1), false)
    yield honest(`part by ${selection.kind}, with an earlier export known`, part, noteOf(older, -1), false)
  }
}

export function selectionsOf({ log, credential, person }: Scene): readonly Selection[] {
  const { at } = parseEntry(log.entries[seqOf(log, 'app.opened')] ?? new Uint8Array(0))
  return [
    { kind: 'credential', credential },
    { kind: 'person', person },
    { kind: 'period', from: at, to: '2026-12-31T00:00:00.000Z' },
  ]
}

/** All cases, the same at every run. */
export function makeTamperCorpus(): readonly TamperCase[] {
  const scene = playScene('tamper corpus')
  return [...honestCases(scene), ...wordCases(scene), ...wholeCases(scene), ...partCases(scene), ...delayCases()]
}
