/** Changes of people, as the app window asks for them. */
import type { appContract, OperationView } from '../../../shared/contracts/app.ts'
import type { Handlers } from '../../../shared/contracts/contract.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { HandlerMeans } from '../handler-means.ts'
import type { OpenVault } from '../open-vault.ts'

type PeopleHandlers = Pick<
  Handlers<typeof appContract>,
  'people.change' | 'people.enrol' | 'people.discard' | 'people.apply'
>

/** While one of these runs, the change must not move under it. */
const holding: ReadonlySet<OperationView['kind']> = new Set(['enrol', 'reshare'])

export function createPeopleHandlers({ open, vault, start, onChange }: HandlerMeans): PeopleHandlers {
  async function prepare(work: (opened: OpenVault) => Promise<void>): Promise<Record<string, never>> {
    const opened = await vault()
    await opened.integrity.requireUsable()
    const running = open().runner.view()
    if (running !== null && holding.has(running.kind)) throw new HalliganError('OPERATION_BUSY')
    await work(opened)
    onChange()
    return {}
  }

  return {
    'people.change': (change) => prepare(({ changes }) => changes.set(change)),
    'people.discard': () => prepare(({ changes }) => changes.discard()),
    'people.enrol': ({ person, labels }) => start(({ changes }) => changes.enrol(person, labels)),
    'people.apply': () => start(({ changes }) => changes.apply()),
  }
}
