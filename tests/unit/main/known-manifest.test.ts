/** The file that holds the newest manifest this machine has seen in force. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs' // prettier-ignore
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openKnownManifests, type KnownManifests } from '../../../electron/main/known-manifest.ts'
import type { KnownManifest } from '../../../shared/contracts/broker.ts'
import type { ErrorCode } from '../../../shared/errors.ts'

const id = (): string => randomBytes(16).toString('base64url')
const version = (number: number): KnownManifest => ({ version: number, hash: randomBytes(32).toString('base64url') })
const folder = '/home/somebody/vault'

let dir: string
let vault: string
const file = (): string => path.join(dir, `known-manifest-${vault}`)
/** As after a restart. */
const open = (where = folder): KnownManifests => openKnownManifests(dir, where)
const refuses = (act: () => unknown, code: ErrorCode): void => {
  expect(act).toThrow(expect.objectContaining({ code }) as Error)
}

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-known-'))
  vault = id()
})
afterEach(() => {
  rmSync(dir, { recursive: true })
})

describe('what is known', () => {
  it('is nothing at first; then the newest, for the user alone, also after a restart', () => {
    const [one, two] = [version(1), version(2)]
    const known = open()
    expect(known.find(vault)).toBeNull()
    known.see(vault, one)
    expect(known.find(vault)).toEqual(one)
    known.see(vault, two)
    expect(open().find(vault)).toEqual(two)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir)).toEqual([path.basename(file())])
  })

  it('never goes back, nor to another of the same number; the same again writes nothing', () => {
    const [one, two, three] = [version(1), version(2), version(3)]
    open().see(vault, two)
    const { mtimeMs, ino } = statSync(file())
    for (const known of [open()]) {
      refuses(() => {
        known.see(vault, one)
      }, 'MANIFEST_OLDER')
      refuses(() => {
        known.see(vault, version(2))
      }, 'MANIFEST_OLDER')
      known.see(vault, two)
    }
    expect(statSync(file())).toMatchObject({ mtimeMs, ino })
    open().see(vault, three)
    expect(open().find(vault)).toEqual(three)
  })

  it('stays known in this run though the file goes', () => {
    const one = version(1)
    const known = open()
    known.see(vault, one)
    rmSync(file())
    expect(known.find(vault)).toEqual(one)
    expect(open().find(vault)).toBeNull()
  })

  it('is not durable, and so not known, when it cannot be written', () => {
    const known = openKnownManifests(path.join(dir, 'gone'), folder)
    refuses(() => {
      known.see(vault, version(1))
    }, 'STORAGE_FAILED')
    expect(known.find(vault)).toBeNull()
  })

  it('survives what a write that was cut off left behind', () => {
    writeFileSync(`${file()}.new`, 'half')
    open().see(vault, version(1))
    expect(existsSync(`${file()}.new`)).toBe(false)
    expect(open().find(vault)?.version).toBe(1)
  })
})

describe('another vault in the same folder', () => {
  it('is refused, whatever id it says it has; elsewhere it is a vault like any other', () => {
    const other = id()
    open().see(vault, version(1))
    refuses(() => open().find(other), 'MANIFEST_OLDER')
    refuses(() => {
      open().see(other, version(1))
    }, 'MANIFEST_OLDER')
    const elsewhere = open('/home/somebody/other')
    expect(elsewhere.find(other)).toBeNull()
    elsewhere.see(other, version(1))
    expect(open().find(vault)?.version).toBe(1)
    // Both known: each is found wherever it is.
    expect(open('/mnt/moved').find(vault)?.version).toBe(1)
  })
})

describe('a file that cannot be read is not the same as none', () => {
  const damages: Record<string, () => void> = {
    empty: () => {
      writeFileSync(file(), '')
    },
    'no JSON': () => {
      writeFileSync(file(), '{')
    },
    'another format': () => {
      writeFileSync(file(), readFileSync(file(), 'utf8').replace('/v1', '/v2'))
    },
    'a member more': () => {
      writeFileSync(file(), JSON.stringify({ ...(JSON.parse(readFileSync(file(), 'utf8')) as object), more: 1 }))
    },
    'the hash cut off': () => {
      const kept = JSON.parse(readFileSync(file(), 'utf8')) as { hash: string }
      writeFileSync(file(), JSON.stringify({ ...kept, hash: kept.hash.slice(1) }))
    },
    'of another vault': () => {
      const other = id()
      openKnownManifests(dir, '/elsewhere').see(other, version(9))
      renameSync(path.join(dir, `known-manifest-${other}`), file())
    },
    'too long': () => {
      writeFileSync(file(), readFileSync(file(), 'utf8') + ' '.repeat(20_000))
    },
    'a folder': () => {
      rmSync(file())
      copyFileSync('/etc/hostname', `${file()}x`)
      execFileSync('mkdir', [file()])
    },
    'a link, though to the file itself': () => {
      renameSync(file(), `${file()}-real`)
      symlinkSync(`${file()}-real`, file())
    },
    'a link to nowhere': () => {
      rmSync(file())
      symlinkSync(path.join(dir, 'nowhere'), file())
    },
    'a pipe, which nobody writes to': () => {
      rmSync(file())
      execFileSync('mkfifo', [file()])
    },
  }

  it.each(Object.keys(damages))('%s', (name) => {
    open().see(vault, version(2))
    damages[name]?.()
    refuses(() => open().find(vault), 'MANIFEST_MEMORY_DAMAGED')
    // Nor is it replaced by what comes along.
    refuses(() => {
      open().see(vault, version(3))
    }, 'MANIFEST_MEMORY_DAMAGED')
    // Nor does a vault that nobody knows pass by it: it may be the one of this folder.
    refuses(() => open().find(id()), 'MANIFEST_MEMORY_DAMAGED')
  })
})
