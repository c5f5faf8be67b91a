import net from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasCommand } from '../../../build/run-command.ts'
import type { Channel } from '../../../electron/courier/channels/channel.ts'
import { createSmtpChannel } from '../../../electron/courier/channels/smtp.ts'
import type { ChannelOf, ChannelSecret } from '../../../shared/domain/alert.ts'
import { readRefused } from '../../../shared/domain/mail-receipt.ts'
import { createAuthority } from '../../support/servers/certificates.ts'
import { failureOf } from '../../support/servers/deliver-through-cuts.ts'
import { findFreePort, makeServerFolder } from '../../support/servers/server-process.ts'
import { startSmtpReceiver, type MailRefusal, type SmtpReceiver } from '../../support/servers/smtp-receiver.ts'
import { hostile, makeHostileMessage, makeMessage, newSecret } from './messages.ts'

/** Header names and values of a mail, unfolded and decoded; and its text. */
function readMail(raw: string): { headers: readonly (readonly [string, string])[]; text: string } {
  const end = raw.indexOf('\r\n\r\n')
  const decodeWords = (value: string): string =>
    value
      .replaceAll(/\?=\s+=\?/g, '?==?')
      .replaceAll(/(?:=\?UTF-8\?Q\?[^?]*\?=)+/gi, (words) => {
        const bytes = [...words.matchAll(/=\?UTF-8\?Q\?([^?]*)\?=/gi)].map(([, word = '']) => word).join('')
        return decodeQuoted(bytes.replaceAll('_', ' '))
      })
      .replaceAll(/(?:=\?UTF-8\?B\?[^?]*\?=)+/gi, (words) => {
        const parts = [...words.matchAll(/=\?UTF-8\?B\?([^?]*)\?=/gi)].map(([, word = '']) =>
          Buffer.from(word, 'base64'),
        )
        return Buffer.concat(parts).toString('utf8')
      })
  const decodeQuoted = (text: string): string => {
    const bytes = text
      .replaceAll(/=\r\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    return Buffer.from(bytes, 'latin1').toString('utf8')
  }
  const headers = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())] as const
    })
  return { headers, text: decodeQuoted(raw.slice(end + 4)).replaceAll('\r\n', '\n') }
}

describe.skipIf(!hasCommand('openssl'))('a mail server', () => {
  const folder = makeServerFolder('certificates')
  const authority = createAuthority(folder.dir)
  const stranger = createAuthority(folder.dir, 'stranger')
  const good = authority.sign('server', { name: 'localhost' })
  const login = { user: 'halligan@example.org', password: newSecret() }
  const servers = new Set<SmtpReceiver>()
  let starttls: SmtpReceiver
  let implicit: SmtpReceiver
  const start = async (...wish: Parameters<typeof startSmtpReceiver>): Promise<SmtpReceiver> => {
    const server = await startSmtpReceiver(...wish)
    servers.add(server)
    return server
  }
  const open = new Set<Channel>()
  beforeAll(async () => {
    starttls = await start(good, { security: 'starttls', login })
    implicit = await start(good, { security: 'implicit' })
  })
  afterEach(() => {
    starttls.refuse(null)
    for (const channel of open) channel.close()
    open.clear()
  })
  afterAll(async () => {
    await Promise.all([...servers].map((server) => server.stop()))
    folder.remove()
  })

  const timings = { connectMs: 3000, answerMs: 3000 }
  function openChannel(
    port: number,
    changes: Partial<ChannelOf<'smtp'>> = {},
    secret: ChannelSecret = { password: login.password },
    patience = timings,
  ): Channel {
    const settings: ChannelOf<'smtp'> = {
      ...{ kind: 'smtp', id: 'x', name: 'x', ca: authority.ca, host: 'localhost', port, security: 'starttls' },
      ...{ from: 'vault@example.org', to: ['one@example.org', 'two@example.net'], user: login.user },
      ...changes,
    }
    const channel = createSmtpChannel(settings, secret, patience)
    open.add(channel)
    return channel
  }

  it('takes a mail after STARTTLS and a login; its answer is the receipt', async () => {
    const message = makeMessage()
    expect(await openChannel(starttls.port).send(message)).toMatch(/^250 .*queued as 4XyZ/)
    const mail = starttls.mails.at(-1)!
    expect(mail).toMatchObject({ from: 'vault@example.org', to: ['one@example.org', 'two@example.net'] })
    expect(mail).toMatchObject({ secure: true, user: login.user })
    const { headers, text } = readMail(mail.raw)
    const named = Object.fromEntries(headers)
    expect(named).toMatchObject({
      from: 'Halligan <vault@example.org>',
      to: 'one@example.org, two@example.net',
      subject: '[Halligan] critical: Root of example.org was opened',
      date: 'Mon, 23 Nov 2026 10:00:00 +0000',
      'content-type': 'text/plain; charset=utf-8',
      'auto-submitted': 'auto-generated',
      'x-priority': '1 (Highest)',
    })
    expect(text).toContain('Who: Alice, Bob\nWhy: Outage of the directory\n')
    expect(text).toContain(`2026-11-23T10:00:00.123Z · entry 12 · alert ${message.key}`)
  })

  it('takes one over TLS from the first byte, without a login where the settings have none', async () => {
    await openChannel(implicit.port, { security: 'implicit', user: null }, {}).send(makeMessage())
    expect(implicit.mails.at(-1)).toMatchObject({ secure: true, user: null })
  })

  it('can fold what is sent twice, and put together what belongs together', async () => {
    const message = makeMessage()
    const other = makeMessage({ group: message.group, key: 'another' })
    for (const each of [message, message, other]) await openChannel(starttls.port).send({ ...each })
    const [first, second, third] = starttls.mails.slice(-3).map(({ raw }) => Object.fromEntries(readMail(raw).headers))
    expect(first!['message-id']).toMatch(/^<alert\.[0-9a-f]{40}@example\.org>$/)
    expect(second!['message-id']).toBe(first!['message-id'])
    expect(third!['message-id']).not.toBe(first!['message-id'])
    expect(third!['references']).toBe(first!['references'])
  })

  it('gets what people wrote as text: no header, recipient, command or line of ours is made of it', async () => {
    const message = makeHostileMessage()
    await openChannel(starttls.port).send(message)
    const mail = starttls.mails.at(-1)!
    expect(mail.to).toEqual(['one@example.org', 'two@example.net'])
    const { headers, text } = readMail(mail.raw)
    const names = headers.map(([name]) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).not.toContain('bcc')
    expect(Object.fromEntries(headers)['subject']).toContain('x Bcc: evil@example.org')
    for (const value of [hostile.quotes, hostile.markup, hostile.slack, hostile.wide, hostile.turned])
      expect(text).toContain(value)
    expect(text).toContain('crlf: x\n| Bcc: evil@example.org\n| \n| .\n| MAIL FROM:<evil@example.org>\n')
    expect(text).toContain('lines: first\n| Approved by: Alice\n')

    expect(mail.raw).not.toMatch(/[^\r\n\x20-\x7e]/)
  })

  it('says when a message is a late one, and dates it when it happened', async () => {
    await openChannel(starttls.port).send(makeMessage({ late: true, at: '2026-11-20T08:00:00.000Z' }))
    const { headers, text } = readMail(starttls.mails.at(-1)!.raw)
    expect(Object.fromEntries(headers)['date']).toBe('Fri, 20 Nov 2026 08:00:00 +0000')
    expect(text).toContain('2026-11-20T08:00:00.000Z, sent later')
  })

  it('that offers no TLS gets neither the login nor the mail', async () => {
    const plain = await start(good, { security: 'none', login })
    const failure = await failureOf(openChannel(plain.port).send(makeMessage()))
    expect(failure).toMatchObject({ code: 'CHANNEL_FAILED', detail: { reason: 'starttls' } })
    expect(plain.plainCommands).toEqual([])
    expect(plain.mails).toEqual([])
    // Nor one whose settings say that TLS comes first.
    const other = await failureOf(openChannel(plain.port, { security: 'implicit' }).send(makeMessage()))
    expect(other).toMatchObject({ code: 'CHANNEL_FAILED' })
  })

  it('with a certificate that is not to be trusted gets neither', async () => {
    const bad = [
      stranger.sign('stranger-server', { name: 'localhost' }),
      authority.sign('expired', { name: 'localhost', days: -1 }),
      authority.sign('other', { name: 'other', names: ['DNS:other.example'] }),
    ]
    for (const certificate of bad)
      for (const security of ['implicit', 'starttls'] as const) {
        const server = await start(certificate, { security, login })
        const failure = await failureOf(openChannel(server.port, { security }).send(makeMessage()))
        expect(failure, security).toMatchObject({ code: 'CHANNEL_CERTIFICATE', detail: { host: 'localhost' } })
        expect([server.plainCommands, server.mails]).toEqual([[], []])
      }
  })

  const refusals: readonly (readonly [MailRefusal['at'], number, string])[] = [
    ['connect', 421, 'CHANNEL_BUSY'],
    ['connect', 554, 'CHANNEL_REFUSED'],
    ['auth', 454, 'CHANNEL_BUSY'],
    ['auth', 535, 'CHANNEL_LOGIN'],
    ['from', 451, 'CHANNEL_BUSY'],
    ['from', 530, 'CHANNEL_LOGIN'],
    ['from', 550, 'CHANNEL_REFUSED'],
    ['to', 450, 'CHANNEL_BUSY'],
    ['to', 550, 'CHANNEL_REFUSED'],
    ['data', 452, 'CHANNEL_BUSY'],
    ['data', 554, 'CHANNEL_REFUSED'],
  ]
  it.each(refusals)('that refuses at %s with %i: %s, and nothing of its words', async (at, status, code) => {
    starttls.refuse({ at, code: status })
    const failure = await failureOf(openChannel(starttls.port).send(makeMessage()))
    expect(failure).toMatchObject({ code, detail: { host: 'localhost', port: starttls.port, status } })
    expect(JSON.stringify([failure, (failure as Error).stack])).not.toMatch(/secret words|on purpose/)
  })

  it.each([550, 450])(
    'that refuses one of the recipients with %i loses nobody else; the receipt says whom',
    async (code) => {
      starttls.refuse({ at: 'to', code, recipient: 'two@example.net' })
      const before = starttls.mails.length
      const receipt = await openChannel(starttls.port).send(makeMessage())
      expect(receipt).toMatch(/^Refused: two@example\.net; 250 .*queued as 4XyZ$/)
      expect(readRefused(receipt)).toBe('two@example.net')
      expect(starttls.mails.slice(before).map(({ to }) => to)).toEqual([['one@example.org']])
    },
  )

  it('that refuses so many that the receipt is full names as many as fit', async () => {
    const to = Array.from({ length: 20 }, (_, at) => `person.number.${at}@a-rather-long-name.example.net`)
    starttls.refuse({ at: 'to', code: 550, but: to[7]! })
    const receipt = await openChannel(starttls.port, { to }).send(makeMessage())
    expect(receipt!.length).toBeLessThanOrEqual(200)
    expect(receipt).toMatch(/^Refused: person\.number\.0@.* and 1\d more/)
    expect(starttls.mails.at(-1)!.to).toEqual([to[7]])
  })

  it('that refuses the password does not make us repeat it', async () => {
    const password = newSecret()
    const failure = await failureOf(openChannel(starttls.port, {}, { password }).send(makeMessage()))
    expect(failure).toMatchObject({ code: 'CHANNEL_LOGIN' })
    const said = JSON.stringify([failure, (failure as Error).stack])
    for (const words of [password, Buffer.from(`\0${login.user}\0${password}`).toString('base64')])
      expect(said).not.toContain(words)
    expect(await failureOf(openChannel(starttls.port, {}, {}).send(makeMessage()))).toMatchObject({
      code: 'CHANNEL_LOGIN',
      detail: { reason: 'not-set' },
    })
  })

  it('that is not there, has no name, says nothing, or hangs up', async () => {
    const sockets = new Set<net.Socket>()
    const listen = async (greet: (socket: net.Socket) => void): Promise<number> => {
      const server = net.createServer((socket) => {
        sockets.add(socket.on('error', () => undefined))
        greet(socket)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      server.unref()
      return (server.address() as net.AddressInfo).port
    }
    const hurried = { connectMs: 1000, answerMs: 300 }
    const failures = await Promise.all([
      failureOf(openChannel(await findFreePort()).send(makeMessage())),
      failureOf(openChannel(25, { host: 'no-such-host.invalid' }).send(makeMessage())),
      failureOf(openChannel(await listen(() => undefined), {}, undefined, hurried).send(makeMessage())),
      failureOf(openChannel(await listen((socket) => socket.end())).send(makeMessage())),
      failureOf(
        openChannel(await listen((socket) => socket.write('220 x\r\n')), {}, undefined, hurried).send(makeMessage()),
      ),
    ])
    for (const failure of failures) expect(failure).toMatchObject({ code: 'CHANNEL_UNREACHABLE' })
    for (const socket of sockets) socket.destroy()
  })

  it('is let go of when the channel is closed', async () => {
    const server = net.createServer((socket) => socket.on('error', () => undefined))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const channel = openChannel((server.address() as net.AddressInfo).port)
    const connected = new Promise((resolve) => server.once('connection', resolve))
    const failing = failureOf(channel.send(makeMessage()))
    await connected
    channel.close()
    expect(await failing).toMatchObject({ code: 'CHANNEL_UNREACHABLE', detail: { reason: 'closed' } })
    server.close()
  })
})
