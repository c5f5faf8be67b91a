import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSinkSecrets, type Keychain } from '../../../electron/main/sink-secrets.ts'
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
const one = { sink: newId(), settings: random(32), secret: { password: 'correct horse' } }

describe("a sink's secret", () => {
  it('is kept in the keychain where there is one', () => {
    openSinkSecrets(file, () => scramble).keep(one)
    expect(readFileSync(file, 'utf8')).not.toContain(Buffer.from('correct').toString('base64').slice(0, 8))
    const again = openSinkSecrets(file, () => scramble)
    expect(again.list()).toEqual([{ sink: one.sink, settings: one.settings, where: 'keychain' }])
    expect(again.reveal()).toEqual([one])
  })

  it('else in a file for this user only, and says so', () => {
    const secrets = openSinkSecrets(file, () => null)
    secrets.keep(one)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(openSinkSecrets(file, () => null).list()).toMatchObject([{ where: 'file' }])
    expect(openSinkSecrets(file, () => null).reveal()).toEqual([one])
  })

  it('is missing when the keychain is another one, or none', () => {
    openSinkSecrets(file, () => scramble).keep(one)
    const refusing: Keychain = {
      ...scramble,
      decrypt: () => {
        throw new Error('wrong keychain')
      },
    }
    for (const keychain of [null, refusing]) {
      const secrets = openSinkSecrets(file, () => keychain)
      expect(secrets.list()).toEqual([])
      expect(secrets.reveal()).toEqual([])
    }
  })

  it('is replaced by the next one, and forgotten by an empty one', () => {
    const secrets = openSinkSecrets(file, () => null)
    secrets.keep(one)
    secrets.keep({ ...one, secret: { token: 'abc' } })
    expect(secrets.reveal()).toEqual([{ ...one, secret: { token: 'abc' } }])
    secrets.keep({ ...one, secret: {} })
    expect(secrets.list()).toEqual([])
    expect(readFileSync(file, 'utf8')).not.toContain(one.sink)
  })

  it('is forgotten once its sink is none any more', () => {
    const secrets = openSinkSecrets(file, () => null)
    const two = { ...one, sink: newId() }
    secrets.keep(one)
    secrets.keep(two)
    secrets.forgetOthers([two.sink, newId()])
    expect(secrets.reveal()).toEqual([two])
    expect(readFileSync(file, 'utf8')).not.toContain(one.sink)
    secrets.forgetOthers([])
    expect(openSinkSecrets(file, () => null).list()).toEqual([])
  })

  it('is refused rather than kept in the place of another one’s', () => {
    const secrets = openSinkSecrets(file, () => null)
    for (let count = 0; count < 64; count++) secrets.keep({ ...one, sink: newId() })
    expect(() => secrets.keep(one)).toThrow(expect.objectContaining({ detail: { reason: 'too-many' } }))
    const [first] = secrets.list()
    secrets.keep({ ...one, sink: first!.sink })
    expect(openSinkSecrets(file, () => null).list()).toHaveLength(64)
  })

  it('in a file that is damaged is none', () => {
    for (const text of ['', '{', '{"format":"halligan/sink-secrets/v1","secrets":[{"sink":"x"}]}']) {
      writeFileSync(file, text)
      expect(openSinkSecrets(file, () => null).list()).toEqual([])
    }
  })

  it('that cannot be written is refused', () => {
    const secrets = openSinkSecrets(path.join(dir, 'no', 'such', 'folder'), () => null)
    expect(() => secrets.keep(one)).toThrow(expect.objectContaining({ code: 'STORAGE_FAILED' }))
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
