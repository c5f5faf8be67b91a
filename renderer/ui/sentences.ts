/**
 * Every error code as what happened and what to do next. Codes are for support and stand beside the sentence in small
 * print; nobody has to understand one to go on.
 */
import type { ErrorCode, ErrorDetail } from '../../shared/errors.ts'

type Sentence = (detail: ErrorDetail) => string

/** `detail[name]` as words, or `otherwise` when the sender did not say. */
function word(detail: ErrorDetail, name: string, otherwise: string): string {
  const value = detail[name]
  return value === undefined || value === '' ? otherwise : String(value)
}

/** Whose it is. A process that knows no names sends an id, which nobody can read. */
function owner(detail: ErrorDetail): string {
  const name = word(detail, 'person', word(detail, 'custodian', ''))
  return name === '' || /^[A-Za-z0-9_-]{22}$/.test(name) ? 'one custodian' : name
}

/** What is wrong with a plan, by the vault's word for it. */
const planProblems: Readonly<Record<string, (name: string) => string>> = {
  twice: (name) => `${name} is there twice. Remove one, or add something that tells the two apart.`,
  unknown: (name) => `${name} names somebody or something that is not in the plan. Choose again from the list.`,
  'vetoer-unknown': (name) =>
    `${name} names somebody who can stop a waiting request and is not among the people any more. Choose again who can.`,
  'not-custodian': (name) =>
    `${name} holds a share but is no custodian. Give the role, or take the person out of the safe.`,
  'too-few-custodians': (name) =>
    `${name} asks for more taps than there are custodians. Ask for fewer, or add custodians.`,
  'shorter-than-min': (name) =>
    `The longest viewing time of ${name} is shorter than the shortest. Correct one of them.`,
  none: () => 'There is no safe yet. Add one.',
  models: (name) =>
    `A safe of ${name} names the models of key that it allows, and a model is proved at set-up only. Use a key that was enrolled there.`,
  'no-passphrase': () => 'No safe of this person asks for a passphrase, so this key has none.',
  unused: () => 'A model of key is listed that no safe names. Choose the models again.',
  'none-in-common': (name) =>
    `The safes that ${name} holds a share of have no model of key in common, so no key could serve them all. Allow one model in each of them.`,
  'no-requester': () => 'Nobody may ask for a credential yet. Give at least one person the role of requester.',
  'no-requester-with-key': () => 'Nobody who may ask for it has a security key. Choose at least one person who has.',
  'quorum-out-of-reach': (name) =>
    `When ${name} asks, too few custodians are left whose tap counts, so it could never be opened. Choose somebody else, or a safe with more custodians.`,
  'records-left': (name) =>
    `${name} would be left in a safe that is given up. Move it to another safe, or keep that one.`,
  'no-requester-left': (name) =>
    `Nobody who may ask for ${name} would be left. Keep one of them, or seal a new version with other people first.`,
  'passphrase-fixed': (name) =>
    `Whether ${name} asks for a passphrase cannot change for those who are in it. Plan another safe and move its credentials there.`,
  'not-custodian-or-lead': (name) => `${name} may not seal. A custodian or a ceremony lead must do it.`,
  'may-not-lead': (name) => `${name} may not lead a ceremony. A ceremony lead or a custodian must do it.`,
  'may-not-give-up': (name) => `${name} may not give the ceremony up. Whoever leads it or a custodian must do it.`,
  'cannot-lead': (name) =>
    `${name} cannot lead in their place. It takes somebody else who is here, with a security key, who is a ceremony lead or a custodian.`,
  'cannot-sign': () =>
    'Whoever leads the ceremony could not sign its minutes. Write an exception that has them absent, decided by whoever leads on, or choose another lead.',
  'not-of-this-step': (name) =>
    `${name} cannot finish this step. Choose whoever leads, or somebody whom the step names.`,
}

/** Which part of a credential was refused, where it is not one field. */
const partProblems: Readonly<Record<string, string>> = {
  runbook: 'The runbook is too long or holds characters that are not text. Correct it and seal again.',
  total: 'All of it together is too large. Shorten or remove something and seal again.',
}

const sentences: Readonly<Record<ErrorCode, Sentence>> = {
  MESSAGE_INVALID: () =>
    'Something in this form has a shape the vault does not accept. Check what you entered and try again.',
  METHOD_UNKNOWN: () => 'This window asked for something the vault does not know. Close Halligan and start it again.',
  PORT_CLOSED: () => 'The connection to the vault ended. Close Halligan and start it again; nothing stored was lost.',
  INTERNAL: () =>
    'Something went wrong inside Halligan and it stopped to be safe. Try again; if it happens twice, start Halligan again.',

  VAULT_MISSING: () => 'There is no vault here. Create one, or start Halligan where your vault is.',
  VAULT_EXISTS: () =>
    'There is a vault here already, and it was left untouched. Use it, or create the new one on another station.',
  VAULT_LOCKED_BY_OTHER: () => 'Another Halligan has this vault open. Close that one first, then try again.',
  VAULT_UNSAFE_PERMISSIONS: ({ why }) =>
    why === 'link'
      ? 'The vault’s folder, or a file in it, is a link, so it was not opened: whoever made the link could swap it. Put the real folder in its place, then try again.'
      : 'Other users of this machine can reach the vault’s folder, so it was not opened. Have the folder restricted to its owner, then try again.',
  VAULT_DAMAGED: () =>
    'Something stored in this vault is not as it was written, so nothing can be opened. Export it with the command “halligan export”, then restore the vault from a good copy.',
  VAULT_TOO_NEW: () => 'A newer Halligan wrote this vault. Open it with that version or a later one.',
  VAULT_NOT_READY: () => 'The vault is not set up yet. Finish the set-up first.',
  STORAGE_FULL: () => 'The disk is full, and nothing is opened without a record. Free some space, then try again.',
  STORAGE_READ_ONLY: () =>
    'The vault’s disk cannot be written, and nothing is opened without a record. Make it writable, then try again.',
  STORAGE_BUSY: () => 'The vault’s file is in use just now. Wait a few seconds and try again.',
  STORAGE_FAILED: () =>
    'The record could not be written to disk, so nothing was opened. Check the disk, then try again.',

  SETUP_CLOSED: () =>
    'Keys have been enrolled on this plan already. Choose “Change the plan” to edit it; keys are then enrolled again.',
  SETUP_INCOMPLETE: (detail) =>
    `No security key yet: ${word(detail, 'people', word(detail, 'person', 'somebody'))}. Enrol the missing keys, then go on.`,
  POLICY_INVALID: (detail) =>
    planProblems[word(detail, 'why', '')]?.(word(detail, 'name', 'This')) ??
    'That contradicts the plan or the policy of this safe. Correct it and try again.',
  MANIFEST_INVALID: () =>
    'The list of who holds what does not check, so it is not used. Restore the vault from a good copy.',
  MANIFEST_OLDER: () =>
    'The list of who holds what is not the one that was in force on this machine, so nothing was opened or signed. Restore the vault from a newer good copy. If an older or another vault was put here on purpose, whoever runs the machine finds the steps in “operations”, under “Restore”.',
  MANIFEST_MEMORY_DAMAGED: () =>
    'What this machine remembers of the list of who holds what cannot be read, so nothing was opened or signed. Whoever runs the machine finds the steps in “operations”, under “Restore”.',
  OPERATION_BUSY: () => 'Something else is under way, and only one thing runs at a time. Finish or cancel it first.',
  OPERATION_UNKNOWN: () => 'That step is no longer under way. Start it again if it is still needed.',
  OPERATION_ENDED: () => 'That step has ended already. Start it again if it is still needed.',
  CANCELLED: () => 'It was cancelled and nothing was opened or changed. Start again whenever you are ready.',
  STRONGROOM_DIED: () =>
    'The process that handles secrets stopped, and everything in it is gone. Start again with a new request.',

  TAP_NOT_ALLOWED: ({ pin }) =>
    pin === 'only-in-browser'
      ? 'No key answered. In this window only a key with a fingerprint reader can; one with a PIN needs the browser: see “Where taps take place” in Halligan.'
      : 'No key answered: none was found, it was not touched in time, or its PIN was wrong or is locked. Insert your key, then ask the key again; where the PIN stays locked, use your other key.',
  TAP_TIMEOUT: () => 'Time ran out before a key was touched. Ask the key again when yours is inserted.',
  TAP_CANCELLED: () => 'This tap was cancelled and does not count. Ask the key again to tap after all.',
  TAP_WINDOW_CLOSED: () => 'The tap window was closed and nothing was approved. Start again to open it.',
  TAP_SIGNATURE_INVALID: () =>
    'The key’s signature does not check, so the tap does not count. Try once more; if it fails again, use your other key.',
  TAP_CHALLENGE_WRONG: () =>
    'The key signed something other than what is shown, so the tap does not count. Ask the key again.',
  TAP_ORIGIN_WRONG: () =>
    'The tap did not come from a page of Halligan and does not count. Tap only in the window that Halligan opens, without an address bar.',
  TAP_RP_WRONG: () =>
    'The key answered for another program, so the tap does not count. Use a key enrolled in this vault.',
  TAP_NO_USER_PRESENCE: () => 'The key was not touched. Ask the key again and touch it when it blinks.',
  TAP_NO_USER_VERIFICATION: () =>
    'The key did not check that it is you (fingerprint or PIN). Set that up on the key, or use your other key.',
  TAP_BACKUP_ELIGIBLE: () =>
    'This is a synced passkey that can be copied elsewhere, so it is refused. Use a hardware security key.',
  TAP_KEY_UNKNOWN: () => 'This key is not enrolled here. Use one of the keys you enrolled in this vault.',
  TAP_KEY_ALREADY_ENROLLED: (detail) =>
    `This key is enrolled already${detail['person'] === undefined ? '' : ` for ${String(detail['person'])}`}. Take another key.`,
  TAP_NOT_CUSTODIAN: (detail) =>
    `${word(detail, 'person', 'This person')} is not a custodian of this safe, so the tap does not count. One of the custodians listed must tap.`,
  TAP_NOT_THIS_PERSON: (detail) =>
    `This key belongs to somebody else${detail['person'] === undefined ? '' : ` (${String(detail['person'])})`}. The person named must use their own key.`,
  TAP_PERSON_ALREADY_COUNTED: (detail) =>
    `${word(detail, 'person', 'This person')} has tapped already, and each person counts once. Somebody else must tap now.`,
  TAP_REPLAYED: () => 'This tap was used before and does not count again. Ask the key again.',
  TAP_AFTER_QUORUM: () => 'Enough people have tapped already. No further tap is needed.',
  TAP_NO_PRF: () =>
    'This key cannot hold a share: it lacks the function that seals one. Use a key that has it, with a fingerprint or PIN set up.',
  TAP_PRF_UNSTABLE: () =>
    'This key gave two different answers to the same question, so it cannot be relied on. Use another key.',
  TAP_ALGORITHM_UNSUPPORTED: () => 'This key signs in a way Halligan does not accept. Use another key.',
  TAP_MALFORMED: () => 'The key’s answer could not be read. Ask the key again; if it fails again, use your other key.',
  TAP_WRAP_DAMAGED: (detail) => `What is stored for this key of ${owner(detail)} is damaged. Use the other key.`,
  TAP_PASSPHRASE_NEEDED: () => 'This key needs its passphrase as well. Enter it, then ask the key again.',
  TAP_PASSPHRASE_WRONG: () =>
    'The key is right, but the passphrase is not. Check the keyboard’s layout and Caps Lock, then enter it again.',
  TAP_ATTESTATION_REFUSED: () =>
    'This key could not prove which model it is, and this safe asks for that. Use a key of a model it allows.',
  TAP_MODEL_NOT_ALLOWED: (detail) =>
    `This safe does not allow this model of key${detail['model'] === undefined ? '' : ` (${String(detail['model'])})`}. Use one of the models it allows.`,

  BROWSER_NOT_FOUND: () =>
    'No browser that can ask for a security key was found. Install Chrome, Chromium, Edge or Brave, name its program under “Where taps take place”, or tap in the window.',
  BROWSER_FAILED: () =>
    'The browser did not come up with the tap page. Close its other windows and start again, or tap in the window.',
  BROWSER_CLOSED: () => 'The browser window for the tap was closed and nothing was approved. Start again to open it.',

  KEY_UNKNOWN: () => 'This key is not enrolled for this person. Choose one of their keys.',
  KEY_LAST: ({ why }) =>
    why === 'vetoer'
      ? 'It is the only key of somebody who can stop waiting requests, and without it they could not. Add another key first, or name others who can.'
      : 'It is the only key of a custodian, and without it their share could never be used. Add another key first.',
  KEY_LIMIT: () => 'This person has as many keys as one may have. Retire one first.',
  METADATA_INVALID: () =>
    'This is no FIDO metadata file that could be read. Download the metadata file anew and choose that.',
  CHANGE_UNKNOWN: () => 'There is no change of people under way. Begin one first.',
  CHANGE_INCOMPLETE: (detail) =>
    `Keys are still missing of: ${word(detail, 'people', 'somebody')}. Let them enrol their keys, then go on.`,
  CHANGE_OPEN: () => 'Keys were enrolled for this change already. Finish it, or discard it and begin again.',
  CEREMONY_OPEN: () => 'Another ceremony is open. Finish it or give it up first.',
  CEREMONY_UNKNOWN: () => 'That ceremony is not open any more. Look at what stands on the screen now.',
  CEREMONY_STEP_WRONG: () => 'Another step is on by now. Look at the script and go on from there.',
  CEREMONY_STEP_UNFINISHED: () =>
    'What this step is for has not happened yet. Do it, or write down an exception and leave the step out.',
  CEREMONY_UNFINISHED: (detail) =>
    `The ceremony cannot be closed yet: ${word(detail, 'why', 'steps are open or reveals are not classified')}. Finish what is missing first.`,
  CEREMONY_NOTHING_DUE: () =>
    'Nothing is due, so there is nothing to do in such a ceremony. Choose what to do yourself.',
  VERSION_NOT_PROVEN: () => 'The newest version was never proven to open. Prove it first: then the old one may go.',
  PRINT_FAILED: () => 'The document could not be written. Choose another place and try again.',
  CHANNEL_UNKNOWN: () => 'That alert channel is not in the vault any more. Look at the list of channels.',
  CHANNEL_UNREACHABLE: () => 'The alert channel does not answer. It is tried again by itself.',
  CHANNEL_CERTIFICATE: () =>
    'The alert channel showed a certificate that nobody here vouches for. Nothing was sent. Check its address and its CA.',
  CHANNEL_LOGIN: () => 'The alert channel does not let us in. Enter its token or password again.',
  CHANNEL_BUSY: () => 'The alert channel asks to wait. It is tried again by itself.',
  CHANNEL_REFUSED: () => 'The alert channel refused the alert for good. Check its settings.',
  CHANNEL_FAILED: () => 'The alert channel failed. It is tried again by itself.',
  ALERT_INVALID: () =>
    'This is not an alert text of Halligan, or a character of it was changed. Copy all of it and try again.',
  AMENDMENT_EMPTY: () => 'Nothing would change. Change something, or leave it as it is.',

  CREDENTIAL_UNKNOWN: (detail) =>
    detail['version'] === undefined
      ? 'This credential is not in the vault. Go back to the list and choose again.'
      : `Version ${word(detail, 'version', '')} is not in the vault any more: it was destroyed. Go back to the list and choose again.`,
  CREDENTIAL_INVALID: (detail) =>
    partProblems[word(detail, 'field', '')] ??
    'A value does not fit its field. Correct the field marked and seal again.',
  SHARE_DAMAGED: (detail) =>
    `The share of ${owner(detail)} is damaged and cannot be used. Ask another custodian to tap, and seal a new version soon.`,
  SHARE_WRONG: (detail) =>
    `The share of ${owner(detail)} does not belong to this version. Ask another custodian to tap, and seal a new version soon.`,
  CONTENT_KEY_WRONG: () =>
    'The shares do not add up to the right key, so nothing was opened. Try with other custodians.',
  RECORD_DAMAGED: () =>
    'The sealed record is not as it was sealed, so nothing was opened. Restore the vault from a good copy.',
  FIELD_UNKNOWN: () => 'This credential has no such field. Choose one of the fields listed.',
  CODES_EXHAUSTED: () => 'Every recovery code has been used. Make new ones where they are from, and seal them.',
  COPY_NOT_ALLOWED: () => 'The policy of this safe does not allow copying. Read the value and type it.',

  PERSON_UNKNOWN: () => 'This person is not in the vault. Choose somebody from the list.',
  REQUESTER_NOT_APPROVED: () =>
    'This person is not approved to ask for this credential. One of the approved people must ask.',
  WINDOW_OUT_OF_POLICY: (detail) =>
    detail['min'] === undefined || detail['max'] === undefined
      ? 'That viewing time is outside the policy of this safe. Choose another.'
      : `That viewing time is outside the policy of this safe. Choose between ${String(detail['min'])} and ${String(detail['max'])} seconds.`,
  REQUEST_UNKNOWN: () => 'There is no such request. Open a new one.',
  REQUEST_CANCELLED: () => 'The request was cancelled and nothing was shown. Open a new one if it is still needed.',
  REQUEST_EXPIRED: () =>
    'The request ran out of time before enough people tapped, and nothing was shown. Open a new one.',
  REQUEST_WAITING: () =>
    'This request has not waited long enough. Come back when the screen says that it can be opened.',
  REQUEST_NOT_WAITING: () => 'This request does not wait any more, so it cannot be stopped this way.',
  REQUEST_VETOED: () => 'This request was stopped by somebody who may. The log says who and why.',
  REQUEST_OUTDATED: () =>
    'While this request waited, who holds what or the credential itself has changed, so the request is over. Open a new one if it is still needed.',
  REQUESTS_TOO_MANY: () => 'Too many requests wait already. Open or withdraw one of them first.',
  REQUEST_NOT_OPEN: () => 'This request is not open any more. Open a new one if it is still needed.',
  WINDOW_CLOSED: () => 'The time for looking is over. A longer look is a new request.',
  ALREADY_CLASSIFIED: () => 'Somebody has recorded already what this use was. Nothing more to do here.',

  LOG_INVALID: () => 'The log does not check. Open the timeline to see where, and export it for your auditor.',
  EXPORT_FAILED: ({ reason }) => {
    switch (reason) {
      case 'ENOSPC':
      case 'EDQUOT':
        return 'There is not enough room for the export, and nothing of it was left there. Free some space or choose another folder, then try again.'
      case 'too-large':
        return 'The log is too long for one file. Export it into a folder.'
      case 'log-moved':
        return 'Something else was signed while the export was being written, so it was not kept. Nothing of it was left there; export again.'
      default:
        return 'The export could not be written, and nothing of it was left there. Choose another folder and try again.'
    }
  },

  SINK_UNKNOWN: () => 'There is no such place to sync to. Look again: it may have been taken out.',
  SINK_UNREACHABLE: (detail) =>
    detail['reason'] === 'empty'
      ? `${word(detail, 'sink', 'The folder')} had the log and is empty now. Mount it or put the right stick in; if this is a new one, say “Try again”.`
      : `${word(detail, 'sink', 'The sink')} cannot be reached. Nothing is lost: syncing goes on by itself when it can be.`,
  SINK_CERTIFICATE: (detail) =>
    `${word(detail, 'sink', 'The sink')} shows a certificate that the settings do not trust. Nothing was sent. Ask who runs it.`,
  SINK_LOGIN: (detail) => {
    const sink = word(detail, 'sink', 'The sink')
    switch (detail['reason']) {
      case 'not-set':
        return `${sink} asks for a password, token or client key, and none is set on this station for these settings.`
      case 'not-its-writer':
        return `${sink} does not know this station as the writer of this log. Ask who runs it to enter the station among the writers.`
      default:
        return `${sink} does not let us in. Set its password, token or client key on this station.`
    }
  },
  SINK_SCHEMA_MISSING: (detail) =>
    `${word(detail, 'sink', 'The sink')} is there, but the place for the entries is not. Ask who runs it to set it up.`,
  SINK_FULL: (detail) =>
    `${word(detail, 'sink', 'The sink')} is full. Syncing goes on by itself when there is room again.`,
  SINK_DIVERGED: (detail) =>
    `${word(detail, 'sink', 'The sink')} holds another log than this station: somebody rewrote one of the two. Export the log and call your auditor.`,
  SINK_FAILED: (detail) =>
    `${word(detail, 'sink', 'The sink')} refused the entries. Nothing is lost; syncing is tried again by itself.`,
}

/** What happened and what to do next, for `code`; `detail` fills in names and numbers. */
export const sentenceFor = (code: ErrorCode, detail: ErrorDetail = {}): string => sentences[code](detail)
