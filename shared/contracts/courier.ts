/**
 * The courier process: it alone speaks to the network, holds what sinks ask for as proof of who we are, and reads what they
 * answer. The vault process decides what is sent; main starts the courier and keeps the sinks' secrets.
 */
import { z } from 'zod'
import { alertMessageSchema, channelSchema, channelSecretSchema } from '../domain/alert.ts'
import { countSchema, hashSchema, idSchema, lineSchema } from '../domain/forms.ts'
import { keptSecretSchema, sinkSchema, sinkSecretSchema } from '../domain/sink.ts'
import { limits } from '../limits.ts'
import { defineContract } from './contract.ts'

const nothing = z.strictObject({})

const blob = (max: number) => z.instanceof(Uint8Array).refine((bytes) => bytes.length <= max)

const log = { sink: idSchema, vault: idSchema, station: idSchema }

/** How many bytes of entries one delivery carries, unless a single entry is larger; and how many entries. */
export const deliveryLimits = { bytes: 1_048_576, entries: 1024 } as const

/** The courier serves, the vault process calls, on a port of its own. Rejects SINK_*. */
export const courierContract = defineContract({
  name: 'courier',
  calls: {
    /** All sinks there are. Those whose settings changed or that are not listed are closed. */
    configure: { input: z.strictObject({ sinks: z.array(sinkSchema).max(limits.sinks) }), output: nothing },
    /** `probe`: see first, within two seconds, whether anybody is there at all. Null when that kind of sink cannot answer. */
    head: {
      input: z.strictObject({ ...log, probe: z.boolean() }),
      output: z.strictObject({
        head: z.strictObject({ size: countSchema, lastHash: hashSchema.nullable() }).nullable(),
      }),
    },
    /** Resolves when the sink has it durably. */
    deliver: {
      input: z.strictObject({
        ...log,
        /** `seq` of the first entry. */
        from: countSchema,
        /** Entries as they were hashed, each followed by a newline (0x0A). */
        lines: blob(limits.messageBytes),
        checkpoint: z.string().max(16_384),
        size: countSchema,
        root: hashSchema,
        /** Signed manifests that entries of this delivery bring into force: canonical bytes. */
        manifests: z.array(z.strictObject({ version: countSchema, bytes: blob(limits.messageBytes) })).max(64),
      }),
      output: nothing,
    },
    /** Closes its connections; the next call opens new ones. The network was away, so old ones may never answer. */
    reset: { input: z.strictObject({ sink: idSchema }), output: nothing },
  },
  events: {},
})

/** The courier serves, main calls, on its control port. */
export const courierControlContract = defineContract({
  name: 'courier-control',
  calls: {
    /** Replaces all secrets it has. Each is good for the settings whose hash stands beside it, and for no others. */
    secrets: {
      input: z.strictObject({
        secrets: z
          .array(z.strictObject({ sink: idSchema, settings: hashSchema, secret: sinkSecretSchema }))
          .max(limits.sinks),
      }),
      output: nothing,
    },
  },
  events: {},
})

/** Main serves, the vault process calls. */
export const courierHostContract = defineContract({
  name: 'courier-host',
  calls: {
    /** Starts the courier, anew if one runs, and hands its port to the vault process as `courier`. */
    startCourier: { input: nothing, output: nothing },
    /**
     * For which of `sinks`, which are all that the vault has, something is kept, and where. Never what. What others of this vault
     * had is forgotten; what is kept for other vaults stays.
     */
    keptSecrets: {
      input: z.strictObject({ vault: idSchema, sinks: z.array(idSchema).max(limits.sinks) }),
      output: z.strictObject({
        kept: z.array(z.strictObject({ sink: idSchema, settings: hashSchema, where: keptSecretSchema })).max(1024),
      }),
    },
    /** Keeps a secret and tells it the courier. An empty one forgets what is kept. Rejects STORAGE_FAILED. */
    keepSecret: {
      input: z.strictObject({ vault: idSchema, sink: idSchema, settings: hashSchema, secret: sinkSecretSchema }),
      output: nothing,
    },
  },
  events: {},
})

/** The courier serves, the vault process calls, on the same port as {@link courierContract}. Rejects CHANNEL_*. */
export const courierAlertContract = defineContract({
  name: 'courier-alert',
  calls: {
    /** All channels there are but those of kind desktop. Those whose settings changed or that are not listed are closed. */
    channels: {
      input: z.strictObject({ vault: idSchema, channels: z.array(channelSchema).max(limits.channels) }),
      output: nothing,
    },
    /**
     * Resolves when the receiver has taken the alert; `receipt` is what it gave as proof, null where its kind gives none. Detail
     * of CHANNEL_BUSY: `retryAfterMs`. Always ends, within 30 s. Alerts for several channels may be under way at once.
     */
    alert: {
      input: z.strictObject({ channel: idSchema, message: alertMessageSchema }),
      output: z.strictObject({ receipt: lineSchema(200).nullable() }),
    },
    /** Closes its connections, what is under way rejects: the network was away, so old ones may never answer. */
    resetChannel: { input: z.strictObject({ channel: idSchema }), output: nothing },
  },
  events: {},
})

/** The courier serves, main calls, on its control port. */
export const alertControlContract = defineContract({
  name: 'alert-control',
  calls: {
    /** Replaces all channels' secrets it has. `settings`: channelHash (shared/audit/channel-settings.ts). */
    secrets: {
      input: z.strictObject({
        secrets: z
          .array(
            z.strictObject({ vault: idSchema, channel: idSchema, settings: hashSchema, secret: channelSecretSchema }),
          )
          .max(1024),
      }),
      output: nothing,
    },
  },
  events: {},
})

/** Main serves, the vault process calls. The courier itself is started with {@link courierHostContract}. */
export const alertHostContract = defineContract({
  name: 'alert-host',
  calls: {
    /** As `keptSecrets` of sinks. What is kept for other vaults stays. */
    keptSecrets: {
      input: z.strictObject({ vault: idSchema, channels: z.array(idSchema).max(limits.channels) }),
      output: z.strictObject({
        kept: z.array(z.strictObject({ channel: idSchema, settings: hashSchema, where: keptSecretSchema })).max(1024),
      }),
    },
    /** Keeps a secret and tells it the courier. An empty one forgets what is kept. Rejects STORAGE_FAILED. */
    keepSecret: {
      input: z.strictObject({ vault: idSchema, channel: idSchema, settings: hashSchema, secret: channelSecretSchema }),
      output: nothing,
    },
    /** A notification on this machine. Resolves when the system has taken it. Rejects CHANNEL_FAILED where it cannot show any. */
    notify: {
      input: z.strictObject({ title: z.string().max(200), body: z.string().max(2000), sound: z.boolean() }),
      output: nothing,
    },
  },
  events: {},
})

/** The vault process serves, main calls. */
export const syncControlContract = defineContract({
  name: 'sync-control',
  calls: {
    /** The machine has a network again. */
    online: { input: nothing, output: nothing },
  },
  events: {},
})
