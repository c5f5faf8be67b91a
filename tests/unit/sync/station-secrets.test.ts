import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStationSecrets, type Keychain } from '../../../electron/main/station-secrets.ts'
import { createSinkShelf } from '../../../electron/courier/sink-shelf.ts'
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { placeHash, settingsHash } from '../../../shared/audit/sink-settings.ts'
import { needsSecret, sinkSchema, type SinkSettings } from '../../../shared/domain/sink.ts'
import { newId, random } from '../../support/vault-world.ts'
import { createScriptedSink } from './scripted-sink.ts'

let dir: string
let file: string
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-secrets-'))
  file = path.join(dir, 'sink-secrets')
})
afterEach(() => rmSync(dir, { recursive: true }))

const scramble: Keychain = {
  encrypt: (text) => Buffer.from(text).map((byte) => byte ^ 0x55),
  decrypt: (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0x55)).toString(),
}
const vault = newId()
const one = { owner: newId(), settings: random(32), secret: { password: 'correct horse' } }
const openSinks = (of = vault, keychain: Keychain | null = null) =>
  openStationSecrets(file, () => keychain).drawer('sink', of)
const openChannels = (of = vault) => openStationSecrets(file, () => null).drawer('channel', of)

describe("a sink's secret", () => {
  it('is kept in the keychain where there is one', () => {
    openSinks(vault, scramble).keep(one)
    expect(readFileSync(file, 'utf8')).not.toContain(Buffer.from('correct').toString('base64').slice(0, 8))
    const again = openSinks(vault, scramble)
    expect(again.list()).toEqual([{ owner: one.owner, settings: one.settings, where: 'keychain' }])
    expect(again.reveal()).toEqual([one])
  })

  it('else in a file for this user only, and says so', () => {
    openSinks().keep(one)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(openSinks().list()).toMatchObject([{ where: 'file' }])
    expect(openSinks().reveal()).toEqual([one])
  })

  it('is missing when the keychain is another one, or none', () => {
    openSinks(vault, scramble).keep(one)
    const refusing: Keychain = {
      ...scramble,
      decrypt: () => {
        throw new Error('wrong keychain')
      },
    }
    for (const keychain of [null, refusing]) {
      expect(openSinks(vault, keychain).list()).toEqual([])
      expect(openSinks(vault, keychain).reveal()).toEqual([])
    }
  })

  it('is replaced by the next one, and forgotten by an empty one', () => {
    const secrets = openSinks()
    secrets.keep(one)
    secrets.keep({ ...one, secret: { token: 'abc' } })
    expect(secrets.reveal()).toEqual([{ ...one, secret: { token: 'abc' } }])
    secrets.keep({ ...one, secret: {} })
    expect(secrets.list()).toEqual([])
    expect(readFileSync(file, 'utf8')).not.toContain(one.owner)
  })

  it('is forgotten once its sink is none any more', () => {
    const secrets = openSinks()
    const two = { ...one, owner: newId() }
    secrets.keep(one)
    secrets.keep(two)
    secrets.forgetOthers([two.owner, newId()])
    expect(secrets.reveal()).toEqual([two])
    expect(readFileSync(file, 'utf8')).not.toContain(one.owner)
    secrets.forgetOthers([])
    expect(openSinks().list()).toEqual([])
  })

  it('of another vault is neither seen, replaced nor forgotten', () => {
    const all = openStationSecrets(file, () => null)
    const other = newId()
    // A copy of a vault's folder has the same sinks; the file is one.
    const theirs = { ...one, secret: { password: 'theirs' } }
    all.drawer('sink', vault).keep(one)
    all.drawer('sink', other).keep(theirs)
    expect(all.drawer('sink', vault).reveal()).toEqual([one])
    all.drawer('sink', other).forgetOthers([])
    expect(openSinks(other).list()).toEqual([])
    expect(openSinks().reveal()).toEqual([one])
    all.drawer('sink', other).keep({ ...theirs, secret: {} })
    expect(openSinks().reveal()).toEqual([one])
  })

  it('and those of alert channels stay apart', () => {
    const all = openStationSecrets(file, () => null)
    const token = { owner: newId(), settings: random(32), secret: { token: 'routing-key' } }
    all.drawer('sink', vault).keep(one)
    all.drawer('channel', vault).keep(token)
    all.drawer('sink', vault).forgetOthers([one.owner])
    all.drawer('channel', vault).forgetOthers([token.owner])
    expect(openSinks().reveal()).toEqual([one])
    expect(openChannels().reveal()).toEqual([token])
    all.drawer('sink', vault).forgetOthers([])
    expect(openChannels().reveal()).toEqual([token])
  })

  it('is refused rather than kept in the place of another one’s', () => {
    const secrets = openSinks()
    for (let count = 0; count < 64; count++) secrets.keep({ ...one, owner: newId() })
    expect(() => secrets.keep(one)).toThrow(expect.objectContaining({ detail: { reason: 'too-many' } }))
    const [first] = secrets.list()
    secrets.keep({ ...one, owner: first!.owner })
    expect(openSinks().list()).toHaveLength(64)
    // Other vaults, and this one's channels, have places of their own.
    openSinks(newId()).keep(one)
    openChannels().keep({ ...one, secret: { token: 'x' } })
  })

  it('in a file that is damaged is none, and the file is set aside rather than written over', () => {
    const damaged = ['', '{', '{"format":"halligan/sink-secrets/v1","secrets":[{"sink":"x"}]}']
    for (const text of damaged) {
      writeFileSync(file, text)
      expect(openSinks().list()).toEqual([])
      openSinks().keep(one)
    }
    const aside = readdirSync(dir).filter((name) => name.includes('.damaged'))
    expect(aside.map((name) => readFileSync(path.join(dir, name), 'utf8')).sort()).toEqual(damaged.sort())
  })

  it('in a file that cannot be read is none for now, and nothing is written over it', () => {
    // Not even root reads a folder as a file.
    mkdirSync(file)
    const secrets = openSinks()
    expect(secrets.list()).toEqual([])
    secrets.forgetOthers([])
    expect(() => secrets.keep(one)).toThrow(expect.objectContaining({ code: 'STORAGE_FAILED' }))
    rmdirSync(file)
    secrets.keep(one)
    expect(openSinks().reveal()).toEqual([one])
  })

  it('that cannot be written is refused', () => {
    const secrets = openStationSecrets(path.join(dir, 'no', 'such', 'folder'), () => null).drawer('sink', vault)
    expect(() => secrets.keep(one)).toThrow(expect.objectContaining({ code: 'STORAGE_FAILED' }))
  })

  it('kept by a version that knew of no vaults is that of the first vault that names its sink', () => {
    const two = newId()
    const entry = (sink: string) => ({
      ...{ sink, settings: one.settings, where: 'file' },
      value: Buffer.from(JSON.stringify(one.secret)).toString('base64'),
    })
    const secrets = [entry(one.owner), entry(two)]
    writeFileSync(file, JSON.stringify({ format: 'halligan/sink-secrets/v1', secrets }))
    const [first, second] = [newId(), newId()]
    // Nobody has named it yet: nobody's to forget.
    openSinks(newId()).forgetOthers([])
    openSinks(first).forgetOthers([one.owner])
    openSinks(second).forgetOthers([one.owner, two])
    expect(openSinks(first).reveal()).toEqual([one])
    expect(openSinks(second).reveal()).toEqual([{ ...one, owner: two }])
  })
})

const postgresql: SinkSettings = {
  id: newId(),
  name: 'Log database',
  kind: 'postgresql',
  host: 'db.example',
  port: 5432,
  database: 'audit',
  user: 'halligan',
  schema: 'halligan',
}

describe('the courier', () => {
  it('uses a secret with the settings that it was set for, and with no others', async () => {
    const made: unknown[] = []
    const shelf = createSinkShelf((settings, secret) => {
      made.push([settings.kind, secret])
      return createScriptedSink().open()
    })
    const secret = { password: 'p' }
    await shelf.configure([postgresql])
    expect(() => shelf.take(postgresql.id)).toThrow(expect.objectContaining({ code: 'SINK_LOGIN' }))
    await shelf.setSecrets([{ sink: postgresql.id, settings: settingsHash(nodePrimitives, postgresql), secret }])
    shelf.take(postgresql.id)
    expect(made).toEqual([['postgresql', secret]])
    // Another name is no other place.
    await shelf.configure([{ ...postgresql, name: 'Renamed' }])
    shelf.take(postgresql.id)
    for (const change of [{ host: 'evil.example' }, { port: 1 }, { ca: 'x' }, { user: 'root' }, { database: 'x' }]) {
      await shelf.configure([{ ...postgresql, ...change }])
      expect(() => shelf.take(postgresql.id)).toThrow(expect.objectContaining({ code: 'SINK_LOGIN' }))
    }
    expect(() => shelf.take(newId())).toThrow(expect.objectContaining({ code: 'SINK_UNKNOWN' }))
    expect(made).toHaveLength(1)
  })
})

describe('settings', () => {
  it('of the same place may change who logs in and whom it trusts, not where it is', () => {
    const at = (settings: SinkSettings): string => placeHash(nodePrimitives, settings)
    expect(at({ ...postgresql, user: 'other', ca: 'x', name: 'N' })).toBe(at(postgresql))
    for (const change of [{ host: 'x' }, { port: 1 }, { database: 'x' }, { schema: 'x' }]) {
      expect(at({ ...postgresql, ...change })).not.toBe(at(postgresql))
    }
  })

  it('say whether a secret is needed', () => {
    const https = { id: newId(), name: 'H', kind: 'https', url: 'https://x.example/', mode: 'cloudevents' } as const
    expect(needsSecret(postgresql)).toBe(true)
    expect(needsSecret({ ...https, auth: 'none' })).toBe(false)
    expect(needsSecret({ ...https, auth: 'token' })).toBe(true)
  })

  it('that are no settings are refused', () => {
    const https = { id: newId(), name: 'H', kind: 'https', mode: 'cloudevents', auth: 'none' }
    const good = { ...https, url: 'https://logs.example:8443/in?x=1' }
    expect(sinkSchema.safeParse(good).success).toBe(true)
    const bad: unknown[] = [
      { ...https, url: 'http://logs.example/' },
      { ...https, url: 'file:///etc/passwd' },
      { ...good, password: 'x' },
      { ...postgresql, host: 'a b' },
      { ...postgresql, host: '-oProxyCommand' },
      { ...postgresql, port: 0 },
      { ...postgresql, schema: 'a"; DROP' },
      { ...postgresql, ca: 'not a certificate' },
      { id: newId(), name: 'F', kind: 'folder', path: 'relative/path' },
      { id: newId(), name: 'F', kind: 'folder', path: '/a\0b' },
    ]
    for (const settings of bad) expect(sinkSchema.safeParse(settings).success, JSON.stringify(settings)).toBe(false)
  })
})
