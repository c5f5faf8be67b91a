/** Exports of a log in which requests waited: honest, and tampered with. */
import type { Selection } from '../../shared/domain/selection.ts'
import { delayed } from '../unit/audit/delay-scene.ts'
import { parseEntry } from '../unit/audit/tampering.ts'
import { createDelayWriter, delayMs } from '../unit/audit/test-delays.ts'
import { createTestVault } from '../unit/audit/test-vault.ts'
import { barePart, choosePart, describeExport, partExport, wholeExport } from './export-files.ts'
import { broken, honest, type TamperCase } from './tamper-case.ts'

/** One request opened after its wait, and one stopped. @param earlyMs how much too early the wait ends */
function playDelays(seed: string, earlyMs = 0) {
  const vault = createTestVault({ seed, ...delayed })
  const writer = createDelayWriter(vault)
  vault.setUp()
  const [ada, grace, edsger] = vault.people
  if (ada === undefined || grace === undefined || edsger === undefined) throw new Error('three people')
  const credential = vault.seal(ada)
  const other = vault.seal(grace)
  const opened = writer.wait(ada, credential, [ada, edsger])
  writer.veto(grace, writer.wait(edsger, other, [ada, edsger]))
  vault.log.setWall(earlyMs)
  vault.log.wait(delayMs - earlyMs)
  writer.open(opened, [ada, edsger])
  return { log: vault.finish(), key: vault.log.stationKey(), credential: credential.id, vetoer: grace.id }
}

export function* delayCases(): Generator<TamperCase> {
  const { log, key, credential, vetoer } = playDelays('tampered waits')
  const selection: Selection = { kind: 'credential', credential }
  yield honest('whole, with waits', wholeExport(log, key), null, true)
  yield honest('part by credential, with a wait', partExport(log, key, selection), null, false)
  yield honest(
    'part by whoever stopped a request',
    partExport(log, key, { kind: 'person', person: vetoer }),
    null,
    false,
  )
  const early = playDelays('waits cut short', 2000)
  yield broken('a wait cut short', wholeExport(early.log, early.key), 'grant-without-quorum')
  const cut = partExport(early.log, early.key, { kind: 'credential', credential: early.credential })
  yield broken('part: a wait cut short', cut, 'grant-without-quorum')
  for (const type of ['request.waiting', 'request.resumed'] as const) {
    const part = choosePart(log, selection)
    const at = part.entries.findIndex((bytes) => parseEntry(bytes).type === type)
    part.entries.splice(at, 1)
    part.proofs.splice(at, 1)
    const { shown, selected } = part.facts
    const facts = { ...part.facts, shown: shown - 1, selected: selected - 1 }
    const files = describeExport(barePart(log, part), log, key, facts)
    yield broken(`part: ${type} left out`, files, 'tap-statement-mismatch')
  }
}
