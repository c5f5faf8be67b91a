/** A database that is busy for a moment, just when the channels of a manifest are taken over. */
import { expect, it } from 'vitest'
import { createAlerts, type AlertsMeans } from '../../../electron/vault/alerts/alerts.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { eventually } from '../../support/vault-world.ts'
import { newId } from '../../support/node-app.ts'

it('does not leave the channels out until the next change', async () => {
  let busy = true
  const waiting: (() => void)[] = []
  const channel = { id: newId(), name: 'This machine', kind: 'desktop' }
  const inForce = { manifest: { alerts: { channels: [channel], routes: [] } }, hash: 'any' }
  const database = {
    get: () => Promise.resolve(undefined),
    all: () => (busy ? Promise.reject(new HalliganError('STORAGE_BUSY')) : Promise.resolve([])),
  }
  const alerts = createAlerts({
    context: {
      store: { database },
      log: { genesis: { vault: newId() } },
      clock: { wall: () => 0, monotonic: () => 0 },
      primitives: nodePrimitives,
      randomBytes: (length: number) => new Uint8Array(length),
    },
    registry: { inForce: () => inForce, chain: () => [] },
    history: { find: () => undefined },
    host: { keptSecrets: () => Promise.resolve({ kept: [] }) },
    link: { configureChannels: () => Promise.resolve() },
    onChange: () => undefined,
    timers: {
      after: (_ms: number, then: () => void) => {
        waiting.push(then)
        return () => undefined
      },
    },
  } as unknown as AlertsMeans)

  await eventually(() => waiting.length === 1, 'it means to look again')
  expect(alerts.view().channels).toEqual([])
  busy = false
  waiting.shift()?.()
  await eventually(() => alerts.view().channels.length === 1, 'the channel is there')
  alerts.stop()
})
