/** What is entered about a credential that is to be sealed: nothing of it is secret. */
import type { CredentialView } from '../../shared/contracts/app.ts'
import type { CredentialKind } from '../../shared/domain/credential.ts'
import { textSchema } from '../../shared/domain/forms.ts'
import { limits } from '../../shared/limits.ts'

export interface SealDraft {
  readonly name: string
  readonly kind: CredentialKind
  readonly safe: string | null
  readonly requesters: readonly string[]
  readonly rotationDays: number
  readonly rotationNote: string
  /** Who seals. */
  readonly person: string | null
}

/** A draft that was handed in and has not been sealed yet. */
export interface KeptDraft {
  /** Null: of a new credential. */
  readonly credential: string | null
  readonly draft: Partial<SealDraft>
}

/** What a new version starts from; a new credential has nothing. */
export const draftOf = (credential: CredentialView | null): Partial<SealDraft> =>
  credential === null
    ? {}
    : {
        name: credential.name,
        kind: credential.kind,
        safe: credential.safe,
        requesters: credential.requesters,
        rotationDays: credential.rotationDays,
        rotationNote: credential.rotationNote ?? '',
      }

/** As it is signed: without blank lines around it. Empty: nothing is written. */
export const tidyNote = (text: string): string => text.trim()

const noteSchema = textSchema(limits.rotationNoteLength)

/** Why the vault would not take the note, in a sentence; null when it does. */
export function findNoteProblem(text: string): string | null {
  const note = tidyNote(text)
  const over = note.length - limits.rotationNoteLength
  if (over > 0)
    return `Too long by ${String(over)} ${over === 1 ? 'character' : 'characters'}: shorten it, or move details to the runbook.`
  return noteSchema.safeParse(note).success
    ? null
    : 'It holds characters that cannot be seen, as copied text sometimes does. Type it anew where they are.'
}

/** A private key in PEM, or so many letters and digits in one piece as no name has: a token, a key, a seed. */
const secretLike = [/-----BEGIN /, /(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z\d]{20,}/]

/**
 * Whether `text` holds what is probably a secret: pasted from the clipboard into the wrong field. A password in words is not
 * known as one, so this warns and nothing relies on it.
 */
export const looksSecret = (text: string): boolean => secretLike.some((pattern) => pattern.test(text))
