/** What main remembers of the manifest, through the whole app under Node, across restarts and restores. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { AppState } from '../../../shared/contracts/app.ts'
import { sentenceFor } from '../../../renderer/ui/sentences.ts'
import { createSoftwareKey } from '../../support/software-key.ts'
import {
  finish,
  firstKey,
  openRequest,
  sealCredential,
  setUpVault,
  startJourney,
  textField,
  type JourneyApp,
  type ReadyVault,
} from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from './starters.ts'

/** Never reached in a good run, however busy the machine. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let place: Workplace
let journey: JourneyApp
let vault: ReadyVault
let credential: string

const restart = async (between: () => void = () => undefined): Promise<void> => {
  await journey.app.close()
  between()
  journey = await startJourney(starters(place))
}
const ready = (): Promise<AppState> => journey.app.until((state) => state.phase === 'ready')
const root = (): string => path.dirname(place.dir)
const files = (): string[] => readdirSync(root()).filter((name) => name.startsWith('known-manifest-'))
const known = (): unknown => JSON.parse(readFileSync(path.join(root(), files()[0] ?? ''), 'utf8'))
const ended = async (operation: string): Promise<AppState['lastOutcome']> =>
  (await journey.app.until((now) => now.operation === null && now.lastOutcome?.operation === operation)).lastOutcome
/** The first custodian's first key is struck off by the others. */
async function retire(): Promise<void> {
  const [ada, grace, edsger] = vault.custodians
  const { operation } = await journey.app.call['keys.retire']({ person: ada!.id, key: firstKey(ada!).credentialId })
  for (const person of [grace!, edsger!]) journey.tap.touch(firstKey(person))
  await finish(journey, operation)
  journey.tap.forget()
}
/** A request gets as far as its first page, and is given up. */
async function asks(): Promise<void> {
  const operation = await openRequest(journey, vault.requester, credential)
  await journey.app.until((state) => state.operation?.stage === 'tap')
  await expect.poll(() => journey.tap.views.length).toBeGreaterThan(0)
  await journey.app.call['operation.cancel']({ operation })
  await ended(operation)
  journey.tap.forget()
}

beforeEach(async () => {
  place = makeWorkplace()
  journey = await startJourney(starters(place))
  vault = await setUpVault(journey, { n: 3, k: 2 })
  credential = await sealCredential(journey, vault, [textField('Password', 'correct-horse-7731')])
})
afterEach(async () => {
  await journey.app.close()
  place.remove()
})

it('goes along with set-up, a change, a further key and restarts', async () => {
  expect(known()).toMatchObject({ version: 1, hash: journey.app.state().vault?.manifestHash })
  await retire()
  expect(known()).toMatchObject({ version: 2, hash: journey.app.state().vault?.manifestHash })
  await restart()
  await ready()
  await asks()
  const [, grace] = vault.custodians
  const backup = createSoftwareKey()
  const { operation } = await journey.app.call['keys.add']({ person: grace!.id, label: 'Backup' })
  for (const key of [backup, backup, backup, firstKey(grace!)]) journey.tap.touch(key)
  await finish(journey, operation)
  journey.tap.forget()
  expect(known()).toMatchObject({ version: 3, hash: journey.app.state().vault?.manifestHash })
  await restart()
  await ready()
  await asks()
  expect(files()).toHaveLength(1)
})

it('refuses a vault folder restored from an older copy, in words, until somebody takes the file away', async () => {
  const older = path.join(root(), 'backup')
  await restart(() => {
    cpSync(place.dir, older, { recursive: true })
  })
  await ready()
  await retire()
  await restart(() => {
    rmSync(place.dir, { recursive: true })
    cpSync(older, place.dir, { recursive: true })
  })
  await ready()
  const operation = await openRequest(journey, vault.requester, credential)
  expect(await ended(operation)).toMatchObject({ result: 'failed', code: 'MANIFEST_OLDER' })
  expect(sentenceFor('MANIFEST_OLDER')).toContain('not the one that was in force on this machine')
  // Nobody was asked: the key that was struck off does not count again.
  expect(journey.tap.views).toEqual([])
  // On purpose after all: what operations.md says.
  const file = path.join(root(), files()[0] ?? '')
  await restart(() => {
    renameSync(file, path.join(root(), 'put-away'))
  })
  await ready()
  await asks()
  expect(existsSync(file)).toBe(true)
  expect(known()).toMatchObject({ version: 1 })
})

it('refuses another vault in the place of the one that was here, before anybody enrols a key', async () => {
  await restart(() => {
    rmSync(place.dir, { recursive: true })
  })
  await expect(setUpVault(journey, { n: 3, k: 2 })).rejects.toThrow('operation ended failed MANIFEST_OLDER')
  expect(journey.app.state().phase).toBe('setup')
  // The first person's first key: nobody has touched one yet.
  expect(journey.tap.views).toEqual([])
})
