/**
 * What a change of the manifest does, in words, from the two manifests themselves: nobody's description is believed. Every
 * difference gets a line. What has no words of its own is shown as it stands, by the name of its member: a member that
 * some later version adds cannot slip past those who sign.
 */
import { sameBytes } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { Manifest, Person, Safe, SecurityKey } from '../../../shared/domain/manifest.ts'
import { formatSeconds } from '../../../shared/quantities.ts'
import { describeRoutes, nameIn } from './alert-lines.ts'
import { sayDelay } from './views.ts'

type Line = TapView['lines'][number]
type Members = Readonly<Record<string, unknown>>
/** Words for one member that differs; none: it is shown as it stands. */
type Words<T> = { readonly [K in keyof T]?: (before: T[K], after: T[K]) => readonly string[] }

/** A label's bound in the tap contract. */
const labelMax = 100
/** Pieces of what may be too long for the value of one line. */
const pieces = /[^]{1,16000}/gu

const isSame = (a: unknown, b: unknown): boolean =>
  a === undefined || b === undefined ? a === b : sameBytes(canonicalBytes(a), canonicalBytes(b))

/** Control and bidirectional characters could disguise what is signed: they are shown by their numbers. */
const unshowable = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu
const escapeCharacter = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')

const show = (value: unknown): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).replace(unshowable, escapeCharacter)

const quote = (name: string): string => `“${name}”`

/**
 * Every member that differs, with its words or as it stands.
 * @param optional members whose words also know what it means that one is not there.
 */
function memberLines<T extends object>(
  before: T,
  after: T,
  words: Words<T>,
  optional: readonly (keyof T)[] = [],
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.flatMap((name) => {
    const [old, now] = [(before as Members)[name], (after as Members)[name]]
    if (isSame(old, now)) return []
    const own = words[name as keyof T] as ((before: unknown, after: unknown) => readonly string[]) | undefined
    const isSayable = optional.includes(name as keyof T) || (old !== undefined && now !== undefined)
    const said = isSayable ? (own?.(old, now) ?? []) : []
    return said.length > 0 ? said : [`${name}: ${show(old)} becomes ${show(now)}`]
  })
}

interface ListWords<T> {
  readonly idOf: (item: T) => string
  readonly nameOf: (item: T) => string
  readonly added: (item: T) => readonly string[]
  readonly removed: (item: T) => readonly string[]
  readonly changed: (before: T, after: T) => readonly string[]
}

interface Said {
  readonly name: string
  readonly text: string
}

/** Every item that came, went, changed or moved. */
function listLines<T>(before: readonly T[], after: readonly T[], words: ListWords<T>): Said[] {
  if (isSame(before, after)) return []
  const { idOf, nameOf } = words
  const old = new Map(before.map((item) => [idOf(item), item]))
  const now = new Map(after.map((item) => [idOf(item), item]))
  const whole = { name: 'all', text: `${show(before)} becomes ${show(after)}` }
  // With an id listed twice it is not clear what became of what.
  if (old.size !== before.length || now.size !== after.length) return [whole]
  const lines: Said[] = []
  const say = (item: T, texts: readonly string[]): void => {
    for (const text of texts) lines.push({ name: nameOf(item), text })
  }
  for (const [id, item] of old) {
    const next = now.get(id)
    if (next === undefined) say(item, words.removed(item))
    else if (!isSame(item, next)) say(item, words.changed(item, next))
  }
  for (const [id, item] of now) if (!old.has(id)) say(item, words.added(item))
  const kept = (ids: Iterable<string>): string => [...ids].filter((id) => old.has(id) && now.has(id)).join()
  if (kept(old.keys()) !== kept(now.keys())) {
    lines.push({ name: 'order', text: after.map((item) => quote(nameOf(item))).join(', ') })
  }
  return lines.length > 0 ? lines : [whole]
}

const describeKey = ({ label, attestation, aaguid }: SecurityKey): string =>
  `${quote(label)} (${attestation?.model ?? aaguid})`

function keyLines(before: readonly SecurityKey[], after: readonly SecurityKey[]): string[] {
  const said = listLines(before, after, {
    idOf: ({ credentialId }) => credentialId,
    nameOf: ({ label }) => label,
    added: (key) => [`gets the security key ${describeKey(key)}`],
    removed: (key) => [
      `loses the security key ${describeKey(key)}: it opens nothing in this vault any more; copies of the vault made before still open with it`,
    ],
    changed: (old, now) =>
      memberLines(old, now, {
        label: (was, is) => [`security key ${quote(was)} is now called ${quote(is)}`],
        publicKey: () => [`security key ${quote(old.label)}: another key is put in its place`],
      }),
  })
  return said.map(({ name, text }) => (name === 'order' ? `security keys in another order: ${text}` : text))
}

const describePerson = ({ roles, keys }: Person): string =>
  [roles.join(', ') || 'no role', ...keys.map((key) => `security key ${describeKey(key)}`)].join('; ')

const personLines = (before: Person, after: Person): string[] =>
  memberLines(before, after, {
    name: (was, is) => [`${quote(was)} is now called ${quote(is)}`],
    roles: (was, is) => [`was ${was.join(', ') || 'nothing'}, becomes ${is.join(', ') || 'nothing'}`],
    keys: keyLines,
  })

interface Names {
  readonly nameOf: (person: string) => string
  readonly modelName: (aaguid: string) => string
}

type Delay = NonNullable<Safe['policy']['delay']>

/** Every difference between two rules about waiting; who can stop a request is as grave as how long it waits. */
function delayLines(before: Delay | undefined, after: Delay | undefined, nameOf: Names['nameOf']): string[] {
  if (before === undefined) return after === undefined ? [] : [`from now on ${sayDelay(after, nameOf)}`]
  if (after === undefined) return [`requests no longer wait: before, ${sayDelay(before, nameOf)}`]
  return memberLines(before, after, {
    seconds: (was, is) => [`a request waits ${formatSeconds(is)} after its quorum instead of ${formatSeconds(was)}`],
    vetoers: (was, is) =>
      listLines(was, is, {
        idOf: (person) => person,
        nameOf,
        added: (person) => [`${nameOf(person)} can stop a waiting request`],
        removed: (person) => [`${nameOf(person)} can no longer stop a waiting request`],
        changed: () => [],
      }).map(({ name, text }) =>
        name === 'order' ? `who can stop a waiting request, in another order: ${text}` : text,
      ),
  })
}

const policyLines = (before: Safe['policy'], after: Safe['policy'], { nameOf, modelName }: Names): string[] =>
  memberLines<Safe['policy']>(
    before,
    after,
    {
      windowSecondsMin: (was, is) => [`shortest viewing time: ${formatSeconds(was)} becomes ${formatSeconds(is)}`],
      windowSecondsMax: (was, is) => [`longest viewing time: ${formatSeconds(was)} becomes ${formatSeconds(is)}`],
      requesterMayTap: (_, is) => [
        is ? 'who asks may be one of the quorum' : 'who asks may no longer be one of the quorum',
      ],
      copyAllowed: (_, is) => [is ? 'copying becomes allowed' : 'copying is no longer allowed'],
      passphrase: (_, is) => [
        is === true ? 'each key needs a passphrase besides' : 'keys no longer need a passphrase besides',
      ],
      delay: (was, is) => delayLines(was, is, nameOf),
      models: (_, is) => [
        is === undefined
          ? 'keys of every model are accepted'
          : `only these models of key are accepted: ${is.map((aaguid) => modelName(aaguid)).join(', ')}`,
      ],
    },
    ['passphrase', 'models', 'delay'],
  )

function safeLines(before: Safe, after: Safe, names: Names): string[] {
  const { nameOf } = names
  const custodianLines = (old: Safe['custodians'], now: Safe['custodians']): string[] =>
    listLines(old, now, {
      idOf: ({ person }) => person,
      nameOf: ({ person }) => nameOf(person),
      added: ({ person }) => [`${nameOf(person)} becomes a custodian`],
      removed: ({ person }) => [`${nameOf(person)} is no longer a custodian`],
      changed: (was, is) =>
        memberLines(was, is, { publicKey: () => ['another key opens this share'] }).map(
          (text) => `${nameOf(was.person)}: ${text}`,
        ),
    }).map(({ name, text }) => (name === 'order' ? `custodians in another order: ${text}` : text))
  return memberLines(before, after, {
    name: (was, is) => [`${quote(was)} is now called ${quote(is)}`],
    threshold: (was, is) => [`needs ${is} custodians instead of ${was}`],
    custodians: custodianLines,
    policy: (was, is) => policyLines(was, is, names),
  })
}

function toLines(label: string, text: string): Line[] {
  if (label.length > labelMax) return toLines('Change', `${label}: ${text}`)
  return (text.match(pieces) ?? ['']).map((value, at) => ({ label: at === 0 ? label : 'continued', value }))
}

/** A list in the manifest, each item under its own heading. */
function itemLines<T extends { readonly id: string; readonly name: string }>(
  kind: string,
  before: readonly T[] = [],
  after: readonly T[] = [],
  words: Partial<Omit<ListWords<T>, 'idOf' | 'nameOf'>> = {},
): Line[] {
  const said = listLines(before, after, {
    idOf: ({ id }) => id,
    nameOf: ({ name }) => `${kind} ${quote(name)}`,
    added: (item) => [`is added: ${show(item)}`],
    removed: () => ['is removed'],
    changed: (old, now) => memberLines(old, now, {}),
    ...words,
  })
  return said.flatMap(({ name, text }) =>
    toLines(name === 'order' ? `Order (${kind})` : name === 'all' ? kind : name, text),
  )
}

type Alerts = Manifest['alerts']
type Named = readonly { readonly id: string; readonly name: string }[]

/** Channels, and who hears of what. A channel that is gone is called by its id: what hears of nothing needs no name. */
function alertLines(before: Alerts, after: Alerts, safes: Named = [], oldSafes: Named = []): Line[] {
  const { channels: oldChannels = [], routes: oldRoutes = [], ...oldRest } = before ?? {}
  const { channels = [], routes = [], ...rest } = after ?? {}
  const known = [...safes, ...oldSafes.filter(({ id }) => !safes.some((safe) => safe.id === id))]
  const names = { safe: nameIn(known), channel: nameIn(channels) }
  const lines = [
    ...itemLines('Alert channel', oldChannels, channels),
    ...describeRoutes(oldRoutes, routes, names).flatMap((text) => toLines('Alerts', text)),
    ...memberLines<object>(oldRest, rest, {}).flatMap((text) => toLines('Alerts', text)),
  ]
  if (lines.length > 0 || isSame(before, after)) return lines
  return toLines('Alerts', `${show(before)} becomes ${show(after)}`)
}

/**
 * Lines about what `next` changes; empty exactly when the two say the same, but for what every version has of its own
 * (`version`, `previous`, `createdAt`).
 */
export function changeLines(previous: Manifest, next: Manifest): Line[] {
  const nameOf = (id: string): string =>
    [...previous.persons, ...next.persons].find((person) => person.id === id)?.name ?? id
  // With its id: two models may have one name.
  const modelName = (aaguid: string): string => {
    const model = [...(next.models ?? []), ...(previous.models ?? [])].find((one) => one.aaguid === aaguid)
    return model === undefined ? aaguid : `${quote(model.name)} (${aaguid})`
  }
  const own = { version: 0, previous: null, createdAt: '' }
  const { persons, safes, stations, sinks, models, alerts, ...before } = { ...previous, ...own }
  const {
    persons: _persons,
    safes: _safes,
    stations: _stations,
    sinks: _sinks,
    models: _models,
    alerts: _alerts,
    ...after
  } = {
    ...next,
    ...own,
  }
  const named = (list: Manifest['models'] = []): (NonNullable<Manifest['models']>[number] & { id: string })[] =>
    list.map((model) => ({ ...model, id: model.aaguid }))
  return [
    ...itemLines('Person', persons, next.persons, {
      added: (person) => [`is added: ${describePerson(person)}`],
      changed: personLines,
    }),
    ...itemLines('Safe', safes, next.safes, {
      added: (safe) => [
        `is added: ${safe.threshold} of ${safe.custodians.map(({ person }) => nameOf(person)).join(', ')}; ${show(safe.policy)}${safe.policy.delay === undefined ? '' : `; ${sayDelay(safe.policy.delay, nameOf)}`}`,
      ],
      changed: (old, now) => safeLines(old, now, { nameOf, modelName }),
    }),
    ...itemLines('Station', stations, next.stations),
    ...itemLines('Sink', sinks, next.sinks),
    ...alertLines(alerts, next.alerts, next.safes, safes),
    ...itemLines('Model of key', named(models), named(next.models), {
      added: ({ aaguid, roots }) => [`is accepted: ${aaguid}, vouched for by ${roots.length} certificates`],
    }),
    ...memberLines<object>(before, after, {
      name: (was: string, is: string) => [`the vault ${quote(was)} is now called ${quote(is)}`],
      quorum: (was: number, is: number) => [`later changes need ${is} custodians instead of ${was}`],
    }).flatMap((text) => toLines('Vault', text)),
  ]
}
