/** Playwright's global set-up: one prepared run for all end-to-end tests, handed to the workers as JSON. */
import { openDisplay } from './display.ts'
import { prepareRun } from './prepare-run.ts'

/** Prepares the run and returns its end. */
export default async function setUp(): Promise<() => void> {
  const run = await prepareRun({ flavour: 'dev' })
  // A second screen, so that two windows can have the focus at once; where the screen is real, the same one again.
  const display = await openDisplay()
  // The two functions of a prepared run fall away in JSON; the workers have their own.
  process.env['HALLIGAN_RUN'] = JSON.stringify(run)
  process.env['HALLIGAN_SECOND_SCREEN'] = JSON.stringify(display.env)
  return () => {
    display.stop()
    run.dispose()
  }
}
