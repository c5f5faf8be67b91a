/** What an investigation starts from: the export of a vault that does not verify. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportVault } from '../../../electron/vault/export-vault.ts'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { openDatabase } from '../../../electron/vault/store/driver.ts'
import { exportFiles } from '../../../shared/audit/export.ts'
import { createHandClock, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { seal, setUp } from '../../support/vault-steps.ts'

let place: Place
beforeEach(async () => {
  place = makePlace()
  const world = openWorld(place, createHandClock())
  await seal(world, await setUp(world))
  await world.close()
})
afterEach(() => place.remove())

describe('a vault that does not verify is exported as it is, unrecorded', () => {
  it.each([
    ['the end of the log', 'UPDATE log_state SET size = size + 1', false],
    ['the manifest', `UPDATE manifests SET signatures = CAST('[]' AS BLOB)`, true],
  ])('%s', async (_, sql, isManifest) => {
    const database = await openDatabase(place.file, 'write')
    await database.execute(sql)
    const before = await database.all('SELECT bytes FROM entries ORDER BY seq')
    await database.close()
    const { path: folder, recorded } = await exportVault({
      dir: place.dir,
      wish: { selection: null, archive: false, chosen: path.join(place.root, 'export') },
      programDir: null,
      clock: createHandClock(),
      appVersion: '0.0.0',
      knownCheckpointFile: null,
    })
    expect(recorded).toBeNull()
    const lines = readFileSync(path.join(folder, exportFiles.log), 'utf8').split('\n').slice(0, before.length)
    expect(lines).toEqual(before.map(({ bytes }) => Buffer.from(bytes as Uint8Array).toString()))
    expect(readFileSync(path.join(folder, exportFiles.manifests), 'utf8')).toContain('"manifest":')
    expect(readFileSync(path.join(folder, exportFiles.readme), 'utf8')).toContain('NOT RECORDED')
    const { integrity } = await verifyFolder(folder, null)
    expect(integrity.verdict).toBe(isManifest ? 'broken' : 'intact')
    const after = await openDatabase(place.file, 'read')
    expect(await after.all(`SELECT seq FROM entries WHERE type = 'export.made'`)).toEqual([])
    await after.close()
  })
})
