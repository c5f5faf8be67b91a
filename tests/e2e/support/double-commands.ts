/**
 * The security tests drive main through doubles of its two utility processes: a page sends commands to the vault double,
 * which carries them out or passes them to a strongroom double. These are the commands and what comes back.
 */

/** Who carries a command out: the vault double, or the strongroom double of an operation. */
export type Command =
  | { readonly as: 'vault'; readonly call: string; readonly input: unknown }
  | { readonly as: 'vault'; readonly raw: unknown }
  | { readonly as: 'vault'; readonly exit: number }
  | { readonly as: 'strongroom'; readonly operation: string; readonly call: string; readonly input: unknown }
  | { readonly as: 'strongroom'; readonly operation: string; readonly raw: unknown }
  | { readonly as: 'strongroom'; readonly operation: string; readonly exit: number }
  /** From now on it does not obey `end`. */
  | { readonly as: 'strongroom'; readonly operation: string; readonly stubborn: true }

/** A command under way. */
export interface Numbered {
  readonly number: number
  readonly command: Command
}

/** What a command came to: the answer of main's handler, or the code of its refusal. */
export interface Result {
  readonly number: number
  readonly output?: unknown
  readonly code?: string
}

/** What main told a double, and what else happened to it. */
export interface Event {
  readonly from: 'vault' | 'strongroom'
  readonly event: string
  readonly data: unknown
}

/** What goes from a double back to the page that drives. */
export type Reply = Result | Event

/** Carries a command out on one side of main. */
export async function settle(number: number, run: () => Promise<unknown>): Promise<Result> {
  try {
    return { number, output: (await run()) ?? null }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return { number, code }
  }
}
