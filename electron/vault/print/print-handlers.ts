/** What is printed, as the app window asks for them. */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { HandlerMeans } from '../handler-means.ts'

type PrintHandlers = Pick<Handlers<typeof appContract>, 'print.make'>

const refuse = (): never => {
  throw new HalliganError('METHOD_UNKNOWN')
}

export function createPrintHandlers(_means: HandlerMeans): PrintHandlers {
  return {
    'print.make': refuse,
  }
}
