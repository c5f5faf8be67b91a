import net from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hasCommand } from '../../../build/run-command.ts'
import type { Channel } from '../../../electron/courier/channels/channel.ts'
import { createPagerDutyChannel } from '../../../electron/courier/channels/pagerduty.ts'
import { createWebhookChannel } from '../../../electron/courier/channels/webhook.ts'
import type { AlertMessage, ChannelOf, ChannelSecret } from '../../../shared/domain/alert.ts'
import { startAlertReceiver, type AlertReceiver } from '../../support/servers/alert-receiver.ts'
import { createAuthority } from '../../support/servers/certificates.ts'
import { failureOf } from '../../support/servers/deliver-through-cuts.ts'
import { findFreePort, makeServerFolder } from '../../support/servers/server-process.ts'
import { hostile, makeHostileMessage, makeMessage, newSecret, repeatLine } from './messages.ts'
import { pagerDutyEventSchema } from './pagerduty-schema.ts'

const timings = { connectMs: 2000, answerMs: 3000 }

describe.skipIf(!hasCommand('openssl'))('an HTTPS receiver of alerts', () => {
  const folder = makeServerFolder('certificates')
  const authority = createAuthority(folder.dir)
  const stranger = createAuthority(folder.dir, 'stranger')
  const good = authority.sign('server', { name: 'localhost' })
  const token = newSecret()
  let server: AlertReceiver
  const open = new Set<Channel>()
  beforeAll(async () => {
    server = await startAlertReceiver(good)
  })
  afterEach(() => {
    server.answer({ status: 200 })
    for (const channel of open) channel.close()
    open.clear()
  })
  afterAll(async () => {
    await server.stop()
    folder.remove()
  })

  const common = () => ({ id: 'x', name: 'x', ca: authority.ca })
  function openHook(changes: Partial<ChannelOf<'webhook'>> = {}, secret: ChannelSecret = { token }): Channel {
    const usual = { kind: 'webhook', shape: 'generic', url: `${server.origin}/alerts`, auth: 'token' } as const
    const channel = createWebhookChannel({ ...common(), ...usual, ...changes }, secret, timings)
    open.add(channel)
    return channel
  }
  const openChat = (shape: 'slack' | 'teams' | 'google-chat', url = `${server.origin}/hook/${token}?key=a%2Fb`) =>
    openHook({ shape, url: server.origin, auth: 'url' }, { url })
  function openPager(secret: ChannelSecret = { token }): Channel {
    const settings = { ...common(), kind: 'pagerduty', url: `${server.origin}/v2/enqueue` } as const
    const channel = createPagerDutyChannel(settings, secret, timings)
    open.add(channel)
    return channel
  }
  const last = () => server.received.at(-1)!

  describe('of our own JSON', () => {
    it('gets the message as it is, with the token, and gives a receipt', async () => {
      server.answer({ status: 202, body: '{"receipt":"r-1\\u0000 \\u202e2","more":1}' })
      const message = makeHostileMessage()
      expect(await openHook().send(message)).toBe('r-1 2')
      const { method, target, headers, body } = last()
      expect([method, target, headers['authorization']]).toEqual(['POST', '/alerts', `Bearer ${token}`])
      expect(headers['content-type']).toBe('application/json; charset=utf-8')
      expect(body).toEqual({ format: 'halligan/alert/v1', ...message })
    })

    it('gives none in words that are no receipt, or that repeat the token', async () => {
      for (const body of ['', 'ok', '{}', '{"receipt":7}', '[]', `{"receipt":"for ${token}"}`]) {
        server.answer({ status: 200, body })
        expect(await openHook().send(makeMessage()), body).toBeNull()
      }
    })
  })

  /** All texts of a JSON value, whatever they stand in. */
  function textsOf(value: unknown): string[] {
    if (typeof value === 'string') return [value]
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
  }

  describe('of Slack', () => {
    it('gets plain text only, with its control characters escaped', async () => {
      expect(await openChat('slack').send(makeHostileMessage())).toBeNull()
      const { target, headers, body } = last()
      expect(target).toBe(`/hook/${token}?key=a%2Fb`)
      expect(headers['authorization']).toBeUndefined()
      expect(body).toMatchObject({ mrkdwn: false, parse: 'none', unfurl_links: false, unfurl_media: false })
      const { blocks } = body as { blocks: { type: string; text?: { type: string }; elements?: { type: string }[] }[] }
      const texts = blocks.flatMap(({ text, elements = [] }) => [...(text === undefined ? [] : [text]), ...elements])
      expect(texts.every(({ type }) => type === 'plain_text')).toBe(true)
      expect(blocks.length).toBeLessThanOrEqual(50)
      for (const text of textsOf(body)) expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/)
      expect(textsOf(body)).toContain(
        'slack: &lt;!channel&gt; &lt;!here|here&gt; &lt;@U123&gt; &lt;#C1&gt; &lt;https://evil.example|bank&gt; @here :siren:',
      )
      expect(textsOf(body)).toContain('lines: first\n| Approved by: Alice\n| second\n| third')
    })

    it('gets no text that is too long for it', async () => {
      const lines = repeatLine('&'.repeat(2000))
      await openChat('slack').send(makeMessage({ title: '<'.repeat(1000), lines }))
      for (const text of textsOf(last().body)) {
        expect(text.length).toBeLessThanOrEqual(3000)
        expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/)
      }
    })
  })

  describe('of Teams', () => {
    it('gets a card of text runs, which know no Markdown, and no functions', async () => {
      server.answer({ status: 202 })
      expect(await openChat('teams').send(makeHostileMessage())).toBeNull()
      const { body } = last()
      expect(body).toMatchObject({
        type: 'message',
        attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard' } }],
      })
      const { content } = (body as { attachments: [{ content: { body: { type: string; inlines: object[] }[] } }] })
        .attachments[0]
      expect(content.body.every(({ type }) => type === 'RichTextBlock')).toBe(true)
      expect(content.body.every(({ inlines }) => inlines.every((run) => 'text' in run))).toBe(true)
      expect(content).toMatchObject({ msteams: { width: 'Full' } })
      expect(JSON.stringify(content)).not.toContain('entities')
      const texts = textsOf(body)
      for (const text of texts) expect(text).not.toContain('{{')
      expect(texts).toContain('{\u2060{DATE(2017-02-14T06:08:39Z, SHORT)}} ${title} @{body()}')
      expect(texts).toContain(hostile.markup)
    })

    it('gets a card of 28 KB at most', async () => {
      const lines = repeatLine('🔑'.repeat(1000))
      await openChat('teams').send(makeMessage({ lines }))
      expect(Buffer.byteLength(last().text)).toBeLessThan(28_000)
      expect(last().text).toContain('…')
    })
  })

  describe('of Google Chat', () => {
    it('gets a card whose texts hold no tag but ours; one thread for a group, one message for a key', async () => {
      server.answer({ status: 200, body: '{"name":"spaces/A/messages/B.C"}' })
      const message = makeHostileMessage()
      expect(await openChat('google-chat').send(message)).toBe('spaces/A/messages/B.C')
      const { target, body } = last()
      const url = new URL(target, server.origin)
      // What stood there stays as it was: it is the secret.
      expect(target.startsWith(`/hook/${token}?key=a%2Fb&`)).toBe(true)
      expect(url.searchParams.get('messageReplyOption')).toBe('REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD')
      expect(url.searchParams.get('requestId')).toBe(message.key)
      expect(body).toMatchObject({ thread: { threadKey: message.group } })
      for (const text of textsOf(body)) {
        expect(text.replaceAll(/<br>|^<b>|<\/b>$/g, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;|#39;)/)
      }
      expect(textsOf(body)).toContain('&lt;users/all&gt; @everyone @channel &lt;at&gt;Bob&lt;/at&gt;')
    })

    it('gets 32,000 bytes at most', async () => {
      await openChat('google-chat').send(makeMessage({ lines: repeatLine('"'.repeat(2000)) }))
      expect(Buffer.byteLength(last().text)).toBeLessThan(32_000)
    })
  })

  describe('of PagerDuty', () => {
    const actions: readonly AlertMessage['action'][] = ['trigger', 'acknowledge', 'resolve']
    it.each(actions)('gets an event that its schema allows, and confirms it: %s', async (action) => {
      const message = { ...makeHostileMessage(), action }
      server.answer({
        status: 202,
        body: JSON.stringify({ status: 'success', message: 'Event processed', dedup_key: message.group }),
      })
      expect(await openPager().send(message)).toBe(message.group)
      const event = pagerDutyEventSchema.parse(last().body)
      expect(event).toMatchObject({ event_action: action, dedup_key: message.group, routing_key: token })
      expect(event.payload).toMatchObject({ severity: 'critical', timestamp: message.at, source: 'Station 1' })
      expect(event.payload.custom_details).toMatchObject({ quotes: hostile.quotes, wide: hostile.wide, Entry: 12 })
      expect(event.payload.summary).not.toContain('\n')
    })

    it('keeps both of two lines that bear one label', async () => {
      const lines = ['a', 'b'].map((value) => ({ label: 'Key', value }))
      await openPager().send(makeMessage({ lines }))
      expect(pagerDutyEventSchema.parse(last().body).payload.custom_details).toMatchObject({ Key: 'a\nb' })
    })
  })

  it('gets text that turns nothing around beyond itself, and no control characters', async () => {
    for (const shape of ['slack', 'teams', 'google-chat'] as const) {
      await openChat(shape).send(makeHostileMessage())
      for (const text of textsOf(last().body)) {
        // eslint-disable-next-line no-control-regex -- what is looked for
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
        expect(text.isWellFormed()).toBe(true)
        let overrides = 0
        for (const character of text) {
          if (character === '\u202E' || character === '\u2067') overrides++
          if (character === '\u202C' || character === '\u2069') overrides--
        }
        expect(overrides).toBe(0)
      }
      expect(textsOf(last().body).some((text) => text.includes(hostile.turned))).toBe(true)
      expect(textsOf(last().body).some((text) => text.includes(hostile.wide))).toBe(true)
    }
  })

  describe('that does not take one', () => {
    const statuses = [
      [301, 'CHANNEL_FAILED'],
      [302, 'CHANNEL_FAILED'],
      [307, 'CHANNEL_FAILED'],
      [400, 'CHANNEL_REFUSED'],
      [401, 'CHANNEL_LOGIN'],
      [403, 'CHANNEL_LOGIN'],
      [404, 'CHANNEL_REFUSED'],
      [408, 'CHANNEL_UNREACHABLE'],
      [410, 'CHANNEL_REFUSED'],
      [413, 'CHANNEL_REFUSED'],
      [425, 'CHANNEL_UNREACHABLE'],
      [429, 'CHANNEL_BUSY'],
      [500, 'CHANNEL_FAILED'],
      [502, 'CHANNEL_UNREACHABLE'],
      [503, 'CHANNEL_BUSY'],
      [504, 'CHANNEL_UNREACHABLE'],
    ] as const
    it.each(statuses)('says %i: %s, and nothing of what it wrote or of what is secret', async (status, code) => {
      const words = `<b>${token}</b> no`
      server.answer({ status, body: words, headers: { location: `${server.origin}/elsewhere?${token}` } })
      const count = server.received.length
      for (const channel of [openHook(), openPager(), openChat('slack')]) {
        const failure = await failureOf(channel.send(makeMessage()))
        expect(failure).toMatchObject({ code, detail: { host: 'localhost', port: server.port, status } })
        expect(JSON.stringify([failure, (failure as Error).stack])).not.toContain(token)
      }
      // A redirect is not followed.
      expect(server.received.slice(count).map(({ target }) => target)).not.toContain(`/elsewhere?${token}`)
      expect(server.received).toHaveLength(count + 3)
    })

    it('says when to come again, in seconds or as a date', async () => {
      const date = 'Mon, 23 Nov 2026 10:00:00 GMT'
      const cases = [
        ['120', 120_000],
        ['Mon, 23 Nov 2026 10:01:00 GMT', 60_000],
        ['999999999', 3_600_000],
      ] as const
      for (const [retryAfter, retryAfterMs] of cases) {
        server.answer({ status: 429, headers: { 'retry-after': retryAfter, date } })
        expect(await failureOf(openPager().send(makeMessage()))).toMatchObject({ detail: { retryAfterMs } })
      }
    })

    it('answers without an end', async () => {
      server.answer({ status: 200, body: 'x'.repeat(100_000) })
      expect(await failureOf(openHook().send(makeMessage()))).toMatchObject({
        code: 'CHANNEL_FAILED',
        detail: { reason: 'answer-too-long' },
      })
    })

    it('is slow: waited for; hangs: given up', async () => {
      server.answer({ status: 200, afterMs: 300 })
      await openHook().send(makeMessage())
      server.answer({ status: 200, afterMs: 'never' })
      const settings = { ...common(), kind: 'webhook', shape: 'generic', url: server.origin, auth: 'none' } as const
      const hurried = createWebhookChannel(settings, {}, { connectMs: 2000, answerMs: 300 })
      expect(await failureOf(hurried.send(makeMessage()))).toMatchObject({
        code: 'CHANNEL_UNREACHABLE',
        detail: { reason: 'no-answer' },
      })
    })

    it('is let go of when the channel is closed', async () => {
      server.answer({ status: 200, afterMs: 'never' })
      const channel = openHook()
      const count = server.received.length
      const failing = failureOf(channel.send(makeMessage()))
      await expect.poll(() => server.received.length).toBe(count + 1)
      channel.close()
      expect(await failing).toMatchObject({ code: 'CHANNEL_UNREACHABLE' })
      expect(await failureOf(channel.send(makeMessage()))).toMatchObject({ code: 'CHANNEL_UNREACHABLE' })
    })
  })

  it('is not spoken to with a certificate that nobody vouches for, an expired one, or another host’s', async () => {
    const bad = [
      stranger.sign('stranger-server', { name: 'localhost' }),
      authority.sign('expired', { name: 'localhost', days: -1 }),
      authority.sign('other', { name: 'other', names: ['DNS:other.example'] }),
    ]
    const count = server.received.length
    for (const certificate of bad) {
      server.useCertificate(certificate)
      for (const channel of [openHook(), openPager(), openChat('teams')])
        expect(await failureOf(channel.send(makeMessage()))).toMatchObject({ code: 'CHANNEL_CERTIFICATE' })
    }
    server.useCertificate(good)
    expect(server.received).toHaveLength(count)
    await openHook().send(makeMessage())
  })

  it('is asked for nothing without its secret, and a secret address must lead where the settings say', async () => {
    const count = server.received.length
    const notSet = { code: 'CHANNEL_LOGIN', detail: { reason: 'not-set' } }
    expect(await failureOf(openHook({}, {}).send(makeMessage()))).toMatchObject(notSet)
    expect(await failureOf(openPager({}).send(makeMessage()))).toMatchObject(notSet)
    const elsewhere = openChat('slack', `https://evil.example/${token}`)
    const failure = await failureOf(elsewhere.send(makeMessage()))
    expect(failure).toMatchObject({ code: 'CHANNEL_LOGIN', detail: { reason: 'origin', host: 'localhost' } })
    expect(server.received).toHaveLength(count)
  })

  it('is not there: no server, no such name, a server of something else', async () => {
    const other = net.createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end('220 mail.example ESMTP\r\n')
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as net.AddressInfo
    const cases = [
      [`https://localhost:${await findFreePort()}/`, 'CHANNEL_UNREACHABLE'],
      ['https://no-such-host.invalid/', 'CHANNEL_UNREACHABLE'],
      [`https://localhost:${port}/`, 'CHANNEL_FAILED'],
    ] as const
    for (const [url, code] of cases)
      expect(await failureOf(openHook({ url }).send(makeMessage())), url).toMatchObject({ code })
    other.close()
  })
})
