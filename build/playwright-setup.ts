/** Playwright's global set-up: one prepared run for all end-to-end tests, handed to the workers as JSON. */
import { prepareRun } from './prepare-run.ts'

/** Prepares the run and returns its end. */
export default async function setUp(): Promise<() => void> {
  const run = await prepareRun({ flavour: 'dev' })
  // The two functions of a prepared run fall away in JSON; the workers have their own.
  process.env['HALLIGAN_RUN'] = JSON.stringify(run)
  return run.dispose
}
