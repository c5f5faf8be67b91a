import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRig, folderAt, syslogAt, testPatienceMs, type Rig } from './rig.ts'
import { createScriptedSink, type ScriptedSink } from './scripted-sink.ts'

vi.setConfig({ testTimeout: testPatienceMs, hookTimeout: testPatienceMs })

let rig: Rig
let sink: ScriptedSink

const logName = () => ({ vault: rig.log().genesis.vault, station: rig.log().genesis.station })
const isCurrent = (): boolean => rig.sync().view()[0]?.state === 'current'
const isHalted = (): boolean => rig.sync().view()[0]?.state === 'diverged'
const alarms = async (): Promise<unknown[]> =>
  (await rig.store().database.all(`SELECT bytes FROM entries WHERE type = 'sync.diverged' ORDER BY seq`)).map(
    ({ bytes }) => (JSON.parse(Buffer.from(bytes as Uint8Array).toString()) as { data: unknown }).data,
  )
const foreign = (text: string): string => Buffer.alloc(32, text).toString('base64url')

beforeEach(async () => {
  sink = createScriptedSink()
  rig = await createRig([syslogAt()], () => sink.open())
  await rig.append(30)
  await rig.drive(isCurrent)
  await rig.rest()
})
afterEach(() => rig.end())

describe('a sink that holds another log', () => {
  it('at its end is an alarm, once, and nothing is sent until somebody has looked', async () => {
    const hashes = await rig.hashes()
    const held = sink.held(logName()).length
    sink.rewrite(logName(), (log) => log.splice(-1, 1, { seq: held - 1, hash: foreign('x') }))
    const { deliveries } = sink.calls
    await rig.append(3)
    await rig.drive(isHalted)
    const { id, name } = rig.view()
    const divergence = { size: held, ours: hashes[held - 1], theirs: foreign('x') }
    expect(await alarms()).toEqual([{ sink: id, name, ...divergence }])
    expect(rig.view()).toMatchObject({ state: 'diverged', divergence, acknowledged: held })

    // Neither time nor a network nor a new start makes it try again: it is not even asked.
    const { heads } = sink.calls
    rig.sync().noteOnline()
    await rig.append(2)
    await rig.rest()
    await rig.crash(true)
    await rig.drive(isHalted)
    rig.sync().noteOnline()
    await rig.rest()
    expect(sink.calls).toEqual({ heads, deliveries })
    expect(await alarms()).toHaveLength(1)

    // Somebody asks, and it is as before: known already.
    await rig.sync().retry(id)
    await rig.drive(isHalted)
    await rig.rest()
    expect(await alarms()).toHaveLength(1)
    expect(sink.calls.deliveries).toBe(deliveries)

    // Somebody repairs it and asks: it goes on where it was.
    sink.rewrite(logName(), (log) => log.splice(-1, 1, { seq: held - 1, hash: hashes[held - 1]! }))
    await rig.sync().retry(id)
    await rig.drive(isCurrent)
    expect(rig.view().divergence).toBeNull()
    expect(sink.held(logName()).map(({ hash }) => hash)).toEqual(await rig.hashes())

    // The same thing again is another event.
    await rig.rest()
    sink.rewrite(logName(), (log) => log.splice(-1, 1, { seq: log.length - 1, hash: foreign('x') }))
    await rig.append(1)
    await rig.drive(isHalted)
    expect(await alarms()).toHaveLength(2)
  })

  it('that is longer than ours is one (an older copy of the vault was put in place)', async () => {
    sink.rewrite(logName(), (log) => {
      for (let more = 0; more < 9; more++) log.push({ seq: log.length, hash: foreign(`${more}`) })
    })
    const size = sink.held(logName()).length
    await rig.append(1)
    await rig.drive(isHalted)
    expect(await alarms()).toMatchObject([{ size, ours: null, theirs: foreign('8') }])
  })

  it('is found at the next start also when nothing was to be delivered', async () => {
    sink.rewrite(logName(), (log) => log.splice(-1, 1, { seq: log.length - 1, hash: foreign('y') }))
    await rig.crash(true)
    await rig.drive(isHalted)
    expect(await alarms()).toHaveLength(1)
  })

  it('somewhere in the middle is one as soon as it says so itself', async () => {
    const at = sink.held(logName()).length
    await rig.append(1)
    sink.next.push({ kind: 'well' }, { kind: 'refuse', code: 'SINK_DIVERGED' })
    await rig.drive(isHalted)
    expect(await alarms()).toMatchObject([{ size: at + 1, ours: (await rig.hashes())[at], theirs: null }])
  })

  it('leaves the other sinks alone', async () => {
    const other = createScriptedSink()
    const [first] = rig.sync().settings()
    const second = syslogAt(undefined, 'Second')
    await rig.end()
    rig = await createRig([first!, second], ({ id }) => (id === first!.id ? sink : other).open())
    sink.rewrite(logName(), (log) => log.push({ seq: 0, hash: foreign('z') }))
    await rig.drive(() => isHalted() && rig.sync().view()[1]?.state === 'current')
    await rig.rest()
    expect(other.held(logName()).map(({ hash }) => hash)).toEqual(await rig.hashes())
    expect(other.complaints).toEqual([])
  })
})

describe('a sink that lost entries which it had acknowledged', () => {
  it('(restored from an older copy, or cut by somebody) gets them again, and that is on record once', async () => {
    const { id, name } = rig.view()
    const hash = (await rig.hashes())[9]
    const cut = async (): Promise<void> => {
      sink.rewrite(logName(), (log) => log.splice(10))
      await rig.append(1)
      await rig.drive(isCurrent)
      await rig.rest()
      expect(rig.view()).toMatchObject({ state: 'current', divergence: null })
      expect(sink.held(logName()).map(({ hash: one }) => one)).toEqual(await rig.hashes())
    }
    await cut()
    expect(sink.complaints).toEqual([])
    expect(await alarms()).toEqual([{ sink: id, name, size: 10, ours: hash, theirs: hash }])
    // One that does so all the time does not fill the log with it.
    await cut()
    expect(await alarms()).toHaveLength(1)
    rig.clock.pass(3_600_000)
    await cut()
    expect(await alarms()).toHaveLength(2)
  })

  it('and cannot answer for its head goes on from what its refusal says, which is on record', async () => {
    sink.answersHead = false
    sink.refusesGaps = true
    const hash = (await rig.hashes())[9]
    for (const [size, ours] of [
      [10, hash],
      [0, null],
    ] as const) {
      sink.rewrite(logName(), (log) => log.splice(size))
      await rig.append(1)
      await rig.drive(isCurrent)
      await rig.rest()
      expect(sink.held(logName()).map(({ hash: one }) => one)).toEqual(await rig.hashes())
      expect((await alarms()).at(-1)).toMatchObject({ size, ours, theirs: ours })
      rig.clock.pass(3_600_000)
    }
    expect(sink.complaints).toEqual([])
  })

  it('and whose refusal names a head that is none of ours is halted', async () => {
    sink.answersHead = false
    sink.refusesGaps = true
    sink.rewrite(logName(), (log) => log.splice(10, Infinity, { seq: 10, hash: foreign('q') }))
    await rig.append(1)
    await rig.drive(isHalted)
    expect(await alarms()).toMatchObject([{ size: 11, ours: (await rig.hashes())[10], theirs: foreign('q') }])
  })

  it('and refuses again where it wanted to go on is halted: it does not mean what it says', async () => {
    sink.answersHead = false
    sink.refusesGaps = true
    sink.rewrite(logName(), (log) => log.splice(10))
    const refuse = {
      kind: 'refuse',
      code: 'SINK_DIVERGED',
      detail: { size: 5, lastHash: (await rig.hashes())[4]! },
    } as const
    // Asked for its head, it says that it cannot; it refuses what is delivered.
    sink.next.push({ kind: 'well' }, { kind: 'well' }, { kind: 'well' }, refuse)
    await rig.append(1)
    await rig.drive(isHalted)
    expect(sink.held(logName())).toHaveLength(10)
  })

  it('and is a folder without our files (not mounted? another stick?) waits for somebody to say so', async () => {
    const folder = folderAt('/mnt/audit')
    rig.setSinks([folder])
    await rig.drive(() => rig.sync().view()[0]?.id === folder.id && isCurrent())
    await rig.rest()
    sink.rewrite(logName(), (log) => log.splice(0))
    await rig.append(1)
    await rig.drive(() => rig.sync().view()[0]?.problem?.detail['reason'] === 'empty')
    await rig.rest()
    expect(sink.held(logName())).toEqual([])
    await rig.sync().retry(folder.id)
    await rig.drive(isCurrent)
    await rig.rest()
    expect(sink.held(logName()).map(({ hash }) => hash)).toEqual(await rig.hashes())
    expect(await alarms()).toMatchObject([{ size: 0, ours: null, theirs: null }])
  })
})

it('a sink that nobody knows cannot be tried again', async () => {
  await expect(Promise.resolve().then(() => rig.sync().retry('nobody'))).rejects.toMatchObject({ code: 'SINK_UNKNOWN' })
})
