/** `halligan` under plain Node: verify, status, export. */
import path from 'node:path'
import { runCommandLine } from './run.ts'

const output = {
  write: (text: string): void => {
    process.stdout.write(text)
  },
  writeError: (text: string): void => {
    process.stderr.write(text)
  },
  ...(process.stderr.isTTY
    ? {
        writeProgress: (text: string): void => {
          process.stderr.write(text)
        },
      }
    : {}),
}

void runCommandLine(process.argv.slice(2), output, path.dirname(process.argv[1] ?? '.')).then((code) => {
  // Not process.exit: what is still in the pipe must get out.
  process.exitCode = code
})
