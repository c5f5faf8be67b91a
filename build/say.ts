/** How the build talks: short lines on stderr, so that stdout stays free for what a command is asked for. */
import { isWaitingForChild } from './run-command.ts'

/** Prints one line for the person at the terminal. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** A failure whose message is all a person needs: printed without a stack. */
export class PlainFailure extends Error {
  override readonly name = 'PlainFailure'
}

function endOnSignals(): void {
  // Leaving by `process.exit` lets the exit handlers take down what we started: the display, the run's folder.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => {
      if (!isWaitingForChild()) process.exit(code)
    })
  }
}

/**
 * Runs a script's `main`, turning its result into the exit code.
 * `process.exitCode` rather than `process.exit`: output still in a pipe must arrive.
 */
export function runScript(main: () => Promise<number>): void {
  endOnSignals()
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
