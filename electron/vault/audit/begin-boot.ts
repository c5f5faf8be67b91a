/**
 * The first commit of a boot. A new vault's log begins; an existing one's station key is ratcheted: the old key signs the
 * new one into the log and is overwritten in the same transaction, so that whoever comes later cannot re-sign the past.
 */
import { toBase64Url } from '../../../shared/bytes.ts'
import { logOrigin } from '../../../shared/audit/checkpoint.ts'
import type { NewEntry } from '../../../shared/audit/entry.ts'
import { emptyTree } from '../../../shared/audit/merkle.ts'
import { stationKeyMessage } from '../../../shared/audit/ratchet.ts'
import { SecretBytes } from '../../platform/secret-bytes.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Statements } from '../store/driver.ts'
import {
  ballastEntries,
  createLogWriter,
  placeChecked,
  writeCommit,
  type AuditLog,
  type LogMeans,
  type LogStart,
} from './log.ts'
import type { Placement, Tip } from './place-entries.ts'
import { createStationKey, signWith, type StationKey } from './station-key.ts'
import { loadTip, noLeaf, prevOf, readGenesis, type Genesis } from './tip.ts'

const station = { kind: 'station' } as const

const newId = (means: LogMeans): string => toBase64Url(means.randomBytes(16))

const saveKey = (statements: Statements, key: StationKey): Promise<number> =>
  key.secret.use((secret) =>
    statements.run('INSERT OR REPLACE INTO station_key (one, public, secret) VALUES (1, ?, ?)', key.publicKey, secret),
  )

/** Begins the log of a new vault: `vault.created`, then `rest`. */
export async function createLog(
  means: LogMeans,
  names: { readonly vault: string; readonly station: string },
  rest: readonly NewEntry[],
): Promise<AuditLog> {
  const key = createStationKey(means)
  const vault = newId(means)
  const boot = { boot: newId(means), station: newId(means) }
  const bootStart = means.clock.monotonic()
  const created: NewEntry = {
    type: 'vault.created',
    actor: station,
    data: { vault, name: names.vault, station: names.station, key: toBase64Url(key.publicKey) },
  }
  const empty: Tip = { tree: emptyTree, last: noLeaf(), lastAt: null, clocks: null }
  const first = await means.store.transactAtAnyCost(async (statements, released) => {
    const wanted = [created, ...rest, ...ballastEntries(released)]
    const placement = placeChecked(means, boot, empty, bootStart, wanted)
    const note = await writeCommit(statements, means, logOrigin(vault, boot.station), placement, key)
    await saveKey(statements, key)
    return { placement, note }
  })
  const entries = first.placement.placed.map(({ entry }) => entry)
  return startWriter(means, { ...first, genesis: readGenesis(entries[0]), boot, bootStart, key })
}

function startWriter(means: LogMeans, start: Omit<LogStart, 'tip'> & { readonly placement: Placement }): AuditLog {
  const { placement, ...rest } = start
  means.onCommitted(
    placement.placed.map(({ entry }) => entry),
    start.note,
  )
  return createLogWriter(means, { ...rest, tip: placement.tip })
}

/** The old key's signature over the new one, as an entry; it also vouches for the whole past by `prev`. */
function makeRotation(
  means: LogMeans,
  genesis: Genesis,
  boot: string,
  tip: Tip,
  from: StationKey,
  to: StationKey,
): NewEntry {
  const key = toBase64Url(to.publicKey)
  const { vault, station: stationId } = genesis
  const message = stationKeyMessage({ vault, station: stationId, boot, seq: tip.tree.size, prev: prevOf(tip), key })
  const bytes = signWith(means.sodium, from, message)
  // A secret that does not belong to the public key would make a rotation that no verifier accepts, for good.
  if (!means.primitives.verifyEd25519(from.publicKey, message, bytes)) {
    throw new HalliganError('LOG_INVALID', { reason: 'station-key' })
  }
  const signature = toBase64Url(bytes)
  return { type: 'log.key-rotated', actor: station, data: { key, previousKey: toBase64Url(from.publicKey), signature } }
}

async function loadOldKey(means: LogMeans, publicKey: Uint8Array<ArrayBuffer>): Promise<StationKey> {
  const secret = (await means.store.database.get('SELECT secret FROM station_key'))?.['secret']
  // libsodium's secret key carries the public key in its second half.
  if (!(secret instanceof Uint8Array) || secret.length !== means.sodium.crypto_sign_SECRETKEYBYTES) {
    throw new HalliganError('LOG_INVALID', { reason: 'station-key' })
  }
  return { publicKey, secret: new SecretBytes(secret) }
}

/**
 * Continues an existing log: `log.key-rotated`, then `rest`, in one commit with the erasure of the old key.
 * @throws HalliganError LOG_INVALID when the end of the log does not hold together, STORAGE_*
 */
export async function continueLog(means: LogMeans, genesis: Genesis, rest: readonly NewEntry[]): Promise<AuditLog> {
  const { tip, publicKey } = await loadTip(means.store.database, means.primitives, genesis.origin)
  const old = await loadOldKey(means, publicKey)
  const key = createStationKey(means)
  const boot = { boot: newId(means), station: genesis.station }
  const bootStart = means.clock.monotonic()
  try {
    const rotated = makeRotation(means, genesis, boot.boot, tip, old, key)
    const first = await means.store.transactAtAnyCost(async (statements, released) => {
      const wanted = [rotated, ...rest, ...ballastEntries(released)]
      const placement = placeChecked(means, boot, tip, bootStart, wanted)
      // The old key's last checkpoint stays: the last one that an intruder of today cannot make.
      await statements.run('UPDATE checkpoints SET kept = 1 WHERE size = ?', tip.tree.size)
      const note = await writeCommit(statements, means, genesis.origin, placement, key)
      await saveKey(statements, key)
      return { placement, note }
    })
    await means.store.eraseRemnants()
    return startWriter(means, { ...first, genesis, boot, bootStart, key })
  } finally {
    old.secret.wipe()
  }
}
