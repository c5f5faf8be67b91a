/**
 * What the log says about requests, kept in memory as it grows: which are unfinished, what was used, what is owed, which
 * codes are burned. Read from the entries themselves at every open: first those that the index names, for
 * the screen, then all of them as they are verified, for what a strongroom is told.
 */
import type { Entry, EntryType, NewEntry } from '../../../shared/audit/entry.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import type { Outcome } from '../../../shared/domain/statements.ts'
import { readEntryOrNull } from '../audit/timeline.ts'
import { isDrillFresh } from '../credentials/due.ts'
import { createProofs, proofTypes, type Proofs } from '../credentials/proofs.ts'
import { createReseals, resealTypes, type Reseals } from '../credentials/reseals.ts'
import { createKeyUses, keyUseTypes, type KeyUse } from '../people/key-uses.ts'
import type { Row, Statements } from '../store/driver.ts'

export interface KnownRequest {
  readonly id: string
  readonly credential: string
  readonly credentialName: string
  readonly safe: string
  readonly version: number
  /** The newest version when it was asked for. */
  readonly newest: number
  readonly requester: string
  readonly windowSeconds: number
  readonly openedAt: string
  readonly grantedAt: string | null
  readonly closedAt: string | null
  readonly outcome: Outcome | null
}

export interface History {
  /** Takes a durable entry. */
  readonly apply: (entry: Entry) => void
  /**
   * Starts over with what `verified` learned from the first `size` entries, and what was applied after those. What the index of the
   * database hid (a burned code listed as something else) is then known. Once; later calls change nothing.
   */
  readonly adopt: (verified: Learned, size: number) => void
  readonly find: (request: string) => KnownRequest | undefined
  /** Requests neither closed nor ended: at open, those that the last process left behind. */
  readonly unfinished: () => KnownRequest[]
  readonly isDestroyed: (credential: string, version: number) => boolean
  readonly burnedCodes: (credential: string, version: number) => { field: number; code: number }[]
  /**
   * When the first reveal was that makes this version one to be rotated; null when none was. A reveal of this version, or, while
   * it was the newest, of an older one: what people asked for then was still in use. Of an older one only until that is destroyed.
   */
  readonly usedAt: (credential: string, version: number) => string | null
  /** True when a drill of this safe has passed and is still good. */
  readonly isDrilled: (safe: string, wallMs: number) => boolean
  /** Reveals after which no version was sealed yet, unless an older one was seen and is destroyed; and those nobody has classified. */
  readonly owed: () => AppState['owed']
  /** When a security key last proved itself. */
  readonly lastUseOf: (credentialId: string) => KeyUse | undefined
  /** Which versions were sealed anew to other custodians. */
  readonly reseals: Omit<Reseals, 'apply'>
  readonly proofs: Omit<Proofs, 'apply'>
}

/** What entries teach, without the choice of which to ask. */
export type Learned = Omit<History, 'adopt'>

/** Entry types that {@link History.apply} learns from. */
const types = [
  'request.opened',
  'request.granted',
  'code.burned',
  'window.closed',
  'request.cancelled',
  'request.expired',
  'request.failed',
  'request.vetoed',
  'request.classified',
  'credential.destroyed',
  ...keyUseTypes,
  ...resealTypes,
  ...proofTypes,
] as const satisfies readonly EntryType[]

export function createLearned(): Learned {
  const requests = new Map<string, KnownRequest>()
  const unfinished = new Set<string>()
  /** First grants, by version and by what was the newest then. */
  const uses = new Map<string, { readonly version: number; readonly newest: number; readonly at: string }[]>()
  const destroyed = new Set<string>()
  const newestVersion = new Map<string, number>()
  const keyUses = createKeyUses()
  const reseals = createReseals()
  const proofs = createProofs()
  const burned = new Map<string, { field: number; code: number }[]>()
  const versionKey = (credential: string, version: number): string => `${credential} ${version}`

  function change(id: string, next: Partial<KnownRequest>): void {
    const before = requests.get(id)
    if (before !== undefined) requests.set(id, { ...before, ...next })
  }

  function close(id: string, at: string): void {
    change(id, { closedAt: at })
    unfinished.delete(id)
  }

  function open({ at, data: { statement, credentialName } }: Extract<Entry, { type: 'request.opened' }>): void {
    const { request: id, credential, safe, version, requester, windowSeconds } = statement
    const newest = statement.newest ?? version
    const unused = { grantedAt: null, closedAt: null, outcome: null }
    requests.set(id, {
      id,
      credential,
      credentialName,
      safe,
      version,
      newest,
      requester,
      windowSeconds,
      openedAt: at,
      ...unused,
    })
    unfinished.add(id)
  }

  function addUse(credential: string, use: { version: number; newest: number; at: string }): void {
    const known = uses.get(credential) ?? []
    if (!known.some(({ version, newest }) => version === use.version && newest === use.newest)) known.push(use)
    uses.set(credential, known)
  }

  function apply(entry: Entry): void {
    keyUses.apply(entry)
    reseals.apply(entry)
    proofs.apply(entry)
    switch (entry.type) {
      case 'request.opened':
        open(entry)
        return
      case 'request.granted': {
        change(entry.data.request, { grantedAt: entry.at })
        const { credential, version } = entry.data
        addUse(credential, { version, newest: requests.get(entry.data.request)?.newest ?? version, at: entry.at })
        return
      }
      case 'code.burned': {
        const key = versionKey(entry.data.credential, entry.data.version)
        const { field, code } = entry.data
        burned.set(key, [...(burned.get(key) ?? []), { field, code }])
        return
      }
      case 'window.closed':
      case 'request.cancelled':
      case 'request.expired':
      case 'request.failed':
      case 'request.vetoed':
        close(entry.data.request, entry.at)
        return
      case 'credential.destroyed':
        destroyed.add(versionKey(entry.data.credential, entry.data.version))
        return
      case 'request.classified': {
        const { detail } = entry.data.statement
        if (detail.kind === 'classify') change(entry.data.request, { outcome: detail.outcome })
        return
      }
      case 'credential.sealed':
        newestVersion.set(
          entry.data.credential,
          Math.max(entry.data.version, newestVersion.get(entry.data.credential) ?? 0),
        )
        return
      default:
      // The other types say nothing about requests.
    }
  }

  const isDestroyed = (credential: string, version: number): boolean => destroyed.has(versionKey(credential, version))

  const granted = (): KnownRequest[] => [...requests.values()].filter(({ grantedAt }) => grantedAt !== null)

  return {
    apply,
    find: (request) => requests.get(request),
    unfinished: () => [...unfinished].flatMap((id) => requests.get(id) ?? []),
    isDestroyed,
    burnedCodes: (credential, version) => [...(burned.get(versionKey(credential, version)) ?? [])],
    usedAt: (credential, version) =>
      uses
        .get(credential)
        ?.find((use) => use.version === version || (use.newest === version && !isDestroyed(credential, use.version)))
        ?.at ?? null,
    isDrilled: (safe, wallMs) => isDrillFresh(proofs.safeAt(safe), wallMs),
    owed: () =>
      granted().flatMap(({ id, credential, credentialName, version, newest, grantedAt, closedAt, outcome }) => {
        const rotate = (newestVersion.get(credential) ?? newest) <= newest && !isDestroyed(credential, version)
        const classify = outcome === null
        if (grantedAt === null || (!rotate && !classify)) return []
        return [{ request: id, credential, credentialName, grantedAt, closedAt, rotate, classify }]
      }),
    lastUseOf: keyUses.of,
    reseals,
    proofs,
  }
}

export function createHistory(): History {
  let learned = createLearned()
  /** Applied while the verification at open still reads; null afterwards. */
  let meanwhile: Entry[] | null = []
  return {
    apply: (entry) => {
      learned.apply(entry)
      meanwhile?.push(entry)
    },
    adopt: (verified, size) => {
      for (const entry of meanwhile?.filter(({ seq }) => seq >= size) ?? []) verified.apply(entry)
      if (meanwhile !== null) learned = verified
      meanwhile = null
    },
    find: (request) => learned.find(request),
    unfinished: () => learned.unfinished(),
    isDestroyed: (credential, version) => learned.isDestroyed(credential, version),
    burnedCodes: (credential, version) => learned.burnedCodes(credential, version),
    usedAt: (credential, version) => learned.usedAt(credential, version),
    isDrilled: (safe, wallMs) => learned.isDrilled(safe, wallMs),
    owed: () => learned.owed(),
    lastUseOf: (credentialId) => learned.lastUseOf(credentialId),
    reseals: {
      find: (credential, version) => learned.reseals.find(credential, version),
      vouch: (primitives, credential, version) => learned.reseals.vouch(primitives, credential, version),
    },
    proofs: {
      personAt: (person) => learned.proofs.personAt(person),
      safeAt: (safe) => learned.proofs.safeAt(safe),
      versionAt: (credential, version) => learned.proofs.versionAt(credential, version),
      manifests: () => learned.proofs.manifests(),
    },
  }
}

function applyRows(history: Learned, rows: readonly Row[]): void {
  for (const { bytes } of rows) {
    const entry = readEntryOrNull(bytes)
    if (entry !== null) history.apply(entry)
  }
}

/** Fills `history` from the log at rest. */
export async function loadHistory(statements: Pick<Statements, 'all'>, history: Learned): Promise<void> {
  const wanted = types.map(() => '?').join(', ')
  applyRows(history, await statements.all(`SELECT bytes FROM entries WHERE type IN (${wanted}) ORDER BY seq`, ...types))
  for (const credential of new Set(history.owed().map((item) => item.credential))) {
    applyRows(
      history,
      await statements.all(
        `SELECT bytes FROM entries WHERE type = 'credential.sealed' AND credential = ? ORDER BY seq DESC LIMIT 1`,
        credential,
      ),
    )
  }
}

/** What the last process would have said about its unfinished requests, had it not died. */
export function describeUnfinished(history: History, wallMs: number): NewEntry[] {
  return history.unfinished().map(({ id, grantedAt, windowSeconds }) => {
    const actor = { kind: 'station' } as const
    if (grantedAt === null) return { type: 'request.cancelled', actor, data: { request: id, reason: 'vault-died' } }
    // When exactly it ended is not known; no window lasts longer than it was granted for.
    const openedMs = Math.max(0, Math.min(windowSeconds * 1000, wallMs - Date.parse(grantedAt)))
    return { type: 'window.closed', actor, data: { request: id, reason: 'vault-died', openedMs } }
  })
}
