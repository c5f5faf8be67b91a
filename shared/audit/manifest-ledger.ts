/** The manifests that came with a log, tied to the entries that made them (docs/format.md, section 5). */
import type { SignedManifest } from '../contracts/strongroom.ts'
import type { Manifest, SecurityKeyPublicKey } from '../domain/manifest.ts'
import type { Assertion, Tap } from '../domain/tap.ts'
import { limits } from '../limits.ts'
import type { EntryData } from './entry.ts'
import { findKey } from './manifest-signers.ts'
import type { ReportProblem } from './problems.ts'

interface Listed {
  readonly signed: SignedManifest
  readonly hash: string
  /** Taps on it that the log recorded. */
  readonly recorded: Map<string, Assertion>
}

export interface Upcoming {
  readonly manifest: Manifest
  readonly hash: string
  /** Verified as a chain; that the log recorded the very same is found when it comes into force. */
  readonly signatures: readonly Tap[]
}

/** What the log knows about who holds what, entry by entry. */
export interface ManifestLedger {
  readonly inForce: () => { readonly manifest: Manifest; readonly hash: string } | undefined
  /** The manifest that must come into force next; undefined when none came with the log. */
  readonly upcoming: () => Upcoming | undefined
  /** Public key of `person`'s security key in the manifest in force: the only ones that approve, seal or sign. */
  readonly keyInForce: (person: string, credentialId: string) => SecurityKeyPublicKey | undefined
  /**
   * The same, or in the next manifest, or enrolled since: for signatures of a manifest (and for taps that prove nothing).
   * Whoever holds the station key can enrol keys made of software; only custodians' signatures put them in force.
   */
  readonly keyOfSigner: (person: string, credentialId: string) => SecurityKeyPublicKey | undefined
  readonly addEnrolled: (data: EntryData<'key.enrolled'>) => void
  /** A valid `manifest.signed`. */
  readonly addSigned: (data: EntryData<'manifest.signed'>) => void
  /** `manifest.changed`: the problem with it, or null. */
  readonly change: (data: EntryData<'manifest.changed'>) => string | null
  readonly nameOf: (person: string) => string
  /** Reports manifests that were given but never came into force. */
  readonly reportUnused: (report: ReportProblem) => void
}

const enrolledMax = limits.persons * limits.keysPerPerson

const sameAssertion = (a: Assertion, b: Assertion): boolean =>
  a.signature === b.signature && a.authenticatorData === b.authenticatorData && a.clientDataJSON === b.clientDataJSON

const tapId = ({ person, key }: Pick<Tap, 'person' | 'key'>): string => `${person} ${key}`

const samePublicKey = (a: SecurityKeyPublicKey, b: SecurityKeyPublicKey): boolean =>
  a.kty === b.kty && a.x === b.x && (a.kty === 'EC' ? a.y : '') === (b.kty === 'EC' ? b.y : '')

/** @param chain manifests with their hashes (base64url), versions ascending; already verified as a chain. */
export function createManifestLedger(
  chain: readonly { readonly signed: SignedManifest; readonly hash: string }[],
): ManifestLedger {
  const manifests: readonly Listed[] = chain.map(({ signed, hash }) => ({ signed, hash, recorded: new Map() }))
  /** Keys enrolled since the last change, by credential id. */
  const enrolled = new Map<string, { person: string; publicKey: SecurityKeyPublicKey }>()
  let changes = 0

  const current = (): Listed | undefined => manifests[changes - 1]
  const next = (): Listed | undefined => manifests[changes]

  const keyIn = (listed: Listed | undefined, person: string, credentialId: string): SecurityKeyPublicKey | undefined =>
    listed === undefined ? undefined : findKey(listed.signed.manifest, person, credentialId)?.publicKey

  function signaturesMatch({ signed, recorded }: Listed): boolean {
    return (
      signed.signatures.length === recorded.size &&
      signed.signatures.every((tap) => {
        const seen = recorded.get(tapId(tap))
        return seen !== undefined && sameAssertion(seen, tap.assertion)
      })
    )
  }

  /** Name of a person whose key the manifest adds although it was never enrolled in the log. */
  function findKeyFromNowhere(manifest: Manifest): string | undefined {
    const before = current()?.signed.manifest
    return manifest.persons.find((person) =>
      person.keys.some(({ credentialId, publicKey }) => {
        const old = before === undefined ? undefined : findKey(before, person.id, credentialId)
        if (old !== undefined) return !samePublicKey(old.publicKey, publicKey)
        const fresh = enrolled.get(credentialId)
        return fresh?.person !== person.id || !samePublicKey(fresh.publicKey, publicKey)
      }),
    )?.name
  }

  const nameListed = (listed: Listed | undefined): Upcoming | undefined =>
    listed === undefined ? undefined : { ...listed.signed, hash: listed.hash }

  return {
    inForce: () => nameListed(current()),
    upcoming: () => nameListed(next()),
    keyInForce: (person, credentialId) => keyIn(current(), person, credentialId),
    keyOfSigner: (person, credentialId) => {
      const key = keyIn(current(), person, credentialId) ?? keyIn(next(), person, credentialId)
      if (key !== undefined) return key
      const fresh = enrolled.get(credentialId)
      return fresh?.person === person ? fresh.publicKey : undefined
    },
    addEnrolled: ({ person, key }) => {
      // Enrolled again after a re-plan: the newest counts, and a flood pushes out its own oldest.
      enrolled.delete(key.credentialId)
      enrolled.set(key.credentialId, { person, publicKey: key.publicKey })
      const [oldest] = enrolled.keys()
      if (enrolled.size > enrolledMax && oldest !== undefined) enrolled.delete(oldest)
    },
    addSigned: ({ hash, person, key, assertion }) => {
      // Signatures of a manifest that never came into force (a change that was given up) were checked as taps, and bind nothing.
      const listed = manifests.find((one, at) => at >= changes && one.hash === hash)
      listed?.recorded.set(tapId({ person, key }), assertion)
    },
    change: ({ version, hash }) => {
      const listed = next()
      if (listed?.hash !== hash || listed.signed.manifest.version !== version) {
        return `manifest version ${version}, which the log puts in force, did not come with it`
      }
      const nowhere = findKeyFromNowhere(listed.signed.manifest)
      changes++
      enrolled.clear()
      if (!signaturesMatch(listed)) return `the signatures of manifest version ${version} are not those in the log`
      return nowhere === undefined
        ? null
        : `manifest version ${version} has a key of ${nowhere} that was never enrolled`
    },
    nameOf: (person) => {
      const manifest = current()?.signed.manifest
      return manifest?.persons.find(({ id }) => id === person)?.name ?? person
    },
    reportUnused: (report) => {
      for (const { signed } of manifests.slice(changes)) {
        report(
          'manifest-not-in-log',
          null,
          `manifest version ${signed.manifest.version} never came into force in this log`,
        )
      }
    },
  }
}
