/** Alert channels in words. */
import type { ChannelView } from '../../../shared/contracts/alert-views.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import type { AlertEvent, ChannelKind, ChannelSecret, ChannelSettings, Severity } from '../../../shared/domain/alert.ts'
import { readRefused } from '../../../shared/domain/mail-receipt.ts'
import { limits } from '../../../shared/limits.ts'
import { sentenceFor } from '../../ui/sentences.ts'
import { formatMoment, formatNumber } from '../../ui/time.ts'
import type { StatusWords } from '../status-words.ts'

export const kindNames: Readonly<Record<ChannelKind, string>> = {
  webhook: 'Webhook or chat',
  pagerduty: 'PagerDuty',
  smtp: 'E-mail',
  syslog: 'Syslog over TLS',
  desktop: 'Notification here',
}

export const severityNames: Readonly<Record<Severity, string>> = {
  info: 'Everything',
  warning: 'Warnings and worse',
  error: 'Failures and worse',
  critical: 'Requests and alarms only',
}

export const eventNames: Readonly<Record<AlertEvent, string>> = {
  'request-opened': 'Request',
  'tap-refused': 'Tap refused',
  'request-granted': 'Opened',
  'request-waiting': 'Waiting',
  'field-copied': 'Field copied',
  'window-ended': 'Window ended',
  'request-ended': 'Request ended',
  'request-classified': 'Use recorded',
  drill: 'Drill',
  ceremony: 'Ceremony',
  'manifest-changed': 'Who holds what',
  'clock-jumped': 'Clock jumped',
  'log-failed': 'Check failed',
  'sink-diverged': 'Sink differs',
  overdue: 'Overdue',
  test: 'Test',
}

/** Where it leads, in a few words. */
export function placeOf(settings: ChannelSettings): string {
  switch (settings.kind) {
    case 'webhook':
    case 'pagerduty':
      return new URL(settings.url).host
    case 'smtp':
      return `${settings.to.join(', ')} by ${settings.host}:${settings.port}`
    case 'syslog':
      return `${settings.host}:${settings.port}`
    case 'desktop':
      return 'this machine'
  }
}

/** Which secret a channel of these settings asks for; null: none. */
export function secretAsked(settings: ChannelSettings): keyof ChannelSecret | null {
  switch (settings.kind) {
    case 'webhook':
      return settings.auth === 'none' ? null : settings.auth
    case 'pagerduty':
      return 'token'
    case 'smtp':
      return settings.user === null ? null : 'password'
    case 'syslog':
    case 'desktop':
      return null
  }
}

export const secretLabels: Readonly<Record<keyof ChannelSecret, string>> = {
  token: 'Token',
  password: 'Password',
  url: 'Whole address of the chat’s webhook',
}

const secretWords: Readonly<Record<ChannelView['secret'], string>> = {
  keychain: 'Its secret is kept in this system’s keychain.',
  file: 'Its secret is kept in a file that only this user can read: this system has no keychain to rely on.',
  missing: 'It asks for a secret, and this machine has none yet.',
  'not-needed': 'It needs no secret.',
}
/** Where what it asks for is kept. */
export const describeSecret = (secret: ChannelView['secret']): string => secretWords[secret]

const countAlerts = (count: number): string => `${formatNumber(count)} ${count === 1 ? 'alert' : 'alerts'}`

/** How one channel stands. */
export function describeChannel({ name, state, waiting, problem, nextAt }: ChannelView): StatusWords {
  if (problem !== null) {
    const again = nextAt === null ? '' : ` Next try at ${formatMoment(nextAt)}.`
    const left = waiting === 0 ? '' : ` ${countAlerts(waiting)} waiting.`
    return { tone: 'warn', text: `${sentenceFor(problem.code, { channel: name, ...problem.detail })}${left}${again}` }
  }
  if (state === 'sending' || waiting > 0) return { tone: 'plain', text: `Sending: ${countAlerts(waiting)} to go.` }
  return { tone: 'ok', text: 'Nothing waits.' }
}

/** When it last proved itself. */
export function describeProof({ kind, isProven, lastProvenAt, receipt }: ChannelView): StatusWords {
  const refused = kind === 'smtp' ? readRefused(receipt) : null
  if (refused !== null && isProven && lastProvenAt !== null)
    return {
      tone: 'warn',
      text: `The mail server took the last alert (${formatMoment(lastProvenAt)}), but not for ${refused}. They were told nothing.`,
    }
  if (isProven && lastProvenAt !== null)
    return { tone: 'ok', text: `Proven: took an alert ${formatMoment(lastProvenAt)}.` }
  return lastProvenAt === null
    ? { tone: 'warn', text: 'Unproven: it has not taken an alert yet. Fire a test alert.' }
    : {
        tone: 'warn',
        text: `Unproven: it last took an alert ${formatMoment(lastProvenAt)}, more than ${limits.channelProofDays} days ago. Fire a test alert.`,
      }
}

/** All channels in a few words, for the status bar; null: there is nothing to say. */
export function describeAlerts({ channels, waiting }: AppState['alerts']): StatusWords | null {
  if (channels.length === 0 && waiting === 0) return null
  if (waiting > 0) return { tone: 'warn', text: `Alerts: ${formatNumber(waiting)} waiting` }
  const unproven = channels.filter(({ isProven }) => !isProven).length
  if (unproven > 0) return { tone: 'warn', text: `Alerts: ${formatNumber(unproven)} unproven` }
  return { tone: 'ok', text: 'Alerts: all sent' }
}
