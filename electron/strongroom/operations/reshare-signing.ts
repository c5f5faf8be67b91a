/**
 * First round of a change of custodians: the next manifest is signed, everybody who gets a share proves their key pair, and
 * as many of those who hold the old shares as it takes open their secret keys: all in the same touches.
 */
import { createSigning } from '../../../shared/audit/manifest-signers.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import { custodiesOf, type Custody } from '../../../shared/domain/custody.ts'
import type { Manifest, Person } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { Session } from '../session.ts'
import { askForTap, confirmAndClose, type ProvenTap } from '../tap/ask.ts'
import { findSafe } from '../trust/manifests.ts'
import { createCustodyProof } from './custody-proof.ts'
import { checkKeyRing } from './enrolled-keys.ts'
import type { OpenedKeys } from './opened-keys.ts'
import type { ResharePlan } from './reshare-plan.ts'
import { listed, manifestLine, touchNow } from './views.ts'

/** Somebody may touch with a key of either version; which of them counts for what is decided after. */
export function mergePeople(current: Manifest, next: Manifest): Person[] {
  const before = current.persons.map((person) => {
    const after = next.persons.find(({ id }) => id === person.id)
    const isKept = (key: string): boolean => after?.keys.some(({ credentialId }) => credentialId === key) === true
    const gone = person.keys.filter(({ credentialId }) => !isKept(credentialId))
    return { ...(after ?? person), keys: [...(after?.keys ?? []), ...gone] }
  })
  return [...before, ...next.persons.filter(({ id }) => current.persons.every((person) => person.id !== id))]
}

/**
 * Runs until enough have signed, everybody who comes is proven, and `opened` holds what it takes to open every record.
 * @throws HalliganError MANIFEST_INVALID {detail} when what somebody opens is not what the next manifest lists for them.
 */
export async function signReshare(session: Session, plan: ResharePlan, opened: OpenedKeys): Promise<void> {
  const { current, next, job, arriving } = plan
  const signing = createSigning(current, next, true)
  const { rule } = signing
  if (rule.kind !== 'quorum') throw new HalliganError('INTERNAL')
  const everybody = mergePeople(current, next)
  const signed = new Set<string>()
  const newKeys = new Map(plan.newcomers.map(({ id, keys }) => [id, new Set(keys.map((key) => key.credentialId))]))
  const sources = new Set(plan.records.map(({ from }) => from))

  const oldCustodies = (person: string): Custody[] =>
    custodiesOf(current, person).filter(({ safe }) => sources.has(safe) && opened.needs(safe, person))
  const proof = createCustodyProof(
    session,
    { ...job, custodiesOf: (person) => [...(arriving.get(person) ?? []), ...oldCustodies(person)] },
    (custody, secretKey, { id }) => {
      const isNew = arriving.get(id)?.includes(custody) === true
      if (!isNew) opened.keep(custody.safe, id, secretKey)
      else checkKeyRing(session.sodium, job, findIn(next, id), custody, secretKey)
    },
  )

  /** What somebody may still do: sign, prove what comes, open what is old. */
  const wants = ({ id, keys }: Person): boolean =>
    keys.some(({ credentialId }) => mayHelp(id, credentialId)) || (newKeys.get(id)?.size ?? 0) > 0
  const mayHelp = (person: string, key: string): boolean => {
    if (signing.refuse(person, key) !== null) return false
    const { have, need } = votes()
    return have < need || arriving.has(person) || oldCustodies(person).length > 0
  }
  /** Of the custodians before; those who are added sign besides. */
  const votes = (): { have: number; need: number } => ({
    have: Math.min(rule.quorum, [...signed].filter((id) => rule.custodians.has(id)).length),
    need: rule.quorum,
  })
  const people = everybody.filter(wants)

  function judge(proven: ProvenTap): 'signed' | 'again' | 'proven' {
    const { person, key } = proven
    const fresh = newKeys.get(person.id)
    if (fresh !== undefined) {
      if (!fresh.delete(key.credentialId)) throw new HalliganError('TAP_PERSON_ALREADY_COUNTED')
      return 'proven'
    }
    const refused = signing.refuse(person.id, key.credentialId)
    if (refused !== null) throw new HalliganError(refused)
    if (!mayHelp(person.id, key.credentialId)) throw new HalliganError('TAP_AFTER_QUORUM')
    return proof.take(proven) ? 'signed' : 'again'
  }

  /** People to come; of those who were there before, the same tap votes and opens. */
  const progress = (): { have: number; need: number } => {
    const { have, need } = votes()
    const comers = [...arriving.keys()].filter((id) => !rule.custodians.has(id))
    const touches = plan.newcomers.reduce((sum, { keys }) => sum + keys.length, 0)
    const total = need + comers.length + touches
    const left = [...newKeys.values()].reduce((sum, keys) => sum + keys.size, 0)
    const unsigned = comers.filter((id) => !signed.has(id)).length
    return { have: Math.max(0, total - Math.max(need - have, opened.missing()) - unsigned - left), need: total }
  }
  const isComplete = (): boolean => {
    const { have, need } = signing.progress()
    const isProven =
      [...arriving.keys()].every((id) => signed.has(id)) && [...newKeys.values()].every(({ size }) => size === 0)
    return have >= need && isProven && opened.missing() === 0
  }

  const describe = (): TapView => {
    const { have, need } = progress()
    return {
      kind: 'reshare',
      title: `Who holds shares in ${current.name}`,
      lines: [...plan.lines, ...describeRecords(plan), manifestLine(current), versionLine(plan)],
      people: people.map((one) => listed(one, signed.has(one.id) ? 'tapped' : wants(one) ? 'waiting' : 'not-needed')),
      have,
      need,
      instruction: isComplete() ? 'Enough have signed.' : `Custodians of before, and everybody who comes. ${touchNow}`,
    }
  }
  const report = (): void => {
    const { have, need } = progress()
    session.progress('tap', have, need)
  }

  report()
  while (!isComplete()) {
    const { proven, outcome } = await askForTap(session, {
      manifest: { persons: everybody },
      challenge: challengeOf(nodePrimitives, 'manifest', next),
      view: describe,
      allow: () => proof.allow(people),
      passphrase: () => proof.passphrase(people.filter(wants)),
      accept: (tapped) => ({ proven: tapped, outcome: judge(tapped) }),
    })
    const { tap, person } = proven
    // More than one touch can open: the same person is asked once more, and nothing is signed yet.
    if (outcome === 'again') continue
    if (outcome === 'signed') {
      await session.vault.manifestSigned({ tap })
      signing.add(person.id)
      signed.add(person.id)
    }
    report()
    await confirmAndClose(session, person, describe())
  }
}

function findIn({ persons }: Manifest, id: string): Person {
  const person = persons.find((one) => one.id === id)
  if (person === undefined) throw new HalliganError('PERSON_UNKNOWN')
  return person
}

/** One line of the page holds so many characters of names (its value may have a few more). */
const namesMax = 32_000

/**
 * How much is sealed anew, and where it goes. What moves is named: which credentials do stands in no manifest, and whoever has
 * taken over the vault process could move others than were asked for to a safe that takes fewer people.
 */
export function describeRecords({ records, current, next }: ResharePlan): TapView['lines'] {
  if (records.length === 0) return [{ label: 'Sealed anew', value: 'nothing: these safes are empty' }]
  const ways = new Map<string, { versions: number; readonly moved: Map<string, string> }>()
  for (const { credential, name, from, to } of records) {
    const [before, after] = [findSafe(current, from).name, findSafe(next, to).name]
    const way = from === to ? `in “${after}”` : `from “${before}” to “${after}”`
    const known = ways.get(way) ?? { versions: 0, moved: new Map<string, string>() }
    known.versions++
    if (from !== to) known.moved.set(credential, name)
    ways.set(way, known)
  }
  return [...ways].flatMap(([way, { versions, moved }]) => [
    { label: 'Sealed anew', value: `${versions === 1 ? '1 version' : `${versions} versions`} ${way}` },
    ...nameMoved([...moved.values()], way),
  ])
}

/** Every name, in as many lines as it takes. */
function nameMoved(names: readonly string[], way: string): TapView['lines'] {
  const lines: { label: string; value: string }[] = []
  for (const name of names) {
    const last = lines.at(-1)
    if (last !== undefined && last.value.length + name.length < namesMax) last.value += `\n“${name}”`
    else lines.push({ label: 'Moves', value: `${way}:\n“${name}”` })
  }
  return lines
}

const versionLine = ({ current, next }: ResharePlan): TapView['lines'][number] => ({
  label: 'Version',
  value: `${current.version} becomes ${next.version}, written ${next.createdAt}`,
})
