/** Every byte of an export matters: change any one and the verification says so. */
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { createExportSource } from '../../../shared/audit/export-source.ts'
import { checkpointPart, logLine, manifestLine } from '../../../shared/audit/export.ts'
import type { VerifyReport } from '../../../shared/audit/report.ts'
import { verifyLog } from '../../../shared/audit/verify-log.ts'
import { concatBytes, utf8 } from '../../../shared/bytes.ts'
import { createTestVault } from './test-vault.ts'

/** A slice looks at one byte in this many, the campaign at every one. */
const stride = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 1 : 7

interface Files {
  readonly log: Uint8Array<ArrayBuffer>
  readonly checkpoints: Uint8Array<ArrayBuffer>
  readonly manifests: Uint8Array<ArrayBuffer>
}

function makeExport(): Files {
  const vault = createTestVault({ seed: 'flips', custodians: 2, checkpointEvery: 4 })
  vault.setUp()
  const [ada, grace] = vault.people
  const credential = vault.seal(ada!)
  vault.reveal(ada!, credential, [ada!, grace!], 1)
  vault.log.rotate()
  const log = vault.finish()
  return {
    log: concatBytes(...log.entries.map(logLine)),
    checkpoints: utf8(log.checkpoints.map((note, at) => checkpointPart(note, at === 0)).join('')),
    manifests: concatBytes(...vault.chain.map(manifestLine)),
  }
}

/** Hands a file over in chunks of odd sizes, as a stream would. */
async function* inChunks(bytes: Uint8Array, size = 997): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
}

const verify = (files: Files, chunk = 997): Promise<VerifyReport> =>
  verifyLog(
    nodePrimitives,
    createExportSource({
      log: () => inChunks(files.log, chunk),
      checkpoints: () => inChunks(files.checkpoints, chunk),
      manifests: () => inChunks(files.manifests, chunk),
    }),
    { knownCheckpoint: null },
  )

describe('an export', () => {
  const files = makeExport()

  it('is intact as it was written, in chunks of any size', async () => {
    for (const chunk of [1, 64, 997, 1_000_000]) {
      expect((await verify(files, chunk)).integrity).toMatchObject({ verdict: 'intact', problems: [] })
    }
  })

  it.each(['log', 'checkpoints', 'manifests'] as const)(
    `is broken with a byte of its %s changed (every ${stride}th byte)`,
    { timeout: 3_600_000 },
    async (name) => {
      for (let at = 0; at < files[name].length; at += stride) {
        const changed = Uint8Array.from(files[name])
        // Another bit at every position, so that signs, digits and letters all turn into neighbours and strangers.
        changed[at]! ^= 1 << (at % 8)
        const { integrity } = await verify({ ...files, [name]: changed })
        expect(integrity.verdict, `${name} byte ${at}`).toBe('broken')
      }
    },
  )

  it.each(['log', 'checkpoints', 'manifests'] as const)(
    'is broken when the end of its %s is cut off anywhere',
    { timeout: 3_600_000 },
    async (name) => {
      for (let at = 0; at < files[name].length; at += stride * 5) {
        const { integrity } = await verify({ ...files, [name]: files[name].slice(0, at) })
        expect(integrity.verdict, `${name} cut at ${at}`).toBe('broken')
      }
      const { integrity } = await verify({ ...files, [name]: files[name].slice(0, -1) })
      expect(integrity.verdict).toBe('broken')
    },
  )

  it('is broken with something after its end', async () => {
    for (const name of ['log', 'checkpoints', 'manifests'] as const) {
      for (const more of ['\n', 'x', 'x\n', '\n\n']) {
        const { integrity } = await verify({ ...files, [name]: concatBytes(files[name], utf8(more)) })
        expect(integrity.verdict, `${name} + ${JSON.stringify(more)}`).toBe('broken')
      }
    }
  })
})
