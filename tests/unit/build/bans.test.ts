import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'
import { fromRoot, root } from '../../../build/paths.ts'

// Linted under the name of a file that exists, because the rules that need types want it in a project.
const lint = async (file: string, code: string): Promise<string[]> => {
  const eslint = new ESLint({ cwd: root, overrideConfigFile: fromRoot('eslint.config.ts') })
  const [result] = await eslint.lintText(code, { filePath: fromRoot(file) })
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId ?? 'parser'}: ${message}`)
}

describe('what no file may do', { timeout: 60_000 }, () => {
  it.each([
    [
      'hand a link to the system',
      "import { shell } from 'electron'\nawait shell.openExternal('x:y')\n",
      'openExternal|Nothing leaves',
    ],
    ['take random numbers from Math', 'export const r = Math.random()\n', 'predictable'],
    ['turn text into markup', "declare const e: { innerHTML: string }\ne.innerHTML = '<b>'\n", 'markup'],
    ['read the wall clock', 'export const now = Date.now()\n', 'Time is handed in'],
    ['read the wall clock as a date', 'export const now = new Date()\n', 'Time is handed in'],
    ['write to the console', "console.log('x')\n", 'no-console'],
    ['use any', 'export const f = (x: any) => x\n', 'no-explicit-any'],
    ['let a promise float', 'Promise.resolve(1)\n', 'no-floating-promises'],
  ])('%s', async (_, code, complaint) => {
    expect((await lint('electron/platform/ports.ts', code)).join('\n')).toMatch(new RegExp(complaint))
  })

  it('but one file reads the clock', async () => {
    expect(await lint('electron/platform/clock.ts', 'export const now = Date.now()\n')).toEqual([])
  })
})
