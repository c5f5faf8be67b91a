/** Alerts, as the vault process asks the courier for them; secrets, as main hands them over. */
import { channelHash } from '../../../shared/audit/channel-settings.ts'
import type { alertControlContract, courierAlertContract } from '../../../shared/contracts/courier.ts'
import type { Handlers, Input } from '../../../shared/contracts/contract.ts'
import { needsChannelSecret, type ChannelSecret, type ChannelSettings } from '../../../shared/domain/alert.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { Channel } from './channel.ts'
import type { CreateChannel } from './create-channel.ts'
import { asChannelFailure } from './failures.ts'

/** Longer than a channel's own patience, so that the better reason wins; shorter than what the vault process was promised. */
const alertMs = 28_000

interface Place {
  readonly settings: ChannelSettings
  readonly hash: string
  open: Channel | null
}

export interface AlertService {
  readonly handlers: Handlers<typeof courierAlertContract>
  readonly control: Handlers<typeof alertControlContract>
}

/** Channels are made when they are first used, and closed when they fail or their settings or secrets change. */
export function createAlertService(createChannel: CreateChannel, patienceMs = alertMs): AlertService {
  let vault: string | null = null
  let places = new Map<string, Place>()
  let secrets: Input<typeof alertControlContract, 'secrets'>['secrets'] = []

  function closePlace(place: Place): void {
    const { open } = place
    place.open = null
    open?.close()
  }

  /** A secret goes only where it was set for, as those of sinks (sink-shelf.ts). */
  const secretFor = ({ settings, hash }: Place): ChannelSecret | undefined =>
    secrets.find((kept) => kept.vault === vault && kept.channel === settings.id && kept.settings === hash)?.secret

  function take(place: Place): Channel {
    const secret = secretFor(place)
    if (secret === undefined && needsChannelSecret(place.settings))
      throw new HalliganError('CHANNEL_LOGIN', { reason: 'not-set' })
    return (place.open ??= createChannel(place.settings, secret ?? {}))
  }

  async function send(place: Place, message: Input<typeof courierAlertContract, 'alert'>['message']) {
    let channel: Channel | null = null
    let timer: NodeJS.Timeout | undefined
    try {
      const opened = take(place)
      channel = opened
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new HalliganError('CHANNEL_UNREACHABLE', { reason: 'no-answer' })), patienceMs)
      })
      return await Promise.race([opened.send(message), late])
    } catch (error) {
      // A connection that failed is not trusted with the next try.
      if (channel !== null && place.open === channel) closePlace(place)
      const { code, detail } = asChannelFailure(error)
      throw new HalliganError(code, { ...detail, channel: place.settings.name }, error)
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    handlers: {
      channels: (next) => {
        const before = next.vault === vault ? places : new Map<string, Place>()
        const old = places
        ;({ vault } = next)
        places = new Map(
          next.channels.map((settings) => {
            const hash = channelHash(nodePrimitives, settings)
            const known = before.get(settings.id)
            const isSame = known?.hash === hash && known.settings.name === settings.name
            return [settings.id, isSame ? known : { settings, hash, open: null }]
          }),
        )
        const kept = new Set(places.values())
        for (const place of old.values()) if (!kept.has(place)) closePlace(place)
        return {}
      },
      alert: async ({ channel, message }) => {
        const place = places.get(channel)
        if (place === undefined) throw new HalliganError('CHANNEL_UNKNOWN')
        return { receipt: await send(place, message) }
      },
      resetChannel: ({ channel }) => {
        const place = places.get(channel)
        if (place !== undefined) closePlace(place)
        return {}
      },
    },
    control: {
      secrets: ({ secrets: next }) => {
        secrets = next
        places.forEach(closePlace)
        return {}
      },
    },
  }
}
