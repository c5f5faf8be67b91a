/** A page's one connection: waiting for its port, open, or over. */
import { createHub, type Client, type Contract, type EventListeners } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { HalliganError } from '../../shared/errors.ts'

export interface Connection<C extends Contract> {
  readonly attach: (port: Port) => void
  /** The serving side's calls. Rejects PORT_CLOSED before there is a port. */
  readonly getCalls: () => Client<C>
}

/** Connects to `contract` on whatever port the page gets; `onOpen` and `onClose` tell how it stands. */
export function createConnection<C extends Contract>(
  contract: C,
  listeners: EventListeners<C>,
  onOpen: (call: Client<C>) => void,
  onClose: () => void,
): Connection<C> {
  let call: Client<C> | undefined
  return {
    attach: (port) => {
      const hub = createHub(port)
      call = hub.connect(contract, listeners).call
      hub.onClose(onClose)
      onOpen(call)
    },
    getCalls: () => {
      if (call === undefined) throw new HalliganError('PORT_CLOSED')
      return call
    },
  }
}
