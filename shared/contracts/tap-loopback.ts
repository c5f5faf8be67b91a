/**
 * How the tap page in the system's browser reaches its host: over HTTP on this machine, under one address that is good for
 * one page (docs/tap-in-browser.md). What the two ends say to each other there is the tap contract; this is only the carriage.
 */
import { z } from 'zod'
import '../domain/forms.ts'

export const tapLoopback = {
  /** Request header that carries the channel secret; every request of the page's script brings it. Lower case, as Node gives it. */
  channelHeader: 'x-halligan-channel',
  /** `<meta name="halligan-channel" content="__HALLIGAN_CHANNEL__">`: the host puts the secret in as it serves the page. */
  channelMeta: 'halligan-channel',
  channelPlaceholder: '__HALLIGAN_CHANNEL__',
  /** Relative to the page. GET: {@link hostFrameSchema} lines, newline-delimited JSON, until the page's end. Asked for once. */
  messagesPath: 'messages',
  /** Relative to the page. POST: one message as `application/json`; answered 204. One after the other, in order. */
  messagePath: 'message',
  /** Relative to the page. POST (`keepalive`) without a body, on `pagehide`: the person closes the page. Answered 204. */
  leavePath: 'leave',
  /** Milliseconds between two `alive` lines when there is nothing to say. After three of them missed the host is gone. */
  aliveEveryMs: 2_000,
  /** Bytes of one message from the page. */
  maxFromPage: 64 * 1024,
  /** Bytes of one line to the page: a manifest to be signed is shown whole. */
  maxToPage: 4 * 1024 * 1024,
} as const

/** One line of the stream to the page. */
export const hostFrameSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('message'), message: z.unknown() }),
  z.strictObject({ kind: z.literal('alive') }),
  /** The end, as it should be: say that all is done and close the window. The stream ending without it is the host's death. */
  z.strictObject({ kind: z.literal('done') }),
])
export type HostFrame = z.infer<typeof hostFrameSchema>
