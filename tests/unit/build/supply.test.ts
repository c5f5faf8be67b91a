import { describe, expect, it } from 'vitest'
import { findElectronTooOld, findForeignPackages, findLoosePins, readSupply } from '../../../build/check-supply.ts'

describe('the packages this checkout builds on', () => {
  const { manifest, lockfile } = readSupply()

  it('are pinned to exact versions', () => {
    expect(findLoosePins(manifest)).toEqual([])
  })

  it('come from the npm registry, with their bytes fixed', () => {
    expect(Object.keys(lockfile.packages).length).toBeGreaterThan(100)
    expect(findForeignPackages(lockfile)).toEqual([])
  })

  it('include an Electron within the latest three majors', () => {
    expect(findElectronTooOld(manifest)).toBeNull()
  })
})

describe('the supply check', () => {
  it.each(['^1.2.3', '~1.2.3', '1.x', '*', 'latest', '>=1.0.0', 'github:someone/thing', 'file:../thing', ''])(
    'finds the loose pin "%s"',
    (version) => {
      expect(findLoosePins({ dependencies: { thing: version } })).toHaveLength(1)
    },
  )

  it('looks at development dependencies too', () => {
    expect(findLoosePins({ devDependencies: { thing: '^1.0.0' } })).toHaveLength(1)
  })

  const integrity = 'sha512-AAAA'
  it.each([
    ['another host', { version: '1.0.0', resolved: 'https://example.org/thing.tgz', integrity }],
    [
      'a look-alike host',
      { version: '1.0.0', resolved: 'https://registry.npmjs.org.example.org/thing.tgz', integrity },
    ],
    ['git', { version: '1.0.0', resolved: 'git+ssh://git@github.com/someone/thing.git#abc', integrity }],
    ['plain http', { version: '1.0.0', resolved: 'http://registry.npmjs.org/thing.tgz', integrity }],
    ['a link', { version: '1.0.0', link: true, integrity }],
    ['no integrity', { version: '1.0.0', resolved: 'https://registry.npmjs.org/thing/-/thing-1.0.0.tgz' }],
    ['a weak integrity', { version: '1.0.0', integrity: 'sha1-AAAA' }],
  ])('finds a package from %s', (_, locked) => {
    expect(
      findForeignPackages({ lockfileVersion: 3, packages: { '': {}, 'node_modules/thing': locked } }),
    ).toHaveLength(1)
  })

  it('finds an Electron out of support, and none at all', () => {
    expect(findElectronTooOld({ devDependencies: { electron: '42.9.9' } })).not.toBeNull()
    expect(findElectronTooOld({ devDependencies: { electron: '43.0.0' } })).toBeNull()
    expect(findElectronTooOld({})).not.toBeNull()
  })
})
