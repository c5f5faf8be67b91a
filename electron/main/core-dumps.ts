/**
 * A core dump of a process that holds a secret is that secret on the disk. Node cannot set resource limits; on Linux
 * `prlimit` (util-linux) can, from outside. Children inherit nothing here: Chromium's zygote was forked before our first
 * line. Where `prlimit` is missing the limit stays what the system says (docs/adr/0007-windows-and-ports.md).
 */
import { execFile } from 'node:child_process'

/** Sets the core file size of process `pid` to 0 for good. */
export function forbidCoreDumps(pid: number): void {
  if (process.platform !== 'linux' || pid <= 0) return
  execFile('/usr/bin/prlimit', ['--core=0:0', '--pid', String(pid)], { env: {} }, () => undefined)
}
