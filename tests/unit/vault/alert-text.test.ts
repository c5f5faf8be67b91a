/** The alert text of a real vault, and `halligan verify-alert` with everything that it can be held against. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../../electron/cli/run.ts'
import { exportVault } from '../../../electron/vault/export-vault.ts'
import { parseAlertText } from '../../../shared/audit/alert-text.ts'
import type { Selection } from '../../../shared/domain/selection.ts'
import { createHandClock, makePlace, openWorld } from '../../support/vault-place.ts'
import { grant, openRequest, seal, setUp } from '../../support/vault-steps.ts'

const clock = createHandClock()
const place = makePlace()
const stranger = makePlace()
let opened: string
let granted: string
let whole: string
let part: string

async function run(text: string, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const file = path.join(place.root, 'text')
  writeFileSync(file, text)
  let out = ''
  let err = ''
  const output = { write: (more: string) => void (out += more), writeError: (more: string) => void (err += more) }
  const code = await runCommandLine(['verify-alert', ...argv, file], output)
  return { code, out, err }
}

async function exportTo(name: string, selection: Selection | null): Promise<string> {
  const { path: to } = await exportVault({
    dir: place.dir,
    wish: { selection, archive: false, chosen: path.join(place.root, name) },
    appVersion: 'test',
    programDir: null,
    clock,
    knownCheckpointFile: null,
  })
  return to
}

beforeAll(async () => {
  const world = openWorld(place, clock)
  const ready = await setUp(world)
  const credential = await seal(world, ready)
  const job = await openRequest(world, ready, credential)
  const { request } = job.statement
  opened = (await world.call['alerts.text']({ request })).text
  await grant(world, ready, job)
  granted = (await world.call['alerts.text']({ request })).text
  await expect(world.call['alerts.text']({ request: 'A'.repeat(22) })).rejects.toMatchObject({
    code: 'REQUEST_UNKNOWN',
  })
  await world.close()
  const other = openWorld(stranger, clock)
  await seal(other, await setUp(other))
  await other.close()
  part = await exportTo('part', { kind: 'credential', credential })
  whole = await exportTo('whole', null)
})
afterAll(() => {
  place.remove()
  stranger.remove()
})

describe('an alert text', () => {
  it('says what is asked and then what was opened, and both are genuine', async () => {
    expect(parseAlertText(opened)?.facts.kind).toBe('opened')
    expect(parseAlertText(granted)?.facts.kind).toBe('granted')
    for (const text of [opened, granted]) {
      const { code, out } = await run(text, '--vault', place.dir)
      expect(out).toContain('Genuine')
      expect(out).toContain('The log agrees')
      expect(code).toBe(0)
      expect((await run(text, '--export', whole)).code).toBe(0)
      const shown = await run(text, '--export', part)
      expect(shown.out).toContain('A part of a log cannot tell its head')
      expect(shown.code).toBe(0)
    }
  })

  it('a changed word is not genuine, whatever it is held against', async () => {
    const changed = opened.replace(/^What: ./m, 'What: Z')
    for (const argv of [
      ['--vault', place.dir],
      ['--export', whole],
      ['--key', 'A'.repeat(43)],
    ]) {
      const { code, out } = await run(changed, ...argv)
      expect(out).toContain('NOT GENUINE')
      expect(code).toBe(1)
    }
  })

  it('another station cannot tell, and says so', async () => {
    const { code, out } = await run(opened, '--vault', stranger.dir)
    expect(out).toContain('the key that it names is not in this log')
    expect(code).toBe(3)
  })

  it('what is no alert text is none', async () => {
    expect(await run('Good morning')).toMatchObject({ code: 1, out: '' })
    expect((await run(opened, '--vault', path.join(place.root, 'nowhere'))).code).toBe(2)
    expect((await run(opened, '--vault', place.dir, '--key', 'A'.repeat(43))).code).toBe(2)
    expect((await run(opened, '--key', 'short')).code).toBe(2)
  })

  it('JSON says the same', async () => {
    const { out } = await run(granted, '--vault', place.dir, '--json')
    expect(JSON.parse(out)).toMatchObject({
      result: 'genuine',
      finding: { signature: 'genuine', integrity: 'intact', differs: [], shows: { entry: true, head: true } },
      facts: { kind: 'granted' },
    })
  })
})
