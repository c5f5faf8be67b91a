import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findRefusedSwitch, readCommandLine } from '../../../electron/main/command-line.ts'

describe('the command line of a release build', () => {
  test('lets its own switches, folders and what macOS adds through', () => {
    expect(findRefusedSwitch(['/opt/app', '--vault-dir=/v', '--user-data-dir=/u', '--lang=de'], 'linux')).toBeNull()
    expect(findRefusedSwitch(['-psn_0_12345'], 'darwin')).toBeNull()
    expect(findRefusedSwitch([], 'win32')).toBeNull()
  })

  test.each(['--', '-', '--vault-dirs', '--VAULT-DIR=x', '-psn_0_12345', '--lang-x', '--=x'])(
    'refuses %s on Linux',
    (argument) => {
      expect(findRefusedSwitch(['app', argument], 'linux')).toBe(argument)
    },
  )

  test('knows the Windows spelling', () => {
    expect(findRefusedSwitch(['/no-sandbox'], 'win32')).toBe('/no-sandbox')
    expect(findRefusedSwitch(['/NO-SANDBOX'], 'win32')).toBe('/NO-SANDBOX')
    expect(findRefusedSwitch(['/LANG=de'], 'win32')).toBeNull()
  })

  test('refuses any switch that is not on the list, wherever it stands', () => {
    const known = ['vault-dir', 'user-data-dir', 'disable-gpu', 'lang']
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z][a-z-]{0,30}$/),
        fc.nat(3),
        fc.constantFrom('-', '--'),
        (name, at, dashes) => {
          fc.pre(!known.includes(name) && !/^(force|ozone)-/.test(name))
          const args = ['app', '--lang=de', '--vault-dir=/v']
          args.splice(at, 0, `${dashes}${name}=1`)
          expect(findRefusedSwitch(args, 'linux')).toBe(`${dashes}${name}=1`)
        },
      ),
    )
  })
})

test('our own switches are read, the last one counts', () => {
  expect(readCommandLine(['app', '--vault-dir=/a', '--vault-dir=/b=c', '--keep-tap-page', '--export-dir=/e'])).toEqual({
    vaultDir: '/b=c',
    development: { keepTapPage: true, exportDir: '/e' },
  })
  expect(readCommandLine(['app'])).toEqual({ vaultDir: null, development: { keepTapPage: false, exportDir: null } })
})
