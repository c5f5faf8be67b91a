/** Exports of every kind, honest and tampered with: each gets the verdict, the code and the exit code that it must. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { exitCodeOf, verifyPlace } from '../../../electron/cli/verify-export.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import type { Known } from '../../../shared/audit/known-checkpoint.ts'
import { verifyReportSchema, type VerifyReport } from '../../../shared/audit/report.ts'
import { verifyExport } from '../../../shared/audit/verify-export.ts'
import { partExport, placeOf, wholeExport, type Files } from '../../support/export-files.ts'
import { knownOf, playScene } from '../../support/tamper-case.ts'
import { makeTamperCorpus } from '../../support/tamper-corpus.ts'

/** A slice looks at one byte in this many, the campaign at every one. */
const stride = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 1 : 61

const verify = (files: Files, known: Known = { knownCheckpoint: null }): Promise<VerifyReport> =>
  verifyExport(nodePrimitives, placeOf(files), { ...known, createHash: () => createHash('sha256') })

describe('an export', () => {
  const corpus = makeTamperCorpus()

  it.each(corpus.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const report = verifyReportSchema.parse(await verify(one.files, knownOf(one)))
    const codes = [...report.integrity.problems, ...report.completeness.problems].map(({ code }) => code)
    if (one.code === null) expect(codes).toEqual([])
    else expect(codes).toContain(one.code)
    expect(report.integrity.verdict).toBe(one.integrity)
    expect(report.completeness.verdict).toBe(one.completeness)
    expect(exitCodeOf(report)).toBe(one.exit)
    // The command line verifies taps ahead, on other cores: it must say the same.
    expect(await verifyPlace(placeOf(one.files, 4099), knownOf(one), undefined)).toEqual(report)
  })
})

describe('every byte of an export', () => {
  const scene = playScene('flip every byte')
  const { log, key, credential } = scene
  const exports = {
    whole: wholeExport(log, key),
    part: partExport(log, key, { kind: 'credential', credential }),
  }

  it.each(['whole', 'part'] as const)(
    `of a %s one matters: changed or cut off there, it is broken (every ${stride}th byte)`,
    { timeout: 3_600_000 },
    async (kind) => {
      const files = exports[kind]
      expect((await verify(files)).integrity.problems).toEqual([])
      for (const [name, bytes] of files) {
        for (let at = 0; at < bytes.length; at += stride) {
          const flipped = Uint8Array.from(bytes)
          // Another bit at every position, so that signs, digits and letters all turn into neighbours and strangers.
          flipped[at]! ^= 1 << (at % 8)
          const { integrity } = await verify(new Map([...files, [name, flipped]]))
          expect(integrity.verdict, `${name} byte ${at}`).toBe('broken')
          if (at % (stride * 5) !== 0) continue
          const cut = await verify(new Map([...files, [name, bytes.slice(0, at)]]))
          expect(cut.integrity.verdict, `${name} cut at ${at}`).toBe('broken')
        }
        for (const more of ['\n', 'x', 'x\n', '\n\n']) {
          const longer = Uint8Array.from([...bytes, ...new TextEncoder().encode(more)])
          const { integrity } = await verify(new Map([...files, [name, longer]]))
          expect(integrity.verdict, `${name} + ${JSON.stringify(more)}`).toBe('broken')
        }
      }
    },
  )
})
