/** A sink in memory that fails as it is told, and that notices what a sink must never see: gaps, and entries in another order. */
import type { LogName, Sink, SinkBatch } from '../../../electron/courier/sink.ts'
import { HalliganError, type ErrorCode, type ErrorDetail } from '../../../shared/errors.ts'

export type Mood =
  | { readonly kind: 'well' }
  /** Refuses before anything arrives. */
  | { readonly kind: 'refuse'; readonly code: ErrorCode; readonly detail?: ErrorDetail }
  /** Takes part of a delivery, or all of it, and then the line breaks: nobody hears of it. */
  | { readonly kind: 'take-and-break'; readonly part: number }
  /** Takes it and never answers. */
  | { readonly kind: 'hang' }

export interface ScriptedSink {
  /** What stays when connections come and go. Keyed by vault and station. */
  readonly held: (log: LogName) => readonly { readonly seq: number; readonly hash: string }[]
  readonly calls: { heads: number; deliveries: number }
  /** What must stay empty. */
  readonly complaints: string[]
  /** How often an entry came that was there already. */
  readonly repeats: () => number
  readonly batches: SinkBatch[]
  mood: Mood
  /** Of the next calls, each used once, before `mood`. */
  readonly next: Mood[]
  answersHead: boolean
  /** Refuses a gap, as a receiver does whose contract says so, and says what it holds. */
  refusesGaps: boolean
  /** Rewrites what it holds. */
  readonly rewrite: (log: LogName, change: (held: { seq: number; hash: string }[]) => void) => void
  readonly open: () => Sink
}

export function createScriptedSink(): ScriptedSink {
  const logs = new Map<string, { seq: number; hash: string }[]>()
  const complaints: string[] = []
  const calls = { heads: 0, deliveries: 0 }
  let repeats = 0
  const keyOf = ({ vault, station }: LogName): string => `${vault} ${station}`
  const of = (log: LogName): { seq: number; hash: string }[] => {
    const held = logs.get(keyOf(log)) ?? []
    logs.set(keyOf(log), held)
    return held
  }

  function take(batch: SinkBatch, count: number): void {
    const held = of(batch)
    if (sink.refusesGaps && (batch.entries[0]?.seq ?? 0) > held.length) {
      throw new HalliganError('SINK_DIVERGED', { size: held.length, lastHash: held.at(-1)?.hash ?? '' })
    }
    for (const { seq, hash } of batch.entries.slice(0, count)) {
      if (seq > held.length) complaints.push(`gap: ${seq} after ${held.length}`)
      else if (seq < held.length) {
        repeats++
        if (held[seq]?.hash !== hash) throw new HalliganError('SINK_DIVERGED', { seq })
      } else held.push({ seq, hash })
    }
  }

  const sink: ScriptedSink = {
    held: of,
    calls,
    complaints,
    repeats: () => repeats,
    batches: [],
    mood: { kind: 'well' },
    next: [],
    answersHead: true,
    refusesGaps: false,
    rewrite: (log, change) => change(of(log)),
    open: () => {
      let breakOff: () => void = () => undefined
      const broken = new Promise<never>((_, reject) => {
        breakOff = () => reject(new HalliganError('SINK_UNREACHABLE', { reason: 'closed' }))
      })
      broken.catch(() => undefined)
      const obey = async (work: (mood: Mood) => Promise<void> | void): Promise<void> => {
        const mood = sink.next.shift() ?? sink.mood
        if (mood.kind === 'refuse') throw new HalliganError(mood.code, mood.detail)
        await work(mood)
        if (mood.kind === 'take-and-break') throw new HalliganError('SINK_UNREACHABLE', {})
        if (mood.kind === 'hang') await broken
      }
      return {
        head: async (log) => {
          calls.heads++
          await obey(() => undefined)
          if (!sink.answersHead) return null
          const held = of(log)
          return { size: held.length, lastHash: held.at(-1)?.hash ?? null }
        },
        deliver: async (batch) => {
          calls.deliveries++
          sink.batches.push(batch)
          await obey((mood) => {
            take(batch, mood.kind === 'take-and-break' ? Math.floor(mood.part * (batch.entries.length + 1)) : Infinity)
          })
        },
        close: () => {
          breakOff()
          return Promise.resolve()
        },
      }
    },
  }
  return sink
}
