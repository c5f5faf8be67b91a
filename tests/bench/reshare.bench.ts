/**
 * Replacing one custodian in a safe of 1,000 credentials, seven of whom four open: from the first tap of the old quorum to the
 * switch, with the real vault on a real disk and a real strongroom (in one thread here, so nothing overlaps). Against the bare
 * cryptography of the same records: opening, splitting, sealing boxes, and every new custodian's look at every new share.
 */
import { fromBase64Url } from '../../shared/bytes.ts'
import { loadSodium, randomBytes } from '../../electron/platform/sodium.ts'
import { openRecord, sealRecord, type RecordFacts, type ShareHolder } from '../../electron/strongroom/crypto/record.ts'
import { openShare } from '../../electron/strongroom/crypto/share.ts'
import { indexEntered } from '../../electron/strongroom/fields/entered.ts'
import { sealContract } from '../../shared/contracts/seal.ts'
import { createHub } from '../../shared/contracts/contract.ts'
import { utf8 } from '../../shared/bytes.ts'
import type { SealedRecord } from '../../shared/domain/credential.ts'
import type { Bench, BenchRow } from '../../build/bench-report.ts'
import { arrive, makeTestPerson, replacePerson, sameAsNow } from '../support/people-change.ts'
import { newId } from '../support/node-app.ts'
import {
  finish,
  firstKey,
  setUpVault,
  startJourney,
  textField,
  type JourneyApp,
  type ReadyVault,
} from '../support/vault-journey.ts'
import { makeWorkplace, starters } from '../unit/system/starters.ts'

const credentials = 1000
const [n, k] = [7, 4]
/** What people at one table wait for without asking whether it hangs. */
const targetSeconds = 60

const runbook = utf8('# Runbook\n\nSign in, then rotate.')
const fields = [textField('User', 'root', false), textField('Password', 'correct-horse-battery-staple')]

async function sealMany(journey: JourneyApp, vault: ReadyVault): Promise<void> {
  const [sealer] = vault.custodians
  if (sealer === undefined) throw new Error('no custodian')
  for (let at = 0; at < credentials; at++) {
    const { operation } = await journey.app.call['credential.seal']({
      credential: null,
      safe: vault.safe,
      name: `Credential ${at}`,
      kind: 'login',
      requesters: [vault.requester.id],
      rotationDays: 90,
      person: sealer.id,
    })
    const page = createHub(await journey.page('seal')).connect(sealContract, {})
    await page.call.begin({})
    journey.tap.touch(firstKey(sealer))
    await page.call.submit({ runbook, fields })
    await finish(journey, operation)
    journey.tap.forget()
  }
}

/** Seconds that a whole change takes. */
async function measureChange(): Promise<number> {
  const place = makeWorkplace()
  const journey = await startJourney(starters(place))
  try {
    const vault = await setUpVault(journey, { n, k })
    await sealMany(journey, vault)
    const fresh = makeTestPerson('Frida Fresh')
    const [leaver, ...others] = vault.custodians.toReversed()
    if (leaver === undefined) throw new Error('nobody')
    await journey.app.call['people.change'](replacePerson(sameAsNow(journey.app.state()), leaver.id, fresh))
    await arrive(journey, fresh)
    const started = performance.now()
    for (const person of [...others.slice(0, k), fresh, ...others, fresh]) journey.tap.touch(firstKey(person))
    const { operation } = await journey.app.call['people.apply']({})
    const isOver = (): boolean => journey.app.state().lastOutcome?.operation === operation
    while (!isOver()) {
      if (performance.now() - started > 600_000) throw new Error('it does not end')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const seconds = (performance.now() - started) / 1000
    const { lastOutcome, vault: changed } = await journey.app.call.state({})
    if (lastOutcome?.result !== 'done' || changed?.manifestVersion !== 2) throw new Error(String(lastOutcome?.code))
    return seconds
  } finally {
    await journey.app.close()
    place.remove()
  }
}

/** Seconds that the cryptography alone takes. */
async function measureBare(): Promise<number> {
  const sodium = await loadSodium()
  const makeHolders = () =>
    Array.from({ length: n }, (_, at) => {
      const pair = sodium.crypto_box_keypair()
      const holder: ShareHolder = { custodian: newId(), index: at + 1, publicKey: pair.publicKey }
      return { holder, secretKey: pair.privateKey }
    })
  const [before, after] = [makeHolders(), makeHolders()]
  const facts = (): RecordFacts => ({
    vault: newId(),
    safe: newId(),
    credential: newId(),
    version: 1,
    manifest: { version: 1, hash: 'A'.repeat(43) },
    name: 'Credential',
    kind: 'login',
    requesters: [newId()],
    rotationDays: 90,
    sealedBy: newId(),
    sealedAt: '2026-11-23T14:00:00.000Z',
    threshold: k,
  })
  const payload = { index: indexEntered(runbook, fields), runbook, values: fields.map(({ value }) => value) }
  const seal = (of: RecordFacts, holders: ReturnType<typeof makeHolders>): SealedRecord =>
    sealRecord(
      sodium,
      of,
      holders.map(({ holder }) => holder),
      payload,
      randomBytes,
    )
  const openOne = (record: SealedRecord, { holder, secretKey }: ReturnType<typeof makeHolders>[number]): Uint8Array => {
    const { vault, safe, credential, version, threshold, shares } = record.header
    const { custodian, index, publicKey } = holder
    const name = { vault, safe, credential, version, threshold, custodian, index }
    const box = fromBase64Url(record.boxes[index - 1] ?? '')
    return openShare(sodium, name, shares[index - 1]?.commitment ?? '', box, { publicKey, secretKey })
  }
  const old = Array.from({ length: credentials }, () => seal(facts(), before))
  const started = performance.now()
  for (const record of old) {
    openRecord(
      sodium,
      record,
      before.slice(0, k).map((one) => openOne(record, one)),
    )
    const fresh = seal(record.header, after)
    for (const one of after) openOne(fresh, one)
  }
  return (performance.now() - started) / 1000
}

const bench: Bench = {
  name: 'Change of custodians: 1,000 credentials, 4 of 7, against the bare splits and boxes',
  run: async (): Promise<BenchRow[]> => {
    const against = await measureBare()
    const value = await measureChange()
    const verdict = { target: `<= ${targetSeconds} s`, met: value <= targetSeconds }
    return [{ name: 'one custodian replaced', value, unit: 's', against, ratio: value / against, ...verdict }]
  },
}
// The runner takes each benchmark's default export.
export default bench
