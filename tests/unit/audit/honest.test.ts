/** An honest log is never accused, whatever its life was like. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifyPlace } from '../../../electron/cli/verify-export.ts'
import type { Selection } from '../../../shared/domain/selection.ts'
import { partExport, placeOf, wholeExport } from '../../support/export-files.ts'
import { check } from './check-log.ts'
import type { TestLog } from './log-writer.ts'
import { parseEntry } from './tampering.ts'
import type { SealedCredential } from './test-people.ts'
import { createTestVault, type TestVault } from './test-vault.ts'

const runs = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 1000 : 100

const step = fc.constantFrom(
  'seal',
  'again',
  'reveal',
  'refused',
  'cancelled',
  'classify',
  'export',
  'boot',
  'person',
  'key',
  'tap',
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** One step of a vault's life; steps that need something that is not there yet do nothing. */
function live(vault: TestVault, kind: Step, state: { credentials: SealedCredential[]; requests: string[] }): void {
  const [first, second] = vault.people
  if (first === undefined || second === undefined) return
  const credential = state.credentials.at(-1)
  switch (kind) {
    case 'seal':
      state.credentials.push(vault.seal(first))
      return
    case 'again':
      if (credential !== undefined) vault.seal(second, credential)
      return
    case 'reveal':
      if (credential !== undefined) state.requests.push(vault.reveal(first, credential, vault.people.slice(-2)).request)
      return
    case 'refused':
    case 'cancelled': {
      if (credential === undefined) return
      const { request } = vault.openRequest(second, credential)
      const refusal = { operation: request, request, code: 'TAP_CHALLENGE_WRONG' as const, person: null, key: null }
      vault.log.append('tap.refused', refusal)
      if (kind === 'cancelled') vault.log.append('request.cancelled', { request, reason: 'cancelled' })
      else vault.log.append('request.expired', { request })
      return
    }
    case 'classify': {
      const request = state.requests.pop()
      if (request !== undefined) vault.classify(second, request)
      return
    }
    case 'export':
      vault.makeExport(first)
      vault.makeExport(null)
      return
    case 'boot':
      vault.log.append('app.closed', { reason: 'quit' })
      vault.log.rotate()
      vault.log.append('app.opened', { version: '0.1.0' })
      return
    case 'person': {
      const added = vault.addPerson()
      vault.enrol(added)
      vault.changeManifest([...vault.people.slice(0, 2), added])
      return
    }
    case 'key':
      vault.enrol(first)
      vault.changeManifest([first])
      return
    case 'tap':
      vault.log.append('clock.jumped', { byMs: -3_600_000 })
  }
}

/** Exports of it, whole and in part, are as honest. */
async function expectHonestExports(vault: TestVault, log: TestLog, credential: string, which: number): Promise<void> {
  const key = vault.log.stationKey()
  const person = vault.people.at(-1)?.id ?? ''
  const at = (seq: number): string => parseEntry(log.entries[seq] ?? new Uint8Array(0)).at
  const selections: readonly Selection[] = [
    { kind: 'credential', credential },
    { kind: 'person', person },
    { kind: 'period', from: at(Math.floor(log.entries.length / 2)), to: at(log.entries.length - 1) },
  ]
  const selection = selections[which % 3]
  if (selection === undefined) throw new Error('no selection')
  for (const files of [wholeExport(log, key), partExport(log, key, selection)]) {
    const { integrity, completeness } = await verifyPlace(placeOf(files, 977), { knownCheckpoint: null }, undefined)
    expect(integrity.problems).toEqual([])
    expect(integrity.trustworthy).toBeGreaterThan(0)
    expect(completeness).toMatchObject({ verdict: 'cannot-be-judged', problems: [] })
  }
}

describe('an honest log', () => {
  it(`is intact and complete, whatever happened (${runs} lives)`, { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 8 }),
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(step, { maxLength: 10 }),
        async (seed, custodians, checkpointEvery, steps) => {
          const vault = createTestVault({ seed, custodians, threshold: 2, checkpointEvery })
          vault.setUp()
          const state = { credentials: [vault.seal(vault.people[0]!)], requests: [] }
          for (const kind of steps) live(vault, kind, state)
          const log = vault.finish()
          const known = log.checkpoints[Math.floor(log.checkpoints.length / 2)] ?? null
          const report = await check(log, known, vault.records)
          expect(report.integrity.problems).toEqual([])
          expect(report.integrity).toMatchObject({ verdict: 'intact', trustworthy: log.entries.length })
          expect(report.completeness).toMatchObject({ verdict: 'complete', problems: [] })
          expect(report.checked).toMatchObject({
            entries: log.entries.length,
            checkpoints: log.checkpoints.length,
            manifests: vault.chain.length,
            records: vault.records.length,
          })
          await expectHonestExports(vault, log, state.credentials[0]?.id ?? '', steps.length)
        },
      ),
      { numRuns: runs },
    )
  })

  it('cannot be judged complete when nothing is known from elsewhere', async () => {
    const vault = createTestVault({ seed: 'alone' })
    vault.setUp()
    const report = await check(vault.finish())
    expect(report.integrity.verdict).toBe('intact')
    expect(report.completeness).toEqual({ verdict: 'cannot-be-judged', knownSize: null, problems: [] })
    expect(report.words).toHaveLength(4)
  })
})
