/** The sinks that there are, each made when it is first needed and closed when its settings or its secret change. */
import { settingsHash } from '../../shared/audit/sink-settings.ts'
import { needsSecret, type SinkSecret, type SinkSettings } from '../../shared/domain/sink.ts'
import { HalliganError } from '../../shared/errors.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import type { Sink } from './sink.ts'

export type CreateSink = (settings: SinkSettings, secret: SinkSecret) => Sink

export interface KeptSinkSecret {
  readonly sink: string
  /** Hash of the settings that it may be used with. */
  readonly settings: string
  readonly secret: SinkSecret
}

interface Place {
  readonly settings: SinkSettings
  readonly hash: string
  open: Sink | null
}

export interface SinkShelf {
  readonly configure: (sinks: readonly SinkSettings[]) => Promise<void>
  readonly setSecrets: (secrets: readonly KeptSinkSecret[]) => Promise<void>
  /** @throws HalliganError SINK_UNKNOWN; SINK_LOGIN {reason: 'not-set'} when it needs a secret that is not there */
  readonly take: (id: string) => { readonly settings: SinkSettings; readonly sink: Sink }
  readonly settingsOf: (id: string) => SinkSettings | undefined
  /** Closes what is open; the next {@link SinkShelf.take} makes it anew. Never rejects. */
  readonly reset: (id: string) => Promise<void>
}

const closeSink = (sink: Sink): Promise<void> => sink.close().catch(() => undefined)

export function createSinkShelf(createSink: CreateSink): SinkShelf {
  let places = new Map<string, Place>()
  let secrets: readonly KeptSinkSecret[] = []

  const reset = async (id: string): Promise<void> => {
    const place = places.get(id)
    const sink = place?.open ?? null
    if (place === undefined || sink === null) return
    place.open = null
    await closeSink(sink)
  }

  /**
   * A secret goes only to the server that it was set for: whoever gets hold of the process that names the settings must not be
   * able to have a password sent somewhere else.
   */
  const secretFor = ({ settings, hash }: Place): SinkSecret | undefined =>
    secrets.find((kept) => kept.sink === settings.id && kept.settings === hash)?.secret

  return {
    configure: async (sinks) => {
      const before = places
      places = new Map(
        sinks.map((settings) => {
          const hash = settingsHash(nodePrimitives, settings)
          const known = before.get(settings.id)
          return [settings.id, known?.hash === hash ? known : { settings, hash, open: null }]
        }),
      )
      const left = [...before].filter(([id, place]) => places.get(id) !== place)
      await Promise.all(left.flatMap(([, { open }]) => (open === null ? [] : [closeSink(open)])))
    },
    setSecrets: async (next) => {
      secrets = next
      await Promise.all([...places.keys()].map(reset))
    },
    take: (id) => {
      const place = places.get(id)
      if (place === undefined) throw new HalliganError('SINK_UNKNOWN')
      const { settings } = place
      const secret = secretFor(place)
      if (secret === undefined && needsSecret(settings)) throw new HalliganError('SINK_LOGIN', { reason: 'not-set' })
      place.open ??= createSink(settings, secret ?? {})
      return { settings, sink: place.open }
    },
    settingsOf: (id) => places.get(id)?.settings,
    reset,
  }
}
