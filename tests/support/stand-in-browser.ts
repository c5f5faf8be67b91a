/** A program in the place of the browser: it tells the test where the page is, and stays until it is ended. */
import { existsSync, readFileSync } from 'node:fs'
import type { TapHostPlace } from './forked-tap-host.ts'

export interface StandIn {
  readonly program: string
  /** The page's address, once the program was started. */
  readonly address: () => string | null
  /** All arguments it was started with. */
  readonly args: () => string[]
  readonly pid: () => number
}

/** @param ending shell words: what it does after it has told (default: stays) */
export function writeStandIn(place: TapHostPlace, name = 'browser', ending = 'exec sleep 600'): StandIn {
  const script = `
printf '%s\\n' "$@" > "$0.args"
for word; do case $word in --app=file://*) page=\${word#--app=file://};; esac; done
echo $$ > "$0.pid"
cp "$page" "$0.part"; mv "$0.part" "$0.page"
${ending}`
  const program = place.writeProgram(name, script)
  const read = (what: string): string => readFileSync(`${program}.${what}`, 'utf8')
  return {
    program,
    address: () => (existsSync(`${program}.page`) ? (/"(http:[^"]+)"/.exec(read('page'))?.[1] ?? null) : null),
    args: () => read('args').trim().split('\n'),
    pid: () => Number(read('pid')),
  }
}
