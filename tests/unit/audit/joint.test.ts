/** What several people sign together, records sealed anew, versions destroyed: the truth passes, and every lie is found. */
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { createLogVerifier } from '../../../shared/audit/verify.ts'
import type { StoredRecord } from '../../../shared/audit/records.ts'
import { jointLies } from './joint-lies.ts'
import { begin, play } from './lying-station.ts'

describe('several people, one statement', () => {
  for (const [name, { tell, found }] of Object.entries(jointLies)) {
    it(found === null ? name : `finds: ${name}`, async () => {
      const codes = await play((scene) => {
        tell(scene, scene.credential)
      })
      expect(codes[0] ?? null).toBe(found)
    })
  }
})

/** Problems of the records at rest. */
function checkRecords(prepare: (scene: ReturnType<typeof begin>) => StoredRecord[]): string[] {
  const scene = begin()
  const records = prepare(scene)
  const { entries, manifests, checkpoints } = scene.vault.finish()
  const verifier = createLogVerifier(nodePrimitives, { manifests, withRecords: true, knownCheckpoint: null })
  for (const entry of entries) verifier.addEntry(entry)
  for (const note of checkpoints.slice(-1)) verifier.addCheckpoint(note)
  for (const record of records) verifier.addRecord(record)
  return verifier.report().integrity.problems.map(({ code, detail }) => `${code}: ${detail}`)
}

describe('records at rest', () => {
  const change = ({ vault, ada, grace }: ReturnType<typeof begin>): void => {
    vault.people.splice(2, 1)
    vault.changeManifest([ada, grace])
  }

  it('are those that were sealed anew, and no others', () => {
    expect(
      checkRecords((scene) => {
        change(scene)
        return scene.vault.records
      }),
    ).toEqual([])
    const old = checkRecords((scene) => {
      const before = [...scene.vault.records]
      change(scene)
      return before
    })
    expect(old).toEqual([expect.stringContaining('record-damaged')])
  })

  it('are gone where they were destroyed', () => {
    const destroyed = (keep: boolean) =>
      checkRecords(({ vault, ada, credential }) => {
        vault.seal(ada, credential)
        const all = [...vault.records]
        vault.destroy(ada, credential.id, 1)
        return keep ? all : vault.records
      })
    expect(destroyed(false)).toEqual([])
    expect(destroyed(true)).toEqual([
      expect.stringMatching(/^record-not-in-log: .* was destroyed, and is still there$/),
    ])
  })
})
