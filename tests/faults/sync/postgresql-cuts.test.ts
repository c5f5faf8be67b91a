import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPostgresqlSink } from '../../../electron/courier/postgresql/postgresql-sink.ts'
import { createAuthority } from '../../support/servers/certificates.ts'
import { startCuttingProxy } from '../../support/servers/cutting-proxy.ts'
import { deliverThroughCuts } from '../../support/servers/deliver-through-cuts.ts'
import { makeFakeLog, newLogName } from '../../support/servers/fake-log.ts'
import { findReasonToSkip, wantedServers } from '../../support/servers/packages.ts'
import { startPostgres, type PostgresServer } from '../../support/servers/postgres-server.ts'
import { makeServerFolder } from '../../support/servers/server-process.ts'
import { mulberry32 } from '../vault/seeded-random.ts'

const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'
const cuts = isCampaign ? 100 : 10
const seed = Number(process.env['HALLIGAN_SEED'] ?? 5425)
const timings = { connectMs: 2000, answerMs: 1000 }
const count = 20_000
const { station } = newLogName()

const reason = await findReasonToSkip(wantedServers.postgresql)

describe.skipIf(reason !== null)(
  `a line to PostgreSQL that is cut ${cuts} times${reason === null ? '' : ` (${reason})`}`,
  () => {
    const folder = makeServerFolder('certificates')
    const authority = createAuthority(folder.dir)
    let server: PostgresServer
    beforeAll(async () => {
      server = await startPostgres(authority, authority.sign('server', { name: 'localhost' }))
      server.installSchema()
      await server.addWriter('paris', 'secret', [station])
    }, 120_000)
    afterAll(async () => {
      await server.remove()
      folder.remove()
    })

    it(
      `loses nothing, keeps nothing twice, keeps the order (seed ${seed})`,
      { timeout: isCampaign ? 900_000 : 180_000 },
      async () => {
        const log = makeFakeLog(count, [], newLogName(station))
        const proxy = await startCuttingProxy(server.port)
        const settings = {
          ...({ kind: 'postgresql', id: 'x', name: 'x', host: 'localhost', port: proxy.port } as const),
          ...{ database: server.database, user: 'paris', schema: 'halligan', ca: authority.ca },
        }
        const open = () => createPostgresqlSink(settings, { password: 'secret' }, timings)
        const outcome = await deliverThroughCuts({ log, proxy, open, cuts, random: mulberry32(seed) })
        await proxy.close()

        expect(outcome.cutsMade).toBe(cuts)
        // Each cut was felt, and as what it was.
        expect(Object.keys(outcome.failures)).toEqual(['SINK_UNREACHABLE'])
        // In the order in which they were written: `ctid` is a row's place in the file, and no row was ever removed.
        const rows = await server.query(
          'SELECT seq, bytes, encode(hash, $1) AS hash FROM halligan.entries ORDER BY ctid',
          ['base64'],
        )
        expect(rows.map(({ seq }) => Number(seq))).toEqual(log.entries.map(({ seq }) => seq))
        expect(rows.every(({ bytes }, seq) => Buffer.compare(bytes as Buffer, log.entries[seq]!.bytes) === 0)).toBe(
          true,
        )
        expect(rows.at(-1)!['hash']).toBe(Buffer.from(log.entries.at(-1)!.hash, 'base64url').toString('base64'))
      },
    )
  },
)
