/** Changes of custodians as tests play them: what is sealed, who comes and goes, who touches. */
import { expect } from 'vitest'
import { fromBase64Url, toBase64Url } from '../../shared/bytes.ts'
import type { VouchedRecord } from '../../shared/contracts/strongroom.ts'
import type { Manifest, Safe } from '../../shared/domain/manifest.ts'
import { newId } from './node-app.ts'
import { arrive, type createFakeVault, custodiansOf, nextManifest, vouch, type FakeVault } from './reshare-world.ts'
import { field, keyOf, sealIn, type World, type WorldPerson } from './sealed-world.ts'
import { startHarness, type Harness } from './strongroom-harness.ts'

export const secretOf = (at: number): string => `secret number ${at}`

/** Five records: of four credentials, one of them in two versions. */
export function sealFive(world: World): VouchedRecord[] {
  const twice = newId()
  return [0, 1, 2, 3, 4].map((at) =>
    vouch(sealIn(world, [field('Password', secretOf(at))], at < 2 ? { credential: twice, version: at + 1 } : {})),
  )
}

export const safeOf = ({ manifest }: World): Safe => manifest.safes[0]!

/** The world in which the last custodian leaves and Nina comes. */
export function replaceLast(world: World): {
  next: Manifest
  more: Parameters<typeof createFakeVault>[3]
  comes: ReturnType<typeof arrive>
  leaver: WorldPerson
} {
  const safe = safeOf(world)
  const leaver = world.custodians.at(-1)!
  const comes = arrive(world, safe.id)
  const custodians = custodiansOf([
    ...safe.custodians.filter(({ person }) => person !== leaver.id),
    { person: comes.who.id, publicKey: comes.publicKey },
  ])
  const persons = [...world.manifest.persons.filter(({ id }) => id !== leaver.id), comes.listed]
  const next = nextManifest(world, { persons, safes: [{ ...safe, custodians }] })
  return { next, comes, leaver, more: { wraps: [...world.wraps, ...comes.wraps], rings: [comes.ring] } }
}

export async function tapAll(harness: Harness, people: readonly WorldPerson[]): Promise<void> {
  for (const person of people) {
    harness.tap.touch(keyOf(person))
    const feedback = await Promise.race([
      harness.tap.feedback(),
      harness.ended.then((end) => Promise.reject(new Error(`ended: ${String(end.code)}`))),
    ])
    expect(feedback).toEqual({ accepted: true, code: null, person: person.name })
  }
}

/** Runs a change to its end. */
export async function run(
  vault: FakeVault,
  first: readonly WorldPerson[],
  second: readonly WorldPerson[],
): Promise<Harness> {
  const harness = startHarness(vault.job, vault.overrides)
  await tapAll(harness, first)
  await tapAll(harness, second)
  expect(await harness.ended).toEqual({ result: 'done', code: null })
  return harness
}

export const flip = (text: string): string => {
  const bytes = fromBase64Url(text)
  bytes[bytes.length - 1]! ^= 1
  return toBase64Url(bytes)
}
