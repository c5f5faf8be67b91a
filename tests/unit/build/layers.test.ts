import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromRoot } from '../../../build/paths.ts'
// @ts-expect-error -- configuration in JavaScript, as its tool wants it
import rules from '../../../.dependency-cruiser.mjs'

/** One forbidden import each: file, what it imports, the rule that must say so. */
const violations: readonly (readonly [file: string, imported: string, rule: string])[] = [
  ['shared/a.ts', 'node:fs', 'shared-is-pure'],
  ['shared/b.ts', '../electron/vault/x.ts', 'shared-is-pure'],
  ['shared/c.ts', 'react', 'shared-is-pure'],
  ['renderer/app/a.tsx', '../reveal/x.ts', 'window-app'],
  ['renderer/tap/a.tsx', '../../electron/platform/x.ts', 'window-tap'],
  ['renderer/seal/a.tsx', '../app/x.ts', 'window-seal'],
  ['renderer/reveal/a.tsx', '../tap/x.ts', 'window-reveal'],
  ['renderer/ui/a.tsx', '../app/x.ts', 'window-components'],
  ['renderer/app/b.tsx', 'node:crypto', 'window-without-node'],
  ['renderer/app/c.tsx', 'libsodium-wrappers', 'window-without-sodium'],
  ['electron/main/a.ts', '../vault/x.ts', 'process-main'],
  ['electron/main/b.ts', '../strongroom/x.ts', 'process-main'],
  ['electron/vault/a.ts', '../strongroom/x.ts', 'process-vault'],
  ['electron/strongroom/a.ts', '../vault/x.ts', 'process-strongroom'],
  ['electron/courier/a.ts', '../vault/x.ts', 'process-courier'],
  ['electron/courier/b.ts', 'electron', 'plain-node'],
  ['electron/tap-host/a.ts', '../strongroom/x.ts', 'process-tap-host'],
  ['electron/cli/a.ts', '../main/x.ts', 'process-cli'],
  ['electron/platform/a.ts', '../vault/x.ts', 'process-platform'],
  ['electron/vault/b.ts', 'electron', 'plain-node'],
  ['electron/strongroom/b.ts', 'electron', 'plain-node'],
  ['electron/tap-host/b.ts', 'electron', 'plain-node'],
  ['electron/cli/b.ts', 'electron', 'plain-node'],
  ['electron/platform/b.ts', 'electron', 'plain-node'],
  ['electron/preload/a.ts', '../platform/x.ts', 'preload-is-thin'],
  ['electron/preload/b.ts', 'node:fs', 'preload-is-thin'],
  ['electron/main/c.ts', '../../tests/x.ts', 'nothing-imports-tests'],
  ['shared/d.ts', './nowhere.ts', 'resolvable'],
]

const allowed: readonly (readonly [file: string, imported: string])[] = [
  ['shared/ok.ts', 'zod'],
  ['renderer/app/ok.tsx', '../ui/x.ts'],
  ['renderer/app/ok2.tsx', '../../shared/x.ts'],
  ['electron/main/ok.ts', 'electron'],
  ['electron/main/ok2.ts', '../platform/x.ts'],
  ['electron/vault/ok.ts', 'sqlite3'],
  ['electron/cli/ok.ts', '../vault/x.ts'],
  ['electron/preload/ok.ts', 'electron'],
  ['tests/ok.ts', '../electron/strongroom/x.ts'],
]

describe('layers', () => {
  let dir = ''
  let found: { rule: string; from: string }[] = []

  beforeAll(async () => {
    dir = mkdtempSync(path.join(tmpdir(), 'halligan-layers-'))
    const put = (file: string, text: string): void => {
      mkdirSync(path.dirname(path.join(dir, file)), { recursive: true })
      writeFileSync(path.join(dir, file), text)
    }
    const folders = ['main', 'vault', 'strongroom', 'tap-host', 'courier', 'cli', 'platform', 'preload'].map(
      (name) => `electron/${name}`,
    )
    for (const folder of [
      ...folders,
      'shared',
      'tests',
      ...['app', 'tap', 'seal', 'reveal', 'print', 'ui'].map((w) => `renderer/${w}`),
    ]) {
      put(`${folder}/x.ts`, 'export const x = 1\n')
    }
    for (const [file, imported] of [...violations, ...allowed])
      put(file, `import * as it from '${imported}'\nexport default it\n`)
    put('shared/circle-a.ts', "export { b } from './circle-b.ts'\nexport const a = 1\n")
    put('shared/circle-b.ts', "export { a } from './circle-a.ts'\nexport const b = 1\n")
    put('package.json', '{"name":"planted","version":"1.0.0","dependencies":{"zod":"*","sqlite3":"*","electron":"*"}}')
    symlinkSync(fromRoot('node_modules'), path.join(dir, 'node_modules'))
    const { forbidden, options } = rules as { forbidden: never[]; options: Record<string, unknown> }
    const { tsConfig: _, ...cruiseOptions } = options
    const result = await cruise(['electron', 'renderer', 'shared', 'tests'], {
      ...cruiseOptions,
      baseDir: dir,
      preserveSymlinks: true,
      ruleSet: { forbidden },
      validate: true,
    })
    found = (result.output as ICruiseResult).summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }))
  })
  afterAll(() => {
    rmSync(dir, { recursive: true })
  })

  it.each(violations)('%s must not import %s (%s)', (file, _, rule) => {
    expect(found).toContainEqual({ rule, from: file })
  })

  it.each(allowed)('%s may import %s', (file) => {
    expect(found.filter(({ from }) => from === file)).toEqual([])
  })

  it('finds a circle', () => {
    expect(found).toContainEqual({ rule: 'no-cycles', from: 'shared/circle-a.ts' })
  })
})
