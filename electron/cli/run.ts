/** The command line's arguments and their commands. */
import { Command, CommanderError } from 'commander'
import type { KnownWords } from '../../shared/audit/known-checkpoint.ts'
import { parseKnownWords } from '../../shared/audit/known-words.ts'
import { asHalliganError } from '../../shared/errors.ts'
import { exitCode } from './exit-codes.ts'
import type { ExportFlags } from './export-command.ts'
import type { Output } from './output.ts'
import { sayError } from './sentences.ts'
import { defaultVaultDir } from './vault-folder.ts'
import { isStationKey, runVerifyAlert, type VerifyAlertArguments } from './verify-alert-command.ts'
import { runVerify } from './verify-command.ts'

interface VerifyFlags {
  readonly knownCheckpoint?: string
  readonly knownWords?: string
  readonly knownSize?: string
  readonly json: boolean
}

interface VerifyAlertFlags {
  readonly vault?: string
  readonly export?: string
  readonly key?: string
  readonly json: boolean
}

interface StatusFlags {
  readonly vault: string
  readonly json: boolean
}

const vaultOption = ['--vault <dir>', 'vault folder', defaultVaultDir()] as const
const jsonOption = ['--json', 'print JSON instead of sentences', false] as const

/** Ends the program with a usage error when only one of both options is given, or they cannot be words and a length. */
function readKnownWords(program: Command, { knownWords, knownSize }: VerifyFlags): KnownWords | null {
  if (knownWords === undefined && knownSize === undefined) return null
  return (
    parseKnownWords(knownWords ?? '', knownSize ?? '') ??
    program.error('error: --known-words needs four words, and --known-size the length they were said of')
  )
}

/** Ends the program with a usage error when more than one thing is named to hold the text against. */
function readAgainst(program: Command, flags: VerifyAlertFlags): VerifyAlertArguments['against'] {
  const { vault, export: path, key } = flags
  if ([vault, path, key].filter((one) => one !== undefined).length > 1)
    program.error('error: --vault, --export and --key exclude one another')
  if (path !== undefined) return { kind: 'export', path }
  if (key === undefined) return { kind: 'vault', dir: vault ?? defaultVaultDir() }
  if (!isStationKey(key)) program.error('error: --key takes a station key, 43 characters of base64url')
  return { kind: 'key', key }
}

/** Commands that need the database load it when they run: verifying an export must not fail for want of it. */
function createProgram(output: Output, programDir: string | null, finish: (code: number) => void): Command {
  const program = new Command('halligan')
  program
    .description('Looks after a Halligan vault from the command line. It never shows a secret.')
    .version(__APP_VERSION__)
    .exitOverride()
    .configureOutput({ writeOut: output.write, writeErr: output.writeError })

  program
    .command('verify')
    .description('Verify a vault or an export: is it unchanged, and is it all?')
    .argument('<path>', 'vault folder, export folder or export archive')
    .option('--known-checkpoint <file>', 'a checkpoint of this log that you know from elsewhere')
    .option(
      '--known-words <words>',
      'head words that you know from elsewhere, in one pair of quotes; with --known-size',
    )
    .option('--known-size <entries>', 'length of the log that the words were said of')
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExit codes: 0 intact (and complete, or not to be judged), 1 broken, 2 unreadable, 3 intact but incomplete.',
    )
    .action(async (folder: string, flags: VerifyFlags) => {
      const knownCheckpoint = flags.knownCheckpoint ?? null
      const knownWords = readKnownWords(program, flags)
      finish(await runVerify({ folder, knownCheckpoint, knownWords, json: flags.json }, output))
    })

  program
    .command('verify-alert')
    .description('Check a short alert text that somebody sent: did the station write it?')
    .argument('[file]', 'the text; - reads standard input', '-')
    .option('--vault <dir>', 'hold it against this vault (default: where the app keeps its own)')
    .option('--export <path>', 'hold it against an export, folder or file')
    .option('--key <key>', 'hold it against a station key alone (base64url)')
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExit codes: 0 genuine, 1 not, 2 nothing to read or to hold it against, 3 this log cannot tell.',
    )
    .action(async (file: string, flags: VerifyAlertFlags) => {
      finish(await runVerifyAlert({ file, against: readAgainst(program, flags), json: flags.json }, output))
    })

  program
    .command('status')
    .description('Say how long the log is and what is due.')
    .option(...vaultOption)
    .option(...jsonOption)
    .addHelpText('after', '\nExit codes: 0 nothing due, 4 something due, 2 unreadable.')
    .action(async (flags: StatusFlags) => {
      const { runStatus } = await import('./status-command.ts')
      finish(await runStatus(flags, output))
    })

  program
    .command('export')
    .description('Write the audit log, or a part of it, for an auditor. Close the app first.')
    .option(...vaultOption)
    .requiredOption('--to <dir>', 'folder to write to')
    .option('--archive', 'one file (tar) instead of several', false)
    .option('--from <time>', 'a part: entries from this time on (2026-11-23 or 2026-11-23T14:00Z, UTC)')
    .option('--to-time <time>', 'a part: entries up to this time')
    .option('--credential <id>', 'a part: entries about this credential')
    .option('--person <id>', 'a part: entries of or about this person')
    .action(async (flags: ExportFlags) => {
      const { runExport } = await import('./export-command.ts')
      finish(await runExport(flags, { appVersion: __APP_VERSION__, programDir }, output))
    })

  return program
}

/**
 * Runs the command line.
 * @param argv arguments without the interpreter and the script
 * @param programDir the folder of the program's files, some of which go into exports; null puts none in
 * @returns the exit code; never rejects
 */
export async function runCommandLine(
  argv: readonly string[],
  output: Output,
  programDir: string | null = null,
): Promise<number> {
  let code: number = exitCode.ok
  try {
    await createProgram(output, programDir, (finished) => {
      code = finished
    }).parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    // Commander has already said what is wrong; asking for help or the version is no failure.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.failed
    output.writeError(`${sayError(asHalliganError(error))}\n`)
    return exitCode.failed
  }
}
