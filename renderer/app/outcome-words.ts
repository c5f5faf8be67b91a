/** What happened to the last operation, in a sentence. */
import type { AppState } from '../../shared/contracts/app.ts'
import { closeReasonSchema } from '../../shared/audit/entry.ts'
import { closeReasons } from '../../shared/audit/entry-sentences.ts'
import { errorCodes } from '../../shared/errors.ts'
import { sentenceFor } from '../ui/sentences.ts'

type Outcome = NonNullable<AppState['lastOutcome']>

const done: Readonly<Record<Outcome['kind'], (detail: string | null) => string>> = {
  enrol: () => 'The keys are enrolled and each was tested twice.',
  acknowledge: () => 'Every custodian has signed. The vault is ready: seal the first credential.',
  seal: () => 'Sealed. From now on only a quorum of its custodians opens it.',
  unseal: (detail) => {
    const reason = closeReasonSchema.safeParse(detail)
    const why = reason.success ? ` ${closeReasons[reason.data]}` : ''
    return `The window is closed${why}. The processes that held the secret have ended.`
  },
  classify: () => 'What this use was is recorded and signed.',
  export: (detail) => (detail === null ? 'The log was exported.' : `The log was exported to ${detail}.`),
  'add-key': () => 'The new key is enrolled and signed for. Put one of the two away in another place.',
  amend: () => 'Signed by everybody needed. The change is in force.',
  'key-drill': () => 'The key works: it opened what it must open, and nothing was revealed.',
  passphrase: () => 'The new passphrase of this key is in force. The old one opens nothing in this vault any more.',
  prove: () => 'It opens: enough custodians’ shares gave the right key, and nothing was revealed.',
  reshare: () => 'The change is in force. Every new share was checked by who holds it, and the old ones are erased.',
  destroy: () => 'The old version is erased.',
  'ceremony-open': () => 'The ceremony is open.',
  'ceremony-cancel': () => 'The ceremony was given up. The log says so, and by whom.',
  minutes: () => 'The minutes are signed and the ceremony is closed.',
  approve: () => 'Approved. It waits now; nothing is opened before that is over and a quorum has tapped once more.',
  veto: () => 'The request is stopped. The log says so, and by whom.',
}

const cancelled: Readonly<Record<Outcome['kind'], string>> = {
  enrol: 'Enrolling was cancelled. Start again when the person and their keys are here.',
  acknowledge: 'Collecting was cancelled. Signatures given so far are kept; go on whenever you like.',
  seal: 'Sealing was cancelled and nothing was stored.',
  unseal: 'The request was cancelled and nothing was shown. The log says so.',
  classify: 'Nothing was recorded. It is still owed.',
  export: 'Nothing was exported, and nothing of it was left there.',
  'add-key': 'Nothing was changed. The key that was begun is not enrolled.',
  amend: 'Nothing was changed: signatures count only when everybody needed has signed.',
  'key-drill': 'The test was cancelled. It says nothing about the key.',
  passphrase: 'The passphrase was not changed.',
  prove: 'Nothing was proven. The log says so.',
  reshare: 'Nothing was changed: everybody holds what they held. Begin again when all are here.',
  destroy: 'Nothing was erased.',
  'ceremony-open': 'No ceremony was opened.',
  'ceremony-cancel': 'The ceremony is still open.',
  minutes: 'The minutes are written. Signatures given so far are kept; go on whenever you like.',
  approve: 'The request was cancelled and nothing was shown. The log says so.',
  veto: 'The request was not stopped. It goes on waiting.',
}

/** `outcome` as what happened and what to do next. */
export function describeOutcome(outcome: Outcome): { readonly tone: 'ok' | 'info' | 'bad'; readonly text: string } {
  switch (outcome.result) {
    case 'done':
      return { tone: 'ok', text: done[outcome.kind](outcome.detail) }
    case 'cancelled': {
      const refused = outcome.kind === 'key-drill' ? errorCodes.find((code) => code === outcome.detail) : undefined
      if (refused === undefined) return { tone: 'info', text: cancelled[outcome.kind] }
      return { tone: 'bad', text: `The key did not pass the test. ${sentenceFor(refused)}` }
    }
    case 'failed': {
      const detail =
        outcome.detail === null
          ? {}
          : outcome.kind === 'export'
            ? { reason: outcome.detail }
            : { custodian: outcome.detail }
      return { tone: 'bad', text: outcome.code === null ? sentenceFor('INTERNAL') : sentenceFor(outcome.code, detail) }
    }
  }
}
