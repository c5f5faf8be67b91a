/** The app windows that listen: usually one, for a moment two (reload). Changes are told together, not one by one. */
import { appContract, type AppState } from '../../shared/contracts/app.ts'
import {
  createHub,
  type EventName,
  type EventPayload,
  type Handlers,
  type Served,
} from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'

/** Changes within this time are one event. */
const coalesceMs = 10

export interface AppWindows {
  readonly accept: (port: Port) => void
  /** The state has changed; told soon, with whatever else changes until then. */
  readonly noteChange: () => void
  readonly emit: <K extends EventName<typeof appContract>>(
    event: K,
    payload: EventPayload<typeof appContract, K>,
  ) => void
  readonly close: () => void
}

export function createAppWindows(handlers: Handlers<typeof appContract>, state: () => AppState): AppWindows {
  const windows = new Map<Served<typeof appContract>, () => void>()
  let timer: NodeJS.Timeout | null = null
  const emit: AppWindows['emit'] = (event, payload) => {
    for (const served of windows.keys()) served.emit(event, payload)
  }
  return {
    emit,
    accept: (port) => {
      const hub = createHub(port)
      const served = hub.serve(appContract, handlers)
      windows.set(served, () => hub.close())
      hub.onClose(() => windows.delete(served))
    },
    noteChange: () => {
      timer ??= setTimeout(() => {
        timer = null
        emit('changed', state())
      }, coalesceMs)
    },
    close: () => {
      if (timer !== null) clearTimeout(timer)
      for (const close of [...windows.values()]) close()
    },
  }
}
