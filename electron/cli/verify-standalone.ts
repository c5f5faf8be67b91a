/**
 * verify.mjs: `node verify.mjs FOLDER-OR-FILE [options]`, one file that needs Node 18 and nothing else.
 * The same checks, words and exit codes as `halligan verify`.
 */
import { parseArgs } from 'node:util'
import './older-node.ts'
import { parseKnownWords } from '../../shared/audit/known-words.ts'
import { asHalliganError, HalliganError } from '../../shared/errors.ts'
import { exitCode } from './exit-codes.ts'
import { openExport } from './export-source.ts'
import { createProgressBar } from './progress.ts'
import { sayError, sayReport } from './sentences.ts'
import { exitCodeOf, readKnownCheckpoint, verifyPlace } from './verify-export.ts'

const usage = `Usage: node verify.mjs FOLDER-OR-FILE [--known-checkpoint FILE] [--known-words "WORDS" --known-size ENTRIES] [--json]

Checks an export of a Halligan audit log: is it unchanged, and is it all?
Words are the four head words that you know from elsewhere, with the length of the log that they were said of.
Exit codes: 0 intact (and complete, or not to be judged), 1 broken, 2 unreadable, 3 intact but incomplete.
Version ${__APP_VERSION__}
`

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'known-checkpoint': { type: 'string' },
      'known-words': { type: 'string' },
      'known-size': { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      version: { type: 'boolean', default: false },
    },
  })
  return { ...values, positionals }
}

async function run(): Promise<number> {
  let given: ReturnType<typeof readArguments>
  try {
    given = readArguments()
  } catch {
    process.stderr.write(usage)
    return exitCode.failed
  }
  if (given.version || given.help) {
    process.stdout.write(given.version ? `${__APP_VERSION__}\n` : usage)
    return exitCode.ok
  }
  const [target, ...others] = given.positionals
  const areWordsKnown = given['known-words'] !== undefined || given['known-size'] !== undefined
  const knownWords = areWordsKnown ? parseKnownWords(given['known-words'] ?? '', given['known-size'] ?? '') : undefined
  if (target === undefined || others.length > 0 || knownWords === null) {
    process.stderr.write(usage)
    return exitCode.failed
  }
  try {
    const bar = createProgressBar(process.stderr.isTTY ? (text) => process.stderr.write(text) : null)
    const knownCheckpoint = await readKnownCheckpoint(given['known-checkpoint'] ?? null)
    const place = await openExport(target)
    if (place === null) throw new HalliganError('VAULT_MISSING', { path: target.slice(-300) })
    const known = knownWords === undefined ? { knownCheckpoint } : { knownCheckpoint, knownWords }
    const report = await verifyPlace(place, known, bar.show).finally(bar.clear)
    process.stdout.write(
      given.json ? `${JSON.stringify(report, null, 2)}\n` : `${sayReport(report, 'export').join('\n')}\n`,
    )
    return exitCodeOf(report)
  } catch (error) {
    process.stderr.write(`${sayError(asHalliganError(error))}\n`)
    return exitCode.failed
  }
}

void run().then((code) => {
  process.exitCode = code
})
