/** Those who took part sign the minutes of a ceremony, in any order: each a tap on the same statement over the minutes' hash. */
import { headWords } from '../../../shared/audit/head-words.ts'
import { minutesHash, minutesWords } from '../../../shared/audit/minutes.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import { leadsOf, type Minutes } from '../../../shared/domain/ceremony.ts'
import type { Manifest, Person } from '../../../shared/domain/manifest.ts'
import { wentBack } from '../../../shared/domain/sign-count.ts'
import type { LogHead } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { Session } from '../session.ts'
import { askForTap, confirmAndClose } from '../tap/ask.ts'
import { findPerson, nameOf, trustManifests } from '../trust/manifests.ts'
import { listed, manifestLine, touchNow } from './views.ts'

type Line = TapView['lines'][number]

const invalid = (detail: string): HalliganError => new HalliganError('MANIFEST_INVALID', { detail })

/** @throws HalliganError MANIFEST_INVALID, MESSAGE_INVALID: statement and minutes are not about the same, or not of this vault */
function checkMinutes({ statement, minutes, vault }: JobOf<'minutes'>, hash: string): void {
  const { detail } = statement
  if (detail.kind !== 'minutes') throw new HalliganError('MESSAGE_INVALID', { kind: detail.kind })
  if (statement.manifest !== hash || statement.vault !== vault || minutes.vault !== vault) {
    throw invalid('statement names another')
  }
  const isSame =
    detail.minutes === minutesHash(nodePrimitives, minutes) &&
    detail.ceremony === minutes.ceremony &&
    detail.title === minutes.title
  // What people read is not what they would sign.
  if (!isSame) throw new HalliganError('MESSAGE_INVALID', { what: 'minutes' })
}

const sayHead = (head: LogHead): string => `${head.size} entries: ${headWords(nodePrimitives, head).join(' ')}`

/** Everything that the minutes say; what does not fit into one line each is told in fewer, never left out. */
function describeMinutes(minutes: Minutes, manifest: Manifest): Line[] {
  const name = (person: string): string =>
    minutes.participants.find((one) => one.person === person)?.name ?? nameOf(manifest, person)
  const { version, digest } = minutes.program
  const steps = minutes.steps.map(({ step, title, result, person, initials, note, at }) => ({
    label: `Step ${step + 1}`,
    value: `${title}: ${result === 'done' ? 'done' : 'left out by an exception'}, ${initials} (${name(person)}), ${at}${note === '' ? '' : `\n${note}`}`,
  }))
  const exceptions = minutes.exceptions.map(({ step, what, decidedBy, absent, at }) => ({
    label: step === null ? 'Exception' : `Exception in step ${step + 1}`,
    value: `${what}\nDecided by ${name(decidedBy)}, ${at}${absent === null ? '' : `; ${name(absent)} does not sign`}`,
  }))
  const people = minutes.participants.map(({ name: who, roles, keys, signs }) => ({
    label: 'Took part',
    value: `${who} (${roles.join(', ')})${keys.length === 0 ? '' : `, tapped with ${keys.map(({ label }) => label).join(', ')}`}${signs ? '' : '; does not sign'}`,
  }))
  return [
    { label: 'Ceremony', value: minutes.title },
    { label: 'Minutes, as words', value: minutesWords(nodePrimitives, minutes).join(' ') },
    { label: 'Led by', value: leadsOf(minutes).map(name).join(', then ') },
    { label: 'From, to', value: `${minutes.openedAt}, ${minutes.writtenAt}` },
    ...gather(steps, 'Steps'),
    ...gather(exceptions, 'Exceptions'),
    ...gather(people, 'Took part'),
    { label: 'Log before', value: sayHead(minutes.headBefore) },
    { label: 'Log after', value: sayHead(minutes.headAfter) },
    { label: 'Program', value: `version ${version}${digest === null ? '' : `, files ${digest}`}` },
    { label: 'Station', value: minutes.stationName },
    {
      label: 'Who holds what',
      value: `version ${minutes.manifestBefore.version} before, ${minutes.manifestAfter.version} after`,
    },
    manifestLine(manifest),
  ]
}

/** Lines that a page holds of one sort, and characters in one of them. */
const linesMax = 300
const valueMax = 32_000

/** The same in fewer lines, where there are too many for the page. */
function gather(lines: readonly Line[], label: string): Line[] {
  if (lines.length <= linesMax) return [...lines]
  const gathered: Line[] = []
  for (const line of lines) {
    const text = `${line.label}: ${line.value}`
    const last = gathered.at(-1)
    if (last !== undefined && last.value.length + text.length < valueMax) last.value += `\n${text}`
    else gathered.push({ label, value: text })
  }
  return gathered
}

/**
 * Runs to the last missing signature.
 * @throws HalliganError MANIFEST_INVALID {detail}, MESSAGE_INVALID {what}, PERSON_UNKNOWN
 */
export async function signMinutes(session: Session, job: JobOf<'minutes'>): Promise<void> {
  const { current, hash } = await trustManifests(session.host, job)
  checkMinutes(job, hash)
  const { statement, minutes, signCounts } = job
  const people: Person[] = minutes.participants
    .filter(({ signs }) => signs)
    .map(({ person }) => findPerson(current, person))
  const signed = new Set(job.signed.filter((id) => people.some((person) => person.id === id)))
  const lines = describeMinutes(minutes, current)
  if (lines.length > limits.persons + limits.safes) throw invalid('more than can be shown at once')

  const describe = (): TapView => ({
    kind: 'minutes',
    title: 'Sign the minutes of a ceremony',
    lines,
    people: people.map((one) => listed(one, signed.has(one.id) ? 'tapped' : 'waiting')),
    have: signed.size,
    need: people.length,
    instruction:
      signed.size === people.length ? 'All have signed.' : `Everybody who took part, in any order. ${touchNow}`,
  })
  const report = (): void => {
    session.progress('tap', signed.size, people.length)
  }

  report()
  while (signed.size < people.length) {
    const { tap, person, key, signCount } = await askForTap(session, {
      manifest: current,
      challenge: challengeOf(nodePrimitives, 'joint', statement),
      view: describe,
      // Keys of those who have signed stay in: "you have tapped already" is an answer, silence is not.
      allow: () =>
        people.flatMap((one) =>
          one.keys.map(({ credentialId, transports }) => ({ id: credentialId, transports, salts: null })),
        ),
      accept: (proven) => {
        if (!people.some(({ id }) => id === proven.person.id)) throw new HalliganError('TAP_NOT_THIS_PERSON')
        if (signed.has(proven.person.id)) throw new HalliganError('TAP_PERSON_ALREADY_COUNTED')
        return proven
      },
    })
    const signCountWentBack = wentBack(signCounts, key.credentialId, signCount)
    await session.vault.jointSigned({ tap, signCount, signCountWentBack, wraps: [] })
    signed.add(person.id)
    report()
    await confirmAndClose(session, person, describe())
  }
}
