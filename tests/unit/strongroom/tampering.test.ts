/** Whatever is changed or exchanged at rest is found, and named with its own code. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { sealedRecordHash } from '../../../shared/audit/records.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import { rpId, windowOrigin } from '../../../shared/domain/tap.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { loadSodium, randomBytes } from '../../../electron/platform/sodium.ts'
import { openRecord } from '../../../electron/strongroom/crypto/record.ts'
import { openShare, sealShare, type ShareName } from '../../../electron/strongroom/crypto/share.ts'
import { openWrap, sealWrap, wrapHeaderOf } from '../../../electron/strongroom/crypto/wrap.ts'
import { splitContentKey } from '../../../electron/strongroom/crypto/shamir.ts'
import { commitToShare } from '../../../electron/strongroom/crypto/commitments.ts'
import { trustRequest } from '../../../electron/strongroom/trust/request.ts'
import { bytesOf, textOf } from '../../support/sealing-oracle.ts'
import {
  createWorld,
  field,
  keyOf,
  requestJob,
  sealIn,
  tapBy,
  type Sealed,
  type World,
} from '../../support/sealed-world.ts'
import { startHarness, newMachine } from '../../support/strongroom-harness.ts'

type UnsealJob = JobOf<'unseal'>
const sodium = await loadSodium()
const isCampaign = process.env['HALLIGAN_CAMPAIGN'] === 'full'
if (isCampaign) vi.setConfig({ testTimeout: 300_000 })
const runs = isCampaign ? 2000 : 60

/** The text with one bit of what it encodes flipped. */
function flip(base64url: string, bit: number): string {
  const bytes = bytesOf(base64url)
  const at = bit % (bytes.length * 8)
  bytes[at >> 3]! ^= 1 << (at & 7)
  return textOf(bytes)
}

const anyBit = (): number => new DataView(randomBytes(4).buffer).getUint32(0)

let world: World
let sealed: Sealed
beforeAll(() => {
  world = createWorld({ n: 3, k: 2, firstKeys: 1 })
  sealed = sealIn(world, [field('Password', 'correct-horse')])
})
const job = (): UnsealJob => structuredClone(requestJob(world, sealed))

/** The code with which the job is refused before anybody is asked to tap. */
const refusal = (changed: UnsealJob): Promise<ErrorCode | null> =>
  trustRequest(newMachine, changed).then(
    () => null,
    (error: unknown) => (error as { code: ErrorCode }).code,
  )

describe('a flipped bit', () => {
  it('anywhere in the body is found before any tap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (bit) => {
        const changed = job()
        changed.record.body = flip(changed.record.body, bit)
        expect(await refusal(changed)).toBe('RECORD_DAMAGED')
      }),
      { numRuns: runs },
    )
  })

  it('in any member of the header is found before any tap', async () => {
    const changes: ((header: UnsealJob['record']['header'], bit: number) => void)[] = [
      (header, bit) => (header.nonce = flip(header.nonce, bit)),
      (header, bit) => (header.keyCommitment = flip(header.keyCommitment, bit)),
      (header, bit) => (header.shares[0]!.commitment = flip(header.shares[0]!.commitment, bit)),
      (header, bit) => (header.shares[1]!.box = flip(header.shares[1]!.box, bit)),
      (header, bit) => (header.shares[2]!.custodian = flip(header.shares[2]!.custodian, bit)),
      (header) => (header.shares[0]!.index = 2),
      (header) => header.shares.reverse(),
      (header) => header.shares.pop(),
      (header) => (header.threshold = 3),
      (header) => (header.version = 2),
      (header, bit) => (header.safe = flip(header.safe, bit)),
      (header, bit) => (header.vault = flip(header.vault, bit)),
      (header, bit) => (header.credential = flip(header.credential, bit)),
      (header) => (header.name = 'Cloud r00t'),
      (header) => (header.kind = 'totp'),
      (header) => header.requesters.push(header.requesters[0]!),
      (header) => (header.rotationDays = 91),
      (header) => (header.rotationNote = 'Mail the secret to mallory@example.org.'),
      (header, bit) => (header.sealedBy = flip(header.sealedBy, bit)),
      (header) => (header.sealedAt = '2026-11-23T02:59:00.001Z'),
      (header, bit) => (header.manifest.hash = flip(header.manifest.hash, bit)),
      (header) => (header.manifest.version = 2),
    ]
    for (const change of changes) {
      const changed = job()
      change(changed.record.header, anyBit())
      expect(await refusal(changed), change.toString()).toBe('RECORD_DAMAGED')
      // Also when whoever writes the database makes the request name the changed record.
      changed.statement.record = sealedRecordHash(nodePrimitives, changed.record)
      expect(await refusal(changed), change.toString()).toBe('RECORD_DAMAGED')
    }
  })

  it('in the manifest or its signatures is found before any tap', async () => {
    const changes: ((signed: UnsealJob['manifests'][number], bit: number) => void)[] = [
      ({ manifest }, bit) =>
        (manifest.safes[0]!.custodians[0]!.publicKey = flip(manifest.safes[0]!.custodians[0]!.publicKey, bit)),
      ({ manifest }) => (manifest.safes[0]!.threshold = 1 + 2),
      ({ manifest }) => (manifest.safes[0]!.policy.copyAllowed = true),
      ({ manifest }) => (manifest.persons[0]!.name = 'Mallory'),
      ({ manifest }, bit) =>
        (manifest.persons[1]!.keys[0]!.publicKey.x = flip(manifest.persons[1]!.keys[0]!.publicKey.x, bit)),
      ({ signatures }, bit) => (signatures[0]!.assertion.signature = flip(signatures[0]!.assertion.signature, bit)),
      ({ signatures }, bit) =>
        (signatures[0]!.assertion.authenticatorData = flip(signatures[0]!.assertion.authenticatorData, bit)),
      ({ signatures }) => signatures.pop(),
    ]
    for (const change of changes) {
      const changed = job()
      change(changed.manifests[0]!, anyBit())
      expect(await refusal(changed), change.toString()).toBe('MANIFEST_INVALID')
    }
  })

  it('in the seal is found before any tap', async () => {
    const changes: ((job: UnsealJob['sealed'], bit: number) => void)[] = [
      ({ tap }, bit) => (tap.assertion.signature = flip(tap.assertion.signature, bit)),
      ({ tap }, bit) => (tap.assertion.clientDataJSON = flip(tap.assertion.clientDataJSON, bit)),
      ({ statement }, bit) => (statement.nonce = flip(statement.nonce, bit)),
      ({ statement }, bit) => (statement.person = flip(statement.person, bit)),
      ({ tap }) => (tap.person = world.custodians[1]!.id),
    ]
    for (const change of changes) {
      const changed = job()
      change(changed.sealed, anyBit())
      expect(await refusal(changed), change.toString()).toBe('RECORD_DAMAGED')
    }
  })

  it('anywhere in a share box opens nothing and names its custodian', () => {
    const pair = sodium.crypto_box_keypair()
    const keys = { publicKey: pair.publicKey, secretKey: pair.privateKey }
    const name = shareName()
    const [share] = splitContentKey(randomBytes(32), 2, 2, randomBytes)
    const box = sealShare(sodium, name, share!, pair.publicKey)
    const commitment = commitToShare(name, name.custodian, name.index, share!)
    expect(openShare(sodium, name, commitment, box, keys)).toEqual(share)
    fc.assert(
      fc.property(fc.nat(), (bit) => {
        const changed = bytesOf(flip(textOf(box), bit))
        expect(codeOf(() => openShare(sodium, name, commitment, changed, keys))).toEqual([
          'SHARE_DAMAGED',
          name.custodian,
        ])
      }),
      { numRuns: runs },
    )
    expect(codeOf(() => openShare(sodium, name, commitment, new Uint8Array(0), keys))[0]).toBe('SHARE_DAMAGED')
    expect(codeOf(() => openShare(sodium, name, flip(commitment, 9), box, keys))[0]).toBe('SHARE_WRONG')
  })

  it('anywhere in a wrap opens nothing and names whose it is', () => {
    const [wrap] = world.wraps
    const prf = randomBytes(32)
    const secretKey = sodium.crypto_box_keypair().privateKey
    const publicKey = textOf(sodium.crypto_scalarmult_base(secretKey))
    const sound = sealWrap(sodium, { ...wrapHeaderOf(wrap!), publicKey }, secretKey, prf, randomBytes(24))
    expect(openWrap(sodium, sound, prf)).toEqual(secretKey)
    fc.assert(
      fc.property(
        fc.constantFrom('box', 'nonce', 'salt', 'publicKey', 'vault', 'safe', 'person', 'key'),
        fc.nat(),
        (member, bit) => {
          const changed = { ...sound, [member]: flip(sound[member], bit) }
          expect(codeOf(() => openWrap(sodium, changed, prf))).toEqual(['TAP_WRAP_DAMAGED', changed.person])
        },
      ),
      { numRuns: runs },
    )
    expect(codeOf(() => openWrap(sodium, sound, randomBytes(32)))[0]).toBe('TAP_WRAP_DAMAGED')
  })

  it("a wrap of somebody else's key pair under the right PRF value does not pass", () => {
    const [wrap] = world.wraps
    const prf = randomBytes(32)
    const foreign = sealWrap(sodium, wrapHeaderOf(wrap!), randomBytes(32), prf, randomBytes(24))
    expect(codeOf(() => openWrap(sodium, foreign, prf))[0]).toBe('TAP_WRAP_DAMAGED')
  })
})

const shareName = (): ShareName => ({
  vault: world.vault,
  safe: world.safe,
  credential: sealed.record.header.credential,
  version: 1,
  custodian: world.custodians[0]!.id,
  index: 1,
  threshold: 2,
})

function codeOf(work: () => unknown): [ErrorCode, unknown] {
  try {
    work()
  } catch (error) {
    const { code, detail } = error as { code: ErrorCode; detail: Record<string, unknown> }
    return [code, detail['custodian']]
  }
  throw new Error('nothing was refused')
}

describe('exchanged', () => {
  it('shares between credentials, versions, safes, vaults, custodians and thresholds are named as wrong', () => {
    const pair = sodium.crypto_box_keypair()
    const keys = { publicKey: pair.publicKey, secretKey: pair.privateKey }
    const name = shareName()
    const [share] = splitContentKey(randomBytes(32), 2, 2, randomBytes)
    const commitment = commitToShare(name, name.custodian, 1, share!)
    const others: Partial<ShareName>[] = [
      { vault: flip(name.vault, 3) },
      { safe: flip(name.safe, 3) },
      { credential: flip(name.credential, 3) },
      { version: 2 },
      { custodian: world.custodians[1]!.id },
      { threshold: 3 },
      { index: 2 },
    ]
    for (const other of others) {
      const box = sealShare(sodium, { ...name, ...other }, share!, pair.publicKey)
      expect(codeOf(() => openShare(sodium, name, commitment, box, keys))).toEqual(['SHARE_WRONG', name.custodian])
    }
  })

  it('records, seals and statements of another credential, version or vault are found before any tap', async () => {
    const other = sealIn(world, [field('Password', 'other')])
    const newer = sealIn(world, [field('Password', 'newer')], {
      credential: sealed.record.header.credential,
      version: 2,
    })
    const elsewhere = createWorld({ n: 3, k: 2, firstKeys: 1 })
    const foreign = sealIn(elsewhere, [field('Password', 'foreign')])
    for (const changed of [
      { ...job(), record: other.record },
      { ...job(), record: newer.record },
      { ...job(), record: foreign.record },
      { ...job(), sealed: { statement: other.statement, tap: other.tap } },
      { ...job(), sealed: { statement: sealed.statement, tap: newer.tap } },
      { ...job(), record: { ...sealed.record, body: other.record.body } },
      {
        ...job(),
        record: { ...sealed.record, header: { ...sealed.record.header, shares: other.record.header.shares } },
      },
      { ...job(), statement: { ...job().statement, vault: elsewhere.vault } },
      { ...job(), statement: { ...job().statement, station: elsewhere.station } },
      { ...job(), statement: { ...job().statement, credential: other.record.header.credential } },
      // An older version that is none.
      { ...job(), statement: { ...job().statement, newest: 1 } },
    ]) {
      expect(await refusal(changed)).toBe('RECORD_DAMAGED')
    }
    expect(await refusal({ ...job(), manifests: elsewhere.manifests })).toBe('MANIFEST_INVALID')
    expect(await refusal({ ...job(), vault: elsewhere.vault })).toBe('MANIFEST_INVALID')
    expect(await refusal({ ...job(), statement: { ...job().statement, manifest: elsewhere.manifestHash } })).toBe(
      'MANIFEST_INVALID',
    )
  })

  it('a record that a person without the right to seal signed does not pass', async () => {
    const changed = job()
    const { statement } = changed.sealed
    statement.person = world.requester.id
    changed.record.header.sealedBy = world.requester.id
    if (statement.detail.kind === 'seal') statement.detail.record = sealedRecordHash(nodePrimitives, changed.record)
    changed.statement.record = sealedRecordHash(nodePrimitives, changed.record)
    changed.sealed.tap = tapBy(world.requester, challengeOfAct(statement))
    expect(await refusal(changed)).toBe('RECORD_DAMAGED')
    // The same by somebody with that right passes: it is the role that was missing.
    const lead = structuredClone(sealed)
    const [, second] = world.custodians
    lead.statement.person = second!.id
    lead.record.header.sealedBy = second!.id
    expect(await refusal(requestJob(world, resign(lead, second)))).toBeNull()
  })

  it('a request against the policy is refused, whatever the vault process says', async () => {
    expect(await refusal({ ...job(), statement: { ...job().statement, windowSeconds: 14 } })).toBe(
      'WINDOW_OUT_OF_POLICY',
    )
    const narrow = createWorld({ n: 2, k: 2, policy: { windowSecondsMax: 30 } })
    expect(await refusal(requestJob(narrow, sealIn(narrow, [field('A', 'b')]), { windowSeconds: 31 }))).toBe(
      'WINDOW_OUT_OF_POLICY',
    )
    const stranger = { ...world.requester, id: flip(world.requester.id, 1) }
    expect(await refusal(requestJob(world, sealed, { requester: stranger }))).toBe('PERSON_UNKNOWN')
    const closed = structuredClone(sealed)
    closed.record.header.requesters = [world.custodians[0]!.id]
    const resigned = resign(closed)
    expect(await refusal(requestJob(world, resigned))).toBe('REQUESTER_NOT_APPROVED')
  })

  it('shares that combine to another key are found after combining', () => {
    const shares = splitContentKey(randomBytes(32), 2, 3, randomBytes)
    expect(codeOf(() => openRecord(sodium, sealed.record, shares))[0]).toBe('CONTENT_KEY_WRONG')
    expect(codeOf(() => openRecord(sodium, sealed.record, shares.slice(1, 2)))[0]).toBe('CONTENT_KEY_WRONG')
  })
})

/** The record sealed anew by its sealer, as an honest vault would hold it. */
function resign(changed: Sealed, sealer = world.custodians[0]!): Sealed {
  const { statement, record } = changed
  if (statement.detail.kind === 'seal') statement.detail.record = sealedRecordHash(nodePrimitives, record)
  return { record, statement, tap: tapBy(sealer, challengeOfAct(statement)) }
}
const challengeOfAct = (statement: Sealed['statement']): Uint8Array => challengeOf(nodePrimitives, 'act', statement)

describe('in the running process', () => {
  it('refuses a damaged job before it opens any page, and says why', async () => {
    const changed = job()
    changed.record.body = flip(changed.record.body, 77)
    const harness = startHarness(changed)
    expect(await harness.ended).toEqual({ result: 'failed', code: 'RECORD_DAMAGED' })
    expect(harness.callsOf('failed')).toEqual([{ code: 'RECORD_DAMAGED', custodian: null }])
    expect(harness.opened).toEqual([])
    expect(await harness.exited).toBe(0)
  })

  it('a damaged share costs its owner the vote, is named, and the others still open', async () => {
    const changed = job()
    changed.record.boxes[0] = flip(changed.record.boxes[0]!, 500)
    const harness = startHarness(changed)
    harness.tap.touch(keyOf(world.requester))
    for (const one of world.custodians) harness.tap.touch(keyOf(one))
    const codes = []
    for (let tap = 0; tap < 4; tap++) codes.push((await harness.tap.feedback()).code)
    expect(codes).toEqual([null, 'SHARE_DAMAGED', null, null])
    expect(harness.callsOf('tapRefused')).toMatchObject([{ code: 'SHARE_DAMAGED', person: world.custodians[0]!.id }])
    await (await harness.reveal()).call.begin({})
    await harness.end('app-quit')
    await harness.exited
  })

  it('too many damaged shares fail the request at once, with a name', async () => {
    const changed = job()
    changed.record.boxes[0] = flip(changed.record.boxes[0]!, 1)
    changed.record.boxes[2] = flip(changed.record.boxes[2]!, 1)
    const harness = startHarness(changed)
    expect(await harness.ended).toEqual({ result: 'failed', code: 'SHARE_DAMAGED' })
    expect(harness.callsOf('failed')).toEqual([{ code: 'SHARE_DAMAGED', custodian: world.custodians[2]!.id }])
    expect(harness.opened).toEqual([])
    expect(await harness.exited).toBe(0)
  })

  it('wraps exchanged between custodians do not open; when k is out of reach the request fails with a name', async () => {
    const changed = job()
    const [a, b] = changed.wraps
    const swap = (from: typeof a, to: typeof a): NonNullable<typeof a> => ({
      ...from!,
      person: to!.person,
      key: to!.key,
    })
    changed.wraps[0] = swap(b, a)
    changed.wraps[1] = swap(a, b)
    const harness = startHarness(changed)
    harness.tap.touch(keyOf(world.requester))
    harness.tap.touch(keyOf(world.custodians[0]!))
    harness.tap.touch(keyOf(world.custodians[1]!))
    const codes = []
    for (let tap = 0; tap < 3; tap++) codes.push((await harness.tap.feedback()).code)
    expect(codes).toEqual([null, 'TAP_WRAP_DAMAGED', 'TAP_WRAP_DAMAGED'])
    expect(await harness.ended).toEqual({ result: 'failed', code: 'TAP_WRAP_DAMAGED' })
    expect(harness.callsOf('failed')).toEqual([{ code: 'TAP_WRAP_DAMAGED', custodian: world.custodians[1]!.id }])
  })

  it("a wrap of another key pair under the custodian's own PRF value is a damaged wrap, not a damaged share", async () => {
    const changed = job()
    const wrap = changed.wraps[0]!
    const key = keyOf(world.custodians[0]!)
    const input = { challenge: new Uint8Array(32), origin: windowOrigin, rpId, prf: [bytesOf(wrap.salt)] }
    const pair = sodium.crypto_box_keypair()
    const header = { ...wrapHeaderOf(wrap), publicKey: textOf(pair.publicKey) }
    changed.wraps[0] = sealWrap(sodium, header, pair.privateKey, key.assert(input).prf[0]!, randomBytes(24))
    const harness = startHarness(changed)
    harness.tap.touch(keyOf(world.requester))
    harness.tap.touch(key)
    expect(await harness.tap.feedback()).toMatchObject({ accepted: true })
    expect(await harness.tap.feedback()).toMatchObject({ code: 'TAP_WRAP_DAMAGED' })
    await harness.end('app-quit')
    await harness.exited
  })

  it('a damaged wrap costs one key; the same person gets in with the other', async () => {
    const twoKeys = createWorld({ n: 2, k: 2, firstKeys: 2 })
    const changed = structuredClone(requestJob(twoKeys, sealIn(twoKeys, [field('A', 'b')])))
    changed.wraps[0]!.box = flip(changed.wraps[0]!.box, 5)
    const harness = startHarness(changed)
    harness.tap.touch(keyOf(twoKeys.requester))
    harness.tap.touch(keyOf(twoKeys.custodians[0]!, 0))
    harness.tap.touch(keyOf(twoKeys.custodians[0]!, 1))
    harness.tap.touch(keyOf(twoKeys.custodians[1]!))
    const codes = []
    for (let tap = 0; tap < 4; tap++) codes.push((await harness.tap.feedback()).code)
    expect(codes).toEqual([null, 'TAP_WRAP_DAMAGED', null, null])
    await (await harness.reveal()).call.begin({})
    await harness.end('app-quit')
    await harness.exited
  })

  it('custodians without any wrap are found before anybody taps', async () => {
    const changed = { ...job(), wraps: world.wraps.slice(0, 1) }
    const harness = startHarness(changed)
    expect(await harness.ended).toEqual({ result: 'failed', code: 'TAP_WRAP_DAMAGED' })
    expect(harness.opened).toEqual([])
  })
})
