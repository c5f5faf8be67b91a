/** Requests, as the app window asks for them. */
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import type { HandlerMeans } from '../handler-means.ts'
import { createClassification } from './classify.ts'
import { openRequest } from './open-request.ts'
import { resumeRequest } from './resume.ts'
import { createVeto } from './veto.ts'

type RequestHandlers = Pick<
  Handlers<typeof appContract>,
  'request.open' | 'request.resume' | 'request.veto' | 'request.withdraw' | 'request.classify'
>

export function createRequestHandlers({ start, vault }: HandlerMeans): RequestHandlers {
  return {
    'request.open': (input) => start((opened) => openRequest(opened, input)),
    'request.resume': (input) => start((opened) => resumeRequest(opened, input)),
    'request.veto': (input) => start((opened) => createVeto(opened, input)),
    // Takes no operation's place: a waiting request can be given up whatever else is under way.
    'request.withdraw': async ({ request }) => {
      await (await vault()).waiting.withdraw(request)
      return {}
    },
    'request.classify': (input) => start((opened) => createClassification(opened, input)),
  }
}
