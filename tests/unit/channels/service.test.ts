import { describe, expect, it } from 'vitest'
import type { Channel } from '../../../electron/courier/channels/channel.ts'
import { createAlertService } from '../../../electron/courier/channels/serve-alerts.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { channelHash } from '../../../shared/audit/channel-settings.ts'
import type { AlertMessage, ChannelSecret, ChannelSettings } from '../../../shared/domain/alert.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { failureOf } from '../../support/servers/deliver-through-cuts.ts'
import { newId } from '../../support/vault-world.ts'
import { makeMessage } from './messages.ts'

const vault = newId()
const pager: ChannelSettings = {
  ...{ id: newId(), name: 'Pager', kind: 'pagerduty', url: 'https://events.pagerduty.com/v2/enqueue' },
}
const secret = { token: 'routing-key' }

interface Made {
  readonly settings: ChannelSettings
  readonly secret: ChannelSecret
  closed: boolean
}

function createRig(send: (message: AlertMessage) => Promise<string | null> = () => Promise.resolve('r')) {
  const made: Made[] = []
  const create = (settings: ChannelSettings, given: ChannelSecret): Channel => {
    const one: Made = { settings, secret: given, closed: false }
    made.push(one)
    return {
      send,
      close: () => {
        one.closed = true
      },
    }
  }
  const { handlers, control } = createAlertService(create, 200)
  const keep = (settings: ChannelSettings, of = vault): void => {
    const kept = { vault: of, channel: settings.id, settings: channelHash(nodePrimitives, settings), secret }
    void control.secrets({ secrets: [kept] })
  }
  return {
    made,
    keep,
    configure: (channels: ChannelSettings[], of = vault) => handlers.channels({ vault: of, channels }),
    reset: (channel: string) => handlers.resetChannel({ channel }),
    alert: async (channel = pager.id) => handlers.alert({ channel, message: makeMessage() }),
  }
}

describe('the courier with alert channels', () => {
  it('sends over one channel as long as it is good for that', async () => {
    const { made, keep, configure, alert } = createRig()
    await configure([pager])
    keep(pager)
    expect(await alert()).toEqual({ receipt: 'r' })
    await alert()
    expect(made).toEqual([{ settings: pager, secret, closed: false }])
    await configure([])
    expect(made[0]!.closed).toBe(true)
    expect(await failureOf(alert())).toMatchObject({ code: 'CHANNEL_UNKNOWN' })
  })

  it('uses a secret with the settings and in the vault that it was set for, and with no others', async () => {
    const { made, keep, configure, alert } = createRig()
    const missing = { code: 'CHANNEL_LOGIN', detail: { reason: 'not-set', channel: 'Pager' } }
    await configure([pager])
    expect(await failureOf(alert())).toMatchObject(missing)
    keep(pager, newId())
    expect(await failureOf(alert())).toMatchObject(missing)
    keep(pager)
    await configure([{ ...pager, url: 'https://evil.example/v2/enqueue' }])
    expect(await failureOf(alert())).toMatchObject(missing)
    await configure([pager], newId())
    expect(await failureOf(alert())).toMatchObject(missing)
    expect(made).toEqual([])
    // Another name is no other place.
    await configure([{ ...pager, name: 'Renamed' }])
    await alert()
    expect(made).toHaveLength(1)
  })

  it('begins anew after a failure, and says nothing that is not ours', async () => {
    const errors = [
      [new HalliganError('SINK_UNREACHABLE', { host: 'h' }), 'CHANNEL_UNREACHABLE'],
      [new HalliganError('CHANNEL_BUSY', { retryAfterMs: 7 }), 'CHANNEL_BUSY'],
      [new HalliganError('STORAGE_FULL'), 'CHANNEL_FAILED'],
      [new Error(`said ${secret.token}`), 'CHANNEL_FAILED'],
    ] as const
    for (const [error, code] of errors) {
      const { made, keep, configure, alert } = createRig(() => Promise.reject(error))
      await configure([pager])
      keep(pager)
      const failure = await failureOf(alert())
      expect(failure).toMatchObject({ code, detail: { channel: 'Pager' } })
      expect(JSON.stringify(failure)).not.toContain(secret.token)
      expect(made[0]!.closed).toBe(true)
      await failureOf(alert())
      expect(made).toHaveLength(2)
    }
  })

  it('gives up on one that never ends, and on one that is reset', async () => {
    const { made, keep, configure, alert, reset } = createRig(() => new Promise(() => undefined))
    await configure([pager])
    keep(pager)
    expect(await failureOf(alert())).toMatchObject({ code: 'CHANNEL_UNREACHABLE', detail: { reason: 'no-answer' } })
    const second = failureOf(alert())
    await reset(pager.id)
    expect(made.map(({ closed }) => closed)).toEqual([true, true])
    expect(await second).toMatchObject({ code: 'CHANNEL_UNREACHABLE' })
  })
})
