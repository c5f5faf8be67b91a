/** What a station says about its sinks must be true of its own log, as far back as a verifier remembers it. */
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { entryData, type EntryData } from '../../../shared/audit/entry.ts'
import { headAgeMax } from '../../../shared/audit/recent-heads.ts'
import { isPlainType } from '../../../shared/audit/duties.ts'
import { findSinkProblem, type SinkEntry } from '../../../shared/audit/sink-duties.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import { play, type Scene } from './lying-station.ts'

const naming = ({ vault }: Scene) => ({ sink: vault.log.newId(), name: 'Share' })
type Lie<T> = (scene: Scene) => Partial<T>
const acknowledge = (change: Lie<EntryData<'sync.acknowledged'>>) =>
  play((scene) => {
    const { log } = scene.vault
    log.append('sync.acknowledged', { ...naming(scene), ...log.head(), ...change(scene) })
  })
const diverge = (change: Lie<EntryData<'sync.diverged'>>) =>
  play((scene) => {
    const { log } = scene.vault
    const { size } = log.head()
    const hashes = { ours: toBase64Url(log.leafOf(size - 1)), theirs: log.nonce() }
    log.append('sync.diverged', { ...naming(scene), size, ...hashes, ...change(scene) })
  })
const passTime = ({ vault }: Scene, entries: number): void => {
  for (let at = 0; at < entries; at++) vault.log.append('clock.jumped', { byMs: 1 })
}
/** Checkpoints are signed: one for each of so many entries would take long. */
const rarely = { checkpointEvery: 100_000 }
const other = ({ vault }: Scene): string => vault.log.nonce()

describe('an acknowledgement', () => {
  it('is of a head that the log had', async () => {
    expect(await acknowledge(() => ({}))).toEqual([])
    expect(await acknowledge(() => ({ size: 0, root: toBase64Url(nodePrimitives.sha256(new Uint8Array(0))) }))).toEqual(
      [],
    )
    expect(await acknowledge((scene) => ({ root: other(scene) }))).toEqual(['head-mismatch'])
    expect(await acknowledge(({ vault }) => ({ size: vault.log.head().size - 1 }))).toEqual(['head-mismatch'])
    expect(await acknowledge(({ vault }) => ({ size: vault.log.head().size + 1 }))).toEqual(['head-mismatch'])
  })

  it('is judged as far back as heads are remembered, and believed beyond', { timeout: 120_000 }, async () => {
    const after = (entries: number, lies: boolean) =>
      play((scene) => {
        const { log } = scene.vault
        const { size, root } = log.head()
        passTime(scene, entries)
        log.append('sync.acknowledged', { ...naming(scene), size, root: lies ? other(scene) : root })
        // One entry later it is too old to be told.
        log.append('sync.acknowledged', { ...naming(scene), size, root: other(scene) })
      }, rarely)
    expect(await after(headAgeMax, false)).toEqual([])
    expect(await after(headAgeMax, true)).toEqual(['head-mismatch'])
  })

  it('that is false is said once, and hides no tap that co-signs another history', async () => {
    const codes = await play((scene) => {
      const { vault, ada, credential } = scene
      for (let at = 0; at < 3; at++) {
        const { size } = vault.log.head()
        vault.log.append('sync.acknowledged', { ...naming(scene), size, root: other(scene) })
      }
      const head = { ...vault.log.head(), root: other(scene) }
      vault.openRequest(ada, credential, { ...vault.draftRequest(ada, credential), head })
    })
    expect(codes).toEqual(['head-mismatch', 'tap-statement-mismatch'])
  })
})

describe('a divergence', () => {
  it('is of an entry that the log had', async () => {
    expect(await diverge(() => ({}))).toEqual([])
    expect(await diverge(({ vault }) => ({ size: 1, ours: toBase64Url(vault.log.leafOf(0)) }))).toEqual([])
    expect(await diverge((scene) => ({ ours: other(scene) }))).toEqual(['head-mismatch'])
    expect(await diverge(({ vault }) => ({ size: vault.log.head().size - 1 }))).toEqual(['head-mismatch'])
    expect(await diverge(({ vault }) => ({ size: vault.log.head().size + 1 }))).toEqual(['head-mismatch'])
    expect(await diverge(() => ({ size: 0 }))).toEqual(['head-mismatch'])
  })

  it('of a sink that is longer names no entry of ours, also when the log has grown since', async () => {
    expect(await diverge(({ vault }) => ({ size: vault.log.head().size + 9, ours: null }))).toEqual([])
    expect(await diverge(() => ({ ours: null }))).toEqual([])
  })

  it('is judged as far back as leaves are remembered, and believed beyond', { timeout: 120_000 }, async () => {
    const after = (entries: number, lies: boolean) =>
      play((scene) => {
        const { log } = scene.vault
        const { size } = log.head()
        passTime(scene, entries)
        const ours = lies ? other(scene) : toBase64Url(log.leafOf(size - 1))
        log.append('sync.diverged', { ...naming(scene), size, ours, theirs: null })
        log.append('sync.diverged', { ...naming(scene), size, ours: other(scene), theirs: null })
      }, rarely)
    expect(await after(headAgeMax, false)).toEqual([])
    expect(await after(headAgeMax, true)).toEqual(['head-mismatch'])
  })
})

it('where no head is proved (in a part), only what cannot be is refused', () => {
  const nothing = { rootAt: () => undefined, leafAt: () => undefined }
  const entry = (type: SinkEntry['type'], data: object) =>
    ({ seq: 5, type, data: { name: 'Share', ...data } }) as SinkEntry
  expect(findSinkProblem(nothing, entry('sync.acknowledged', { size: 5, root: 'x' }))).toBeNull()
  expect(findSinkProblem(nothing, entry('sync.acknowledged', { size: 6, root: 'x' }))).toMatch(/more entries/)
  expect(findSinkProblem(nothing, entry('sync.diverged', { size: 5, ours: 'x' }))).toBeNull()
  expect(findSinkProblem(nothing, entry('sync.diverged', { size: 6, ours: 'x' }))).toMatch(/not there/)
})

it('no entry about a sink takes the way of those that bind nobody', () => {
  const types = Object.keys(entryData).filter((type) => type.startsWith('sync.')) as SinkEntry['type'][]
  expect(types.filter(isPlainType)).toEqual([])
})
