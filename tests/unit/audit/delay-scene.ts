/** What the stories of requests that wait have in common. */
import type { Problem } from '../../../shared/audit/report.ts'
import { createDelayWriter, delaySeconds, type DelayWriter, type Waiting } from './test-delays.ts'
import type { SealedCredential, TestPerson } from './test-people.ts'
import type { TestVault } from './test-vault.ts'

export interface DelayScene {
  readonly vault: TestVault
  readonly ada: TestPerson
  readonly grace: TestPerson
  readonly edsger: TestPerson
}

export interface DelayLie {
  readonly tell: (scene: DelayScene, credential: SealedCredential) => void
  /** What is found first; null: it is the truth. */
  readonly found: Problem['code'] | null
}

/** Options of the vault that all of this is played in. */
export const delayed = { delay: { seconds: delaySeconds, vetoers: [1] } } as const

type Tell = (scene: DelayScene & { readonly writer: DelayWriter }, credential: SealedCredential) => void
/** A scene with a {@link DelayWriter}, and what is found in it. */
export const toDelay =
  (found: DelayLie['found']) =>
  (tell: Tell): DelayLie => ({
    found,
    tell: (scene, credential) => {
      tell({ ...scene, writer: createDelayWriter(scene.vault) }, credential)
    },
  })
/** Waits for as long as `pass` says, and goes on. */
export const passTime =
  (pass: (scene: DelayScene, start: Waiting) => void): Tell =>
  (scene, credential) => {
    const { ada, edsger, writer } = scene
    const waiting = writer.wait(ada, credential, [ada, edsger])
    pass(scene, waiting)
    writer.open(waiting, [ada, edsger])
  }
