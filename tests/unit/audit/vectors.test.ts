/** The committed vectors are what this code makes, and what it says about them. */
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyPlace } from '../../../electron/cli/verify-export.ts'
import { placeOf } from '../../support/export-files.ts'
import { utf8 } from '../../../shared/bytes.ts'
import { verifyReportSchema } from '../../../shared/audit/report.ts'
import { check } from './check-log.ts'
import {
  exportVectorsDir,
  makeExportVectors,
  makeVectors,
  vectorsDir,
  type ExportVector,
  type LogVector,
} from './make-vectors.ts'

const files = readdirSync(vectorsDir).filter((name) => name.endsWith('.json'))
const read = (name: string): LogVector => JSON.parse(readFileSync(path.join(vectorsDir, name), 'utf8')) as LogVector

describe('vectors of the log', () => {
  it('are made anew, byte for byte', async () => {
    const made = await makeVectors()
    expect(Object.keys(made).sort()).toEqual([...files].sort())
    for (const [name, vector] of Object.entries(made)) expect(read(name), name).toEqual(vector)
  })

  it.each(files)('%s is judged as expected', async (name) => {
    const { entries, checkpoints, manifests, knownCheckpoint, expected } = read(name)
    const log = { entries: entries.map(utf8), checkpoints: [...checkpoints], manifests: manifests.map(utf8) }
    expect(await check(log, knownCheckpoint)).toEqual(expected)
    expect(verifyReportSchema.parse(expected)).toEqual(expected)
  })
})

const exportFiles = readdirSync(exportVectorsDir).filter((name) => name.endsWith('.json'))
const readExport = (name: string): ExportVector =>
  JSON.parse(readFileSync(path.join(exportVectorsDir, name), 'utf8')) as ExportVector

describe('vectors of exports', () => {
  it('are made anew, byte for byte', async () => {
    const made = await makeExportVectors()
    expect(Object.keys(made).sort()).toEqual([...exportFiles].sort())
    for (const [name, vector] of Object.entries(made)) expect(readExport(name), name).toEqual(vector)
  })

  it.each(exportFiles)('%s is judged as expected', async (name) => {
    const { files: texts, knownCheckpoint, expected } = readExport(name)
    const place = placeOf(new Map(Object.entries(texts).map(([one, text]) => [one, utf8(text)])))
    expect(await verifyPlace(place, { knownCheckpoint }, undefined)).toEqual(expected)
    expect(verifyReportSchema.parse(expected)).toEqual(expected)
  })
})
