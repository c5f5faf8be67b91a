/**
 * Every entry of the audit log in words that a manager understands: for the timeline and for what is exported for people.
 */
import type { CloseReason, Entry, EntryType } from './entry.ts'
import type { CredentialKind } from '../domain/credential.ts'
import { sayVersion, type Outcome } from '../domain/statements.ts'
import type { ErrorCode, ErrorDetail } from '../errors.ts'
import { formatNumber, formatSeconds } from '../quantities.ts'

/** Names for the ids in an entry; each answers with a usable phrase also when the id is not known here. */
export interface Names {
  readonly person: (id: string) => string
  readonly credential: (id: string) => string
  /** The name of the credential that a request asked for. */
  readonly request: (id: string) => string
  readonly safe: (id: string) => string
  /** What went wrong, as a sentence of its own. */
  readonly failure: (code: ErrorCode, detail?: ErrorDetail) => string
}

/** What somebody wrote, with a full stop if it has no end of its own. */
const endSentence = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`)

type Describers = { readonly [T in EntryType]: (entry: Extract<Entry, { type: T }>, names: Names) => string }

/** Why a window ended, as the end of "The window was closed …". */
export const closeReasons: Readonly<Record<CloseReason, string>> = {
  'time-elapsed': 'because its time was over',
  'hidden-by-person': 'by the person, with “Hide now” or “Cancel”',
  'window-closed': 'because its window was closed',
  'screen-locked': 'because the screen was locked',
  suspended: 'because the machine went to sleep',
  'app-quit': 'because Halligan was closed',
  'reveal-window-died': 'because its window stopped working',
  'record-failed': 'because what was done in it could not be recorded',
  'strongroom-died': 'because the process that handles secrets stopped',
  'vault-died': 'because the vault process stopped',
}

/** Kinds of credential, as in a list. */
export const kindNames: Readonly<Record<CredentialKind, string>> = {
  login: 'Login',
  'secret-text': 'Secret text',
  'ssh-key': 'SSH key',
  'api-token': 'API token',
  totp: 'One-time code',
  'recovery-codes': 'Recovery codes',
  'key-values': 'Named values',
  file: 'File',
}

/** What a use turns out to have been. */
export const outcomeNames: Readonly<Record<Outcome, string>> = {
  drill: 'a drill',
  emergency: 'an emergency',
  misuse: 'misuse',
}

const operationNames: Readonly<Record<Extract<Entry, { type: 'operation.ended' }>['data']['kind'], string>> = {
  enrol: 'Enrolling keys',
  acknowledge: 'Collecting acknowledgements',
  seal: 'Sealing',
  classify: 'Recording what a use was',
  export: 'Exporting the log',
  'add-key': 'Adding a key',
  amend: 'Signing a change',
  'key-drill': 'Testing a key',
  passphrase: 'Changing a passphrase',
  prove: 'Proving that credentials open',
  reshare: 'Changing who holds shares',
  destroy: 'Destroying an old version',
  'ceremony-open': 'Opening a ceremony',
  'ceremony-cancel': 'Giving up a ceremony',
  minutes: 'Signing minutes',
  veto: 'Stopping a waiting request',
}

const listNames = (ids: readonly string[], names: Names): string => {
  const people = ids.map(names.person)
  const last = people.pop()
  if (last === undefined) return 'nobody'
  return people.length === 0 ? last : `${people.join(', ')} and ${last}`
}

const describers: Describers = {
  'vault.created': ({ data }) => `The vault “${data.name}” was created on the station “${data.station}”.`,
  'app.opened': ({ data }) => `Halligan was started (version ${data.version}).`,
  'app.closed': ({ data }) =>
    data.reason === 'quit'
      ? 'Halligan was closed.'
      : 'Halligan had stopped unexpectedly; this was found at the next start.',
  'log.key-rotated': () => 'The station made a new key for signing the log and erased the old one.',
  'clock.jumped': ({ data }) =>
    `The machine’s clock jumped ${data.byMs < 0 ? 'back' : 'forward'} by ${formatSeconds(Math.abs(data.byMs) / 1000)}.`,
  'storage.ballast-released': ({ data }) =>
    `The disk was full: ${formatNumber(data.bytes)} reserved bytes were released so that recording could go on.`,
  'key.enrolled': ({ data }) => `The security key “${data.key.label}” was enrolled for ${data.name}.`,
  'manifest.signed': ({ data }, names) =>
    `${names.person(data.person)} signed who holds what (version ${data.version}).`,
  'manifest.changed': ({ data }) =>
    `Who holds what took effect as version ${data.version}: everybody needed has signed.`,
  'credential.sealed': ({ data }, names) =>
    data.version === 1
      ? `${names.person(data.statement.person)} sealed “${data.name}” in ${names.safe(data.safe)}.`
      : `${names.person(data.statement.person)} sealed version ${data.version} of “${data.name}” in ${names.safe(data.safe)}.`,
  'request.opened': ({ data: { statement, credentialName } }, names) => {
    const incident = statement.incident === null ? '' : ` (${statement.incident})`
    const { version, newest } = statement
    const older = newest === undefined ? '' : `${sayVersion(version, newest)} of `
    const what = `${older}“${credentialName}” for ${formatSeconds(statement.windowSeconds)}${incident}`
    return `${names.person(statement.requester)} asked to see ${what}: ${endSentence(statement.reason)}`
  },
  'tap.accepted': ({ data }, names) => {
    const what =
      data.request === null ? 'approved with their key.' : `approved opening “${names.request(data.request)}”.`
    const notCounted =
      data.request !== null && !data.counts ? ' This tap does not count towards the number needed.' : ''
    const back = data.signCountWentBack ? ' The key’s counter went back: it may have been copied.' : ''
    return `${names.person(data.person)} ${what}${notCounted}${back}`
  },
  'tap.refused': ({ data }, names) => {
    const whose = data.person === null ? 'A tap was refused' : `A tap of ${names.person(data.person)} was refused`
    return `${whose}. ${names.failure(data.code)}`
  },
  'request.granted': ({ data }, names) =>
    `“${names.credential(data.credential)}” was opened for ${formatSeconds(data.windowSeconds)}, approved by ${listNames(data.approvals, names)}.`,
  'request.waiting': ({ data }, names) =>
    `Opening “${names.credential(data.credential)}” was approved by ${listNames(data.approvals, names)} and waits for ${formatSeconds(data.delaySeconds)}; nothing is opened yet.`,
  'request.resumed': ({ data: { statement } }, names) =>
    `The request for “${names.request(statement.request)}” has waited: a quorum is asked for its taps once more.`,
  'request.vetoed': ({ data: { request, statement } }, names) => {
    const { detail } = statement
    const why = detail.kind === 'veto' ? `: ${endSentence(detail.reason)}` : '.'
    return `${names.person(statement.person)} stopped the waiting request for “${names.request(request)}”${why}`
  },
  'field.shown': ({ data }, names) => `“${data.label}” of “${names.credential(data.credential)}” was shown.`,
  'field.copied': ({ data }, names) =>
    `“${data.label}” of “${names.credential(data.credential)}” was copied to the clipboard.`,
  'code.burned': ({ data }, names) =>
    `Recovery code ${data.code + 1} of “${names.credential(data.credential)}” was used up.`,
  'window.closed': ({ data }, names) =>
    `The window on “${names.request(data.request)}” closed after ${formatSeconds(data.openedMs / 1000)}, ${closeReasons[data.reason]}.`,
  'request.cancelled': ({ data }, names) =>
    data.reason === 'cancelled'
      ? `The request for “${names.request(data.request)}” was cancelled.`
      : data.reason === 'outdated'
        ? `The request for “${names.request(data.request)}” ended while it waited: who holds what, or what is sealed, had changed.`
        : `The request for “${names.request(data.request)}” was cancelled ${closeReasons[data.reason]}.`,
  'request.expired': ({ data }, names) => `The request for “${names.request(data.request)}” ran out of time.`,
  'request.failed': ({ data }, names) => {
    const detail = data.custodian === null ? {} : { custodian: names.person(data.custodian) }
    return `Opening “${names.request(data.request)}” failed. ${names.failure(data.code, detail)}`
  },
  'request.classified': ({ data: { request, statement } }, names) => {
    const { detail } = statement
    const outcome = detail.kind === 'classify' ? outcomeNames[detail.outcome] : 'unknown'
    const note = detail.kind === 'classify' && detail.note !== '' ? ` ${endSentence(detail.note)}` : ''
    return `${names.person(statement.person)} recorded that the use of “${names.request(request)}” was ${outcome}.${note}`
  },
  'drill.passed': ({ data: { statement, signCountWentBack } }, names) => {
    const back = signCountWentBack ? ' The key’s counter went back: it may have been copied.' : ''
    return `${names.person(statement.person)} tested a security key: it opened what it must open, and nothing was revealed.${back}`
  },
  'drill.failed': ({ data }, names) =>
    `The test of a security key of ${names.person(data.person)} failed. ${names.failure(data.code)}`,
  'passphrase.changed': ({ data: { statement } }, names) =>
    `${names.person(statement.person)} changed the passphrase of a security key.`,
  'tap-page.refused': ({ data }) =>
    `While the tap page stood in the browser, something else knocked at its door and was turned away${data.count === 1 ? '' : ` ${formatNumber(data.count)} times`} (${data.code}).`,
  'operation.ended': ({ data }, names) => {
    const name = operationNames[data.kind]
    if (data.result === 'done') return `${name} was finished.`
    if (data.result === 'cancelled') return `${name} was cancelled.`
    return `${name} failed. ${data.code === null ? '' : names.failure(data.code)}`.trim()
  },
  'export.made': ({ data }, names) => {
    const who = data.signed === null ? 'with the command line' : `by ${names.person(data.signed.statement.person)}`
    const detail = data.signed?.statement.detail
    const isPart = detail?.kind === 'export' && detail.selection !== undefined
    return isPart
      ? `A part of the log was exported ${who}, of ${formatNumber(data.size)} entries.`
      : `The log was exported ${who}: ${formatNumber(data.size)} entries.`
  },
  'sync.acknowledged': ({ data }) => `“${data.name}” has the log up to entry ${formatNumber(data.size)}.`,
  'sync.diverged': ({ data }) =>
    data.size === 0 || (data.ours !== null && data.ours === data.theirs)
      ? `“${data.name}” had the log only up to entry ${formatNumber(data.size)}, less than it had acknowledged: somebody removed entries there, or put an older copy in place. They are sent again.`
      : `“${data.name}” holds another log than this station: they differ at entry ${formatNumber(data.size)} or before. Somebody rewrote one of the two.`,
  'joint.opened': ({ data: { statement } }, names) => {
    const { detail } = statement
    switch (detail.kind) {
      case 'prove': {
        const list = detail.records.map(({ name }) => `“${name}”`).join(', ')
        const what = `${list} in ${names.safe(detail.safe)}`
        return detail.purpose === 'drill'
          ? `A drill began: custodians open their shares of ${what}, and nothing is revealed.`
          : `Custodians were asked to prove that the new version of ${what} opens.`
      }
      case 'reshare':
        return `Custodians were asked to check their new shares of ${formatNumber(detail.records)} sealed versions.`
      case 'minutes':
        return `Those who took part were asked to sign the minutes of “${detail.title}”.`
    }
  },
  'joint.signed': ({ data }, names) => {
    const back = data.signCountWentBack ? ' The key’s counter went back: it may have been copied.' : ''
    return `${names.person(data.person)} signed with their key.${back}`
  },
  'proof.passed': ({ data }, names) =>
    `${data.purpose === 'drill' ? 'The drill' : 'The proof'} of ${names.safe(data.safe)} passed after ${formatSeconds(data.durationMs / 1000)}: the shares of ${listNames(data.people, names)} gave the right key, and nothing was revealed.`,
  'proof.failed': ({ data }, names) =>
    `${data.purpose === 'drill' ? 'The drill' : 'The proof'} of ${names.safe(data.safe)} failed. ${names.failure(data.code)}`,
  'credential.resealed': ({ data }, names) => {
    const gone = data.leavers.length === 0 ? '' : ` ${listNames(data.leavers, names)} held a share of it: rotate it.`
    return `Version ${data.version} of “${data.name}” was sealed anew to the custodians of ${names.safe(data.safe)}.${gone}`
  },
  'credential.destroyed': ({ data }, names) =>
    `${names.person(data.statement.person)} destroyed version ${data.version} of “${data.name}”.`,
  'ceremony.opened': ({ data }, names) =>
    `${names.person(data.lead)} opened the ceremony “${data.title}” with ${formatNumber(data.script.length)} steps.`,
  'ceremony.step': ({ data }, names) => {
    const note = data.note === '' ? '' : ` ${endSentence(data.note)}`
    const how = data.result === 'done' ? 'was done' : 'was left out, with an exception'
    return `Step ${data.step + 1}, “${data.title}”, ${how} (${names.person(data.person)}, initials ${data.initials}).${note}`
  },
  'ceremony.exception': ({ data }, names) => {
    const where = data.step === null ? 'An exception' : `An exception at step ${data.step + 1}`
    const absent = data.absent === null ? '' : ` ${names.person(data.absent)} has left and does not sign.`
    return `${where}, decided by ${names.person(data.decidedBy)}: ${endSentence(data.what)}${absent}`
  },
  'ceremony.cancelled': ({ data: { statement } }, names) => {
    const { detail } = statement
    const what = detail.kind === 'ceremony-cancel' ? ` “${detail.title}”: ${endSentence(detail.reason)}` : '.'
    return `${names.person(statement.person)} gave up the ceremony${what}`
  },
  'minutes.written': ({ data: { minutes } }) =>
    `The minutes of “${minutes.title}” were written: ${formatNumber(minutes.steps.length)} steps, ${formatNumber(minutes.exceptions.length)} exceptions.`,
  'ceremony.closed': () => 'The ceremony was closed: everybody who had to has signed its minutes.',
  'alert.test': ({ data }) => `A test alert was fired on “${data.name}”.`,
  'alert.delivered': ({ data }) =>
    `“${data.name}” took the alert about entry ${formatNumber(data.cause)}${data.attempts === 1 ? '' : ` at try ${formatNumber(data.attempts)}`}.`,
  'alert.failed': ({ data }, names) =>
    `“${data.name}” did not take the alert about entry ${formatNumber(data.cause)}${data.final ? ', and it was given up' : ''}. ${names.failure(data.code)}`,
  'due.noticed': ({ data }) => {
    const first = data.items.slice(0, 3).map(({ name }) => `“${name}”`)
    const more = data.total - first.length
    return `Overdue: ${first.join(', ')}${more > 0 ? ` and ${formatNumber(more)} more` : ''}.`
  },
  'log.verification-failed': ({ data }) =>
    data.seq === null ? 'A check of the log failed.' : `A check of the log failed at entry ${formatNumber(data.seq)}.`,
}

/** `entry` as one or two sentences. */
export function describeEntry(entry: Entry, names: Names): string {
  // The table is typed per entry type; one lookup loses that link, which the compiler cannot follow.
  const describe = describers[entry.type] as (entry: Entry, names: Names) => string
  return describe(entry, names)
}
