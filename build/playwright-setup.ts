/** Playwright's global set-up: one prepared run for all end-to-end tests, handed to the workers as JSON. */
import { prepareRun } from './prepare-run.ts'

/** Prepares the run and returns its end. */
export default async function setUp(): Promise<() => void> {
  const { makeUserDir: _makeUserDir, dispose, ...settings } = await prepareRun({ flavour: 'dev' })
  process.env['HALLIGAN_RUN'] = JSON.stringify(settings)
  return dispose
}
