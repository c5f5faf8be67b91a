/** A disk that is soon full: a tmpfs of a few megabytes, where we may mount one. */
import { mkdirSync } from 'node:fs'
import { capture } from '../../../build/run-command.ts'

/** Mounts one at `dir` for everybody to write to; null when that is not allowed here. The caller unmounts it. */
export function mountSmallDisk(dir: string, megabytes: number): { readonly unmount: () => void } | null {
  mkdirSync(dir, { recursive: true })
  const mounted = capture('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0777`, 'tmpfs', dir])
  if (mounted.code !== 0) return null
  return { unmount: () => void capture('umount', [dir]) }
}
