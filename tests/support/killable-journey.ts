/** The app with a vault process of its own that a test can kill, on a folder that outlives it. */
import type { ChildProcess } from 'node:child_process'
import { createForkPipe } from '../../electron/platform/fork-pipe.ts'
import type { ProcessEnvironment } from '../../electron/platform/ports.ts'
import { bundleProgram } from './bundle-program.ts'
import { bundleStrongroom, join } from './forked-strongroom.ts'
import type { Place } from './vault-place.ts'
import { startJourney, type JourneyApp } from './vault-journey.ts'

export interface KillableJourney {
  /** The one that runs; another one after each {@link KillableJourney.kill}. */
  readonly now: () => JourneyApp
  /** SIGKILL for the vault process, and the app started anew on the same folder. */
  readonly kill: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Starts it on `place`; vault and strongrooms are forked. */
export async function startKillableJourney(place: Place): Promise<KillableJourney> {
  const program = bundleProgram('electron/vault/process.ts')
  const strongrooms = bundleStrongroom()
  let child: ChildProcess | null = null

  function startVault(environment: ProcessEnvironment): void {
    const options = { dir: place.dir, knownCheckpointFile: place.known, appVersion: '0.0.0+test' }
    const started = program.forkProgram(JSON.stringify(options))
    child = started
    const pipe = createForkPipe(started)
    join(environment.control, pipe.control)
    environment.onPort((name, operation, port) => {
      join(port, pipe.openPort(name, operation))
    })
  }

  const start = (): Promise<JourneyApp> => startJourney({ startVault, startStrongroom: strongrooms.start })
  let journey = await start()

  async function endVault(): Promise<void> {
    const dying = child
    if (dying === null) return
    const gone = new Promise((resolve) => dying.once('exit', resolve))
    dying.kill('SIGKILL')
    await gone
    // What the app still waits for is never answered.
    void journey.app.close().catch(() => undefined)
    for (const strongroom of strongrooms.children) strongroom.kill('SIGKILL')
  }

  return {
    now: () => journey,
    kill: async () => {
      await endVault()
      journey = await start()
    },
    close: async () => {
      await endVault()
      program.remove()
      strongrooms.remove()
    },
  }
}
