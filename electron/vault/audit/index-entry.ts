/** The index columns beside an entry: made from its content for lists and search; nothing trusts them. */
import type { Entry } from '../../../shared/audit/entry.ts'

export interface EntryIndex {
  readonly person: string | null
  readonly credential: string | null
  /** What a person may search for, lower case: names, reasons, codes, never ids. */
  readonly words: string
}

function personOf(entry: Entry): string | null {
  if (entry.actor.kind === 'person') return entry.actor.id
  return 'person' in entry.data ? entry.data.person : null
}

function credentialOf(entry: Entry, credentialOfRequest: (request: string) => string | undefined): string | null {
  const { data } = entry
  if ('credential' in data) return data.credential
  if (entry.type === 'request.opened' || entry.type === 'request.resumed') return entry.data.statement.credential
  const request = 'request' in data ? data.request : null
  return request === null ? null : (credentialOfRequest(request) ?? null)
}

function wordsOf(entry: Entry): readonly (string | null)[] {
  switch (entry.type) {
    case 'vault.created':
      return [entry.data.name, entry.data.station]
    case 'key.enrolled':
      return [entry.data.name, entry.data.key.label]
    case 'credential.sealed':
      return [entry.data.name, entry.data.kind]
    case 'request.opened':
      return [entry.data.credentialName, entry.data.statement.reason, entry.data.statement.incident]
    case 'tap.refused':
    case 'request.failed':
    case 'operation.ended':
    case 'log.verification-failed':
      return [entry.data.code]
    case 'field.shown':
    case 'field.copied':
      return [entry.data.label]
    case 'window.closed':
    case 'request.cancelled':
    case 'app.closed':
      return [entry.data.reason]
    case 'app.opened':
      return [entry.data.version]
    case 'request.classified': {
      const { detail } = entry.data.statement
      return detail.kind === 'classify' ? [detail.outcome, detail.note] : []
    }
    case 'sync.acknowledged':
    case 'sync.diverged':
      return [entry.data.name]
    case 'drill.failed':
    case 'proof.failed':
    case 'tap-page.refused':
      return [entry.data.code]
    case 'credential.resealed':
    case 'credential.destroyed':
    case 'alert.test':
      return [entry.data.name]
    case 'alert.delivered':
      return [entry.data.name, entry.data.event]
    case 'alert.failed':
      return [entry.data.name, entry.data.event, entry.data.code]
    case 'request.vetoed': {
      const { detail } = entry.data.statement
      return detail.kind === 'veto' ? [detail.credentialName, detail.reason] : []
    }
    case 'due.noticed':
      return entry.data.items.map(({ name }) => name)
    case 'ceremony.opened':
      return [entry.data.title, entry.data.kind]
    case 'ceremony.step':
      return [entry.data.title, entry.data.initials, entry.data.note]
    case 'ceremony.exception':
      return [entry.data.what]
    case 'minutes.written':
      return [entry.data.minutes.title]
    case 'ceremony.cancelled': {
      const { detail } = entry.data.statement
      return detail.kind === 'ceremony-cancel' ? [detail.title, detail.reason] : []
    }
    case 'drill.passed':
    case 'passphrase.changed':
    case 'log.key-rotated':
    case 'clock.jumped':
    case 'storage.ballast-released':
    case 'manifest.signed':
    case 'manifest.changed':
    case 'tap.accepted':
    case 'request.granted':
    case 'request.waiting':
    case 'request.resumed':
    case 'code.burned':
    case 'request.expired':
    case 'export.made':
    case 'joint.opened':
    case 'joint.signed':
    case 'proof.passed':
    case 'ceremony.closed':
      return []
  }
}

/** Index columns of `entry`; `credentialOfRequest` knows the requests opened before it. */
export function indexEntry(entry: Entry, credentialOfRequest: (request: string) => string | undefined): EntryIndex {
  const actor = entry.actor.kind === 'person' ? entry.actor.name : null
  const words = [entry.type, actor, ...wordsOf(entry)].filter((word) => word !== null)
  return {
    person: personOf(entry),
    credential: credentialOf(entry, credentialOfRequest),
    words: words.join('\n').toLowerCase(),
  }
}
