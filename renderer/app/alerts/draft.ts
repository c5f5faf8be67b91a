/** A channel as it is being typed, and what it is when it is whole; whole settings as JSON. */
import {
  alertSettingsSchema,
  channelSchema,
  type AlertSettings,
  type ChannelKind,
  type ChannelOf,
  type ChannelSettings,
} from '../../../shared/domain/alert.ts'
import { createId, tidy } from '../setup/plan.ts'

/** Every text that any kind of channel asks for, as typed. */
export interface ChannelDraft {
  readonly id: string
  readonly kind: ChannelKind
  readonly name: string
  readonly shape: ChannelOf<'webhook'>['shape']
  readonly url: string
  readonly hasToken: boolean
  readonly host: string
  readonly port: number
  readonly security: ChannelOf<'smtp'>['security']
  readonly from: string
  /** One address a line. */
  readonly to: string
  readonly user: string
  readonly facility: number
  readonly ca: string
}
export type DraftField = keyof ChannelDraft

const usualUrl: Readonly<Partial<Record<ChannelKind, string>>> = {
  webhook: 'https://',
  pagerduty: 'https://events.pagerduty.com/v2/enqueue',
}

/** An empty channel of `kind`. */
export const createDraft = (kind: ChannelKind): ChannelDraft => ({
  id: createId(),
  kind,
  name: kind === 'desktop' ? 'This machine' : '',
  shape: 'generic',
  url: usualUrl[kind] ?? '',
  hasToken: false,
  host: '',
  port: kind === 'syslog' ? 6514 : 587,
  security: 'starttls',
  from: '',
  to: '',
  user: '',
  facility: 13,
  ca: '',
})

/** `settings` for changing. */
export function draftOf(settings: ChannelSettings): ChannelDraft {
  const empty = createDraft(settings.kind)
  const { id, name } = settings
  const ca = 'ca' in settings ? (settings.ca ?? '') : ''
  switch (settings.kind) {
    case 'webhook':
      return { ...empty, id, name, ca, shape: settings.shape, url: settings.url, hasToken: settings.auth === 'token' }
    case 'pagerduty':
      return { ...empty, id, name, ca, url: settings.url }
    case 'smtp': {
      const { host, port, security, from, to, user } = settings
      return { ...empty, id, name, ca, host, port, security, from, to: to.join('\n'), user: user ?? '' }
    }
    case 'syslog':
      return { ...empty, id, name, ca, host: settings.host, port: settings.port, facility: settings.facility }
    case 'desktop':
      return { ...empty, id, name }
  }
}

/** A chat's path lets anybody write there: whoever pastes the whole address here does not put it into the manifest. */
const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url)

function partsOf(draft: ChannelDraft): Record<string, unknown> {
  const { id, kind, host, port } = draft
  const common = { id, kind, name: tidy(draft.name) }
  const tls = draft.ca.trim() === '' ? {} : { ca: `${draft.ca.trim()}\n` }
  switch (kind) {
    case 'webhook': {
      const isChat = draft.shape !== 'generic'
      const url = draft.url.trim()
      const auth = isChat ? 'url' : draft.hasToken ? 'token' : 'none'
      return { ...common, ...tls, shape: draft.shape, url: isChat ? originOf(url) : url, auth }
    }
    case 'pagerduty':
      return { ...common, ...tls, url: draft.url.trim() }
    case 'smtp': {
      const to = draft.to.split(/[\s,;]+/).filter((one) => one !== '')
      const user = draft.user.trim() === '' ? null : draft.user.trim()
      return { ...common, ...tls, host, port, security: draft.security, from: draft.from.trim(), to, user }
    }
    case 'syslog':
      return { ...common, ...tls, host, port, facility: draft.facility }
    case 'desktop':
      return common
  }
}

const fieldProblems: Readonly<Partial<Record<DraftField, string>>> = {
  name: 'Give it a name of one line, such as “Operations chat”.',
  host: 'Enter the name or address of the server, without “https://”.',
  port: 'A port is a number from 1 to 65535.',
  url: 'Enter an address that begins with “https://”.',
  from: 'Enter the mail address that alerts come from.',
  to: 'Enter up to 20 mail addresses, one a line.',
  user: 'Enter the name to log in with, or leave it empty.',
  facility: 'A facility is a number from 0 to 23.',
  ca: 'Paste certificates as PEM: they begin with “-----BEGIN CERTIFICATE-----”.',
}
const isField = (name: unknown): name is DraftField => typeof name === 'string' && name in fieldProblems

/** The settings, or what is wrong with which field. */
export function readDraft(
  draft: ChannelDraft,
): { readonly settings: ChannelSettings } | { readonly problems: ReadonlyMap<DraftField, string> } {
  const parsed = channelSchema.safeParse(partsOf(draft))
  if (parsed.success) return { settings: parsed.data }
  const problems = new Map<DraftField, string>()
  for (const { path } of parsed.error.issues) {
    const [field] = path
    const known = isField(field) ? field : 'name'
    problems.set(known, fieldProblems[known] ?? '')
  }
  return { problems }
}

const problemsMax = 8

/** Settings that somebody pasted or read from a file; or what is wrong with them, by the place in the text. */
export function readSettings(text: string): { readonly settings: AlertSettings } | { readonly problems: string[] } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problems: ['This is not JSON. Nothing was taken over.'] }
  }
  const parsed = alertSettingsSchema.safeParse(value)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.map(String).join('.') || 'whole'}: ${message}`,
    )
    return { problems: problems.slice(0, problemsMax) }
  }
  const stray = parsed.data.routes.flatMap(({ channels }, index) =>
    channels
      .filter((id) => !parsed.data.channels.some((channel) => channel.id === id))
      .map((id) => `routes.${index}.channels: there is no channel “${id}”`),
  )
  return stray.length > 0 ? { problems: stray.slice(0, problemsMax) } : { settings: parsed.data }
}
