/** An alert as a mail: plain text, of a machine, with a Message-ID that is the same each time it is sent. */
import type { SendMailOptions } from 'nodemailer'
import { toHex, utf8 } from '../../../shared/bytes.ts'
import type { AlertMessage, ChannelOf } from '../../../shared/domain/alert.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import { describeAlert } from './text.ts'

/** Bits enough that no two are alike; the text itself may hold anything. */
const hashOf = (text: string): string => toHex(nodePrimitives.sha256(utf8(text))).slice(0, 40)

/** RFC 5322 section 3.6.4: left of the @ a name of ours, right of it the sender's domain. */
function makeMessageId(kind: 'alert' | 'group', name: string, from: string): string {
  return `<${kind}.${hashOf(name)}@${from.slice(from.lastIndexOf('@') + 1)}>`
}

/** For people whose clients sort by it; whether it rings is theirs to say. */
const priorities = { info: 'normal', warning: 'normal', error: 'high', critical: 'high' } as const

/** What nodemailer is given: strings only, of which it reads none as a path or an address to fetch. */
export function makeMail(settings: ChannelOf<'smtp'>, message: AlertMessage): SendMailOptions {
  const { from, to } = settings
  const { key, group, severity, at } = message
  const { title, lines, footer } = describeAlert(message)
  const text = [title, '', ...lines.map(({ label, value }) => `${label}: ${value}`), '', footer, ''].join('\n')
  return {
    // Objects, not text: an address that is written out would be parsed.
    from: { name: 'Halligan', address: from },
    to: to.map((address) => ({ name: '', address })),
    envelope: { from, to: [...to] },
    subject: `[Halligan] ${severity}: ${title}`,
    text,
    textEncoding: 'quoted-printable',
    messageId: makeMessageId('alert', key, from),
    // What belongs together is one conversation, though the message that would begin it is never sent.
    references: makeMessageId('group', group, from),
    // When it happened, which a late one shall not hide. Text would be sent as it is, and is no date of a mail.
    date: new Date(at),
    priority: priorities[severity],
    // RFC 3834: nobody's absence is answered to it.
    headers: { 'Auto-Submitted': 'auto-generated' },
    xMailer: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
