/** Which folder may import what: the folder says where code runs, this says that it can. */

/** @param {string} name */
const window = (name) => ({
  name: `window-${name}`,
  comment:
    'A window is its own program: it shares contracts and components, never another window or the Electron side.',
  severity: 'error',
  from: { path: `^renderer/${name}/` },
  to: { path: '^(renderer|electron|build|tests)/', pathNot: `^renderer/(${name}|ui)/` },
})

/**
 * A process's folder, and the folders it may reach besides its own.
 * @param {string} name
 * @param {string[]} mayImport
 */
const process = (name, mayImport) => ({
  name: `process-${name}`,
  comment: 'Processes talk over ports, never by importing one another.',
  severity: 'error',
  from: { path: `^electron/${name}/` },
  to: { path: '^(electron|renderer|build|tests)/', pathNot: `^electron/(${[name, ...mayImport].join('|')})/` },
})

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Layers only point down.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'shared-is-pure',
      comment:
        'Everything else stands on it, in every process; it stands on three small packages without input or output.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { pathNot: ['^shared/', 'node_modules/(zod|canonicalize|@scure/base)/'] },
    },
    window('app'),
    window('tap'),
    window('seal'),
    window('reveal'),
    window('verify'),
    {
      name: 'window-components',
      comment: 'Shared components know no window.',
      severity: 'error',
      from: { path: '^renderer/ui/' },
      to: { path: '^(renderer|electron|build|tests)/', pathNot: '^renderer/ui/' },
    },
    {
      name: 'window-without-node',
      comment: 'Windows have no Node; a core module would be an empty stub in the bundle.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'window-without-sodium',
      comment: 'WebAssembly would need a hole in the content security policy.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: 'node_modules/(libsodium|shamirs-secret-sharing-ts|sqlite3|electron)' },
    },
    process('main', ['platform']),
    process('vault', ['platform']),
    process('strongroom', ['platform']),
    process('tap-host', ['platform']),
    process('courier', ['platform']),
    process('cli', ['platform', 'vault']),
    process('platform', []),
    {
      name: 'preload-is-thin',
      comment: 'A preload joins a window to its port; logic here would have both sides of the wall in reach.',
      severity: 'error',
      from: { path: '^electron/preload/' },
      to: { pathNot: ['^electron/preload/', '^shared/', 'node_modules/(electron|zod|canonicalize|@scure/base)/'] },
    },
    {
      name: 'plain-node',
      comment: 'These run, and are tested, under plain Node.',
      severity: 'error',
      from: { path: '^electron/(vault|strongroom|tap-host|courier|cli|platform)/' },
      to: { path: '(^|node_modules/)electron(/|$)', pathNot: '^electron/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: '^tests/' },
      to: { path: '^tests/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
