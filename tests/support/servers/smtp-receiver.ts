/** A mail server of a test: TLS from the first byte, or STARTTLS; with a login; that can refuse at each step. */
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { Certificate } from './certificates.ts'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** As it came: CRLF lines. */
  readonly raw: string
  readonly secure: boolean
  readonly user: string | null
}

/** A reply instead of the usual one: its code, at that step. */
export interface MailRefusal {
  readonly at: 'connect' | 'auth' | 'from' | 'to' | 'data'
  readonly code: number
  /** Only this recipient. */
  readonly recipient?: string
  /** All recipients but this one. */
  readonly but?: string
}

interface Wish {
  readonly security: 'implicit' | 'starttls' | 'none'
  readonly login?: { readonly user: string; readonly password: string }
}

export interface SmtpReceiver {
  readonly port: number
  readonly mails: readonly ReceivedMail[]
  /** Commands that came before TLS. */
  readonly plainCommands: readonly string[]
  readonly refuse: (refusal: MailRefusal | null) => void
  readonly stop: () => Promise<void>
}

export async function startSmtpReceiver(certificate: Certificate, { security, login }: Wish): Promise<SmtpReceiver> {
  const mails: ReceivedMail[] = []
  const plainCommands: string[] = []
  let refusal: MailRefusal | null = null
  const refusalAt = (at: MailRefusal['at'], recipient?: string): Error | null => {
    if (refusal?.at !== at || (refusal.recipient !== undefined && refusal.recipient !== recipient)) return null
    if (refusal.but !== undefined && refusal.but === recipient) return null
    return Object.assign(new Error('refused on purpose <b>secret words</b>'), { responseCode: refusal.code })
  }
  const server = new SMTPServer({
    cert: certificate.cert,
    key: certificate.key,
    secure: security === 'implicit',
    // Tests of logins send the password only over TLS; a server that would take it in the open shows when one does.
    allowInsecureAuth: true,
    authOptional: login === undefined,
    hideSTARTTLS: security === 'none',
    disabledCommands: [...(security === 'none' ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])],
    disableReverseLookup: true,
    closeTimeout: 200,
    logger: false,
    onConnect: (_session, done) => done(refusalAt('connect')),
    onAuth: ({ username = '', password = '' }, session, done) => {
      if (!session.secure) plainCommands.push('AUTH')
      const isRight = username === login?.user && password === login.password
      const error = refusalAt('auth')
      if (error !== null) done(error)
      else if (isRight) done(null, { user: username })
      else done(Object.assign(new Error(`wrong password ${password}`), { responseCode: 535 }))
    },
    onMailFrom: (_address, session, done) => {
      if (!session.secure) plainCommands.push('MAIL')
      done(refusalAt('from'))
    },
    onRcptTo: ({ address }, _session, done) => done(refusalAt('to', address)),
    onData: (stream, { envelope, secure, user }, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const error = refusalAt('data')
        if (error !== null) {
          done(error)
          return
        }
        mails.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('latin1'),
          secure,
          user: typeof user === 'string' ? user : null,
        })
        done(null, 'queued as 4XyZ')
      })
    },
  })
  // A client that leaves at the sight of our certificate is what some tests are about.
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    plainCommands,
    refuse: (next) => {
      refusal = next
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}
