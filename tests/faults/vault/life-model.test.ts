/**
 * The life of a vault in random steps (seal, rotate, prove, people who come, leave and are replaced, other thresholds, ends and
 * crashes), with real vault and strongroom processes' code and software keys, against a model of a few lines. After every step: the
 * files verify (P5) and hold no secret (P1); every credential is opened by k of its custodians' keys and by no k - 1 of them, nor with
 * the key of anybody who left (P2), by an implementation of the format that shares no code with the product.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifyFolder } from '../../../electron/cli/verify-command.ts'
import { readRows } from '../../e2e/journey/log.ts'
import { applyChange, arrive, makeTestPerson, replacePerson, sameAsNow } from '../../support/people-change.ts'
import { bytesOf, recoverByHand } from '../../support/sealing-oracle.ts'
import { searchFiles } from '../../support/search-for-secret.ts'
import type { PeopleChange } from '../../../shared/contracts/people-views.ts'
import {
  finish,
  firstKey,
  sealCredential,
  setUpVault,
  startJourney,
  textField,
  type JourneyApp,
  type ReadyVault,
  type TestPerson,
} from '../../support/vault-journey.ts'
import { makeWorkplace, starters, type Workplace } from '../../unit/system/starters.ts'

const isFull = process.env['HALLIGAN_CAMPAIGN'] === 'full'

interface Model {
  custodians: TestPerson[]
  threshold: number
  left: TestPerson[]
  /** Newest secret of each credential by id, and how many versions there are. */
  readonly credentials: Map<string, { readonly name: string; secret: string; versions: number }>
  readonly secrets: string[]
}

interface Real {
  readonly place: Workplace
  vault: ReadyVault
  journey: JourneyApp
}

type Step = fc.AsyncCommand<Model, Real>

let counter = 0
const nextSecret = (model: Model): string => {
  const secret = `Sentinel-${++counter}-kedgeree`
  model.secrets.push(secret)
  return secret
}

type Wrap = Parameters<typeof recoverByHand>[1][number]['wrap'] & { readonly key: string; readonly salt: string }

interface Header {
  credential: string
  version: number
  threshold: number
  shares: { custodian: string; index: number }[]
}

/** What lies in the file, opened with these people's keys and nothing else. */
async function openByHand(dir: string, credential: string, version: number, people: readonly TestPerson[]) {
  const at = `credential = '${credential}' AND version = ${version}`
  const [record] = await readRows<{ header: Uint8Array; body: Uint8Array }>(
    dir,
    `SELECT header, body FROM records WHERE ${at}`,
  )
  const boxes = await readRows<{ box: Uint8Array }>(dir, `SELECT box FROM shares WHERE ${at} ORDER BY idx`)
  const rows = await readRows<{ bytes: Uint8Array }>(dir, 'SELECT bytes FROM wraps')
  const wraps = rows.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as Wrap)
  const given = people.map((person) => {
    const wrap = wraps.find((one) => one.person === person.id)
    if (wrap === undefined) throw new Error('no wrap')
    const input = { challenge: new Uint8Array(32), origin: 'https://halligan.localhost', rpId: 'halligan.localhost' }
    const key = person.keys.find(({ credentialId }) => credentialId === wrap.key)
    const [prf] = key?.assert({ ...input, prf: [bytesOf(wrap.salt)] }).prf ?? []
    if (prf === undefined) throw new Error('no PRF')
    return { wrap, prf }
  })
  const header = JSON.parse(Buffer.from(record!.header).toString()) as Parameters<typeof recoverByHand>[0]['header'] &
    Header
  return {
    header,
    open: () =>
      recoverByHand(
        {
          header,
          boxes: boxes.map(({ box }) => Buffer.from(box).toString('base64url')),
          body: Buffer.from(record!.body).toString('base64url'),
        },
        given,
      ),
  }
}

/** The promises, after every step. */
async function checkPromises(model: Model, real: Real): Promise<void> {
  const { dir } = real.place
  expect((await verifyFolder(dir, null)).integrity.problems).toEqual([])
  expect(searchFiles(dir, model.secrets)).toEqual([])
  const { custodians, threshold, left } = model
  for (const [credential, { secret, versions }] of model.credentials) {
    const spin = counter++ % custodians.length
    const turned = [...custodians.slice(spin), ...custodians.slice(0, spin)]
    const quorum = turned.slice(0, threshold)
    const { header, open } = await openByHand(dir, credential, versions, quorum)
    expect(header.threshold).toBe(threshold)
    expect(header.shares.map(({ custodian }) => custodian)).toEqual(custodians.map(({ id }) => id))
    expect(open().fields.map(({ value }) => Buffer.from(value).toString())).toEqual([secret])
    const fewer = await openByHand(dir, credential, versions, quorum.slice(1))
    expect(fewer.open).toThrow()
    for (const leaver of left) {
      await expect(openByHand(dir, credential, versions, [leaver, ...quorum.slice(1)])).rejects.toThrow('no wrap')
    }
  }
}

const step = (
  name: string,
  check: (model: Model) => boolean,
  run: (model: Model, real: Real) => Promise<void>,
): Step => ({
  check: (model) => check(model),
  run: async (model, real) => {
    await run(model, real)
    await checkPromises(model, real)
  },
  toString: () => name,
})

const seal = step(
  'seal',
  ({ credentials }) => credentials.size < 4,
  async (model, { journey, vault }) => {
    const secret = nextSecret(model)
    const name = `Credential ${model.credentials.size + 1}`
    const id = await sealCredential(journey, vault, [textField('Password', secret)], { name })
    model.credentials.set(id, { name, secret, versions: 1 })
  },
)

const rotate = (pick: number): Step =>
  step(
    `rotate ${pick}`,
    ({ credentials }) => credentials.size > 0,
    async (model, { journey, vault }) => {
      const [credential, known] = [...model.credentials][pick % model.credentials.size]!
      const secret = nextSecret(model)
      await sealCredential(journey, vault, [textField('Password', secret)], { name: known.name, credential })
      model.credentials.set(credential, { name: known.name, secret, versions: known.versions + 1 })
    },
  )

const drill = step(
  'drill',
  ({ credentials }) => credentials.size > 0,
  async (model, { journey, vault }) => {
    for (const person of model.custodians.slice(-model.threshold)) journey.tap.touch(firstKey(person))
    const { operation } = await journey.app.call['credential.prove']({
      purpose: 'drill',
      safe: vault.safe,
      credentials: [...model.credentials.keys()].slice(0, 1),
    })
    await finish(journey, operation)
    journey.tap.forget()
  },
)

/** Puts a change in force; the model follows. `quorum` of the old custodians sign, all new ones check. */
async function change(
  model: Model,
  real: Real,
  wanted: PeopleChange,
  after: { readonly custodians: TestPerson[]; readonly threshold: number },
): Promise<void> {
  const { journey } = real
  await journey.app.call['people.change'](wanted)
  const comers = after.custodians.filter((person) => !model.custodians.includes(person))
  for (const person of comers) await arrive(journey, person)
  // Who stays signs first: that works whatever the quorum is.
  const signers = model.custodians
    .filter((person) => after.custodians.includes(person))
    .slice(0, Math.max(model.threshold, 2))
  const checkers = model.credentials.size === 0 ? [] : after.custodians
  await applyChange(journey, [...signers, ...comers], checkers)
  model.left.push(...model.custodians.filter((person) => !after.custodians.includes(person)))
  model.custodians = after.custodians
  model.threshold = after.threshold
  real.vault = { ...real.vault, custodians: after.custodians }
}

const mayLose = ({ custodians, threshold }: Model): boolean => custodians.length - 1 >= Math.max(threshold, 2)

const replace = (pick: number): Step =>
  step(`replace ${pick}`, mayLose, async (model, real) => {
    const old = model.custodians[pick % model.custodians.length]!
    const fresh = makeTestPerson(`Person ${++counter}`)
    await change(model, real, replacePerson(sameAsNow(real.journey.app.state()), old.id, fresh), {
      custodians: model.custodians.map((person) => (person === old ? fresh : person)),
      threshold: model.threshold,
    })
  })

const withSafe = (wanted: PeopleChange, custodians: readonly TestPerson[], threshold: number): PeopleChange => ({
  ...wanted,
  safes: wanted.safes.map((safe) => ({ ...safe, threshold, custodians: custodians.map(({ id }) => id) })),
  quorum: threshold,
})

const add = step(
  'add',
  ({ custodians }) => custodians.length < 5,
  async (model, real) => {
    const fresh = makeTestPerson(`Person ${++counter}`)
    const custodians = [...model.custodians, fresh]
    const now = sameAsNow(real.journey.app.state())
    const people = [...now.people, { id: fresh.id, name: fresh.name, roles: ['custodian' as const] }]
    await change(model, real, withSafe({ ...now, people }, custodians, model.threshold), {
      custodians,
      threshold: model.threshold,
    })
  },
)

const remove = (pick: number): Step =>
  step(`remove ${pick}`, mayLose, async (model, real) => {
    const old = model.custodians[pick % model.custodians.length]!
    const custodians = model.custodians.filter((person) => person !== old)
    const now = sameAsNow(real.journey.app.state())
    const people = now.people.filter(({ id }) => id !== old.id)
    await change(model, real, withSafe({ ...now, people }, custodians, model.threshold), {
      custodians,
      threshold: model.threshold,
    })
  })

const changeThreshold = (to: number): Step =>
  step(
    `threshold ${to}`,
    ({ custodians, threshold }) => to !== threshold && to <= custodians.length,
    async (model, real) => {
      const wanted = withSafe(sameAsNow(real.journey.app.state()), model.custodians, to)
      await change(model, real, wanted, { custodians: model.custodians, threshold: to })
    },
  )

async function reopen(real: Real): Promise<void> {
  await real.journey.app.close()
  real.journey = await startJourney(starters(real.place))
  await real.journey.app.until((state) => state.log.integrity === 'intact')
}

const restart = step(
  'restart',
  () => true,
  (_model, real) => reopen(real),
)

/** The strongroom dies in the middle of a change: nothing has changed, and the change is given up. */
const crash = (touches: number): Step =>
  step(
    `crash after ${touches} touches`,
    (model) => model.credentials.size > 0 && model.custodians.length >= 3,
    async (model, real) => {
      const { journey } = real
      const to = model.threshold === 2 ? 3 : 2
      await journey.app.call['people.change'](withSafe(sameAsNow(journey.app.state()), model.custodians, to))
      for (const person of [...model.custodians.slice(0, model.threshold), ...model.custodians].slice(0, touches)) {
        journey.tap.touch(firstKey(person))
      }
      const { operation } = await journey.app.call['people.apply']({})
      await journey.app.until(
        (state) => state.operation?.taps.length === touches || state.lastOutcome?.operation === operation,
      )
      await journey.app.killStrongroom()
      await journey.app.until((state) => state.operation === null)
      await reopen(real)
      await real.journey.app.call['people.discard']({})
    },
  )

const steps = [
  fc.constant(seal),
  fc.nat(9).map(rotate),
  fc.constant(drill),
  fc.nat(9).map(replace),
  fc.constant(add),
  fc.nat(9).map(remove),
  fc.integer({ min: 2, max: 4 }).map(changeThreshold),
  fc.constant(restart),
  fc.integer({ min: 0, max: 4 }).map(crash),
]

describe('the life of a vault', () => {
  it(
    'keeps its promises whatever happens in it',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(...steps), isFull ? { minLength: 20, maxLength: 30 } : { minLength: 16, maxLength: 16 }),
          async (commands) => {
            const place = makeWorkplace()
            let real: Real | undefined
            try {
              const journey = await startJourney(starters(place))
              const vault = await setUpVault(journey, { n: 3, k: 2 })
              const model: Model = {
                custodians: [...vault.custodians],
                threshold: 2,
                left: [],
                credentials: new Map(),
                secrets: [],
              }
              const setup = { place, vault, journey }
              real = setup
              // A vault without anything in it has little to keep.
              await fc.asyncModelRun(() => ({ model, real: setup }), [seal, ...commands])
            } finally {
              await real?.journey.app.close()
              place.remove()
            }
          },
        ),
        { seed: 20261123, numRuns: isFull ? 60 : 2, endOnFailure: !isFull },
      )
    },
    isFull ? 3_600_000 : 120_000,
  )
})
