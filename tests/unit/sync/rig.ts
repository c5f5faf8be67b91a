/** A real log and store, the real engine and the real courier (in this thread), sinks and time in the test's hand. */
import { randomBytes } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { startCourier } from '../../../electron/courier/courier.ts'
import type { Sink } from '../../../electron/courier/sink.ts'
import { createMailbox } from '../../../electron/platform/ports.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { loadSodium } from '../../../electron/platform/sodium.ts'
import { continueLog, createLog } from '../../../electron/vault/audit/begin-boot.ts'
import type { AuditLog, LogMeans } from '../../../electron/vault/audit/log.ts'
import { loadGenesis } from '../../../electron/vault/audit/tip.ts'
import type { Store } from '../../../electron/vault/store/store.ts'
import { openStore } from '../../../electron/vault/store/store.ts'
import { createCourierLink } from '../../../electron/vault/sync/courier-link.ts'
import { createSync, type Sync } from '../../../electron/vault/sync/sync.ts'
import type { NewEntry } from '../../../shared/audit/entry.ts'
import { leafHash } from '../../../shared/audit/merkle.ts'
import { readEntry } from '../../../shared/audit/entry-reader.ts'
import { settingsHash } from '../../../shared/audit/sink-settings.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { SinkView } from '../../../shared/contracts/sink-views.ts'
import { createHub } from '../../../shared/contracts/contract.ts'
import { courierControlContract } from '../../../shared/contracts/courier.ts'
import type { PortName } from '../../../shared/contracts/broker.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import type { SinkSecret, SinkSettings } from '../../../shared/domain/sink.ts'
import { createPipe } from '../../support/node-app.ts'
import { createHandClock, makePlace, type HandClock } from '../../support/vault-place.ts'
import { newId } from '../../support/vault-world.ts'
import { breathe, createHandTimers, type HandTimers } from './hand-timers.ts'

const sodium = await loadSodium()
const station = { kind: 'station' } as const
export const opened = (version: string): NewEntry => ({ type: 'app.opened', actor: station, data: { version } })

/** Where somebody listens, so that the courier's look whether anybody is there finds somebody. Never closed: it keeps nothing alive. */
const listener = createServer((socket) => socket.destroy()).unref()
await new Promise<void>((resolve) => {
  listener.listen(0, '127.0.0.1', resolve)
})

export const syslogAt = (id = newId(), name = 'Log server'): SinkSettings => ({
  id,
  name,
  kind: 'syslog',
  host: '127.0.0.1',
  port: (listener.address() as AddressInfo).port,
  facility: 13,
})
export const folderAt = (path: string, id = newId(), name = 'Share'): SinkSettings => ({
  id,
  name,
  kind: 'folder',
  path,
})

/** Real time after which a test gives up. Never reached in a good run, however busy the machine. */
const patienceMs = 120_000
/** For a test's own timeout: long enough that the rig says first what it waited for. */
export const testPatienceMs = 150_000

export interface Rig {
  readonly timers: HandTimers
  readonly clock: HandClock
  readonly store: () => Store
  readonly log: () => AuditLog
  readonly sync: () => Sync
  /** Statements that syncing has put to the database. */
  readonly statements: () => number
  /** Cursors are not written any more (a full disk), or are again. */
  readonly failCursors: (fails: boolean) => void
  /** How often a courier was started. */
  readonly couriers: () => number
  readonly append: (count: number) => Promise<void>
  readonly view: (index?: number) => SinkView
  readonly hashes: () => Promise<string[]>
  readonly types: () => Promise<string[]>
  /** Lets time pass in small steps until `holds`. */
  readonly drive: (holds: () => boolean | Promise<boolean>, what?: string, stepMs?: number) => Promise<void>
  /** What was begun comes to its end; no time passes. */
  readonly settle: () => Promise<void>
  /** Time passes until nothing is to be done any more. */
  readonly rest: () => Promise<void>
  /** The vault process dies where it stands and starts again on what is on the disk; `reopen`: also the log begins a boot. */
  readonly crash: (reopen?: boolean) => Promise<void>
  /** The courier process dies. */
  readonly killCourier: () => void
  readonly setSinks: (sinks: readonly SinkSettings[]) => void
  readonly end: () => Promise<void>
}

export async function createRig(
  sinks: readonly SinkSettings[],
  createSink: (settings: SinkSettings) => Sink,
  secret: SinkSecret | null = null,
): Promise<Rig> {
  const place = makePlace()
  const clock = createHandClock()
  const timers = createHandTimers()
  let statements = 0
  let underWay = 0
  let cursorsFail = false
  let couriers = 0
  let killCourier = (): void => undefined
  let inForce = { sinks, hash: newId() }

  const open = (): Promise<Store> => openStore({ dir: place.dir, randomBytes: (length) => new Uint8Array(length) })
  let store = await open()
  const meansOf = (): LogMeans => ({
    store,
    clock,
    primitives: nodePrimitives,
    sodium,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    credentialOfRequest: () => undefined,
    withEntries: () => Promise.resolve(),
    onCommitted: () => sync?.noteChange(),
  })
  let sync: Sync | null = null
  let log = await createLog(meansOf(), { vault: 'V', station: 'S' }, [opened('first')])

  const watch = async <T>(work: Promise<T>): Promise<T> => {
    underWay++
    try {
      return await work
    } finally {
      underWay--
    }
  }

  /** Counts what syncing asks of the database, and lets it fail. */
  const watched = (): Store => {
    const count = <A extends unknown[], T>(work: (...args: A) => Promise<T>) => {
      return (...args: A): Promise<T> => {
        statements++
        const isCursor = typeof args[0] === 'string' && args[0].includes('INTO sink_cursors')
        return isCursor && cursorsFail ? Promise.reject(new Error('disk full')) : watch(work(...args))
      }
    }
    const { database } = store
    return {
      ...store,
      database: { ...database, get: count(database.get), all: count(database.all), run: count(database.run) },
    }
  }

  const watchedLog = (): AuditLog => {
    const { append } = log
    return { ...log, append: (...args) => watch(append(...args)) }
  }

  async function startOne(accept: (port: Port) => void): Promise<void> {
    couriers++
    const [control, main] = createPipe()
    const [inside, outside] = createPipe()
    const ports = createMailbox<[PortName, string | null, Port]>()
    startCourier(
      { control, onPort: ports.listen, exit: () => undefined },
      createSink,
      // Real time: only what hangs for ever must be ended by somebody else.
      { headMs: 60_000, deliverMs: 60_000 },
    )
    killCourier = () => inside.close()
    if (secret !== null) {
      const secrets = sinks.map((one) => ({ sink: one.id, settings: settingsHash(nodePrimitives, one), secret }))
      await createHub(main).connect(courierControlContract, {}).call.secrets({ secrets })
    }
    ports.deliver('courier', null, inside)
    accept(outside)
  }

  function startSync(): Sync {
    const host = {
      startCourier: async () => {
        await startOne((port) => link.accept(port))
        return {}
      },
      keptSecrets: async () => ({ kept: [] }),
      keepSecret: async () => ({}),
    }
    const link = createCourierLink(host, timers)
    const own = createSync({
      context: {
        store: watched(),
        log: watchedLog(),
        clock,
        primitives: nodePrimitives,
        randomBytes: (length) => new Uint8Array(randomBytes(length)),
      },
      registry: {
        inForce: () => ({ manifest: { sinks: inForce.sinks } as never, hash: inForce.hash }),
      },
      host,
      link,
      onChange: () => undefined,
      timers,
    })
    const stop = (): void => {
      own.stop()
      link.close()
    }
    return { ...own, stop }
  }
  sync = startSync()

  const describe = (): string => `${statements} ${log.head().size} ${JSON.stringify(sync?.view())}`
  const isDelivering = (): boolean => sync?.view().some(({ state }) => state === 'syncing') === true

  const drive: Rig['drive'] = async (holds, what = String(holds), stepMs = 50) => {
    const end = Date.now() + patienceMs
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`never: ${what}; ${JSON.stringify(sync?.view())}`)
      await breathe()
      clock.pass(stepMs)
      timers.pass(stepMs)
    }
  }
  return {
    timers,
    clock,
    store: () => store,
    log: () => log,
    sync: () => {
      if (sync === null) throw new Error('crashed')
      return sync
    },
    statements: () => statements,
    failCursors: (fails) => {
      cursorsFail = fails
    },
    couriers: () => couriers,
    append: async (count) => {
      await log.append(Array.from({ length: count }, (_, index) => opened(`n${index}`)))
    },
    view: (index = 0) => {
      const view = sync?.view()[index]
      if (view === undefined) throw new Error('no such sink')
      return view
    },
    hashes: async () =>
      (await store.database.all('SELECT bytes FROM entries ORDER BY seq')).map(({ bytes }) =>
        toBase64Url(leafHash(nodePrimitives, bytes as Uint8Array)),
      ),
    types: async () =>
      (await store.database.all('SELECT bytes FROM entries ORDER BY seq')).map(({ bytes }) => {
        const reading = readEntry(bytes as Uint8Array)
        return 'value' in reading ? reading.value.type : 'unreadable'
      }),
    drive,
    settle: async () => {
      for (let quiet = 0; quiet < 20;) {
        const before = describe()
        await breathe(5)
        quiet = before === describe() && underWay === 0 ? quiet + 1 : 0
      }
    },
    rest: async () => {
      for (let quiet = 0; quiet < 8;) {
        const before = describe()
        await breathe(3)
        // Real work takes no time here: however slow the machine, it is done before the next moment comes.
        if (underWay === 0) {
          clock.pass(2000)
          timers.pass(2000)
        }
        await breathe(3)
        quiet = before === describe() && underWay === 0 && !isDelivering() ? quiet + 1 : 0
      }
    },
    crash: async (reopen = false) => {
      sync?.stop()
      sync = null
      if (reopen) {
        await log.close()
        await store.close()
        store = await open()
        const genesis = await loadGenesis(store.database)
        if (genesis === null) throw new Error('no log')
        log = await continueLog(meansOf(), genesis, [opened('again')])
      }
      sync = startSync()
    },
    killCourier: () => killCourier(),
    setSinks: (next) => {
      inForce = { sinks: next, hash: newId() }
      sync?.noteChange()
    },
    end: async () => {
      sync?.stop()
      await log.close()
      await store.close()
      place.remove()
    },
  }
}
