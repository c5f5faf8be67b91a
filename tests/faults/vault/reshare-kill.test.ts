/**
 * kill -9 of the vault process or of the strongroom at every step of a change of custodians: afterwards it is the old state or the
 * new one, whole, and the change can be carried through.
 */
import { cpSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { systemClock } from '../../../electron/platform/clock.ts'
import type { ProcessEnvironment } from '../../../electron/platform/ports.ts'
import { startStrongroom } from '../../../electron/strongroom/strongroom.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import { readRows } from '../../e2e/journey/log.ts'
import { bundleStrongroom, type StrongroomProgram } from '../../support/forked-strongroom.ts'
import { bundleVault, type ForkedVault, type VaultProgram } from '../../support/forked-vault.ts'
import { applyChange, arrive, makeTestPerson, replacePerson, sameAsNow } from '../../support/people-change.ts'
import {
  firstKey,
  openRequest,
  revealPage,
  sealCredential,
  setUpVault,
  startJourney,
  textField,
  type JourneyApp,
  type ReadyVault,
  type TestPerson,
} from '../../support/vault-journey.ts'
import { eventually } from '../../support/vault-world.ts'
import { makeWorkplace, starters, type Workplace } from '../../unit/system/starters.ts'
import { mulberry32 } from './seeded-random.ts'

const isFull = process.env['HALLIGAN_CAMPAIGN'] === 'full'
const credentials = 3

let vaultProgram: VaultProgram
let strongroomProgram: StrongroomProgram
let origin: Workplace
let vault: ReadyVault
let fresh: TestPerson

beforeAll(async () => {
  vaultProgram = bundleVault()
  strongroomProgram = bundleStrongroom()
  origin = makeWorkplace()
  const journey = await startJourney(starters(origin))
  vault = await setUpVault(journey, { n: 3, k: 2 })
  for (let at = 0; at < credentials; at++) {
    await sealCredential(journey, vault, [textField('Password', `Secret ${at}`)], { name: `Credential ${at}` })
  }
  fresh = makeTestPerson('Frida Fresh')
  const leaver = vault.custodians[2]!
  await journey.app.call['people.change'](replacePerson(sameAsNow(journey.app.state()), leaver.id, fresh))
  await arrive(journey, fresh)
  await journey.app.close()
})
afterAll(() => {
  vaultProgram.remove()
  strongroomProgram.remove()
  origin.remove()
})

type Victim = 'vault' | 'strongroom'

interface Round {
  readonly victim: Victim
  /** Which message of the strongroom to the vault it is; the process dies so many milliseconds after that was sent. */
  readonly message: number
  readonly afterMs: number
}

function join(one: Port, other: Port, onMessage: () => void): void {
  one.onMessage((message) => {
    other.post(message)
    onMessage()
  })
  other.onMessage(one.post)
  one.onClose(other.close)
  other.onClose(one.close)
}

/** The app with processes that can be killed; `messages` counts what strongrooms said to the vault process. */
async function startKillable(place: Workplace, round: Round | null) {
  let forked: ForkedVault | undefined
  let messages = 0
  const kill = (): void => {
    if (messages !== round?.message) return
    const children = strongroomProgram.children
    setTimeout(() => (round.victim === 'vault' ? forked?.child : children.at(-1))?.kill('SIGKILL'), round.afterMs)
  }
  const count = (): void => {
    messages++
    kill()
  }
  const startVault = (environment: ProcessEnvironment): void => {
    const link = vaultProgram.start({ dir: place.dir, knownCheckpointFile: place.knownCheckpointFile })
    forked = link
    join(environment.control, link.control, () => undefined)
    environment.onPort((name, operation, port) => {
      const theirs = link.openPort(name, operation)
      join(port, theirs, name === 'strongroom' ? count : () => undefined)
    })
  }
  const startOne =
    round?.victim === 'strongroom'
      ? strongroomProgram.start
      : (environment: ProcessEnvironment): unknown => startStrongroom(environment, { clock: systemClock })
  const journey = await startJourney({
    startVault,
    startStrongroom: startOne,
    openKnownManifests: starters(place).openKnownManifests!,
  })
  const isDead = (): boolean => forked?.child.signalCode === 'SIGKILL'
  return { journey, messages: () => messages, isDead, dead: () => forked?.kill() ?? Promise.resolve() }
}

const people = (): [TestPerson, TestPerson, TestPerson] => [vault.custodians[0]!, vault.custodians[1]!, fresh]

const copyOrigin = (): Workplace => {
  const place = makeWorkplace()
  cpSync(path.dirname(origin.dir), path.dirname(place.dir), { recursive: true })
  return place
}

const headers = async (dir: string): Promise<{ manifest: { version: number } }[]> =>
  (await readRows<{ header: Uint8Array }>(dir, 'SELECT header FROM records')).map(
    ({ header }) => JSON.parse(Buffer.from(header).toString()) as { manifest: { version: number } },
  )

async function expectWhole(journey: JourneyApp, dir: string): Promise<boolean> {
  await journey.app.until((state) => state.log.integrity !== 'checking')
  const state = await journey.app.call.state({})
  const version = state.vault?.manifestVersion
  const isNew = version === 2
  expect((await journey.app.call['log.verify']({})).integrity.problems).toEqual([])
  expect((await headers(dir)).map(({ manifest }) => manifest.version)).toEqual(
    Array.from({ length: credentials }, () => version),
  )
  expect(state.change === null).toBe(isNew)
  expect(await readRows(dir, 'SELECT * FROM new_records')).toEqual([])
  expect(await readRows(dir, 'SELECT * FROM new_shares')).toEqual([])
  const wrapped = new Set(
    (await readRows<{ person: string }>(dir, 'SELECT person FROM wraps')).map(({ person }) => person),
  )
  expect(wrapped).toEqual(new Set((isNew ? people() : vault.custodians).map(({ id }) => id)))
  return isNew
}

async function openOne(journey: JourneyApp): Promise<void> {
  const [first] = await journey.app.call['credentials.list']({})
  const operation = await openRequest(journey, vault.requester, first!.id)
  for (const person of [vault.requester, people()[1], fresh]) journey.tap.touch(firstKey(person))
  const page = await revealPage(journey)
  await page.begin({})
  expect(Buffer.from((await page.show({ field: 0 })).value).toString()).toMatch(/^Secret \d$/)
  await journey.app.call['operation.cancel']({ operation })
  await journey.app.until((state) => state.operation === null)
}

/** One kill; resolves with whether the switch had come. */
async function killOnce(round: Round): Promise<boolean> {
  const place = copyOrigin()
  try {
    const { journey, isDead, dead } = await startKillable(place, round)
    await journey.app.until((state) => state.log.integrity === 'intact')
    for (const person of [...people(), ...people()]) journey.tap.touch(firstKey(person))
    const applied = journey.app.call['people.apply']({}).catch(() => undefined)
    if (round.victim === 'strongroom') {
      await applied
      await journey.app.until((state) => state.operation === null && state.lastOutcome !== null, 'an end')
      await journey.app.close()
    } else {
      await eventually(isDead, 'the end of the vault process')
      void applied
    }
    await dead()

    expect((await verifyFolder(place.dir, null)).integrity.problems).toEqual([])
    const again = await startJourney(starters(place))
    const isNew = await expectWhole(again, place.dir)
    if (!isNew) await applyChange(again, people(), people())
    expect(await expectWhole(again, place.dir)).toBe(true)
    await openOne(again)
    await again.app.close()
    return isNew
  } finally {
    place.remove()
  }
}

/** How many messages a change takes that nobody disturbs. */
async function countMessages(): Promise<number> {
  const place = copyOrigin()
  const { journey, messages, dead } = await startKillable(place, null)
  await journey.app.until((state) => state.log.integrity === 'intact')
  await applyChange(journey, people(), people())
  await journey.app.close()
  await dead()
  place.remove()
  return messages()
}

describe('kill -9 while custodians change', () => {
  it('leaves the old state or the new one, never anything between', async () => {
    const total = await countMessages()
    expect(total).toBeGreaterThan(12)
    const random = mulberry32(4711)
    const all = (['vault', 'strongroom'] as const).flatMap((victim) =>
      Array.from({ length: total }, (_, at) => at + 1).flatMap((message) =>
        (isFull ? [0, 2, 8] : [0]).map((afterMs): Round => ({ victim, message, afterMs })),
      ),
    )
    // The last messages are those of the switch: they are always among those that are tried.
    const chosen = isFull
      ? all
      : [
          ...all.filter(({ message, victim }) => victim === 'vault' && message >= total - 2 && message < total),
          ...all.filter(() => random() < 0.04),
        ]
    const seen = new Set<boolean>()
    for (const round of chosen) {
      const isNew = await killOnce(round).catch((error: unknown) => {
        throw new Error(`kill of the ${round.victim} ${round.afterMs} ms after message ${round.message} of ${total}`, {
          cause: error,
        })
      })
      seen.add(isNew)
    }
    expect(seen.has(false)).toBe(true)
  }, 3_600_000)
})
