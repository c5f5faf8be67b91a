/** What the steps of a ceremony have to bring about, and what of it a log shows to have happened since it was opened. */
import type { ScriptStep, Task } from '../domain/ceremony.ts'
import type { JointDetail } from '../domain/statements.ts'
import type { Entry } from './entry.ts'

export interface CeremonyFacts {
  /** Takes an entry after the opening. @returns the tap in it, where it was one for this ceremony */
  readonly apply: (entry: Entry) => { readonly person: string; readonly key: string } | null
  /** Whether the log shows it; null for what a log does not tell (`enrol`: keys may have been there before). */
  readonly isBroughtAbout: (task: Task) => boolean | null
}

/** What facts need of the whole log. */
export interface FactSources {
  /** Versions of a credential that were sealed and not destroyed. */
  readonly versionsOf: (credential: string) => ReadonlySet<number>
  readonly unclassified: () => number
}

/** Joint statements and requests of one ceremony that are remembered; an honest one has a few. */
const rememberedMax = 2048

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > rememberedMax && oldest !== undefined) map.delete(oldest)
}

/** What the script is about, for telling its taps from others that fall into the same days. */
function readScript(script: readonly ScriptStep[]) {
  const seals = new Set<string>()
  const destroys = new Set<string>()
  const safes = new Set<string>()
  const keys = new Set<string>()
  const practised = new Set<string>()
  let hasReshare = false
  for (const { task } of script) {
    switch (task.kind) {
      case 'seal':
        seals.add(task.credential)
        break
      case 'destroy':
        destroys.add(task.credential)
        break
      case 'prove':
      case 'safe-drill':
        safes.add(task.safe)
        break
      case 'key-drill':
        keys.add(`${task.person} ${task.key}`)
        break
      case 'practice':
        practised.add(task.credential)
        break
      case 'reshare':
        hasReshare = true
        break
      case 'confirm':
      case 'read-head':
      case 'enrol':
      case 'classify':
    }
  }
  return { seals, destroys, safes, keys, practised, hasReshare }
}

/** No spread: as arguments, a hostile log's versions would overflow the stack. */
function newestOf(versions: ReadonlySet<number>): number {
  let newest = 0
  for (const version of versions) newest = Math.max(newest, version)
  return newest
}

/** @param script of the ceremony that was opened */
export function createCeremonyFacts(script: readonly ScriptStep[], sources: FactSources): CeremonyFacts {
  const about = readScript(script)
  const joints = new Map<string, JointDetail>()
  /** Credential by request. */
  const requests = new Map<string, string>()
  const granted = new Set<string>()
  const practised = new Set<string>()
  const proven = new Map<string, number>()
  const drilledSafes = new Set<string>()
  const drilledKeys = new Set<string>()
  const enrolled = new Set<string>()
  /** Hash of the next manifest of every reshare that was asked for; then whether one of them came. */
  const nexts = new Set<string>()
  let isReshared = false
  let isChanged = false

  function notePassed({ data: { act, safe } }: Extract<Entry, { type: 'proof.passed' }>): void {
    const detail = joints.get(act)
    if (detail?.kind !== 'prove') return
    for (const { credential, version } of detail.records) {
      proven.set(credential, Math.max(version, proven.get(credential) ?? 0))
    }
    if (detail.purpose === 'drill') drilledSafes.add(safe)
  }

  function learn(entry: Entry): void {
    switch (entry.type) {
      case 'joint.opened': {
        const { act, detail } = entry.data.statement
        remember(joints, act, detail)
        if (detail.kind === 'reshare' && nexts.size < rememberedMax) nexts.add(detail.next.hash)
        return
      }
      case 'proof.passed':
        notePassed(entry)
        return
      case 'drill.passed':
        drilledKeys.add(`${entry.data.statement.person} ${entry.data.key}`)
        return
      case 'key.enrolled':
        if (enrolled.size < rememberedMax) enrolled.add(entry.data.person)
        return
      case 'manifest.changed':
        isReshared ||= nexts.has(entry.data.hash)
        isChanged = true
        return
      case 'request.opened':
        if (about.practised.has(entry.data.statement.credential)) {
          remember(requests, entry.data.statement.request, entry.data.statement.credential)
        }
        return
      case 'request.granted':
        if (requests.has(entry.data.request)) granted.add(entry.data.request)
        return
      case 'window.closed': {
        const credential = requests.get(entry.data.request)
        if (credential !== undefined && granted.has(entry.data.request)) practised.add(credential)
        return
      }
      default:
      // The other types bring nothing about.
    }
  }

  function servesJoint(act: string): boolean {
    const detail = joints.get(act)
    if (detail?.kind === 'prove') return about.safes.has(detail.safe)
    return detail?.kind === 'reshare' && about.hasReshare
  }

  function tapOf(entry: Entry): { person: string; key: string } | null {
    const { type, data } = entry
    switch (type) {
      case 'credential.sealed':
        return about.seals.has(data.credential) ? { person: data.statement.person, key: data.key } : null
      case 'credential.destroyed':
        return about.destroys.has(data.credential) ? { person: data.statement.person, key: data.key } : null
      case 'drill.passed':
        return about.keys.has(`${data.statement.person} ${data.key}`)
          ? { person: data.statement.person, key: data.key }
          : null
      case 'request.classified':
        return { person: data.statement.person, key: data.key }
      case 'joint.signed':
        return servesJoint(data.act) ? { person: data.person, key: data.key } : null
      case 'manifest.signed':
        return about.hasReshare ? { person: data.person, key: data.key } : null
      case 'tap.accepted':
        return data.request !== null && requests.has(data.request) ? { person: data.person, key: data.key } : null
      default:
        return null
    }
  }

  return {
    apply: (entry) => {
      learn(entry)
      return tapOf(entry)
    },
    isBroughtAbout: (task) => {
      switch (task.kind) {
        case 'confirm':
        case 'read-head':
          return true
        case 'seal':
          return newestOf(sources.versionsOf(task.credential)) > task.after
        case 'prove':
          return task.credentials.every(
            (credential) => (proven.get(credential) ?? 0) >= Math.max(1, newestOf(sources.versionsOf(credential))),
          )
        case 'destroy':
          return sources.versionsOf(task.credential).size <= 1 + (task.keep ?? 0)
        case 'enrol':
          return enrolled.has(task.person) ? true : null
        case 'reshare':
          // With nothing sealed yet there is nothing to seal anew, and no joint statement.
          return isReshared ? true : isChanged ? null : false
        case 'key-drill':
          return drilledKeys.has(`${task.person} ${task.key}`)
        case 'safe-drill':
          return drilledSafes.has(task.safe)
        case 'practice':
          return practised.has(task.credential)
        case 'classify':
          return sources.unclassified() === 0
      }
    },
  }
}
