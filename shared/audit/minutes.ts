/** Minutes of a ceremony: made from the log, so that whoever verifies can make them again (docs/format.md, "Ceremonies and minutes"). */
import { toBase64Url } from '../bytes.ts'
import { canonicalMessage } from '../canonical.ts'
import { leadsOf, type Minutes } from '../domain/ceremony.ts'
import type { Manifest, Person } from '../domain/manifest.ts'
import { limits } from '../limits.ts'
import type { Primitives } from '../primitives.ts'
import { isAbsent, type TrackedCeremony } from './ceremony-track.ts'
import { digestWords } from './head-words.ts'

/** SHA-256 of the minutes' canonical message, base64url: what participants sign. */
export const minutesHash = ({ sha256 }: Pick<Primitives, 'sha256'>, minutes: Minutes): string =>
  toBase64Url(sha256(canonicalMessage('minutes', minutes)))

/** SHA-256 of a script's canonical message, base64url: what the lead signs when a ceremony is opened. */
export const scriptHash = ({ sha256 }: Pick<Primitives, 'sha256'>, script: unknown): string =>
  toBase64Url(sha256(canonicalMessage('script', script)))

/** Four words of the minutes' hash, for reading aloud before it is signed. */
export const minutesWords = ({ sha256 }: Pick<Primitives, 'sha256'>, minutes: Minutes): string[] =>
  digestWords(sha256(canonicalMessage('minutes', minutes)))

/** What minutes say that is not the ceremony's own. */
export interface MinutesSources extends Pick<
  Minutes,
  'vault' | 'vaultName' | 'station' | 'stationName' | 'writtenAt' | 'program' | 'headAfter' | 'manifestAfter'
> {
  /** Who held what when the ceremony was opened, and when the minutes are written: for names, roles and labels. */
  readonly before: Manifest
  readonly after: Manifest
}

/** Everybody who led, watched, finished a step or tapped, as somebody who is listed now or was when it began. */
function describeParticipants(ceremony: TrackedCeremony, before: Manifest, after: Manifest): Minutes['participants'] {
  const { opened, steps, exceptions, taps } = ceremony
  const taking = new Set([
    ...leadsOf({ lead: opened.data.lead, exceptions }),
    ...opened.data.witnesses,
    ...steps.map(({ person }) => person),
    ...taps.keys(),
  ])
  const listed = new Set(after.persons.map(({ id }) => id))
  const leavers = before.persons.filter(({ id }) => !listed.has(id))
  const formerKeys = (person: string): Person['keys'] => before.persons.find(({ id }) => id === person)?.keys ?? []
  return [...after.persons, ...leavers]
    .filter(({ id }) => taking.has(id))
    .map(({ id, name, roles, keys }) => {
      const tapped = taps.get(id) ?? new Set<string>()
      const known = [
        ...keys,
        ...formerKeys(id).filter((old) => !keys.some((key) => key.credentialId === old.credentialId)),
      ]
      return {
        person: id,
        name,
        roles,
        keys: known
          .filter(({ credentialId }) => tapped.has(credentialId))
          .slice(0, limits.keysPerPerson)
          .map(({ credentialId, label }) => ({ credentialId, label })),
        // Only a key that is in force signs.
        signs: listed.has(id) && keys.length > 0 && !isAbsent(ceremony, id),
      }
    })
}

/** The minutes of `ceremony` as they must be. */
export function composeMinutes(ceremony: TrackedCeremony, sources: MinutesSources): Minutes {
  const { before, after, ...facts } = sources
  const { opened, manifestBefore, steps, exceptions } = ceremony
  const { ceremony: id, kind, title, lead, statement } = opened.data
  return {
    format: 'halligan/minutes/v1',
    ...facts,
    ceremony: id,
    kind,
    title,
    lead,
    openedAt: opened.at,
    manifestBefore: manifestBefore ?? facts.manifestAfter,
    headBefore: statement.head,
    participants: describeParticipants(ceremony, before, after),
    steps: [...steps],
    exceptions: [...exceptions],
  }
}
