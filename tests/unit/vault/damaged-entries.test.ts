/** One entry that cannot be read is named by the check at open. It must not take what stands beside it out of sight. */
import { describe, expect, it } from 'vitest'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { findProofs } from '../../../electron/vault/alerts/proofs.ts'
import { readEntryOrNull } from '../../../electron/vault/audit/timeline.ts'
import type { Row } from '../../../electron/vault/store/driver.ts'
import { describeMinutes } from '../../../electron/vault/print/minutes.ts'
import type { OpenVault } from '../../../electron/vault/open-vault.ts'
import type { SignedManifest } from '../../../shared/contracts/strongroom.ts'
import { begin, type Scene } from '../audit/lying-station.ts'
import { createCeremonyWriter, makeStep } from '../audit/test-ceremonies.ts'

const junk = new Uint8Array([0x7b, 0x22, 0xff])
const namedBy = (sql: string): string[] => Array.from(sql.matchAll(/'([a-z.-]+)'/g), ([, type]) => type ?? '')

/** What a query finds among entries; those at `damaged` cannot be read, and stand in the index as before. */
function databaseOf({ vault }: Scene, damaged: readonly number[]) {
  return {
    all: (sql: string): Promise<Row[]> => {
      const rows = vault.log.entries.flatMap((bytes, seq) => {
        const type = readEntryOrNull(bytes)?.type
        if (type === undefined || !namedBy(sql).includes(type)) return []
        return [{ seq, bytes: damaged.includes(seq) ? junk : bytes }]
      })
      return Promise.resolve(sql.includes('DESC') ? rows.toReversed() : rows)
    },
  }
}
const placesOf = ({ vault }: Scene, type: string): number[] =>
  vault.log.entries.flatMap((bytes, seq) => (readEntryOrNull(bytes)?.type === type ? [seq] : []))

describe('a damaged entry', () => {
  it('is no delivery of a channel, and hides no other', async () => {
    const scene = begin()
    const { log, chain } = scene.vault
    const channels = ['desk', 'hall'].map((name) => ({ id: log.newId(), name, kind: 'desktop' as const }))
    for (const { id: channel, name } of [...channels, ...channels]) {
      const data = { cause: 3, event: 'test' as const, channel, name, attempts: 1, receipt: null }
      log.append('alert.delivered', data)
    }
    const [desk, hall] = channels.map(({ id }) => id)
    const deliveries = placesOf(scene, 'alert.delivered')
    const withChannels = chain.map(({ manifest }) => ({ manifest: { ...manifest, alerts: { channels, routes: [] } } }))
    const find = (damaged: readonly number[]) =>
      findProofs(
        databaseOf(scene, damaged),
        nodePrimitives,
        withChannels as unknown as SignedManifest[],
        [desk, hall] as string[],
        0,
      )
    const atOf = (place: number) => readEntryOrNull(scene.vault.log.entries[deliveries[place] ?? -1])?.at
    expect((await find([])).get(desk ?? '')?.at).toBe(atOf(2))
    const proofs = await find([deliveries[2] ?? -1])
    expect(proofs.get(desk ?? '')?.at).toBe(atOf(0))
    expect(proofs.get(hall ?? '')?.at).toBe(atOf(3))
    // Without the entry that brought its settings into force a channel counts as unproven.
    expect([...(await find(placesOf(scene, 'manifest.changed'))).keys()]).toEqual([])
  })

  it('keeps no minutes from being printed, but those that it holds', async () => {
    const scene = begin()
    const { vault, ada, edsger } = scene
    const ceremonies = [0, 1].map(() => {
      const writer = createCeremonyWriter(vault, ada, edsger)
      writer.open([makeStep({ kind: 'confirm' })])
      writer.step(ada)
      const minutes = writer.compose()
      writer.write(minutes)
      writer.close(minutes, [ada, edsger])
      return writer.id
    })
    const print = (ceremony: string | undefined, damaged: readonly number[]) =>
      describeMinutes(
        {
          context: { store: { database: databaseOf(scene, damaged) }, primitives: nodePrimitives },
          registry: { inForce: () => null, keyOf: () => undefined },
        } as unknown as OpenVault,
        ceremony ?? '',
      )
    const [first] = placesOf(scene, 'minutes.written')
    const [tap] = placesOf(scene, 'joint.signed')
    await expect(print(ceremonies[0], [first ?? -1])).rejects.toMatchObject({ code: 'CEREMONY_UNKNOWN' })
    expect((await print(ceremonies[1], [first ?? -1])).signed).toHaveLength(2)
    expect((await print(ceremonies[0], [tap ?? -1])).signed).toMatchObject([{ person: edsger.id }])
    expect((await print(ceremonies[1], [tap ?? -1])).signed).toHaveLength(2)
  })
})
