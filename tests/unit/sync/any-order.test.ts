import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ErrorCode } from '../../../shared/errors.ts'
import { breathe } from './hand-timers.ts'
import { createRig, syslogAt } from './rig.ts'
import { createScriptedSink, type Mood } from './scripted-sink.ts'

const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'

const codes: readonly ErrorCode[] = [
  'SINK_UNREACHABLE',
  'SINK_LOGIN',
  'SINK_FULL',
  'SINK_SCHEMA_MISSING',
  'SINK_FAILED',
]
const mood: fc.Arbitrary<Mood> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Mood>({ kind: 'well' }) },
  fc.constantFrom(...codes).map((code): Mood => ({ kind: 'refuse', code })),
  fc.double({ min: 0, max: 1, noNaN: true }).map((part): Mood => ({ kind: 'take-and-break', part })),
  fc.constant<Mood>({ kind: 'hang' }),
)
const step = fc.oneof(
  fc.record({ do: fc.constant('append' as const), count: fc.constantFrom(1, 2, 7, 60, 1500) }),
  fc.record({ do: fc.constant('moods' as const), moods: fc.array(mood, { minLength: 1, maxLength: 6 }) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(100, 400, 3000, 20_000) }),
  fc.record({ do: fc.constant('online' as const) }),
  fc.record({ do: fc.constant('crash' as const), reopen: fc.boolean() }),
  fc.record({ do: fc.constant('courier-dies' as const) }),
  fc.record({ do: fc.constant('emergency' as const), on: fc.boolean() }),
  fc.record({ do: fc.constant('cursors' as const), fail: fc.boolean() }),
)

it.each([true, false])(
  'whatever happens in whatever order, nothing is lost, nothing is there twice, and order is kept (answers: %s)',
  async (answersHead) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 16 }), async (steps) => {
        const sink = createScriptedSink()
        sink.answersHead = answersHead
        const rig = await createRig([syslogAt()], () => sink.open())
        try {
          for (const one of steps) {
            if (one.do === 'append') await rig.append(one.count)
            else if (one.do === 'moods') sink.next.push(...one.moods)
            else if (one.do === 'online') rig.sync().noteOnline()
            else if (one.do === 'crash') await rig.crash(one.reopen)
            else if (one.do === 'courier-dies') rig.killCourier()
            else if (one.do === 'emergency') rig.sync().setPaused(one.on)
            else if (one.do === 'cursors') rig.failCursors(one.fail)
            else {
              rig.clock.pass(one.ms)
              rig.timers.pass(one.ms)
            }
            await breathe(2)
          }
          // All is well again.
          sink.next.splice(0)
          rig.failCursors(false)
          rig.sync().setPaused(false)
          rig.sync().noteOnline()
          await rig.drive(() => rig.sync().view()[0]?.state === 'current', JSON.stringify(steps), 500)
          await rig.rest()
          const { vault, station } = rig.log().genesis
          const held = sink.held({ vault, station })
          expect(sink.complaints).toEqual([])
          expect(held.map(({ seq }) => seq)).toEqual(held.map((_, index) => index))
          expect(held.map(({ hash }) => hash)).toEqual(await rig.hashes())
          // An acknowledgement is one of something new: never more of them than of what was new.
          const types = await rig.types()
          const said = types.filter((type) => type === 'sync.acknowledged').length
          expect(said).toBeLessThanOrEqual(types.length - said)
          expect(types).not.toContain('sync.diverged')
          expect(rig.view()).toMatchObject({ acknowledged: types.length, size: types.length, problem: null })
        } finally {
          await rig.end()
        }
      }),
      { numRuns: isCampaign ? 400 : 12 },
    )
  },
  isCampaign ? 1_200_000 : 300_000,
)
