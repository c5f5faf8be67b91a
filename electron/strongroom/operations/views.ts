/** What people read on the tap page before they touch: written here, from what was verified here. */
import { headWords } from '../../../shared/audit/head-words.ts'
import { findKey } from '../../../shared/audit/manifest-signers.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { Manifest, Person } from '../../../shared/domain/manifest.ts'
import type { Selection } from '../../../shared/domain/selection.ts'
import {
  sayVersion,
  type ActStatement,
  type LogHead,
  type RequestStatement,
} from '../../../shared/domain/statements.ts'
import { formatSeconds } from '../../../shared/quantities.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import { nameOf } from '../trust/manifests.ts'

type Line = TapView['lines'][number]
type Listed = TapView['people'][number]
type Delay = NonNullable<Manifest['safes'][number]['policy']['delay']>

export const touchNow = 'Insert your security key and touch it now.'

/** Somebody on the list of who may touch. */
export const listed = (person: Pick<Person, 'name'>, state: Listed['state']): Listed => ({ name: person.name, state })

/** Which list of people and safes this is under: who has a newer one on paper sees that this one is older. */
export const manifestLine = ({ version, createdAt }: Manifest): Line => ({
  label: 'Who holds what',
  value: `version ${version} of ${createdAt}`,
})

export const headLine = (head: LogHead): Line => ({
  label: 'Log so far',
  value: `${head.size} entries: ${headWords(nodePrimitives, head).join(' ')}`,
})

/** What the taps lead to, where the safe of a request makes it wait. */
function roundLines({ first }: RequestStatement, manifest: Manifest, delay: Delay | undefined): Line[] {
  if (delay === undefined) return []
  if (first !== undefined) {
    const value = `It opens. This is the second time: a quorum approved the same request, and it had to wait ${formatSeconds(delay.seconds)}`
    return [{ label: 'With these taps', value }]
  }
  return [
    {
      label: 'With these taps',
      value: `Nothing is opened yet: it waits ${formatSeconds(delay.seconds)}, and a quorum taps once more`,
    },
    { label: 'Can stop it', value: delay.vetoers.map((id) => nameOf(manifest, id)).join(', ') },
  ]
}

const delayOf = ({ safe }: RequestStatement, manifest: Manifest): Delay | undefined =>
  manifest.safes.find(({ id }) => id === safe)?.policy.delay

/** What stands over a request's page. The first of two rounds must not look as if it opened something. */
export const requestTitle = (statement: RequestStatement, credential: string, manifest: Manifest): string =>
  delayOf(statement, manifest) === undefined || statement.first !== undefined
    ? `Break glass: ${credential}`
    : `Approve, to open later: ${credential}`

/** Lines about one request: what it leads to, what, why, by whom, for how long. */
export function requestLines(
  statement: RequestStatement,
  names: { readonly credential: string; readonly safe: string; readonly requester: string },
  manifest: Manifest,
): Line[] {
  return [
    ...roundLines(statement, manifest, delayOf(statement, manifest)),
    { label: 'Credential', value: `${names.credential}, ${sayVersion(statement.version, statement.newest)}` },
    { label: 'Safe', value: names.safe },
    { label: 'Asked for by', value: names.requester },
    { label: 'Reason', value: statement.reason },
    ...(statement.incident === null ? [] : [{ label: 'Incident', value: statement.incident }]),
    { label: 'Viewing time', value: `${formatSeconds(statement.windowSeconds)}, then it closes` },
    { label: 'Asked at', value: statement.createdAt },
    manifestLine(manifest),
    headLine(statement.head),
  ]
}

const safeName = (manifest: Manifest, safe: string): string =>
  manifest.safes.find(({ id }) => id === safe)?.name ?? safe

const outcomeWords = { drill: 'a drill', emergency: 'an emergency', misuse: 'misuse' } as const

/** Which part of the log an export holds. A credential is named by its id: the manifest knows no names of credentials. */
function saySelection(selection: Selection | undefined, manifest: Manifest): string {
  switch (selection?.kind) {
    case undefined:
      return 'The whole log'
    case 'period':
      return `A part: what happened from ${selection.from} to ${selection.to}`
    case 'person':
      return `A part: what concerns ${nameOf(manifest, selection.person)}`
    case 'credential':
      return `A part: what concerns the credential ${selection.credential}`
  }
}

/** Lines about what one person signs alone, from the statement itself and the manifest it is under. */
export const actLines = (statement: ActStatement, manifest: Manifest): Line[] => [
  ...detailLines(statement, manifest),
  manifestLine(manifest),
]

function detailLines(statement: ActStatement, manifest: Manifest): Line[] {
  const { detail } = statement
  const signer: Line = { label: 'Signed by', value: nameOf(manifest, statement.person) }
  switch (detail.kind) {
    case 'seal':
      return [
        { label: 'Credential', value: `${detail.name}, version ${detail.version}` },
        { label: 'Safe', value: safeName(manifest, detail.safe) },
        signer,
        headLine(statement.head),
      ]
    case 'classify':
      return [
        { label: 'Credential', value: `${detail.credentialName}, version ${detail.version}` },
        { label: 'Asked for by', value: nameOf(manifest, detail.requester) },
        { label: 'Opened at', value: detail.grantedAt },
        { label: 'It was', value: outcomeWords[detail.outcome] },
        ...(detail.note === '' ? [] : [{ label: 'Note', value: detail.note }]),
        signer,
        headLine(statement.head),
      ]
    case 'veto':
      return [
        { label: 'Credential', value: `${detail.credentialName}, version ${detail.version}` },
        { label: 'Asked for by', value: nameOf(manifest, detail.requester) },
        { label: 'Waits since', value: detail.waitingSince },
        { label: 'Why it is stopped', value: detail.reason },
        signer,
        headLine(statement.head),
      ]
    case 'destroy':
      return [
        { label: 'Credential', value: `${detail.name}, version ${detail.version}` },
        { label: 'What happens', value: 'This version is erased. Nobody will ever open it again.' },
        signer,
        headLine(statement.head),
      ]
    case 'ceremony-open':
      return [
        { label: 'Ceremony', value: detail.title },
        { label: 'Steps', value: String(detail.steps) },
        signer,
        headLine(statement.head),
      ]
    case 'ceremony-cancel':
      return [
        { label: 'Ceremony', value: detail.title },
        { label: 'Why', value: detail.reason },
        signer,
        headLine(statement.head),
      ]
    case 'export':
      return [{ label: 'What', value: saySelection(detail.selection, manifest) }, headLine(detail), signer]
    case 'key-drill':
    case 'passphrase':
      return [
        { label: 'Key', value: findKey(manifest, statement.person, detail.key)?.label ?? 'unknown' },
        ...(detail.safes.length === 0
          ? []
          : [{ label: 'Safes', value: detail.safes.map((id) => safeName(manifest, id)).join(', ') }]),
        signer,
        headLine(statement.head),
      ]
  }
}

const sayModels = ({ models = [] }: Manifest, named: readonly string[]): string =>
  named.map((aaguid) => models.find((model) => model.aaguid === aaguid)?.name ?? aaguid).join(', ')

/** The rule that a request waits, with everybody's name who can stop it. */
export const sayDelay = ({ seconds, vetoers }: Delay, name: (person: string) => string): string =>
  `a request waits ${formatSeconds(seconds)} after its quorum and can be stopped meanwhile by ${vetoers.map(name).join(', ')}`

/** Who, how many, and every rule that the signature puts in force. */
function describeSafe(manifest: Manifest, { threshold, custodians, policy }: Manifest['safes'][number]): string {
  const names = custodians.map(({ person }) => nameOf(manifest, person)).join(', ')
  return [
    `${threshold} of ${custodians.length}: ${names}`,
    `open for ${formatSeconds(policy.windowSecondsMin)} to ${formatSeconds(policy.windowSecondsMax)}`,
    policy.requesterMayTap ? 'who asks may be one of them' : 'who asks is not one of them',
    policy.copyAllowed ? 'copying allowed' : 'no copying',
    ...(policy.delay === undefined ? [] : [sayDelay(policy.delay, (id) => nameOf(manifest, id))]),
    ...(policy.passphrase === true ? ['each key needs a passphrase besides'] : []),
    ...(policy.models === undefined ? [] : [`only these models of key: ${sayModels(manifest, policy.models)}`]),
  ].join('; ')
}

const describePerson = ({ name, roles, keys }: Person): string =>
  `${name} (${roles.join(', ')}; ${keys.length} ${keys.length === 1 ? 'key' : 'keys'})`

/** Lines about a manifest that custodians acknowledge: who holds what, and under which rules. */
export function manifestLines(manifest: Manifest): Line[] {
  // Nothing is left out or cut: the signature covers all of it.
  const safes = manifest.safes.map((safe) => ({ label: `Safe “${safe.name}”`, value: describeSafe(manifest, safe) }))
  return [
    { label: 'Vault', value: manifest.name },
    { label: 'Version', value: String(manifest.version) },
    ...safes,
    { label: 'Later changes need', value: `${manifest.quorum} custodians` },
    ...manifest.persons.map((person) => ({ label: 'Person', value: describePerson(person) })),
  ]
}
