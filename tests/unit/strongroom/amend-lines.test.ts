/** What those who sign a change of the manifest are shown: every difference, each with a line of its own. */
import { describe, expect, it } from 'vitest'
import { changeLines } from '../../../electron/strongroom/operations/amend-lines.ts'
import { fromUtf8 } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { tapViewSchema } from '../../../shared/contracts/tap.ts'
import { manifestSchema, type Manifest } from '../../../shared/domain/manifest.ts'
import { createWorld } from '../../support/sealed-world.ts'
import { newId } from '../../support/node-app.ts'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** A manifest in which every optional member is there. */
function fullManifest(): Manifest {
  const { manifest } = createWorld({ n: 3, k: 2 })
  const aaguid = '11111111-2222-3333-4444-555555555555'
  const [first, ...others] = manifest.persons
  const [safe] = manifest.safes
  if (first === undefined || safe === undefined) throw new Error('empty world')
  const channels = [newId(), newId(), newId()]
  const pem = `-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\n-----END CERTIFICATE-----\n`
  return manifestSchema.parse({
    ...manifest,
    persons: [
      { ...first, keys: first.keys.map((key) => ({ ...key, attestation: { format: 'packed', model: 'Acme One' } })) },
      ...others,
    ],
    safes: [
      {
        ...safe,
        policy: {
          ...safe.policy,
          models: [aaguid],
          passphrase: true,
          delay: { seconds: 14_400, vetoers: [first.id, others[0]?.id ?? ''] },
        },
      },
      { ...safe, id: newId(), name: 'Safe two' },
    ],
    stations: [...manifest.stations, { ...manifest.stations[0]!, id: newId(), name: 'Second station' }],
    models: [{ aaguid, name: 'Acme One', roots: ['AAAA', 'BBBB'] }],
    sinks: [
      { id: newId(), name: 'Stick', kind: 'folder', path: '/mnt/stick' },
      {
        id: newId(),
        name: 'Post',
        kind: 'https',
        url: 'https://x.example/',
        mode: 'cloudevents',
        auth: 'none',
        ca: pem,
      },
    ],
    alerts: {
      channels: [
        { id: channels[0], name: 'Here', kind: 'desktop' },
        {
          id: channels[1],
          name: 'Mail',
          kind: 'smtp',
          host: 'mail.example',
          port: 587,
          security: 'starttls',
          from: 'a@example.org',
          to: ['b@example.org', 'c@example.org'],
          user: 'halligan',
          ca: pem,
        },
        {
          id: channels[2],
          name: 'Hook',
          kind: 'webhook',
          shape: 'generic',
          url: 'https://hook.example/',
          auth: 'token',
        },
      ],
      routes: [
        { safe: null, severity: 'info', channels: [channels[0], channels[1]] },
        { safe: safe.id, severity: 'critical', channels: [channels[2]] },
      ],
    },
  })
}

type Path = (string | number)[]

/** Every place in a JSON value. */
function placesOf(value: Json, path: Path = []): Path[] {
  const inner = value !== null && typeof value === 'object' ? Object.entries(value) : []
  return [path, ...inner.flatMap(([name, one]) => placesOf(one, [...path, Array.isArray(value) ? Number(name) : name]))]
}

const at = (value: Json, path: Path): Json =>
  path.reduce<Json>((one, name) => (one as Record<string | number, Json>)[name]!, value)

function change(
  value: Json,
  path: Path,
  bend: (holder: Record<string | number, Json>, name: string | number) => void,
): Json {
  const copy = structuredClone(value)
  const last = path.at(-1)
  if (last === undefined) throw new Error('the root')
  bend(at(copy, path.slice(0, -1)) as Record<string | number, Json>, last)
  return copy
}

const other = (value: Json): Json => {
  if (typeof value === 'string') return `${value}x`
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  return value
}

const own = new Set(['version', 'previous', 'createdAt'])
const linesOf = (before: Json, after: Json): string[] =>
  changeLines(before as unknown as Manifest, after as unknown as Manifest).map(
    ({ label, value }) => `${label}: ${value}`,
  )

/** Without what every version has of its own. */
const essence = (json: Json): string =>
  fromUtf8(canonicalBytes({ ...(json as Record<string, Json>), version: 0, previous: 0, createdAt: 0 }))

describe('lines about a change', () => {
  const manifest = fullManifest() as unknown as Json

  it('are there for every member that differs, also for one that nobody knows yet', () => {
    expect(linesOf(manifest, structuredClone(manifest))).toEqual([])
    let seen = 0
    for (const path of placesOf(manifest).slice(1)) {
      const value = at(manifest, path)
      const variants: Json[] = [
        change(manifest, path, (holder, name) => {
          holder[name] = other(value)
        }),
        change(manifest, path, (holder, name) => {
          if (Array.isArray(holder)) holder.splice(Number(name), 1)
          else Reflect.deleteProperty(holder, name)
        }),
        change(manifest, path, (holder) => {
          if (!Array.isArray(holder)) holder['later'] = 'unknown'
          else holder.push(structuredClone(value))
        }),
        change(manifest, path, (holder) => {
          if (Array.isArray(holder)) holder.reverse()
        }),
      ]
      for (const variant of variants) {
        const counts = essence(variant) !== essence(manifest)
        expect(linesOf(manifest, variant).length > 0, path.join('.')).toBe(counts)
        if (counts) seen++
      }
    }
    expect(seen).toBeGreaterThan(300)
  })

  it('show each of two changes, whichever they are', () => {
    // Under another id it is another thing: one is removed and one is added, and those are the lines. A public key is one thing.
    const ids = new Set(['id', 'credentialId', 'person', 'aaguid', 'kty', 'crv', 'x', 'y'])
    const paths = placesOf(manifest)
      .filter(([first]) => first !== undefined && !own.has(String(first)))
      .filter((path) => typeof at(manifest, path) !== 'object' && !ids.has(String(path.at(-1))))
    const full = process.env['HALLIGAN_CAMPAIGN'] === 'full'
    let state = 7
    const next = (): number => (state = (state * 48_271) % 2_147_483_647)
    for (let round = 0; round < (full ? 20_000 : 300); round++) {
      const [a, b] = [paths[next() % paths.length]!, paths[next() % paths.length]!]
      const bend = (from: Json, path: Path): Json =>
        change(from, path, (holder, name) => {
          holder[name] = other(at(manifest, path))
        })
      const one = bend(manifest, a)
      const both = bend(one, b)
      if (JSON.stringify(one) === JSON.stringify(both)) continue
      expect(linesOf(manifest, both), `${a.join('.')} and ${b.join('.')}`).not.toEqual(linesOf(manifest, one))
    }
  })

  it('say the usual things in words', () => {
    const before = createWorld({ n: 3, k: 2 }).manifest
    const [first, second, third] = before.persons
    const [safe] = before.safes
    const after: Manifest = {
      ...before,
      name: 'New name',
      quorum: 3,
      persons: [
        { ...first!, keys: [{ ...first!.keys[0]!, label: 'at home' }] },
        { ...second!, roles: ['custodian', 'lead'] },
        ...before.persons.slice(2),
      ],
      safes: [
        { ...safe!, threshold: 3, custodians: [...safe!.custodians], policy: { ...safe!.policy, copyAllowed: true } },
      ],
    }
    expect(third).toBeDefined()
    expect(linesOf(before as unknown as Json, after as unknown as Json)).toEqual([
      'Person “Custodian 1”: security key “Key 1” is now called “at home”',
      'Person “Custodian 1”: loses the security key “Key 2” (00000000-0000-0000-0000-000000000000): it opens nothing in this vault any more; copies of the vault made before still open with it',
      'Person “Custodian 2”: was custodian, becomes custodian, lead',
      'Safe “Safe one”: copying becomes allowed',
      'Safe “Safe one”: needs 3 custodians instead of 2',
      'Vault: the vault “Test vault” is now called “New name”',
      'Vault: later changes need 3 custodians instead of 2',
    ])
  })

  it('say what becomes of a wait, and of who can stop it', () => {
    const plain = createWorld({ n: 3, k: 2 }).manifest
    const [safe] = plain.safes
    const [first, second, third] = plain.persons.map(({ id }) => id)
    const withDelay = (seconds: number, ...vetoers: string[]): Json =>
      ({
        ...plain,
        safes: [{ ...safe!, policy: { ...safe!.policy, delay: { seconds, vetoers } } }],
      }) as unknown as Json
    const before = withDelay(14_400, first!, second!)
    expect(linesOf(plain as unknown as Json, before)).toEqual([
      'Safe “Safe one”: from now on a request waits 4 hours after its quorum and can be stopped meanwhile by Custodian 1, Custodian 2',
    ])
    expect(linesOf(before, plain as unknown as Json)).toEqual([
      'Safe “Safe one”: requests no longer wait: before, a request waits 4 hours after its quorum and can be stopped meanwhile by Custodian 1, Custodian 2',
    ])
    expect(linesOf(before, withDelay(900, third!, second!))).toEqual([
      'Safe “Safe one”: a request waits 15 minutes after its quorum instead of 4 hours',
      'Safe “Safe one”: Custodian 1 can no longer stop a waiting request',
      'Safe “Safe one”: Custodian 3 can stop a waiting request',
    ])
    expect(linesOf(before, withDelay(14_400, second!, first!))).toEqual([
      'Safe “Safe one”: who can stop a waiting request, in another order: “Custodian 2”, “Custodian 1”',
    ])
    const added = {
      ...plain,
      safes: [safe!, { ...(before as unknown as Manifest).safes[0]!, id: newId(), name: 'Safe two' }],
    }
    expect(linesOf(plain as unknown as Json, added as unknown as Json).join()).toContain(
      'can be stopped meanwhile by Custodian 1, Custodian 2',
    )
  })

  it('say what becomes of passphrases and models of key', () => {
    const plain = createWorld({ n: 3, k: 2 }).manifest
    const aaguid = '11111111-2222-3333-4444-555555555555'
    const [safe] = plain.safes
    const strict: Manifest = {
      ...plain,
      models: [{ aaguid, name: 'Acme One', roots: ['AAAA'] }],
      safes: [{ ...safe!, policy: { ...safe!.policy, passphrase: true, models: [aaguid] } }],
    }
    const [before, after] = [plain, strict]
    expect(linesOf(before as unknown as Json, after as unknown as Json)).toEqual([
      `Safe “Safe one”: only these models of key are accepted: “Acme One” (${aaguid})`,
      'Safe “Safe one”: each key needs a passphrase besides',
      `Model of key “Acme One”: is accepted: ${aaguid}, vouched for by 1 certificates`,
    ])
    expect(linesOf(after as unknown as Json, before as unknown as Json)).toEqual([
      'Safe “Safe one”: keys of every model are accepted',
      'Safe “Safe one”: keys no longer need a passphrase besides',
      'Model of key “Acme One”: is removed',
    ])
  })

  it('fit the page whatever the manifest holds, and disguise nothing', () => {
    const before = fullManifest()
    const roots = Array.from({ length: 16 }, () => 'A'.repeat(5461))
    const after: Manifest = {
      ...before,
      models: [{ aaguid: before.models![0]!.aaguid, name: `${'M'.repeat(119)}z`, roots }],
      sinks: [{ id: before.sinks![0]!.id, name: 'Stick', kind: 'folder', path: '/mnt/\u202egnp.\u0007' }],
    }
    const lines = changeLines(before, after)
    const view = { kind: 'amend', title: 'x', lines, people: [], have: 0, need: 1, instruction: 'x' }
    expect(tapViewSchema.safeParse(view).error).toBeUndefined()
    const text = lines.map(({ value }) => value).join('')
    for (const root of roots) expect(text).toContain(root)
    expect(text).toContain('\\u202e')
  })
})
