/** Changes of people, as the app window asks for them. */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { HandlerMeans } from '../handler-means.ts'

type PeopleHandlers = Pick<
  Handlers<typeof appContract>,
  'people.change' | 'people.enrol' | 'people.discard' | 'people.apply'
>

const refuse = (): never => {
  throw new HalliganError('METHOD_UNKNOWN')
}

export function createPeopleHandlers(_means: HandlerMeans): PeopleHandlers {
  return {
    'people.change': refuse,
    'people.enrol': refuse,
    'people.discard': refuse,
    'people.apply': refuse,
  }
}
