/** What is printed, as the app window asks for it: the vault process says what stands on the paper, main makes the file. */
import { toTimestamp } from '../../../shared/clock.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Handlers, Input } from '../../../shared/contracts/contract.ts'
import type { Printed } from '../../../shared/contracts/print.ts'
import { findRequestText } from '../alerts/alert-text.ts'
import { draftCeremony } from '../ceremonies/ceremony-handlers.ts'
import type { HandlerMeans } from '../handler-means.ts'
import type { OpenVault } from '../open-vault.ts'
import { describeKit } from './kit.ts'
import { describeMinutes } from './minutes.ts'
import { describeScript } from './script.ts'

type PrintHandlers = Pick<Handlers<typeof appContract>, 'print.make'>
type Wish = Input<typeof appContract, 'print.make'>

async function describeSlip(vault: OpenVault, request: string): Promise<Printed> {
  const { log, clock } = vault.context
  const text = await findRequestText(vault, request)
  return { document: 'alert-slip', vaultName: log.genesis.vaultName, madeAt: toTimestamp(clock.wall()), text }
}

export function createPrintHandlers(means: HandlerMeans): PrintHandlers {
  const { vault, host } = means

  async function describe(wish: Wish): Promise<Printed> {
    const opened = await vault()
    switch (wish.document) {
      case 'minutes':
        return describeMinutes(opened, wish.ceremony)
      case 'script':
        return describeScript(opened, wish.wish, await draftCeremony(opened, wish.wish))
      case 'kit':
        return describeKit(opened, wish.person)
      case 'alert-slip':
        return describeSlip(opened, wish.request)
    }
  }

  return {
    'print.make': async (wish) => {
      const { path } = await host.printDocument(await describe(wish))
      return path === null ? null : { path }
    },
  }
}
