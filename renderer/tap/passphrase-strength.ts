/** How easily a passphrase is guessed: an estimate by zxcvbn, with its word lists in the page. Nothing is sent anywhere. */
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import { utf8 } from '../../shared/bytes.ts'
import { limits } from '../../shared/limits.ts'

/** 0: guessed at once, to 4: out of reach even for somebody who has stolen key, PIN and disk. */
export type Strength = 0 | 1 | 2 | 3 | 4
/** What must be reached. The stretching makes each guess dear; at this score there are more than 10^8 of them. */
export const strengthNeeded: Strength = 3

export interface Judgement {
  readonly strength: Strength
  /** What is wrong with it, as a sentence; null when it may be used. */
  readonly problem: string | null
}

/** As it is encrypted and stretched: one form of every letter, however the keyboard made it. */
export const encodePassphrase = (text: string): Uint8Array<ArrayBuffer> => utf8(text.normalize('NFKC'))

let estimator: ZxcvbnFactory | undefined
/** The lists take a moment to unpack, and most taps choose nothing. */
const estimate = (text: string): Strength => {
  estimator ??= new ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs })
  return estimator.check(text).score
}

/** Judges `text`. */
export function judgePassphrase(text: string): Judgement {
  const bytes = encodePassphrase(text)
  const { length } = bytes
  bytes.fill(0)
  if (length > limits.passphraseMax) return { strength: 0, problem: 'It is too long. A few words are enough.' }
  const strength = estimate(text.slice(0, limits.passphraseMax))
  if (length < limits.passphraseMin) {
    return { strength: Math.min(strength, 1) as Strength, problem: `Use at least ${limits.passphraseMin} characters.` }
  }
  if (strength < strengthNeeded) {
    return { strength, problem: 'It is guessed too easily. Four or five words that do not belong together are better.' }
  }
  return { strength, problem: null }
}
