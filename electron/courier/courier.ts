/**
 * The courier process: delivers what the vault process hands it, entries to sinks and alerts to channels, and says what came of
 * it. It holds no part of the log for longer than one delivery, decides nothing, and is the only one of our processes that reads what the network says.
 */
import {
  alertControlContract,
  courierAlertContract,
  courierContract,
  courierControlContract,
} from '../../shared/contracts/courier.ts'
import { createHub, type Handlers } from '../../shared/contracts/contract.ts'
import { asHalliganError, HalliganError } from '../../shared/errors.ts'
import type { ProcessEnvironment } from '../platform/ports.ts'
import { createChannel as createAlertChannel } from './channels/create-channel.ts'
import { createAlertService } from './channels/serve-alerts.ts'
import { openBatch } from './open-batch.ts'
import { reachSink } from './reach.ts'
import type { Sink } from './sink.ts'
import { createSinkShelf, type CreateSink, type SinkShelf } from './sink-shelf.ts'

/** After this a sink that says nothing counts as gone. A delivery is at most a few megabytes. */
export interface CourierPatience {
  readonly headMs: number
  readonly deliverMs: number
}

const usualPatience: CourierPatience = { headMs: 15_000, deliverMs: 30_000 }

/** `work`, or SINK_UNREACHABLE after `ms`. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HalliganError('SINK_UNREACHABLE', { reason: 'no-answer' })), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What a sink threw, with its name beside it; what is not ours may quote the other side and stays here. */
function describeFailure(error: unknown, name: string | undefined): HalliganError {
  const { code, detail } = asHalliganError(error)
  const named = name === undefined ? detail : { ...detail, sink: name }
  return new HalliganError(code === 'INTERNAL' ? 'SINK_FAILED' : code, named, error)
}

function createHandlers(shelf: SinkShelf, patience: CourierPatience): Handlers<typeof courierContract> {
  async function use<T>(id: string, ms: number, work: (sink: Sink) => Promise<T>): Promise<T> {
    try {
      return await within(ms, work(shelf.take(id).sink))
    } catch (error) {
      const failure = describeFailure(error, shelf.settingsOf(id)?.name)
      // A connection that failed is not trusted with the next try.
      await shelf.reset(id)
      throw failure
    }
  }
  return {
    configure: async ({ sinks }) => {
      await shelf.configure(sinks)
      return {}
    },
    head: async ({ sink: id, vault, station, probe }) => {
      const head = await use(id, patience.headMs, async (sink) => {
        if (probe) await reachSink(shelf.take(id).settings)
        return sink.head({ vault, station })
      })
      return { head }
    },
    deliver: async ({ sink: id, ...delivery }) => {
      await use(id, patience.deliverMs, (sink) => sink.deliver(openBatch(delivery)))
      return {}
    },
    reset: async ({ sink }) => {
      await shelf.reset(sink)
      return {}
    },
  }
}

/** Serves on `environment`; ends with the vault process's port. */
export function startCourier(
  environment: ProcessEnvironment,
  createSink: CreateSink,
  patience: CourierPatience = usualPatience,
): { readonly crash: () => void } {
  const shelf = createSinkShelf(createSink)
  const alerts = createAlertService(createAlertChannel)
  const control = createHub(environment.control)
  control.serve(alertControlContract, alerts.control)
  control.serve(courierControlContract, {
    secrets: async ({ secrets }) => {
      await shelf.setSecrets(secrets)
      return {}
    },
  })
  let taken = false
  environment.onPort((name, _operation, port) => {
    // One vault process, one port: a second would be somebody else's.
    if (name !== 'courier' || taken) {
      port.close()
      return
    }
    taken = true
    const hub = createHub(port)
    hub.serve(courierContract, createHandlers(shelf, patience))
    hub.serve(courierAlertContract, alerts.handlers)
    hub.onClose(() => {
      environment.exit(0)
    })
  })
  return {
    crash: () => {
      environment.exit(1)
    },
  }
}
