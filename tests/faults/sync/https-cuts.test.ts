import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sourceOf } from '../../../electron/courier/https/body.ts'
import { createHttpsSink } from '../../../electron/courier/https/https-sink.ts'
import { createAuthority } from '../../support/servers/certificates.ts'
import { startCuttingProxy } from '../../support/servers/cutting-proxy.ts'
import { deliverThroughCuts } from '../../support/servers/deliver-through-cuts.ts'
import { makeFakeLog } from '../../support/servers/fake-log.ts'
import { startHttpsReceiver, type HttpsReceiver } from '../../support/servers/https-receiver.ts'
import { hasCommand } from '../../../build/run-command.ts'
import { makeServerFolder } from '../../support/servers/server-process.ts'
import { mulberry32 } from '../vault/seeded-random.ts'

const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'
const cuts = isCampaign ? 100 : 10
const seed = Number(process.env['HALLIGAN_SEED'] ?? 9110)
const timings = { connectMs: 2000, answerMs: 1000 }
const count = 20_000

describe.skipIf(!hasCommand('openssl'))(`a line to an HTTPS receiver that is cut ${cuts} times`, () => {
  const folder = makeServerFolder('certificates')
  const authority = createAuthority(folder.dir)
  let server: HttpsReceiver
  beforeAll(async () => {
    server = await startHttpsReceiver(authority, authority.sign('server', { name: 'localhost' }), {
      token: 'let-me-in',
    })
  })
  afterAll(async () => {
    await server.stop()
    folder.remove()
  })

  it(
    `loses nothing, keeps nothing twice, keeps the order (seed ${seed})`,
    { timeout: isCampaign ? 900_000 : 180_000 },
    async () => {
      const log = makeFakeLog(count)
      const proxy = await startCuttingProxy(server.port)
      const settings = {
        ...({ kind: 'https', id: 'x', name: 'x', url: `https://localhost:${proxy.port}/audit` } as const),
        ...({ mode: 'cloudevents', auth: 'token', ca: authority.ca } as const),
      }
      const open = () => createHttpsSink(settings, { token: 'let-me-in' }, timings)
      const outcome = await deliverThroughCuts({ log, proxy, open, cuts, random: mulberry32(seed) })
      await proxy.close()

      expect(outcome.cutsMade).toBe(cuts)
      expect(Object.keys(outcome.failures)).toEqual(['SINK_UNREACHABLE'])
      const kept = server.kept(sourceOf(log.name))
      expect(kept.map(({ seq }) => seq)).toEqual(log.entries.map(({ seq }) => seq))
      expect(kept.every(({ text }, seq) => Buffer.from(text).equals(log.entries[seq]!.bytes))).toBe(true)
    },
  )
})
