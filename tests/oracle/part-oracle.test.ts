/** Parts of honest logs: however they are cut, both verifiers take them for what they are. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyFolder } from '../../electron/cli/verify-command.ts'
import type { Entry } from '../../shared/audit/entry.ts'
import { fromUtf8 } from '../../shared/bytes.ts'
import type { Selection } from '../../shared/domain/selection.ts'
import { choosePart, partExport } from '../support/export-files.ts'
import { delayed } from '../unit/audit/delay-scene.ts'
import { delayTruths } from '../unit/audit/delay-truths.ts'
import { jointLies } from '../unit/audit/joint-lies.ts'
import { begin } from '../unit/audit/lying-station.ts'
import type { VaultOptions } from '../unit/audit/test-vault.ts'
import { versionLies } from '../unit/audit/version-lies.ts'
import { judge, noPython, title } from './run-oracle.ts'

/** A slice looks at one moment in this many, the campaign at every one. */
const stride = process.env['HALLIGAN_CAMPAIGN'] === 'full' ? 1 : 5

type Story = Pick<(typeof delayTruths)[string], 'tell' | 'found'>
const stories: readonly (readonly [name: string, story: Story, options: Partial<VaultOptions>])[] = [
  ...Object.entries(jointLies).map(([name, story]) => [name, story, {}] as const),
  ...Object.entries(versionLies).map(([name, story]) => [name, story, {}] as const),
  ...Object.entries(delayTruths).map(([name, story]) => [name, story, delayed] as const),
].filter(([, { found }]) => found === null)

let root: string
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'halligan-part-oracle-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function tell({ tell: play }: Story, options: Partial<VaultOptions>) {
  const scene = begin({ seed: 'oracle parts', checkpointEvery: 5, ...options })
  scene.vault.seal(scene.ada)
  play(scene, scene.credential)
  const log = scene.vault.finish()
  return { ...scene, log, entries: log.entries.map((bytes) => JSON.parse(fromUtf8(bytes)) as Entry) }
}

function selectionsOf({ vault, edsger, credential, entries }: ReturnType<typeof tell>): Selection[] {
  return [
    ...[credential.id, vault.records.at(-1)?.credential ?? ''].map((id) => ({
      kind: 'credential' as const,
      credential: id,
    })),
    ...[...vault.people, edsger].map(({ id }) => ({ kind: 'person' as const, person: id })),
    ...entries.flatMap(({ at }, seq) => (seq % stride === 0 ? [{ kind: 'period' as const, from: at, to: at }] : [])),
  ]
}

describe.skipIf(noPython)(title, () => {
  it('takes every part of an honest log for what it is', { timeout: 300_000 }, async () => {
    const folders: { readonly folder: string; readonly what: string }[] = []
    for (const [name, story, options] of stories) {
      const told = tell(story, options)
      for (const selection of selectionsOf(told)) {
        const folder = path.join(root, String(folders.length))
        mkdirSync(folder)
        const files = partExport(told.log, told.vault.log.stationKey(), selection)
        for (const [file, bytes] of files) writeFileSync(path.join(folder, file), bytes)
        folders.push({ folder, what: `${name}: ${JSON.stringify(selection)}` })
      }
    }
    const reports = judge(folders.map(({ folder }) => folder))
    for (const [at, { folder, what }] of folders.entries()) {
      expect((await verifyFolder(folder, null)).integrity, what).toMatchObject({ verdict: 'intact', problems: [] })
      expect(reports[at]?.integrity, what).toMatchObject({ verdict: 'intact', problems: [] })
    }
  })
})

describe('a part', () => {
  const requestOf = ({ type, data }: Entry): string | null =>
    type === 'request.opened' || type === 'request.resumed'
      ? data.statement.request
      : 'request' in data
        ? data.request
        : null

  it('shows all entries of a request or none, whichever of them was asked for', () => {
    const told = tell(delayTruths['the truth about a request that was stopped']!, delayed)
    const types = new Set<string>()
    for (const entry of told.entries) {
      const request = requestOf(entry)
      if (request === null) continue
      const part = choosePart(told.log, { kind: 'period', from: entry.at, to: entry.at })
      const shown = part.entries.map((bytes) => JSON.parse(fromUtf8(bytes)) as Entry)
      const whole = told.entries.filter((one) => requestOf(one) === request)
      expect(shown.filter((one) => requestOf(one) === request)).toEqual(whole)
      expect(shown.every((one) => [null, request].includes(requestOf(one)))).toBe(true)
      types.add(entry.type)
    }
    expect([...types]).toEqual(
      expect.arrayContaining(['request.waiting', 'request.resumed', 'request.vetoed', 'request.granted']),
    )
  })

  it('of whoever stopped a request shows the request', () => {
    const told = tell(delayTruths['the truth about one who can stop requests and holds no share']!, delayed)
    const vetoed = told.entries.find(({ type }) => type === 'request.vetoed')
    if (vetoed?.type !== 'request.vetoed') throw new Error('nobody stopped anything')
    const part = choosePart(told.log, { kind: 'person', person: vetoed.data.statement.person })
    const shown = part.entries.map((bytes) => (JSON.parse(fromUtf8(bytes)) as Entry).type)
    expect(shown).toEqual(
      expect.arrayContaining(['request.opened', 'tap.accepted', 'request.waiting', 'request.vetoed']),
    )
  })
})
