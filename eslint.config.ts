import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'
import { fromRoot } from './build/paths.ts'

/** Calls that only one place may make, each with what it is that would go wrong elsewhere. */
const wallClock = [
  {
    selector: 'CallExpression[callee.object.name="Date"][callee.property.name="now"]',
    message:
      'Time is handed in (Clock): only electron/platform/clock.ts reads it, so that tests and windows cannot drift.',
  },
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
    message:
      'Time is handed in (Clock): only electron/platform/clock.ts reads it, so that tests and windows cannot drift.',
  },
]

const dangerous = [
  {
    selector: 'MemberExpression[object.name="Math"][property.name="random"]',
    message: 'Math.random is predictable; randomness comes from libsodium, handed in.',
  },
  {
    selector: 'MemberExpression[property.name="openExternal"]',
    message:
      'Nothing leaves the app: a link handed to the system can start any program (Electron security tutorial, item 15).',
  },
  {
    selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|srcdoc)$/]',
    message: 'Text never becomes markup.',
  },
  { selector: 'JSXAttribute[name.name=/^(dangerouslySetInnerHTML|srcDoc)$/]', message: 'Text never becomes markup.' },
]

export default defineConfig(
  globalIgnores(['out/', 'dist/', 'node_modules/', 'test-results/', 'bench-results/', 'demo-out/', 'build/types/']),
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['.dependency-cruiser.mjs'] },
        tsconfigRootDir: fromRoot(),
      },
    },
    rules: {
      'no-console': 'error',
      'no-control-regex': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', ...wallClock, ...dangerous],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // `_` says: has to be named here, is not needed.
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          destructuredArrayIgnorePattern: '^_',
          ignoreRestSiblings: true,
        },
      ],
      // It asks for the `!` that another rule forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // A number in a template reads as itself; everything else must say how it becomes text.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `onClick={() => setOpen(true)}` says what it means.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `type` and `interface` each where they read better.
      '@typescript-eslint/consistent-type-definitions': 'off',
    },
  },
  {
    files: ['renderer/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest']],
  },
  {
    files: ['electron/cli/**', 'build/**', 'tests/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['electron/platform/clock.ts', 'build/**', 'tests/**'],
    rules: { 'no-restricted-syntax': ['error', ...dangerous] },
  },
  {
    // Fakes are objects with the methods of the real thing, used or not; a test may assert what a type already says.
    files: ['tests/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
)
