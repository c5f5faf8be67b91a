/** What is due in a vault, from its entries alone: rotations and classifications (docs/command-line.md). */
import type { Entry } from '../../shared/audit/entry.ts'

const dayMs = 86_400_000

export interface CredentialStatus {
  readonly credential: string
  readonly name: string
  readonly version: number
  readonly sealedAt: string
  /** fresh; due: the interval has passed; used: opened since it was sealed, which makes it due at once. */
  readonly rotation: 'fresh' | 'due' | 'used'
}

export interface OwedClassification {
  readonly request: string
  readonly name: string
  readonly grantedAt: string
}

export interface StatusLedger {
  readonly add: (entry: Entry) => void
  /** @param rotationDays interval of a credential version; undefined when its record is not there. */
  readonly credentials: (
    wallMs: number,
    rotationDays: (credential: string, version: number) => number | undefined,
  ) => CredentialStatus[]
  readonly owed: () => OwedClassification[]
  readonly lastAt: () => string | null
}

interface Sealed {
  readonly name: string
  readonly version: number
  readonly sealedAt: string
  used: boolean
}

export function createStatusLedger(): StatusLedger {
  const sealed = new Map<string, Sealed>()
  const owed = new Map<string, OwedClassification>()
  let lastAt: string | null = null
  return {
    add: (entry) => {
      lastAt = entry.at
      if (entry.type === 'credential.sealed') {
        const { credential, name, version } = entry.data
        sealed.set(credential, { name, version, sealedAt: entry.at, used: false })
      } else if (entry.type === 'request.granted') {
        // From the grant on it may have been seen, whatever was shown afterwards.
        const { request, credential, version } = entry.data
        const current = sealed.get(credential)
        if (current?.version === version) current.used = true
        owed.set(request, { request, name: current?.name ?? credential, grantedAt: entry.at })
      } else if (entry.type === 'request.classified') {
        owed.delete(entry.data.request)
      }
    },
    credentials: (wallMs, rotationDays) =>
      [...sealed].map(([credential, { name, version, sealedAt, used }]) => {
        const days = rotationDays(credential, version)
        // A record that is not there cannot say its interval; verification reports it, here it is due.
        const isDue = days === undefined || wallMs >= Date.parse(sealedAt) + days * dayMs
        const rotation = used ? 'used' : isDue ? 'due' : 'fresh'
        return { credential, name, version, sealedAt, rotation }
      }),
    owed: () => [...owed.values()],
    lastAt: () => lastAt,
  }
}
