/**
 * Makes the two stand-alone verifiers: `verify.html`, one page without anything outside itself, and `verify.mjs`, one program for
 * plain Node. Both are the same bytes for the same commit, wherever and however often they are built.
 */
import { build, type BuildOptions } from 'esbuild'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fromRoot } from './paths.ts'

const policyHash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const escapeMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

async function bundleText(options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({ ...options, write: false })
  return outputFiles[0]?.text ?? ''
}

async function makePage(common: BuildOptions, version: string): Promise<string> {
  const script = await bundleText({
    ...common,
    entryPoints: ['renderer/verify/index.ts'],
    platform: 'browser',
    format: 'iife',
    target: ['chrome111', 'firefox119', 'safari16.4'],
    minify: true,
    legalComments: 'none',
  })
  const style = await bundleText({ ...common, entryPoints: ['renderer/verify/verify.css'], minify: true })
  // Either would end its element early, and what follows would be markup.
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style))
    throw new Error('the verifier cannot be put into a page')
  // Nothing but this script and this style, and no way out: a page that is handed evidence must not be able to tell.
  const policy = [
    "default-src 'none'",
    `script-src ${policyHash(script)}`,
    `style-src ${policyHash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const parts: Readonly<Record<string, string>> = {
    __POLICY__: escapeMarkup(policy),
    __STYLE__: style,
    __VERSION__: escapeMarkup(version),
    __SCRIPT__: script,
  }
  const template = readFileSync(fromRoot('renderer/verify/index.html'), 'utf8')
  // One pass, by function: nothing in the script is taken for a pattern or for another part.
  return template.replaceAll(/__(?:POLICY|VERSION)__|\s*__(?:STYLE|SCRIPT)__;?\s*/g, (match) => {
    // The policy's hash is of all that stands between the tags: no white space of the template's may.
    return parts[match.replaceAll(/[\s;]/g, '')] ?? ''
  })
}

const makeProgram = (common: BuildOptions): Promise<string> =>
  bundleText({
    ...common,
    entryPoints: ['electron/cli/verify-standalone.ts'],
    platform: 'node',
    format: 'esm',
    target: 'node18',
    minifySyntax: true,
    legalComments: 'none',
  })

/** Writes `verify.html` and `verify.mjs` into `outDir`. @param version as it is shown to people */
export async function bundleVerifiers(outDir: string, version: string): Promise<void> {
  const common: BuildOptions = {
    bundle: true,
    absWorkingDir: fromRoot(),
    logLevel: 'silent',
    charset: 'ascii',
    define: {
      __DEV_BUILD__: 'false',
      __APP_VERSION__: JSON.stringify(version),
      'process.env.NODE_ENV': '"production"',
    },
  }
  const [page, program] = await Promise.all([makePage(common, version), makeProgram(common)])
  mkdirSync(outDir, { recursive: true })
  writeFileSync(path.join(outDir, 'verify.html'), page)
  writeFileSync(path.join(outDir, 'verify.mjs'), program)
}
