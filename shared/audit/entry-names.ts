/** What an entry is called, and how grave it is: beside its sentence. */
import type { Entry, EntryType } from './entry.ts'

/** Entry types in a few words, for the filter and the small print. */
export const entryTypeNames: Readonly<Record<EntryType, string>> = {
  'vault.created': 'Vault created',
  'app.opened': 'Halligan started',
  'app.closed': 'Halligan closed',
  'log.key-rotated': 'Log key renewed',
  'clock.jumped': 'Clock jumped',
  'storage.ballast-released': 'Disk full',
  'key.enrolled': 'Key enrolled',
  'manifest.signed': 'Acknowledged',
  'manifest.changed': 'Who holds what',
  'credential.sealed': 'Sealed',
  'request.opened': 'Request',
  'tap.accepted': 'Tap',
  'tap.refused': 'Tap refused',
  'request.granted': 'Opened',
  'request.waiting': 'Waiting',
  'request.resumed': 'Waited',
  'request.vetoed': 'Stopped',
  'field.shown': 'Field shown',
  'field.copied': 'Field copied',
  'code.burned': 'Code used',
  'window.closed': 'Window closed',
  'request.cancelled': 'Request cancelled',
  'request.expired': 'Request expired',
  'request.failed': 'Opening failed',
  'request.classified': 'Use recorded',
  'drill.passed': 'Drill passed',
  'drill.failed': 'Drill failed',
  'passphrase.changed': 'Passphrase',
  'tap-page.refused': 'Turned away',
  'operation.ended': 'Step ended',
  'export.made': 'Export',
  'sync.acknowledged': 'Synced',
  'sync.diverged': 'Sink differs',
  'joint.opened': 'Asked together',
  'joint.signed': 'Signed',
  'proof.passed': 'Proof passed',
  'proof.failed': 'Proof failed',
  'credential.resealed': 'Sealed anew',
  'credential.destroyed': 'Destroyed',
  'ceremony.opened': 'Ceremony opened',
  'ceremony.step': 'Ceremony step',
  'ceremony.exception': 'Exception',
  'ceremony.cancelled': 'Ceremony given up',
  'minutes.written': 'Minutes',
  'ceremony.closed': 'Ceremony closed',
  'alert.test': 'Test alert',
  'alert.delivered': 'Alert delivered',
  'alert.failed': 'Alert not delivered',
  'due.noticed': 'Overdue',
  'log.verification-failed': 'Check failed',
}

/** How grave an entry is, for its mark in the timeline. */
export const entryTone = (entry: Entry): 'plain' | 'warn' | 'bad' => {
  switch (entry.type) {
    case 'log.verification-failed':
    case 'sync.diverged':
    case 'request.failed':
    case 'drill.failed':
    case 'proof.failed':
      return 'bad'
    case 'request.classified':
      return entry.data.statement.detail.kind === 'classify' && entry.data.statement.detail.outcome === 'misuse'
        ? 'bad'
        : 'plain'
    case 'tap.refused':
    case 'clock.jumped':
    case 'storage.ballast-released':
    case 'request.granted':
    case 'request.waiting':
    case 'request.vetoed':
    case 'due.noticed':
    case 'field.copied':
    case 'tap-page.refused':
    case 'ceremony.exception':
    case 'ceremony.cancelled':
    case 'alert.failed':
      return 'warn'
    case 'tap.accepted':
    case 'joint.signed':
      return entry.data.signCountWentBack ? 'bad' : 'plain'
    case 'operation.ended':
      return entry.data.result === 'failed' ? 'warn' : 'plain'
    case 'app.closed':
      return entry.data.reason === 'crash-recovered' ? 'warn' : 'plain'
    case 'vault.created':
    case 'app.opened':
    case 'log.key-rotated':
    case 'key.enrolled':
    case 'manifest.signed':
    case 'manifest.changed':
    case 'credential.sealed':
    case 'request.opened':
    case 'request.resumed':
    case 'field.shown':
    case 'code.burned':
    case 'window.closed':
    case 'request.cancelled':
    case 'request.expired':
    case 'export.made':
    case 'sync.acknowledged':
    case 'drill.passed':
    case 'passphrase.changed':
    case 'joint.opened':
    case 'proof.passed':
    case 'credential.resealed':
    case 'credential.destroyed':
    case 'ceremony.opened':
    case 'ceremony.step':
    case 'minutes.written':
    case 'ceremony.closed':
    case 'alert.test':
    case 'alert.delivered':
      return 'plain'
  }
}
