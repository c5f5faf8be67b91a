/** What verifying a whole log and verifying a part have in common: each entry by itself, in its place, and with its duties. */
import type { SignedManifest } from '../contracts/strongroom.ts'
import type { Primitives } from '../primitives.ts'
import { createDuties, type Duties } from './duties.ts'
import { readManifest, type Reading } from './entry-reader.ts'
import type { Entry } from './entry.ts'
import { createManifestLedger, type ManifestLedger } from './manifest-ledger.ts'
import { manifestHash, verifyManifestChain } from './manifest.ts'
import type { ReportProblem } from './problems.ts'
import type { RecentHeads } from './recent-heads.ts'
import type { RecordListener } from './record-ledger.ts'
import { createSuccession, type Succession } from './succession.ts'

export interface EntryCheckOptions extends RecordListener {
  /** Canonical bytes of every `{manifest, signatures}`, version 1 first. */
  readonly manifests: readonly Uint8Array[]
  /** Roots that a co-signed head is held against. */
  readonly heads: Pick<RecentHeads, 'rootAt' | 'leafAt'>
  readonly report: ReportProblem
  /** True in a part of a log: entries may be missing in between. */
  readonly hasGaps: boolean
}

export interface EntryCheck {
  readonly succession: Succession
  readonly manifests: ManifestLedger
  /**
   * Checks one entry that could be read.
   * @param previousLeaf leaf hash of the entry before, base64url
   * @param vouched how many entries a valid checkpoint has vouched for so far
   */
  readonly take: (entry: Entry, previousLeaf: string, vouched: number) => void
  /** An entry that cannot be read, as {@link Succession.skip}. */
  readonly skip: Succession['skip']
  /** Reports what the end of the log leaves open. */
  readonly reportUnused: (report: ReportProblem) => void
  /** Taps whose signature was recomputed, those under manifests too. */
  readonly tapCount: () => number
  readonly minutesCount: Duties['minutesCount']
}

function readManifests(lines: readonly Uint8Array[], report: ReportProblem): SignedManifest[] {
  const chain: SignedManifest[] = []
  for (const [index, line] of lines.entries()) {
    const reading: Reading<SignedManifest> = readManifest(line)
    if (reading.ok) chain.push(reading.value)
    else report('manifest-malformed', null, `manifest ${index + 1} of ${lines.length} is ${reading.code}`)
  }
  return chain
}

/** Checks for one log; the manifest chain is checked at once. */
export function createEntryCheck(primitives: Primitives, options: EntryCheckOptions): EntryCheck {
  const { report } = options
  const chain = readManifests(options.manifests, report)
  if (chain.length > 0) {
    const verdict = verifyManifestChain(primitives, chain)
    if (!verdict.ok) report(verdict.problem.code, verdict.problem.seq, verdict.problem.detail)
  }
  const manifests = createManifestLedger(
    chain.map((signed) => ({ signed, hash: manifestHash(primitives, signed.manifest) })),
  )
  const succession = createSuccession(primitives, report, options.hasGaps)
  const signatures = chain.reduce((sum, signed) => sum + signed.signatures.length, 0)
  let duties: Duties | undefined
  let isFirst = true

  /** The log's identity is what entry 0 and the first manifest both say. */
  function begin(entry: Entry): void {
    if (entry.type !== 'vault.created') return
    const { vault, name: vaultName, station: stationName } = entry.data
    const log = { vault, vaultName, station: entry.station, stationName }
    duties = createDuties(log, { ...options, primitives, manifests })
    const manifest = chain[0]?.manifest
    if (manifest === undefined) return
    const station = manifest.stations.find(({ id }) => id === entry.station)
    if (manifest.vault === entry.data.vault && station?.firstKey === entry.data.key) return
    succession.distrust()
    report('log-first-entry-wrong', 0, 'the manifest that the custodians signed names another vault, station or key')
  }

  return {
    succession,
    manifests,
    take: (entry, previousLeaf, vouched) => {
      if (isFirst) begin(entry)
      isFirst = false
      if (succession.follow(entry, previousLeaf, vouched) === 'new') duties?.startBoot()
      duties?.check(entry)
    },
    skip: (code, seq) => {
      isFirst = false
      succession.skip(code, seq)
    },
    reportUnused: (reportFinal) => {
      manifests.reportUnused(reportFinal)
      duties?.reportUnused(reportFinal)
    },
    tapCount: () => (duties?.tapCount() ?? 0) + signatures,
    minutesCount: () => duties?.minutesCount() ?? 0,
  }
}
