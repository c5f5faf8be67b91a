/** One strongroom process: takes its ports, fetches its one job, runs it, wipes, reports, exits. */
import type { Clock } from '../../shared/clock.ts'
import { strongroomControlContract, strongroomHostContract, type PageKind } from '../../shared/contracts/broker.ts'
import { createHub, type Client, type Hub } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { strongroomContract, type Job } from '../../shared/contracts/strongroom.ts'
import { asHalliganError, type ErrorCode } from '../../shared/errors.ts'
import { createMailbox, type ProcessEnvironment } from '../platform/ports.ts'
import { loadSodium, randomBytes } from '../platform/sodium.ts'
import { usualStretchCost, type StretchCost } from './crypto/passphrase.ts'
import { createEnding, untilEnd, type Ending } from './ending.ts'
import { acknowledge } from './operations/acknowledge.ts'
import { act } from './operations/act.ts'
import { addKey } from './operations/add-key.ts'
import { amend } from './operations/amend.ts'
import { approve } from './operations/approve.ts'
import { enrol } from './operations/enrol.ts'
import { keyDrill } from './operations/key-drill.ts'
import { changePassphrase } from './operations/passphrase.ts'
import { signMinutes } from './operations/minutes.ts'
import { prove } from './operations/prove.ts'
import { reshare } from './operations/reshare.ts'
import { seal } from './operations/seal.ts'
import { unseal } from './operations/unseal.ts'
import { noPauses, type Pauses } from './pauses.ts'
import { createSecretKeeper } from './secret-keeper.ts'
import type { Session } from './session.ts'
import { settleWithin } from './settle-within.ts'
import { createTapPage } from './tap/tap-page.ts'

/** From the end of an operation to the end of its process at the latest, whoever does not answer (ms). */
const lastWordMs = 1700
/** How long the report of the end may take (ms). */
const reportMs = 600

export interface StrongroomOptions {
  readonly clock: Clock
  /** Default: none. The real process hands in pauses for people. */
  readonly pauses?: Pauses
  /** What stretching a new passphrase costs; default: the usual. */
  readonly stretchCost?: StretchCost
}

export interface StrongroomHandle {
  /** Overwrites every secret now and ends the process as failed. For what nobody caught. */
  readonly crash: () => void
}

type SecretPage = 'seal' | 'reveal'

/** Starts the process in `environment`. It ends itself through `environment.exit`. */
export function startStrongroom(environment: ProcessEnvironment, options: StrongroomOptions): StrongroomHandle {
  const { clock, pauses = noPauses, stretchCost = usualStretchCost } = options
  const ending = createEnding()
  const secrets = createSecretKeeper()
  // First of all listeners: nothing else may run between the end and the overwriting.
  ending.onEnd(secrets.wipeAll)
  let exited = false
  const exit = (code: number): void => {
    secrets.wipeAll()
    if (exited) return
    exited = true
    environment.exit(code)
  }
  ending.onEnd(() => {
    setTimeout(exit, lastWordMs, 0)
  })

  const control = createHub(environment.control)
  const host = control.connect(strongroomHostContract, {}).call
  const tapPage = createTapPage(untilEnd(ending, host), ending, 'Touch your security key')
  const pagePorts: Record<SecretPage, ReturnType<typeof createMailbox<[Port]>>> = {
    seal: createMailbox<[Port]>(),
    reveal: createMailbox<[Port]>(),
  }
  const pageGone: Partial<Record<SecretPage, (died: boolean) => void>> = {}
  control.serve(strongroomControlContract, {
    end: ({ reason }) => {
      ending.end({ code: 'CANCELLED', reason })
      return {}
    },
    pageGone: ({ page, died }) => {
      if (page === 'tap') tapPage.gone(died)
      else pageGone[page]?.(died)
      return {}
    },
  })

  const session = (vault: Client<typeof strongroomContract>, sodium: Session['sodium']): Session => ({
    sodium,
    random: randomBytes,
    clock,
    pauses,
    stretchCost,
    vault: untilEnd(ending, vault),
    host: untilEnd(ending, host),
    afterEnd: { vault, host },
    ending,
    secrets,
    tapPage,
    onPagePort: (page, listener) => {
      pagePorts[page].listen(listener)
    },
    onPageGone: (page, listener) => {
      pageGone[page] = listener
    },
    seen: new Set(),
    progress: (stage, have, need) => {
      void vault.progress({ stage, have, need }).catch(() => undefined)
    },
    pause: (ms) =>
      ending.orEnd(
        new Promise((resolve) => {
          setTimeout(resolve, ms)
        }),
      ),
  })

  const vaultPort = createMailbox<[Port]>()
  environment.onPort((name, _operation, port) => {
    switch (name) {
      case 'vault':
        vaultPort.deliver(port)
        return
      case 'tap':
        tapPage.receive(port)
        return
      case 'seal':
      case 'reveal':
        pagePorts[name].deliver(port)
        return
      case 'app':
      case 'strongroom':
      case 'courier':
        // Not for this kind of process.
        port.close()
    }
  })
  let taken = false
  vaultPort.listen((port) => {
    // One operation, one port to the vault process: a second would be somebody else's.
    if (taken) {
      port.close()
      return
    }
    taken = true
    void serveOperation(createHub(port), ending, session, host).then(() => {
      exit(0)
    })
  })
  return {
    crash: () => {
      exit(1)
    },
  }
}

/** Runs the one job and reports how it ended. Never rejects. */
async function serveOperation(
  hub: Hub,
  ending: Ending,
  makeSession: (vault: Client<typeof strongroomContract>, sodium: Session['sodium']) => Session,
  host: Client<typeof strongroomHostContract>,
): Promise<void> {
  const vault = hub.connect(strongroomContract, {
    end: ({ code }) => {
      ending.end({ code, reason: code === 'REQUEST_EXPIRED' ? 'time-elapsed' : 'hidden-by-person' })
    },
  }).call
  hub.onClose(() => {
    ending.end({ code: 'PORT_CLOSED', reason: 'vault-died' })
  })
  let outcome: { result: 'done' | 'cancelled' | 'failed'; code: ErrorCode | null }
  try {
    const sodium = await loadSodium()
    const job = await ending.orEnd(vault.job({}))
    await runJob(makeSession(vault, sodium), job)
    outcome = { result: 'done', code: null }
  } catch (error) {
    const { code } = asHalliganError(error)
    outcome = { result: ending.cause() === null ? 'failed' : 'cancelled', code }
  }
  const closing = (['tap', 'seal', 'reveal'] satisfies PageKind[]).map((page) => host.closePage({ page }))
  await settleWithin(reportMs, [...closing, vault.ended(outcome)])
}

function runJob(session: Session, job: Job): Promise<void> {
  switch (job.kind) {
    case 'enrol':
      return enrol(session, job)
    case 'acknowledge':
      return acknowledge(session, job)
    case 'seal':
      return seal(session, job)
    case 'unseal':
      return unseal(session, job)
    case 'approve':
      return approve(session, job)
    case 'act':
      return act(session, job)
    case 'amend':
      return amend(session, job)
    case 'add-key':
      return addKey(session, job)
    case 'key-drill':
      return keyDrill(session, job)
    case 'passphrase':
      return changePassphrase(session, job)
    case 'prove':
      return prove(session, job)
    case 'reshare':
      return reshare(session, job)
    case 'minutes':
      return signMinutes(session, job)
  }
}
