/** Exit codes of the command line; scripts rely on them (docs/command-line.md). */
export const exitCode = {
  ok: 0,
  /** verify: integrity broken. */
  broken: 1,
  /** Wrong usage, or nothing there that can be read. */
  failed: 2,
  /** verify: intact, but incomplete, or the known checkpoint could not be used. */
  incomplete: 3,
  /** status: something is due. */
  due: 4,
} as const
