/** How the build talks: short lines on stderr, so that stdout stays free for what a command is asked for. */

/** Prints one line for the person at the terminal. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** A failure whose message is all a person needs: printed without a stack. */
export class PlainFailure extends Error {
  override readonly name = 'PlainFailure'
}

/**
 * Runs a script's `main`, turning its result into the exit code.
 * `process.exitCode` rather than `process.exit`: output still in a pipe must arrive.
 */
export function runScript(main: () => Promise<number>): void {
  main().then(
    (code) => {
      process.exitCode = code
    },
    (error: unknown) => {
      say(error instanceof PlainFailure ? error.message : String(error instanceof Error ? error.stack : error))
      process.exitCode = 1
    },
  )
}
