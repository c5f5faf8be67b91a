/** A safe that names models: the plan, the enrolment and the manifest hold to it, each by itself. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkManifestRules } from '../../../shared/audit/manifest.ts'
import type { Plan } from '../../../shared/contracts/plan.ts'
import type { Manifest, SecurityKey } from '../../../shared/domain/manifest.ts'
import { allowedKeyModels, allowedModels } from '../../../shared/domain/key-models.ts'
import { createMaker } from '../../support/attestation-ca.ts'
import { createHandClock, makePlace, openWorld, type Place } from '../../support/vault-place.ts'
import { acknowledge, describeEnrolment, enrol, jobOf, makePlan, type ReadyWorld } from '../../support/vault-steps.ts'
import { newId, random, type World, type WorldPerson } from '../../support/vault-world.ts'

const [good, other] = [createMaker('Test key 5').model, createMaker('Other').model]

let place: Place
let world: World
beforeEach(() => {
  place = makePlace()
  world = openWorld(place, createHandClock())
})
afterEach(async () => {
  await world.close().catch(() => undefined)
  place.remove()
})

type Safes = Plan['safes']
function planWith(
  models: Plan['models'],
  ...named: (readonly string[] | undefined)[]
): { ready: ReadyWorld; plan: Plan } {
  const ready = makePlan()
  const [safe] = ready.plan.safes
  if (safe === undefined) throw new Error('no safe')
  const safes: Safes = named.map((list, at) => ({
    ...safe,
    id: at === 0 ? safe.id : newId(),
    name: `Safe ${at + 1}`,
    policy: { ...safe.policy, ...(list === undefined ? {} : { models: [...list] }) },
  }))
  return { ready, plan: { ...ready.plan, safes, ...(models === undefined ? {} : { models }) } }
}

const begin = async (plan: Plan): Promise<unknown> => {
  await world.call['setup.begin']({ vaultName: 'Test vault', stationName: 'Test station' })
  return world.call['setup.plan'](plan)
}
const proved = { format: 'packed', model: good.name }

/** What a strongroom says about one key, with these words about its model. */
async function enrolAs(person: WorldPerson, model: Partial<SecurityKey>): Promise<unknown> {
  await world.call['setup.enrol']({ person: person.id, labels: person.keys.map((_, at) => `Key ${at + 1}`) })
  const strongroom = world.strongroom()
  const job = jobOf(await strongroom.job(), 'enrol')
  const publicKeys = new Map(job.safes.map(({ id }) => [id, random(32)]))
  try {
    for (const [at, key] of person.keys.entries()) {
      const said = describeEnrolment(job, key, `Key ${at + 1}`, publicKeys)
      await strongroom.call.keyEnrolled({ ...said, key: { ...said.key, ...model } })
    }
    await strongroom.call.ended({ result: 'done', code: null })
    return job
  } catch (error) {
    await strongroom.call.ended({ result: 'failed', code: 'INTERNAL' })
    throw error
  } finally {
    strongroom.die()
  }
}

describe('the models that a person may use', () => {
  const policy = (models?: string[]) => ({ policy: models === undefined ? {} : { models } })
  it('are those that all of their safes allow', () => {
    expect(allowedModels([])).toBeNull()
    expect(allowedModels([policy()])).toBeNull()
    expect(allowedModels([policy(), policy(['a', 'b'])])).toEqual(new Set(['a', 'b']))
    expect(allowedModels([policy(['a', 'b']), policy(['b', 'c'])])).toEqual(new Set(['b']))
    expect(allowedModels([policy(['a']), policy(['c'])])).toEqual(new Set())
    expect(allowedKeyModels([policy([good.aaguid])], [good, other])).toEqual([good])
    expect(allowedKeyModels([policy()], [good, other])).toBeNull()
  })
})

describe('a plan', () => {
  it.each([
    ['names a model that is not pinned', undefined, [[good.aaguid]], 'unknown'],
    ['names a model twice', [good], [[good.aaguid, good.aaguid]], 'twice'],
    ['pins a model twice', [good, good], [[good.aaguid]], 'twice'],
    ['pins a model that no safe names', [good, other], [[good.aaguid]], 'unused'],
    ['leaves custodians no model', [good, other], [[good.aaguid], [other.aaguid]], 'none-in-common'],
  ] as const)('is refused when it %s', async (_, models, named, why) => {
    const { plan } = planWith(models === undefined ? undefined : [...models], ...named)
    await expect(begin(plan)).rejects.toMatchObject({ code: 'POLICY_INVALID', detail: { why } })
  })
})

describe('set-up with a policy', () => {
  it('hands models and roots to the strongroom, takes proved keys only, and pins all of it', async () => {
    const { ready, plan } = planWith([good], [good.aaguid])
    await begin(plan)
    const [first] = ready.custodians
    if (first === undefined) throw new Error('nobody')
    await expect(enrolAs(first, {})).rejects.toMatchObject({ code: 'TAP_ATTESTATION_REFUSED' })
    await expect(enrolAs(first, { aaguid: good.aaguid })).rejects.toMatchObject({ code: 'TAP_ATTESTATION_REFUSED' })
    await expect(enrolAs(first, { aaguid: other.aaguid, attestation: proved })).rejects.toMatchObject({
      code: 'TAP_MODEL_NOT_ALLOWED',
      detail: { model: other.aaguid },
    })
    expect((await world.state()).setup?.enrolled).toEqual([])
    for (const person of ready.custodians) {
      const job = await enrolAs(person, { aaguid: good.aaguid, attestation: proved })
      expect(job).toMatchObject({ models: [good], safes: [{ policy: { models: [good.aaguid] } }] })
    }
    // Who holds no share may use any key.
    for (const person of [ready.requester, ready.lead]) await enrol(world, person)
    await acknowledge(world, ready.custodians)
    const state = await world.state()
    expect(state).toMatchObject({ phase: 'ready', damage: null })
    const report = await world.call['log.verify']({})
    expect(report.integrity).toMatchObject({ verdict: 'intact', problems: [] })
    await world.call['credential.seal']({
      credential: null,
      safe: ready.safe,
      name: 'Cloud root',
      kind: 'login',
      requesters: [ready.requester.id],
      rotationDays: 90,
      person: ready.lead.id,
    })
    const { manifests } = jobOf(await world.strongroom().job(), 'seal')
    expect(manifests[0]?.manifest.models).toEqual([good])
    expect(manifests[0]?.manifest.safes[0]?.policy.models).toEqual([good.aaguid])
  })
})

describe('a manifest', () => {
  const key = (attestation?: SecurityKey['attestation'], aaguid = good.aaguid) => ({
    credentialId: 'AAAA',
    label: 'Key 1',
    publicKey: { kty: 'OKP' as const, crv: 'Ed25519' as const, x: random(32) },
    aaguid,
    transports: [],
    enrolledAt: '2026-11-23T14:00:00.000Z',
    ...(attestation === undefined ? {} : { attestation }),
  })
  function manifestWith(keys: SecurityKey[], models: Manifest['models'], named: string[] | undefined): Manifest {
    const [one, two] = [newId(), newId()]
    const policy = { windowSecondsMin: 15, windowSecondsMax: 600, requesterMayTap: true, copyAllowed: false }
    return {
      format: 'halligan/manifest/v1',
      vault: newId(),
      name: 'Test',
      version: 1,
      previous: null,
      createdAt: '2026-11-23T14:00:00.000Z',
      quorum: 2,
      persons: [
        { id: one, name: 'Ann', roles: ['custodian'], keys },
        { id: two, name: 'Bob', roles: ['custodian'], keys: [{ ...key(proved), credentialId: 'BBBB' }] },
      ],
      safes: [
        {
          id: newId(),
          name: 'Safe',
          threshold: 2,
          custodians: [one, two].map((person, at) => ({ person, index: at + 1, publicKey: random(32) })),
          policy: { ...policy, ...(named === undefined ? {} : { models: named }) },
        },
      ],
      stations: [{ id: newId(), name: 'Station', firstKey: random(32) }],
      ...(models === undefined ? {} : { models }),
    }
  }
  const list = [good.aaguid]

  it('holds with proved keys, or without a policy', () => {
    expect(checkManifestRules(manifestWith([key(proved)], [good], list))).toBeNull()
    expect(checkManifestRules(manifestWith([key(), key(proved)].slice(0, 1), undefined, undefined))).toBeNull()
  })

  it.each([
    ['is not proved', () => manifestWith([key()], [good], list)],
    ['is not proved', () => manifestWith([key(proved, other.aaguid)], [good], list)],
    ['is not proved', () => manifestWith([key(proved), { ...key(), credentialId: 'CCCC' }], [good], list)],
    ['roots are not pinned', () => manifestWith([key(proved)], undefined, list)],
    ['roots are not pinned', () => manifestWith([key(proved)], [other], list)],
    ['pinned twice', () => manifestWith([key(proved)], [good, good], list)],
    ['that no safe names', () => manifestWith([key(proved)], [good, other], list)],
    ['that no safe names', () => manifestWith([key(proved)], [good], undefined)],
  ])('does not hold when a key or model %s', (sentence, make) => {
    expect(checkManifestRules(make())).toContain(sentence)
  })
})
