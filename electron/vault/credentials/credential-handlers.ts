/** Proofs and destruction of credentials, as the app window asks for them. */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import type { HandlerMeans } from '../handler-means.ts'
import { createDestruction } from './destroy.ts'
import { createProof } from './prove.ts'

type CredentialHandlers = Pick<Handlers<typeof appContract>, 'credential.prove' | 'credential.destroy'>

export function createCredentialHandlers({ start }: HandlerMeans): CredentialHandlers {
  return {
    'credential.prove': (input) => start((opened) => createProof(opened, input)),
    'credential.destroy': (input) => start((opened) => createDestruction(opened, input)),
  }
}
