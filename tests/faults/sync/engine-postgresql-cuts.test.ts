/** The real engine, the real courier and a real PostgreSQL, the line between them cut at random moments while the log grows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPostgresqlSink } from '../../../electron/courier/postgresql/postgresql-sink.ts'
import type { SinkOf } from '../../../shared/domain/sink.ts'
import { createAuthority } from '../../support/servers/certificates.ts'
import { cuts, startCuttingProxy } from '../../support/servers/cutting-proxy.ts'
import { findReasonToSkip, wantedServers } from '../../support/servers/packages.ts'
import { startPostgres, type PostgresServer } from '../../support/servers/postgres-server.ts'
import { makeServerFolder } from '../../support/servers/server-process.ts'
import { newId } from '../../support/vault-world.ts'
import { createRig } from '../../unit/sync/rig.ts'
import { mulberry32 } from '../vault/seeded-random.ts'

const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'
const [entryCount, cutCount] = isCampaign ? [20_000, 100] : [4000, 10]
const seed = Number(process.env['HALLIGAN_SEED'] ?? 5432)
const pieces = 20

const reason = await findReasonToSkip(wantedServers.postgresql)

describe.skipIf(reason !== null)(`the engine and PostgreSQL${reason === null ? '' : ` (${reason})`}`, () => {
  const folder = makeServerFolder('certificates')
  const authority = createAuthority(folder.dir)
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres(authority, authority.sign('server', { name: 'localhost' }))
    server.installSchema()
    await server.addWriter('paris', 'secret')
  }, 120_000)
  afterAll(async () => {
    await server.remove()
    folder.remove()
  })

  it(
    `${entryCount} entries, ${cutCount} cuts of the line: nothing lost, nothing twice, order kept (seed ${seed})`,
    { timeout: isCampaign ? 900_000 : 180_000 },
    async () => {
      const random = mulberry32(seed)
      const proxy = await startCuttingProxy(server.port)
      const settings: SinkOf<'postgresql'> = {
        ...{ kind: 'postgresql', id: newId(), name: 'Log database', host: 'localhost', port: proxy.port },
        ...{ database: server.database, user: 'paris', schema: 'halligan', ca: authority.ca },
      }
      // A line that says nothing any more is given up after a second: real time, of which each such cut takes so much.
      const timings = { connectMs: 2000, answerMs: 1000 }
      const secret = { password: 'secret' }
      let felt = 0
      const feel = async <T>(work: Promise<T>): Promise<T> => {
        try {
          return await work
        } catch (error) {
          felt++
          throw error
        }
      }
      const rig = await createRig(
        [settings],
        () => {
          const sink = createPostgresqlSink(settings, secret, timings)
          return { ...sink, head: (log) => feel(sink.head(log)), deliver: (batch) => feel(sink.deliver(batch)) }
        },
        secret,
      )
      await server.query('INSERT INTO halligan.writers VALUES ($1, $2)', [rig.log().genesis.station, 'paris'])
      const isCurrent = (): boolean => rig.sync().view()[0]?.state === 'current'
      let planned = 0
      const watch = (): void => {
        if (planned > proxy.cutsMade() || planned >= cutCount) return
        planned++
        const cut = cuts[Math.floor(random() * cuts.length)] ?? 'reset'
        // Of what one piece comes to on the line, so that most cuts fall into a delivery.
        proxy.cutAfter(Math.floor(random() * 40_000), cut, 2 + random() * 20)
      }
      try {
        for (let added = 0; added < entryCount; added += entryCount / pieces) {
          await rig.append(entryCount / pieces)
          // The next piece comes while this one is on its way, or after it.
          const turns = Math.floor(random() * 20)
          for (let turn = 0; turn < turns; turn++) {
            watch()
            await new Promise((resolve) => setTimeout(resolve, 2))
            rig.timers.pass(100)
          }
        }
        await rig.drive(async () => {
          watch()
          if (planned > proxy.cutsMade() || planned < cutCount) {
            if (isCurrent()) await rig.append(100)
            return false
          }
          return isCurrent()
        }, 'all at the sink')
        await rig.rest()

        expect(proxy.cutsMade()).toBe(cutCount)
        // They were felt: a line that is cut between two deliveries need not be.
        expect(felt).toBeGreaterThan(cutCount / 5)
        const ours = await rig.store().database.all('SELECT seq, bytes FROM entries ORDER BY seq')
        expect(ours.length).toBeGreaterThan(entryCount)
        // In the order in which they were written: `ctid` is a row's place in the file, and no row was ever removed.
        const theirs = await server.query('SELECT seq, bytes FROM halligan.entries ORDER BY ctid')
        expect(theirs.map(({ seq }) => Number(seq))).toEqual(ours.map(({ seq }) => Number(seq)))
        const differing = theirs.findIndex(
          ({ bytes }, at) => Buffer.compare(bytes as Buffer, ours[at]!['bytes'] as Uint8Array) !== 0,
        )
        expect(differing).toBe(-1)
        expect(await rig.types()).not.toContain('sync.diverged')
      } finally {
        await rig.end()
        await proxy.close()
      }
    },
  )
})
