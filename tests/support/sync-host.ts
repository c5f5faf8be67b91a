/** What main does for syncing, in a test: a courier process forked for real, its port joined to the vault process's. */
import type { ChildProcess } from 'node:child_process'
import { createForkPipe } from '../../electron/platform/fork-pipe.ts'
import { courierControlContract, courierHostContract } from '../../shared/contracts/courier.ts'
import { createHub, type Hub } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import type { SinkSettings } from '../../shared/domain/sink.ts'
import { bundleProgram } from './bundle-program.ts'
import { jobOf, firstKeyOf, type ReadyWorld } from './vault-steps.ts'
import { makeTap, outcomeOf, type VaultLink, type World } from './vault-world.ts'

export interface CourierProgram {
  readonly fork: () => ChildProcess
  readonly remove: () => void
}

/** Bundles `electron/courier/process.ts` for plain Node. */
export function bundleCourier(): CourierProgram {
  const { forkProgram, remove } = bundleProgram('electron/courier/process.ts')
  return { fork: () => forkProgram(), remove }
}

/** Carries what one end says to the other, and its end. */
function join(a: Port, b: Port, onMessage: () => void): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.onMessage((message) => {
      onMessage()
      to.post(message)
    })
    from.onClose(() => to.close())
  }
}

export interface SyncHost {
  /** For `createWorld`. */
  readonly serve: (hub: Hub, link: VaultLink) => void
  /** The courier that runs now, if one does. */
  readonly courier: () => ChildProcess | null
  readonly started: () => number
  /** Messages between the vault process and couriers, both ways. */
  readonly messages: () => number
  readonly close: () => void
}

export function createSyncHost(program: CourierProgram): SyncHost {
  let child: ChildProcess | null = null
  let started = 0
  let messages = 0
  return {
    serve: (hub, link) => {
      hub.serve(courierHostContract, {
        startCourier: async () => {
          child?.kill('SIGKILL')
          const fresh = program.fork()
          child = fresh
          started++
          fresh.once('exit', () => {
            if (child === fresh) child = null
          })
          const pipe = createForkPipe(fresh)
          await createHub(pipe.control).connect(courierControlContract, {}).call.secrets({ secrets: [] })
          join(pipe.openPort('courier', null), link.openPort('courier', null), () => messages++)
          return {}
        },
        keptSecrets: () => ({ kept: [] }),
        keepSecret: () => ({}),
      })
    },
    courier: () => child,
    started: () => started,
    messages: () => messages,
    close: () => child?.kill('SIGKILL'),
  }
}

/** A quorum signs that the log syncs to these sinks. */
export async function signSinks(world: World, ready: ReadyWorld, sinks: SinkSettings[]): Promise<void> {
  await world.call['sinks.set']({ sinks })
  const { call, job, die } = world.strongroom()
  const { next } = jobOf(await job(), 'amend')
  for (const person of ready.custodians.slice(0, ready.plan.quorum)) {
    await call.manifestSigned({ tap: makeTap(person, firstKeyOf(person), 'manifest', next) })
  }
  await call.ended({ result: 'done', code: null })
  die()
  const outcome = await outcomeOf(world)
  if (outcome.result !== 'done') throw new Error(`not signed: ${JSON.stringify(outcome)}`)
}
