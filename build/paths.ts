/** Where things lie in the checkout. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's root, absolute. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** `path.join` from the checkout's root. */
export const fromRoot = (...parts: string[]): string => path.join(root, ...parts)

/** `dev` knows the test switches, `release` is what users get. Otherwise the two are the same code. */
export type Flavour = 'dev' | 'release'

/** The unpacked app of a flavour: what Electron is started with. */
export const appDirOf = (flavour: Flavour): string => fromRoot('out', flavour)
