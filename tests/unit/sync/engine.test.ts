import { afterEach, describe, expect, it, vi } from 'vitest'
import { deliveryLimits } from '../../../shared/contracts/courier.ts'
import { newId } from '../../support/vault-world.ts'
import { breathe } from './hand-timers.ts'
import { createRig, opened, syslogAt, testPatienceMs, type Rig } from './rig.ts'
import { createScriptedSink, type ScriptedSink } from './scripted-sink.ts'

vi.setConfig({ testTimeout: testPatienceMs })

let rig: Rig
let sink: ScriptedSink

async function start(answersHead = true): Promise<void> {
  sink = createScriptedSink()
  sink.answersHead = answersHead
  rig = await createRig([syslogAt()], () => sink.open())
}
afterEach(() => rig.end())

const logName = () => ({ vault: rig.log().genesis.vault, station: rig.log().genesis.station })
const heldHashes = (): string[] => sink.held(logName()).map(({ hash }) => hash)
const isCurrent = (): boolean => rig.sync().view().length > 0 && rig.view().state === 'current'
/** The sink holds what the log holds, in order, and was never shown a gap. */
async function expectSame(): Promise<void> {
  expect(sink.complaints).toEqual([])
  expect(heldHashes()).toEqual(await rig.hashes())
}
/** Time passes, but not while the only sink is being tried: then nobody waits for anything. */
async function passBetweenTries(stepMs: number): Promise<void> {
  do await breathe()
  while (rig.timers.pending() === 0)
  rig.timers.pass(stepMs)
}
const count = async (type: string): Promise<number> => (await rig.types()).filter((one) => one === type).length

describe('a sink', () => {
  it('gets the log from its first entry, in bounded deliveries that end on a checkpoint', async () => {
    await start()
    await rig.append(3000)
    await rig.drive(isCurrent)
    await expectSame()
    expect(sink.batches.length).toBeGreaterThan(2)
    for (const { entries, size } of sink.batches) {
      expect(entries.length).toBeLessThanOrEqual(deliveryLimits.entries)
      expect(size).toBeGreaterThanOrEqual(entries.at(-1)!.seq + 1)
    }
    const last = sink.batches.at(-1)!
    expect(last.size).toBe(last.entries.at(-1)!.seq + 1)
    expect(last.checkpoint).toBe(rig.log().note())
  })

  it('gets no more than a bounded number of bytes at once, however large entries are', async () => {
    await start()
    const long = { type: 'tap.refused', actor: { kind: 'station' } } as const
    const key = 'A'.repeat(1364)
    const data = { operation: newId(), request: null, code: 'TAP_TIMEOUT', person: null, key } as const
    await rig.log().append(Array.from({ length: 1500 }, () => ({ ...long, data })))
    await rig.drive(isCurrent)
    await expectSame()
    for (const { entries } of sink.batches) {
      const bytes = entries.reduce((sum, entry) => sum + entry.bytes.length + 1, 0)
      expect(bytes).toBeLessThanOrEqual(deliveryLimits.bytes)
    }
  })

  it('gets what is added, and the log says so once for a burst, never about its own saying', async () => {
    await start()
    await rig.rest()
    expect(await count('sync.acknowledged')).toBe(1)
    await expectSame()
    for (const size of [1, 5, 40]) {
      await rig.append(size)
      await rig.drive(isCurrent, 'current', 5)
      await rig.append(1)
      await rig.rest()
    }
    expect(await count('sync.acknowledged')).toBe(4)
    await expectSame()
    // Quiet: nothing is written and nothing is sent.
    const { deliveries } = sink.calls
    const before = rig.log().head().size
    await rig.rest()
    expect([sink.calls.deliveries, rig.log().head().size]).toEqual([deliveries, before])
  })

  it('is said to have the size and root that it has', async () => {
    await start()
    await rig.append(10)
    const head = rig.log().head()
    await rig.rest()
    const row = await rig.store().database.get(`SELECT bytes FROM entries WHERE type = 'sync.acknowledged'`)
    const entry = JSON.parse(Buffer.from(row?.['bytes'] as Uint8Array).toString()) as { data: unknown }
    expect(entry.data).toEqual({ sink: rig.view().id, name: 'Log server', ...head })
  })

  it('beside another one makes no endless echo', async () => {
    const sinks = [createScriptedSink(), createScriptedSink()]
    const [one, two] = [syslogAt(newId(), 'One'), syslogAt(newId(), 'Two')]
    rig = await createRig([one, two], ({ id }) => sinks[id === one.id ? 0 : 1]!.open())
    await rig.append(20)
    await rig.rest()
    expect(await count('sync.acknowledged')).toBe(2)
    await rig.rest()
    const hashes = await rig.hashes()
    for (const each of sinks) expect(each.held(logName()).map(({ hash }) => hash)).toEqual(hashes)
  })

  it('that is another place under the same id gets everything again; another certificate changes nothing', async () => {
    await start()
    await rig.rest()
    const now = rig.sync().settings()[0]!
    const repeats = sink.repeats()
    rig.setSinks([{ ...now, facility: 4 } as typeof now])
    await rig.rest()
    expect(rig.view()).toMatchObject({ state: 'current' })
    expect(sink.repeats()).toBe(repeats)
    // Elsewhere: it is asked what it has, and has everything here; one that cannot answer gets it all.
    sink.answersHead = false
    rig.setSinks([{ ...now, host: 'localhost' } as typeof now])
    await rig.append(1)
    await rig.drive(() => rig.view().size > 0 && isCurrent())
    expect(sink.repeats()).toBeGreaterThan(repeats)
    await expectSame()
  })

  it('that is taken out of the manifest gets nothing more, and is not shown', async () => {
    await start()
    await rig.drive(isCurrent)
    rig.setSinks([])
    await rig.rest()
    const held = heldHashes().length
    await rig.append(5)
    await rig.rest()
    expect(rig.sync().view()).toEqual([])
    expect(heldHashes()).toHaveLength(held)
  })

  it('keeps two stations apart', async () => {
    await start()
    await rig.append(5)
    await rig.drive(isCurrent)
    const first = { name: logName(), hashes: await rig.hashes() }
    const other = await createRig([syslogAt()], () => sink.open())
    await other.append(7)
    await other.drive(() => other.sync().view().length > 0 && other.view().state === 'current')
    const { vault, station } = other.log().genesis
    expect(sink.held({ vault, station }).map(({ hash }) => hash)).toEqual(await other.hashes())
    expect(
      sink
        .held(first.name)
        .map(({ hash }) => hash)
        .slice(0, first.hashes.length),
    ).toEqual(first.hashes)
    expect(sink.complaints).toEqual([])
    await other.end()
  })
})

describe('a failure', () => {
  it('is told, waited out, and forgotten', async () => {
    await start()
    for (const code of ['SINK_LOGIN', 'SINK_CERTIFICATE', 'SINK_SCHEMA_MISSING', 'SINK_FULL', 'SINK_FAILED'] as const) {
      sink.mood = { kind: 'refuse', code }
      await rig.append(1)
      await rig.drive(() => rig.sync().view()[0]?.problem?.code === code, code)
      expect(rig.view()).toMatchObject({ state: 'waiting', problem: { code, detail: { sink: 'Log server' } } })
      sink.mood = { kind: 'well' }
      await rig.drive(isCurrent, `after ${code}`, 1000)
    }
    await rig.rest()
    await expectSame()
  })

  it('that lasts is tried less and less often, but a sink out of reach at least every 3.5 s', async () => {
    await start()
    const triesIn = async (ms: number): Promise<number> => {
      const before = sink.calls.heads
      for (let passed = 0; passed < ms; passed += 100) {
        await passBetweenTries(100)
      }
      return sink.calls.heads - before
    }
    sink.mood = { kind: 'refuse', code: 'SINK_LOGIN' }
    expect(await triesIn(60_000)).toBeLessThan(8)
    await rig.end()
    await start()
    sink.mood = { kind: 'refuse', code: 'SINK_UNREACHABLE' }
    await triesIn(20_000)
    const tries = await triesIn(35_000)
    expect(tries).toBeGreaterThanOrEqual(8)
    expect(tries).toBeLessThan(25)
  })

  it('of the network is over at most 5 s after the network is back, without being told', async () => {
    await start()
    sink.mood = { kind: 'refuse', code: 'SINK_UNREACHABLE' }
    await rig.drive(() => (rig.sync().view()[0]?.problem ?? null) !== null)
    for (let passed = 0; passed < 600_000; passed += 5_000) {
      await passBetweenTries(5_000)
    }
    sink.mood = { kind: 'well' }
    const from = rig.timers.now()
    const { deliveries } = sink.calls
    while (sink.calls.deliveries === deliveries && rig.timers.now() - from <= 5_000) {
      // No time passes from the try that succeeds until it is seen to.
      if (rig.timers.pending() > 0) rig.timers.pass(10)
      await breathe()
    }
    expect(sink.calls.deliveries).toBeGreaterThan(deliveries)
    expect(rig.timers.now() - from).toBeLessThanOrEqual(5_000)
  })

  it('of the network is over at once when the system says so', async () => {
    await start()
    sink.mood = { kind: 'refuse', code: 'SINK_UNREACHABLE' }
    await rig.drive(() => (rig.sync().view()[0]?.problem ?? null) !== null)
    sink.mood = { kind: 'well' }
    const from = rig.timers.now()
    rig.sync().noteOnline()
    await expect.poll(() => rig.view().state, { timeout: 120_000, interval: 5 }).toBe('current')
    expect(rig.timers.now()).toBe(from)
  })

  it('that nobody hears of (the line is dead) ends when the network is back', async () => {
    await start()
    await rig.drive(isCurrent)
    await rig.append(3)
    sink.mood = { kind: 'hang' }
    await rig.drive(() => sink.calls.heads > 1)
    sink.mood = { kind: 'well' }
    rig.sync().noteOnline()
    await rig.drive(isCurrent)
    await expectSame()
  })

  it('of the courier process costs nothing but a new one', async () => {
    await start()
    await rig.append(2500)
    await rig.drive(() => sink.calls.deliveries > 0)
    rig.killCourier()
    await rig.drive(isCurrent)
    expect(rig.couriers()).toBeGreaterThan(1)
    await expectSame()
  })
})

describe('while a credential is being opened', () => {
  it('nothing is read, nothing is sent, nothing is written; afterwards it goes on', async () => {
    await start()
    await rig.drive(isCurrent)
    for (const mood of ['well', 'refuse'] as const) {
      await rig.rest()
      sink.mood = mood === 'well' ? { kind: 'well' } : { kind: 'refuse', code: 'SINK_UNREACHABLE' }
      rig.sync().setPaused(true)
      const before = { statements: rig.statements(), ...sink.calls, couriers: rig.couriers() }
      // The entries of a whole break-glass, a courier that dies, a network that comes and goes, ten minutes.
      for (let entry = 0; entry < 12; entry++) {
        await rig.log().append([opened(`emergency ${entry}`)])
        rig.timers.pass(50_000)
        rig.sync().noteOnline()
        await new Promise((resolve) => setTimeout(resolve, 3))
      }
      expect({ statements: rig.statements(), ...sink.calls, couriers: rig.couriers() }).toEqual(before)
      expect(rig.view().state).toBe('paused')
      rig.sync().setPaused(false)
      sink.mood = { kind: 'well' }
      await rig.drive(isCurrent, mood, 1000)
      await expectSame()
    }
  })

  it('a delivery that is under way is the last; its acknowledgement is written down afterwards', async () => {
    await start()
    await rig.append(5000)
    await rig.drive(() => sink.calls.deliveries > 0)
    rig.sync().setPaused(true)
    await rig.settle()
    const before = { statements: rig.statements(), ...sink.calls }
    rig.timers.pass(60_000)
    await rig.settle()
    expect({ statements: rig.statements(), ...sink.calls }).toEqual(before)
    expect(sink.calls.deliveries).toBeLessThan(5)
    rig.sync().setPaused(false)
    await rig.drive(isCurrent)
    await expectSame()
  })
})
