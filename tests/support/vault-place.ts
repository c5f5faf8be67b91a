/** A fresh folder for one vault, and clocks that a test moves by hand. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Clock } from '../../shared/clock.ts'
import type { Timers } from '../../electron/vault/sync/timers.ts'
import { startVault, type RunningVault } from '../../electron/vault/vault.ts'
import type { Hub } from '../../shared/contracts/contract.ts'
import { createWorld, linkInProcess, type VaultLink, type World } from './vault-world.ts'

export interface HandClock extends Clock {
  /** Moves both clocks, as time does. */
  readonly pass: (ms: number) => void
  /** Moves the wall clock only, as people do. */
  readonly jumpWall: (ms: number) => void
  /** Moves the monotonic clock only (the wall clock was set back meanwhile). */
  readonly jumpMonotonic: (ms: number) => void
}

export function createHandClock(startMs = Date.UTC(2026, 10, 23, 14, 0, 0)): HandClock {
  let wall = startMs
  let monotonic = 1000
  return {
    wall: () => wall,
    monotonic: () => monotonic,
    pass: (ms) => {
      wall += ms
      monotonic += ms
    },
    jumpWall: (ms) => {
      wall += ms
    },
    jumpMonotonic: (ms) => {
      monotonic += ms
    },
  }
}

export interface Place {
  readonly root: string
  readonly dir: string
  /** Base name of the known checkpoints: each vault's id is added to it. */
  readonly known: string
  readonly file: string
  readonly remove: () => void
}

export function makePlace(base = os.tmpdir()): Place {
  const root = mkdtempSync(path.join(base, 'halligan-vault-'))
  const dir = path.join(root, 'vault')
  return {
    root,
    dir,
    known: path.join(root, 'known-checkpoint'),
    file: path.join(dir, 'vault.sqlite3'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** A vault in this thread on `place`; several can follow one another. `timers`: for what it looks at once in a while. */
export function openWorld(
  place: Place,
  clock: Clock,
  serveMore?: (hub: Hub, link: VaultLink) => void,
  timers?: Timers,
): World & { readonly vault: RunningVault } {
  let vault: RunningVault | undefined
  const link = linkInProcess((environment) => {
    vault = startVault(environment, {
      dir: place.dir,
      knownCheckpointFile: place.known,
      appVersion: '0.0.0+test',
      clock,
      ...(timers === undefined ? {} : { timers }),
    })
  })
  if (vault === undefined) throw new Error('not started')
  return { ...createWorld(link, (hub) => serveMore?.(hub, link)), vault }
}

/** Where the only vault of `place` keeps its known checkpoint. @throws when it has none, or there are several */
export function findKnown({ known }: Pick<Place, 'known'>): string {
  const base = `${path.basename(known)}-`
  const found = readdirSync(path.dirname(known)).filter((name) => name.startsWith(base) && !name.includes('.'))
  const [only] = found
  if (only === undefined || found.length > 1) throw new Error(`${found.length} known checkpoints`)
  return path.join(path.dirname(known), only)
}
