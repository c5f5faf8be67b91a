/** Starts the real processes of the app on a folder of the test. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { openKnownManifests } from '../../../electron/main/known-manifest.ts'
import { systemClock } from '../../../electron/platform/clock.ts'
import { startStrongroom } from '../../../electron/strongroom/strongroom.ts'
import { startVault } from '../../../electron/vault/vault.ts'
import type { Clock } from '../../../shared/clock.ts'
import type { Starters } from '../../support/node-app.ts'

export interface Workplace {
  readonly dir: string
  readonly knownCheckpointFile: string
  readonly exportDir: string
  readonly remove: () => void
}

/** A fresh place for one vault. */
export function makeWorkplace(): Workplace {
  const root = mkdtempSync(path.join(os.tmpdir(), 'halligan-system-'))
  return {
    dir: path.join(root, 'vault'),
    knownCheckpointFile: path.join(root, 'known-checkpoint'),
    exportDir: path.join(root, 'export'),
    remove: () => {
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** The processes on that place. */
export const starters = (place: Workplace, clock: Clock = systemClock): Starters => ({
  startVault: (environment) =>
    startVault(environment, {
      dir: place.dir,
      knownCheckpointFile: place.knownCheckpointFile,
      appVersion: '0.0.0-test',
      clock,
    }),
  openKnownManifests: () => openKnownManifests(path.dirname(place.dir), place.dir),
  // Passphrases are stretched as little as can be: how long it takes is not what is tested.
  startStrongroom: (environment) => startStrongroom(environment, { clock, stretchCost: { passes: 1, memory: 8192 } }),
})
