/**
 * From the last custodian's answer to plaintext at the reveal page's port: verifying the tap, opening the wrap and share,
 * the salt ratchet, combining, decrypting, two records (answered at once by a stand-in for the vault process; a durable
 * append is measured elsewhere), and the messages between the processes. Against the bare cryptography of the same steps.
 */
import { fromBase64Url } from '../../shared/bytes.ts'
import { loadSodium } from '../../electron/platform/sodium.ts'
import { openRecord } from '../../electron/strongroom/crypto/record.ts'
import { openShare } from '../../electron/strongroom/crypto/share.ts'
import { openWrap } from '../../electron/strongroom/crypto/wrap.ts'
import { rpId, windowOrigin } from '../../shared/domain/tap.ts'
import type { Bench, BenchRow } from '../../build/bench-report.ts'
import { createWorld, field, keyOf, requestJob, sealIn, type Sealed, type World } from '../support/sealed-world.ts'
import { startHarness } from '../support/strongroom-harness.ts'

const rounds = 40
const warmUp = 5
/** What nobody notices after a touch. */
const targetMs = 50

interface Timing {
  readonly opened: number
  readonly shown: number
}

async function unsealOnce(world: World, sealed: Sealed, k: number): Promise<Timing> {
  const harness = startHarness(requestJob(world, sealed))
  const reveal = harness.reveal()
  harness.tap.touch(keyOf(world.requester))
  const people = world.custodians.slice(0, k)
  for (const one of people.slice(0, -1)) harness.tap.touch(keyOf(one))
  for (let tap = 0; tap < k; tap++) await harness.tap.feedback()
  const page = await reveal
  const begun = page.call.begin({})
  let received = 0
  const push = harness.tap.answers.push.bind(harness.tap.answers)
  harness.tap.answers.push = (...answers) => {
    received = performance.now()
    return push(...answers)
  }
  harness.tap.touch(keyOf(people.at(-1) ?? world.requester))
  await begun
  const opened = performance.now() - received
  await page.call.show({ field: 0 })
  const shown = performance.now() - received
  await harness.end('app-quit')
  await harness.exited
  return { opened, shown }
}

/** The same steps without processes, pages, signatures and records: one wrap, one share, the combination, the body. */
function openBare(
  sodium: Awaited<ReturnType<typeof loadSodium>>,
  world: World,
  sealed: Sealed,
  k: number,
): () => number {
  const { header, boxes } = sealed.record
  const { vault, safe, credential, version, threshold } = header
  const given = header.shares.slice(0, k).map(({ custodian, index, commitment }, at) => {
    const person = world.custodians.find(({ id }) => id === custodian) ?? world.requester
    const wrap = world.wraps.find((one) => one.person === custodian)
    if (wrap === undefined) throw new Error('no wrap')
    const input = { challenge: new Uint8Array(32), origin: windowOrigin, rpId, prf: [fromBase64Url(wrap.salt)] }
    const prf = keyOf(person).assert(input).prf[0] ?? new Uint8Array(0)
    const name = { vault, safe, credential, version, threshold, custodian, index }
    return { wrap, prf, name, commitment, box: fromBase64Url(boxes[at] ?? '') }
  })
  const openOwn = ({ wrap, prf, name, commitment, box }: (typeof given)[number]): Uint8Array => {
    const keys = { publicKey: fromBase64Url(wrap.publicKey), secretKey: openWrap(sodium, wrap, prf) }
    return openShare(sodium, name, commitment, box, keys)
  }
  const earlier = given.slice(0, -1).map(openOwn)
  const last = given.slice(-1)
  return () => {
    const started = performance.now()
    openRecord(sodium, sealed.record, [...earlier, ...last.map(openOwn)])
    return performance.now() - started
  }
}

const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? 0

async function measure(name: string, n: number, k: number): Promise<BenchRow[]> {
  const sodium = await loadSodium()
  const world = createWorld({ n, k, firstKeys: 1 })
  const sealed = sealIn(world, [field('Password', 'correct-horse')])
  const bare = openBare(sodium, world, sealed, k)
  const bareMs: number[] = []
  const timings: Timing[] = []
  // Gathering 32 taps takes its time; the figure is about the last one.
  const times = k > 10 ? 10 : rounds
  for (let round = 0; round < times + warmUp; round++) {
    timings.push(await unsealOnce(world, sealed, k))
    // In turns, so that whatever else the machine does hits both alike.
    bareMs.push(bare())
  }
  const measured = timings.slice(-times)
  const row = (what: string, values: number[], q: number): BenchRow => {
    const value = quantile(values, q)
    const against = quantile(bareMs.slice(-times), q)
    const verdict = { target: `<= ${targetMs} ms`, met: value <= targetMs }
    return { name: `${name}: last tap -> ${what}`, value, unit: 'ms', against, ratio: value / against, ...verdict }
  }
  const [opened, shown] = [measured.map((one) => one.opened), measured.map((one) => one.shown)]
  return [
    row('window open, median', opened, 0.5),
    row('window open, p95', opened, 0.95),
    row('first value, median', shown, 0.5),
    row('first value, p95', shown, 0.95),
  ]
}

const bench: Bench = {
  name: 'Unseal: last tap to plaintext, against the bare cryptography',
  run: async () => [...(await measure('3 of 5', 5, 3)), ...(await measure('32 of 255', 255, 32))],
}
// The runner takes each benchmark's default export.
export default bench
