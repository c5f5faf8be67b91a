import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSyslogChannel } from '../../../electron/courier/channels/syslog.ts'
import type { Channel } from '../../../electron/courier/channels/channel.ts'
import type { AlertMessage, ChannelOf } from '../../../shared/domain/alert.ts'
import { createAuthority } from '../../support/servers/certificates.ts'
import { failureOf } from '../../support/servers/deliver-through-cuts.ts'
import { findReasonToSkip, wantedServers } from '../../support/servers/packages.ts'
import { startRsyslog, type RsyslogServer } from '../../support/servers/rsyslog-server.ts'
import { makeServerFolder } from '../../support/servers/server-process.ts'
import { hostile, makeHostileMessage, makeMessage, repeatLine } from './messages.ts'

interface AlertLine {
  readonly pri: string
  readonly at: string
  readonly host: string
  readonly text: string
  readonly data: Readonly<Record<string, string>>
}

const reason = await findReasonToSkip(wantedServers.rsyslog)

describe.skipIf(reason !== null)(`rsyslog with TLS takes alerts${reason === null ? '' : ` (${reason})`}`, () => {
  const folder = makeServerFolder('certificates')
  const authority = createAuthority(folder.dir)
  const stranger = createAuthority(folder.dir, 'stranger')
  let server: RsyslogServer
  beforeAll(async () => {
    server = await startRsyslog(authority, authority.sign('server', { name: 'localhost' }))
  })
  afterAll(async () => {
    await server.remove()
    folder.remove()
  })

  const openChannel = (changes: Partial<ChannelOf<'syslog'>> = {}): Channel => {
    const usual = { kind: 'syslog', id: 'x', name: 'x', host: 'localhost', facility: 10 } as const
    const settings = { ...usual, port: server.port, ca: authority.ca, ...changes }
    return createSyslogChannel(settings, {}, { connectMs: 3000, answerMs: 5000 })
  }
  /** The one line that came of `message`, split; parameters unescaped. */
  async function lineOf(message: AlertMessage): Promise<AlertLine> {
    const find = () => server.readLines().filter((line) => line.includes(`key="${message.key}"`))
    await expect.poll(() => find().length).toBe(1)
    const parts =
      /^<(?<pri>\d+)>1 (?<at>\S+) (?<host>\S+) halligan - alert \[halligan-alert@32473(?<data>(?: [a-z]+="(?:[^"\\\]]|\\["\\\]])*")+)\] (?<text>.*)$/u.exec(
        find()[0] ?? '',
      )?.groups
    if (parts === undefined) throw new Error(`no alert: ${find()[0] ?? ''}`)
    const data: Readonly<Record<string, string>> = Object.fromEntries(
      [...(parts['data'] ?? '').matchAll(/ ([a-z]+)="((?:[^"\\\]]|\\["\\\]])*)"/g)].map(([, name = '', value = '']) => [
        name,
        value.replaceAll(/\\(["\\\]])/g, '$1'),
      ]),
    )
    const { pri = '', at = '', host = '', text = '' } = parts
    return { pri, at, host, text, data }
  }

  it('as structured data and as words', async () => {
    const message = makeMessage()
    expect(await openChannel().send(message)).toBeNull()
    const { pri, at, host, text, data } = await lineOf(message)
    expect([pri, at, host]).toEqual(['82', message.at, 'Station-1'])
    expect(data).toEqual({
      ...{ key: message.key, group: message.group, event: 'request-granted', severity: 'critical', action: 'trigger' },
      ...{ vault: 'Ops vault', station: 'Station 1', entry: '12', late: 'false' },
    })
    expect(text.replace('\uFEFF', '')).toBe(
      'Root of example.org was opened; Who: "Alice, Bob"; Why: "Outage of the directory"',
    )
  })

  it('whose words are no structure', async () => {
    const message = { ...makeHostileMessage(), vault: hostile.structured, station: 'Stätion ]"\\ 🔑' }
    await openChannel().send(message)
    const { host, text, data } = await lineOf(message)
    expect(host).toBe('St-tion-]"\\-')
    expect(data).toMatchObject({ vault: hostile.structured, station: message.station })
    expect(text).toContain(`wide: "${hostile.wide}"`)
    expect(text).toContain(`quotes: "${hostile.quotes.replaceAll(/["\\]/g, String.raw`\$&`)}"`)
    expect(text).toContain('lines: "first Approved by: Alice second third"')
  })

  it('cut to what receivers take whole', async () => {
    const message = makeMessage({ lines: repeatLine('🔑'.repeat(1000)) })
    await openChannel().send(message)
    const { text } = await lineOf(message)
    expect(Buffer.byteLength(text)).toBeLessThan(8192)
    expect(text).toMatch(/…"$/)
  })

  it('and not from one with a wrong authority, nor when it is gone', async () => {
    const wrong = await failureOf(openChannel({ ca: stranger.ca }).send(makeMessage()))
    expect(wrong).toMatchObject({ code: 'CHANNEL_CERTIFICATE', detail: { host: 'localhost' } })
    await server.stop()
    expect(await failureOf(openChannel().send(makeMessage()))).toMatchObject({ code: 'CHANNEL_UNREACHABLE' })
    await server.start()
    const message = makeMessage()
    await openChannel().send(message)
    await lineOf(message)
  })
})
