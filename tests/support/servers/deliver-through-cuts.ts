/** What the courier does with a sink, in small: batch after batch, and after any failure a new sink and the same batch again. */
import type { Sink } from '../../../electron/courier/sink.ts'
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'
import { cuts, type CuttingProxy } from './cutting-proxy.ts'
import type { FakeLog } from './fake-log.ts'

interface Journey {
  readonly log: FakeLog
  readonly proxy: CuttingProxy
  /** A new sink whose way leads through the proxy. */
  readonly open: () => Sink
  readonly cuts: number
  /** Seeded, 0 to 1. */
  readonly random: () => number
  /** Batches have 1 to this many entries. */
  readonly batchMax?: number
}

interface Outcome {
  /** How often a delivery failed, by code. */
  readonly failures: Readonly<Partial<Record<ErrorCode, number>>>
  readonly cutsMade: number
}

/** Delivers all of `log`, the network being cut `cuts` times at random bytes in random ways; ends when all is acknowledged. */
export async function deliverThroughCuts({
  log,
  proxy,
  open,
  cuts: wanted,
  random,
  batchMax = 400,
}: Journey): Promise<Outcome> {
  const count = log.entries.length
  const bytes = log.entries.reduce((sum, entry) => sum + entry.bytes.length, 0)
  const failures: Partial<Record<ErrorCode, number>> = {}
  let planned = 0
  const planCut = (): void => {
    if (planned > proxy.cutsMade() || planned >= wanted) return
    planned++
    const cut = cuts[Math.floor(random() * cuts.length)] ?? 'reset'
    proxy.cutAfter(Math.floor((random() * bytes) / wanted), cut, 20 + random() * 40)
  }
  let sink = open()
  try {
    for (let at = 0; at < count;) {
      planCut()
      const to = Math.min(count, at + 1 + Math.floor(random() * batchMax))
      try {
        const head = await sink.head(log.name)
        // Where a sink can say what it has, what was acknowledged must be in it.
        if (head !== null && head.size < at) throw new Error(`acknowledged ${at}, but it holds ${head.size}`)
        await sink.deliver(log.batch(at, to))
        at = to
      } catch (error) {
        if (!(error instanceof HalliganError)) throw error
        failures[error.code] = (failures[error.code] ?? 0) + 1
        await sink.close()
        sink = open()
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
  } finally {
    await sink.close()
  }
  return { failures, cutsMade: proxy.cutsMade() }
}

/** The code that `work` fails with; 'none' when it does not. */
export async function failureOf(work: Promise<unknown>): Promise<HalliganError | 'none'> {
  try {
    await work
    return 'none'
  } catch (error) {
    if (error instanceof HalliganError) return error
    throw error
  }
}

/** As {@link failureOf}: only its code. */
export async function codeOf(work: Promise<unknown>): Promise<ErrorCode | 'none'> {
  const failure = await failureOf(work)
  return failure === 'none' ? failure : failure.code
}
