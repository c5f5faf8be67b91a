/** A throw-away profile as the browser finds it: its preferences, and the file that leads to the page. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { toBase64Url } from '../../shared/bytes.ts'
import { makeProfile, userDataDir, type BrowserProfile } from '../platform/browser-profiles.ts'
import { randomBytes } from '../platform/sodium.ts'
import { preferences, startPageText } from './browser-flags.ts'

export interface FurnishedProfile {
  readonly profile: BrowserProfile
  readonly dataDir: string
  readonly startPage: string
  /** Removes the file that names the page's address: the page has come, the address is used up. */
  readonly forgetAddress: () => void
}

/** Makes a profile in `profiles` whose start page leads to `address`. @throws Error (file system) */
export function furnishProfile(profiles: string, address: string): FurnishedProfile {
  const profile = makeProfile(profiles, toBase64Url(randomBytes(12)))
  const dataDir = userDataDir(profile)
  const startPage = path.join(profile.dir, 'start.html')
  mkdirSync(path.join(dataDir, 'Default'), { recursive: true, mode: 0o700 })
  writeFileSync(path.join(dataDir, 'Default', 'Preferences'), preferences, { mode: 0o600, flag: 'wx' })
  writeFileSync(startPage, startPageText(address), { mode: 0o600, flag: 'wx' })
  return { profile, dataDir, startPage, forgetAddress: () => rmSync(startPage, { force: true }) }
}
