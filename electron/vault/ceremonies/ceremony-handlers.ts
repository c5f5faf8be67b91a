/** Ceremonies, as the app window asks for them. */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { HandlerMeans } from '../handler-means.ts'

type CeremonyHandlers = Pick<
  Handlers<typeof appContract>,
  | 'ceremony.draft'
  | 'ceremony.open'
  | 'ceremony.run'
  | 'ceremony.step'
  | 'ceremony.except'
  | 'ceremony.cancel'
  | 'ceremony.close'
  | 'ceremony.past'
>

const refuse = (): never => {
  throw new HalliganError('METHOD_UNKNOWN')
}

export function createCeremonyHandlers(_means: HandlerMeans): CeremonyHandlers {
  return {
    'ceremony.draft': refuse,
    'ceremony.open': refuse,
    'ceremony.run': refuse,
    'ceremony.step': refuse,
    'ceremony.except': refuse,
    'ceremony.cancel': refuse,
    'ceremony.close': refuse,
    'ceremony.past': refuse,
  }
}
