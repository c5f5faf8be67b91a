/**
 * Exports that were tampered with, and honest ones, each with the verdict that every verifier must reach: the command line, the page,
 * the script, the second verifier.
 */
import { exportFiles } from '../../shared/audit/export.ts'
import type { Selection } from '../../shared/domain/selection.ts'
import { parseEntry } from '../unit/audit/tampering.ts'
import { partExport, wholeExport } from './export-files.ts'

import { honest, noteOf, playScene, seqOf, without, type Scene, type TamperCase } from './tamper-case.ts'
import { partCases } from './tamper-part.ts'
import { wholeCases } from './tamper-whole.ts'

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
  return [...honestCases(scene), ...wholeCases(scene), ...partCases(scene)]
}
