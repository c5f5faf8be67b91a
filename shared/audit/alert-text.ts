/**
 * A short signed text about one request, for any phone to carry when this machine has no network (docs/format.md, "Alert texts").
 * Small enough for one QR code and two or three text messages. Its signature shows that the station wrote it, word for word.
 */
import { fromBase64Url, toBase64Url, concatBytes, utf8 } from '../bytes.ts'
import { domain } from '../canonical.ts'
import { isBase64Url } from '../domain/forms.ts'
import type { Primitives } from '../primitives.ts'

/** opened: somebody asks for a credential. granted: a quorum has opened it. */
export type AlertKind = 'opened' | 'granted'

/** What an alert text says. The names and the reason are lines as {@link shortenLine} makes them. */
export interface AlertFacts {
  readonly kind: AlertKind
  readonly vault: string
  readonly credential: string
  readonly who: string
  readonly why: string
  /** When it ends by itself at the latest, and when it happened: timestamps; the text says them to the second. */
  readonly until: string
  readonly at: string
  readonly station: string
  /** Number of the `request.opened` or `request.granted` entry. */
  readonly seq: number
  /** Length of the log when the text was written, and its head words. */
  readonly size: number
  readonly words: readonly string[]
}

export interface AlertText {
  readonly facts: AlertFacts
  /** The first characters of the station key, base64url. */
  readonly keyId: string
  /** 64 bytes, base64url. */
  readonly signature: string
}

/** Longest values, in characters (code points). */
const longest = { vault: 20, credential: 30, who: 24, why: 48, station: 16 } as const
const keyIdLength = 8
/** Longer than any alert text, whatever its names are made of (UTF-16 units). */
export const alertTextMax = 600

const cutMark = '...'
const nothing = '-'

/**
 * `text` as one line of at most `max` characters: no line break, control, formatting or direction character, single spaces. A text
 * that is cut ends in three dots, which every phone has. `-` stands for nothing.
 */
export function shortenLine(text: string, max: number): string {
  const clean = text
    .replaceAll(/[\p{Z}\p{Cc}]+/gu, ' ')
    // Direction marks and zero-width characters disguise; what is not assigned or for private use shows as anything.
    .replaceAll(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, '')
    .replaceAll(/ +/g, ' ')
    .trim()
  const characters = Array.from(clean)
  if (characters.length === 0) return nothing
  if (characters.length <= max) return clean
  return `${characters
    .slice(0, max - cutMark.length)
    .join('')
    .trimEnd()}${cutMark}`
}

/** What a text is made from; names and reason as people wrote them. */
export interface AlertSource extends Omit<AlertFacts, 'why' | 'words'> {
  readonly reason: string
  readonly incident: string | null
}

/** Timestamp to the second, `2026-11-23T14:02:10Z`. */
const toSecond = (timestamp: string): string => timestamp.replace(/\.\d{3}Z$/, 'Z')

/** The facts of a text. @param words head words of the log at `size` */
export function shortenFacts({ reason, incident, ...source }: AlertSource, words: readonly string[]): AlertFacts {
  return {
    ...source,
    vault: shortenLine(source.vault, longest.vault),
    credential: shortenLine(source.credential, longest.credential),
    who: shortenLine(source.who, longest.who),
    why: shortenLine(incident === null ? reason : `${incident}: ${reason}`, longest.why),
    until: toSecond(source.until),
    at: toSecond(source.at),
    station: shortenLine(source.station, longest.station),
    words,
  }
}

const heading = { opened: 'HALLIGAN ALERT 1 OPENED', granted: 'HALLIGAN ALERT 1 GRANTED' } as const

/** What is signed: everything before the signature, with its last line break. */
const unsignedText = (facts: AlertFacts): string =>
  [
    heading[facts.kind],
    `Vault: ${facts.vault}`,
    `What: ${facts.credential}`,
    `Who: ${facts.who}`,
    `Why: ${facts.why}`,
    `At: ${facts.at}`,
    `Until: ${facts.until}`,
    `Station: ${facts.station}`,
    `Entry: ${String(facts.seq)}`,
    `Head: ${String(facts.size)} ${facts.words.join(' ')}`,
    '',
  ].join('\n')

const messageOf = (text: string): Uint8Array<ArrayBuffer> => concatBytes(domain('alert'), utf8(text))

/** Names a station key in an alert text. */
export const alertKeyId = (publicKey: string): string => publicKey.slice(0, keyIdLength)

/**
 * The whole text.
 * @param publicKey the station's present log key, base64url
 * @param sign Ed25519 with it, 64 bytes
 */
export function writeAlertText(
  facts: AlertFacts,
  publicKey: string,
  sign: (message: Uint8Array<ArrayBuffer>) => Uint8Array,
): string {
  const text = unsignedText(facts)
  return `${text}Sig: ${alertKeyId(publicKey)}.${toBase64Url(sign(messageOf(text)))}`
}

const time = String.raw`(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)`
const count = String.raw`(0|[1-9]\d{0,14})`
const form = new RegExp(
  [
    '^HALLIGAN ALERT 1 (OPENED|GRANTED)',
    'Vault: (.+)',
    'What: (.+)',
    'Who: (.+)',
    'Why: (.+)',
    `At: ${time}`,
    `Until: ${time}`,
    'Station: (.+)',
    `Entry: ${count}`,
    String.raw`Head: ${count} ([a-z]+ [a-z]+ [a-z]+ [a-z]+)`,
    String.raw`Sig: ([A-Za-z0-9_-]{8})\.([A-Za-z0-9_-]{86})$`,
  ].join('\n'),
  'u',
)

/**
 * Reads an alert text out of what somebody pasted: line breaks may be of any kind, lines may have got spaces at their ends or empty
 * lines between them, and mail may stand before and after. Nothing is verified.
 * @returns null when there is none in it, or one that this program would not have written
 */
export function parseAlertText(pasted: string): AlertText | null {
  if (pasted.length > 100 * alertTextMax || !pasted.isWellFormed()) return null
  const lines = pasted
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const first = lines.findIndex((line) => line.startsWith('HALLIGAN ALERT '))
  if (first === -1) return null
  const text = lines.slice(first, first + 11).join('\n')
  const [, kind, vault, credential, who, why, at, until, station, seq, size, words, keyId, signature] =
    form.exec(text) ?? []
  if (keyId === undefined || signature === undefined || !isBase64Url(signature)) return null
  const facts: AlertFacts = {
    kind: kind === 'OPENED' ? 'opened' : 'granted',
    vault: vault ?? '',
    credential: credential ?? '',
    who: who ?? '',
    why: why ?? '',
    at: at ?? '',
    until: until ?? '',
    station: station ?? '',
    seq: Number(seq),
    size: Number(size),
    words: (words ?? '').split(' '),
  }
  // What could disguise a fact was never in a text of ours: it must not be shown as if it had been.
  const isPlain = (Object.keys(longest) as (keyof typeof longest)[]).every(
    (name) => shortenLine(facts[name], longest[name]) === facts[name],
  )
  return isPlain ? { facts, keyId, signature } : null
}

/** True when the station key `publicKey` (base64url) signed exactly these facts. */
export function isAlertSigned(
  primitives: Primitives,
  { facts, keyId, signature }: AlertText,
  publicKey: string,
): boolean {
  return (
    alertKeyId(publicKey) === keyId &&
    primitives.verifyEd25519(fromBase64Url(publicKey), messageOf(unsignedText(facts)), fromBase64Url(signature))
  )
}
