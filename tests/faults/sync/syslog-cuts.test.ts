import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSyslogSink } from '../../../electron/courier/syslog/syslog-sink.ts'
import { createAuthority } from '../../support/servers/certificates.ts'
import { startCuttingProxy } from '../../support/servers/cutting-proxy.ts'
import { deliverThroughCuts } from '../../support/servers/deliver-through-cuts.ts'
import { makeFakeLog } from '../../support/servers/fake-log.ts'
import { findReasonToSkip, wantedServers } from '../../support/servers/packages.ts'
import { startRsyslog, type ReceivedMessage, type RsyslogServer } from '../../support/servers/rsyslog-server.ts'
import { makeServerFolder } from '../../support/servers/server-process.ts'
import { mulberry32 } from '../vault/seeded-random.ts'

const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'
const cuts = isCampaign ? 100 : 10
const seed = Number(process.env['HALLIGAN_SEED'] ?? 5424)
const timings = { connectMs: 2000, answerMs: 1000, settleMs: 20, quietMs: 100 }
const count = 20_000

/** As docs/sinks/syslog.md tells receivers to: what was cut short does not hash to its name, what came again has a known name. */
function fold(messages: readonly ReceivedMessage[]): ReceivedMessage[] {
  const known = new Set<string>()
  return messages.filter(({ type, hash, body }) => {
    if (type === 'checkpoint' || known.has(hash)) return false
    const actual = createHash('sha256').update(Buffer.of(0)).update(body, 'utf8').digest('base64url')
    if (actual !== hash) return false
    known.add(hash)
    return true
  })
}

const reason = await findReasonToSkip(wantedServers.rsyslog)

describe.skipIf(reason !== null)(
  `a line to rsyslog that is cut ${cuts} times${reason === null ? '' : ` (${reason})`}`,
  () => {
    const folder = makeServerFolder('certificates')
    const authority = createAuthority(folder.dir)
    let server: RsyslogServer
    beforeAll(async () => {
      server = await startRsyslog(authority, authority.sign('server', { name: 'localhost' }))
    }, 120_000)
    afterAll(async () => {
      await server.remove()
      folder.remove()
    })

    it(
      `loses nothing, folds to each entry once, in order (seed ${seed})`,
      { timeout: isCampaign ? 900_000 : 180_000 },
      async () => {
        const log = makeFakeLog(count)
        const proxy = await startCuttingProxy(server.port)
        const settings = {
          ...({ kind: 'syslog', id: 'x', name: 'x', host: 'localhost', port: proxy.port } as const),
          ...{ facility: 13, ca: authority.ca },
        }
        const open = () => createSyslogSink(settings, {}, timings)
        const outcome = await deliverThroughCuts({ log, proxy, open, cuts, random: mulberry32(seed), batchMax: 1000 })
        await proxy.close()
        // rsyslog writes what it has taken when it stops.
        await server.stop()

        expect(outcome.cutsMade).toBe(cuts)
        expect(Object.keys(outcome.failures)).toEqual(['SINK_UNREACHABLE'])
        const received = server.readMessages()
        const folded = fold(received)
        expect(folded.map(({ seq }) => seq)).toEqual(log.entries.map(({ seq }) => seq))
        expect(folded.every(({ hash }, seq) => hash === log.entries[seq]!.hash)).toBe(true)
        // It was worth folding: something did come twice.
        expect(received.length).toBeGreaterThan(count)
      },
    )
  },
)
