/**
 * How soon after its entry an alert is with whoever carries it, and what alerts cost a request: from asking to the grant on record,
 * with good, slow, failing and busy receivers, against the same vault without any. Real vault process in this thread, real log.
 */
import { HalliganError } from '../../shared/errors.ts'
import { systemClock } from '../../electron/platform/clock.ts'
import type { Bench, BenchRow } from '../../build/bench-report.ts'
import { allOver, createAlertHost, signAlerts, webhook, type AlertHost } from '../support/alert-host.ts'
import { makePlace, openWorld, type Place } from '../support/vault-place.ts'
import { grant, openRequest, seal, setUp, type ReadyWorld } from '../support/vault-steps.ts'
import { eventually, type World } from '../support/vault-world.ts'

const rounds = 25
const warmUp = 4
const arrivalTargetMs = 1_000
const ratioTarget = 1.5

interface Prepared {
  readonly place: Place
  readonly host: AlertHost
  readonly world: World
  readonly ready: ReadyWorld
  readonly credential: string
}

async function prepare(): Promise<Prepared> {
  const place = makePlace()
  const host = createAlertHost()
  const world = openWorld(place, systemClock, host.serve)
  const ready = await setUp(world)
  return { place, host, world, ready, credential: await seal(world, ready) }
}

/** Milliseconds from asking to the grant on record; the request is ended before the next. */
async function requestOnce({ world, ready, credential }: Prepared): Promise<number> {
  const started = performance.now()
  const job = await openRequest(world, ready, credential)
  await grant(world, ready, job)
  const taken = performance.now() - started
  const { call, die } = world.strongroom()
  await call.windowClosed({ reason: 'hidden-by-person', openedMs: 1 })
  await call.ended({ result: 'done', code: null })
  die()
  await eventually(async () => (await world.state()).operation === null, 'the request is over')
  return taken
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

async function measure(): Promise<BenchRow[]> {
  const plain = await prepare()
  const alerted = await prepare()
  const [good, hanging, failing, busy] = ['Good', 'Hanging', 'Failing', 'Busy'].map((name) => webhook(name))
  if (good === undefined || hanging === undefined || failing === undefined || busy === undefined)
    throw new Error('none')
  const arrivals: number[] = []
  alerted.host.answer = ({ channel, message }) => {
    if (channel === good.id) {
      if (!message.late) arrivals.push(Date.now() - Date.parse(message.at))
      return Promise.resolve({ receipt: null })
    }
    if (channel === hanging.id) return new Promise(() => undefined)
    const code = channel === failing.id ? 'CHANNEL_FAILED' : 'CHANNEL_BUSY'
    return Promise.reject(new HalliganError(code, { retryAfterMs: 500 }))
  }
  try {
    await signAlerts(alerted.world, alerted.ready, allOver([good, hanging, failing, busy]))
    const [without, withAlerts]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds + warmUp; round++) {
      // In turn: what else the machine does meets both.
      const [a, b] = [await requestOnce(plain), await requestOnce(alerted)]
      if (round < warmUp) continue
      without.push(a)
      withAlerts.push(b)
    }
    await eventually(() => arrivals.length >= rounds * 3, 'all arrive')
    const [value, against] = [median(withAlerts), median(without)]
    const slowest = Math.max(...arrivals.slice(warmUp * 3))
    return [
      {
        name: 'alert at the courier after its entry, slowest',
        value: slowest,
        unit: 'ms',
        target: `<= ${arrivalTargetMs} ms`,
        met: slowest <= arrivalTargetMs,
      },
      {
        name: 'request to grant with a good, a hanging, a failing and a busy receiver, against none (median)',
        ...{ value, unit: 'ms', against, ratio: value / against },
        target: `<= ${ratioTarget}x`,
        met: value / against <= ratioTarget,
      },
    ]
  } finally {
    for (const { world, place } of [plain, alerted]) {
      await world.close()
      place.remove()
    }
  }
}

const bench: Bench = { name: 'alerts', run: measure }
export default bench
