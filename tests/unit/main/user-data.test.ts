import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makePrivateFolder } from '../../../electron/main/user-data.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-private-'))
afterAll(() => rmSync(dir, { recursive: true }))

test('a folder that is not there is made, for this user only', () => {
  expect(makePrivateFolder(path.join(dir, 'a/b'))).toBeNull()
  expect(statSync(path.join(dir, 'a/b')).mode & 0o777).toBe(0o700)
})

test('a folder open to others is closed', () => {
  mkdirSync(path.join(dir, 'open'))
  chmodSync(path.join(dir, 'open'), 0o777)
  expect(makePrivateFolder(path.join(dir, 'open'))).toBeNull()
  expect(statSync(path.join(dir, 'open')).mode & 0o777).toBe(0o700)
})

test('a link, though to a folder of ours, is refused', () => {
  symlinkSync(path.join(dir, 'a'), path.join(dir, 'link'))
  expect(makePrivateFolder(path.join(dir, 'link'))).toContain('symbolic link')
})

test('a file is an error', () => {
  writeFileSync(path.join(dir, 'file'), '')
  expect(() => makePrivateFolder(path.join(dir, 'file'))).toThrow('EEXIST')
})
