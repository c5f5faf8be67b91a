/** Proofs and destruction of credentials, as the app window asks for them. */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { HandlerMeans } from '../handler-means.ts'

type CredentialHandlers = Pick<Handlers<typeof appContract>, 'credential.prove' | 'credential.destroy'>

const refuse = (): never => {
  throw new HalliganError('METHOD_UNKNOWN')
}

export function createCredentialHandlers(_means: HandlerMeans): CredentialHandlers {
  return {
    'credential.prove': refuse,
    'credential.destroy': refuse,
  }
}
