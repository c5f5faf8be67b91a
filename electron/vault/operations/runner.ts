/**
 * At most one operation at a time: claims the place, has its strongroom started, serves the strongroom's port, and sees
 * to it that the operation is concluded exactly once, whoever ends it. Public face of this folder, with operation.ts.
 */
import type { CloseReason, NewEntry } from '../../../shared/audit/entry.ts'
import { toTimestamp, type Clock } from '../../../shared/clock.ts'
import type { AppState, OperationView } from '../../../shared/contracts/app.ts'
import type { vaultHostContract } from '../../../shared/contracts/broker.ts'
import { createHub, type Client, type Handlers } from '../../../shared/contracts/contract.ts'
import type { Port } from '../../../shared/contracts/port.ts'
import { strongroomContract } from '../../../shared/contracts/strongroom.ts'
import type { LogHead } from '../../../shared/domain/statements.ts'
import { asHalliganError, HalliganError } from '../../../shared/errors.ts'
import type { Ending, KindCalls, Operation, Outcome } from './operation.ts'
import { describeRefusal, isTooLate, type Refusal } from './refusal.ts'
import { createRunning, viewRunning, type Running } from './running.ts'
import { waitAtMost, type Signal } from './signal.ts'

const timeCheckMs = 250
/** How long a new operation waits for the strongroom process of the one before to be gone. */
const goneGraceMs = 10_000
/** How long what a strongroom said last may be under way after main has said that it is gone. */
const lastWordsMs = 500
/** How long a strongroom may take to exit after its last call. */
const exitGraceMs = 1000
const refusalsKept = 20

export interface RunnerPorts {
  readonly clock: Clock
  readonly host: Client<typeof vaultHostContract>
  readonly append: (entries: readonly NewEntry[]) => Promise<unknown>
  readonly head: () => LogHead
  /** The name behind a person's id, if there is one. */
  readonly nameOf: (person: string) => string | undefined
  readonly onChange: () => void
}

export interface Runner {
  /**
   * Claims the one place, lets `prepare` check and append what must be durable first, then starts the strongroom.
   * @throws HalliganError OPERATION_BUSY, STRONGROOM_DIED, and whatever `prepare` throws
   */
  readonly start: (prepare: () => Promise<Operation>) => Promise<string>
  /** Takes the strongroom's port; closes it unless it belongs to the operation that runs and has none yet. */
  readonly acceptPort: (operation: string | null, port: Port) => void
  readonly strongroomGone: (operation: string) => Promise<void>
  /** @throws HalliganError OPERATION_UNKNOWN */
  readonly cancel: (operation: string) => Promise<void>
  /** Ends whatever runs, for good: the app closes. */
  readonly close: () => Promise<void>
  readonly view: () => OperationView | null
  readonly lastOutcome: () => AppState['lastOutcome']
}

// Read through a function: it may have changed across an await, which the compiler does not expect of a property.
const isOver = (run: Running): boolean => run.over

type HandlersOf = Handlers<typeof strongroomContract>

export function createRunner(ports: RunnerPorts): Runner {
  const { clock, host, append, head, nameOf, onChange } = ports
  let claimed = false
  let running: Running | null = null
  let previous: Signal | null = null
  /** Operations whose strongroom process may still be there, by id. */
  const alive = new Map<string, Running>()
  let lastOutcome: AppState['lastOutcome'] = null
  const now = (): string => toTimestamp(clock.wall())

  /** Once, inside the operation's queue. */
  async function conclude(run: Running, ending: Ending): Promise<void> {
    if (run.over) return
    run.over = true
    const { operation } = run
    let outcome: Outcome | null
    try {
      outcome = await operation.conclude(ending)
    } catch (error) {
      // Could not be recorded (disk full): it is over all the same, and the person is told why the record is missing.
      outcome = { result: 'failed', code: asHalliganError(error).code, detail: null }
    }
    running = null
    claimed = false
    previous = run.gone
    onChange()
    if (outcome === null) return
    const told = { operation: operation.id, kind: operation.kind, at: now(), ...outcome }
    // It says that the process is gone, so it is said when that is true; and not over a newer operation.
    void run.gone.reached.then(() => {
      if (running !== null || previous !== run.gone) return
      lastOutcome = told
      onChange()
    })
  }

  /** Its process and its pages are no more. */
  function noteGone(run: Running): void {
    alive.delete(run.operation.id)
    run.gone.raise()
  }

  const concludeDead = (run: Running): Promise<void> =>
    run.queue.enter(() => conclude(run, { by: 'death', reason: run.endAsked }))

  async function endProcess(run: Running, reason: CloseReason): Promise<void> {
    run.endAsked ??= reason
    const isGone = await host.endStrongroom({ operation: run.operation.id, reason }).then(
      () => true,
      () => false,
    )
    await waitAtMost(run.silent, lastWordsMs)
    run.silent.raise()
    await concludeDead(run)
    if (isGone) noteGone(run)
  }

  /** After its last call a strongroom exits by itself; one that does not is ended from outside. */
  async function dismiss(run: Running): Promise<void> {
    await waitAtMost(run.gone, exitGraceMs)
    if (!run.gone.isRaised()) await endProcess(run, 'strongroom-died')
  }

  /** Concludes an operation whose time is over; inside its queue. */
  async function expire(run: Running): Promise<void> {
    if (run.over || run.operation.checkTime() !== 'expired') return
    await conclude(run, { by: 'clock' })
    run.served?.emit('end', { code: 'REQUEST_EXPIRED' })
    void endProcess(run, 'time-elapsed')
  }

  async function checkTime(run: Running): Promise<void> {
    const verdict = run.operation.checkTime()
    if (verdict === 'running') return
    if (verdict === 'expired') await run.queue.enter(() => expire(run))
    else if (run.endAsked === null) await endProcess(run, verdict)
  }

  function watchTime(run: Running): void {
    const timer = setInterval(() => {
      if (run.over) clearInterval(timer)
      else void checkTime(run)
    }, timeCheckMs)
    timer.unref()
  }

  /** One of the calls that only some kinds know, in the operation's queue and only while it runs. */
  function kindCall<K extends keyof KindCalls>(run: Running, name: K): HandlersOf[K] {
    const handler = run.operation.calls[name] as ((input: unknown) => unknown) | undefined
    const enter = (input: unknown): Promise<unknown> =>
      run.queue.enter(async () => {
        if (handler === undefined) throw new HalliganError('METHOD_UNKNOWN')
        // What comes after the time is over must not depend on whether the timer has fired yet.
        await expire(run)
        if (isOver(run)) throw new HalliganError(run.operation.overCode())
        const answer = await handler(input)
        onChange()
        return answer
      })
    return enter as HandlersOf[K]
  }

  /** A tap that comes too late is on record before it is refused. */
  function takeTap(run: Running): HandlersOf['tapAccepted'] {
    const take = kindCall(run, 'tapAccepted')
    return async (input) => {
      try {
        return await take(input)
      } catch (error) {
        const { code } = asHalliganError(error)
        const { person, key } = input.tap
        if (isTooLate(code)) await run.queue.enter(() => recordRefusal(run, { code, person, key }))
        throw error
      }
    }
  }

  async function recordRefusal(run: Running, refusal: Refusal): Promise<void> {
    await append([describeRefusal(run.operation, refusal, nameOf)])
    run.operation.noteRefusal?.(refusal.code, refusal.person)
    run.refusals.push({ code: refusal.code, person: refusal.person, at: now() })
    if (run.refusals.length > refusalsKept) run.refusals.shift()
    onChange()
  }

  const handlersFor = (run: Running): HandlersOf => ({
    job: () => {
      if (run.over) throw new HalliganError('OPERATION_ENDED')
      return run.operation.job
    },
    head: () => {
      const given = head()
      run.operation.noteHead(given)
      return { head: given, at: now() }
    },
    progress: ({ stage, have, need }) => {
      Object.assign(run, { stage, have, need })
      onChange()
      return {}
    },
    tapRefused: async (refusal) => {
      await run.queue.enter(() => {
        if (run.over) throw new HalliganError('OPERATION_ENDED')
        return recordRefusal(run, refusal)
      })
      return {}
    },
    ended: async ({ result, code }) => {
      await run.queue.enter(() => conclude(run, { by: 'strongroom', result, code }))
      void dismiss(run)
      return {}
    },
    tapAccepted: takeTap(run),
    granted: kindCall(run, 'granted'),
    waiting: kindCall(run, 'waiting'),
    failed: kindCall(run, 'failed'),
    fieldShown: kindCall(run, 'fieldShown'),
    fieldCopied: kindCall(run, 'fieldCopied'),
    codeBurned: kindCall(run, 'codeBurned'),
    windowClosed: kindCall(run, 'windowClosed'),
    keyEnrolled: kindCall(run, 'keyEnrolled'),
    manifestSigned: kindCall(run, 'manifestSigned'),
    sealed: kindCall(run, 'sealed'),
    keyAdded: kindCall(run, 'keyAdded'),
    drillPassed: kindCall(run, 'drillPassed'),
    passphraseChanged: kindCall(run, 'passphraseChanged'),
    acted: kindCall(run, 'acted'),
    jointOpened: kindCall(run, 'jointOpened'),
    jointSigned: kindCall(run, 'jointSigned'),
    proofPassed: kindCall(run, 'proofPassed'),
    oldRecords: kindCall(run, 'oldRecords'),
    resealed: kindCall(run, 'resealed'),
    newRecords: kindCall(run, 'newRecords'),
    reshared: kindCall(run, 'reshared'),
  })

  function begin(operation: Operation): Running {
    const run = createRunning(operation)
    alive.set(operation.id, run)
    running = run
    lastOutcome = null
    watchTime(run)
    onChange()
    return run
  }

  async function prepareOperation(prepare: () => Promise<Operation>): Promise<Running> {
    if (claimed) throw new HalliganError('OPERATION_BUSY')
    claimed = true
    try {
      return begin(await prepare())
    } catch (error) {
      claimed = false
      throw error
    }
  }

  return {
    start: async (prepare) => {
      const run = await prepareOperation(prepare)
      // One strongroom at a time also while the last one is still dying.
      if (previous !== null) await waitAtMost(previous, goneGraceMs)
      try {
        await host.startStrongroom({ operation: run.operation.id })
      } catch (error) {
        run.silent.raise()
        await concludeDead(run)
        noteGone(run)
        throw new HalliganError('STRONGROOM_DIED', {}, error)
      }
      return run.operation.id
    },
    acceptPort: (operation, port) => {
      const run = running
      // A second port for the same operation would be a second mouth that nobody started.
      if (run?.operation.id !== operation || run.served !== null) {
        port.close()
        return
      }
      const hub = createHub(port)
      run.served = hub.serve(strongroomContract, handlersFor(run))
      hub.onClose(() => {
        run.silent.raise()
        // Asked for: whoever asked concludes. Else it died, and main must not leave half of it running.
        if (!run.over && run.endAsked === null) void endProcess(run, 'strongroom-died')
      })
    },
    strongroomGone: async (operation) => {
      const run = alive.get(operation)
      if (run === undefined) return
      await waitAtMost(run.silent, lastWordsMs)
      run.silent.raise()
      await concludeDead(run)
      noteGone(run)
    },
    cancel: async (operation) => {
      const run = running
      if (run?.operation.id !== operation) throw new HalliganError('OPERATION_UNKNOWN')
      // What is not open yet is cancelled on record first; an open window's end is the strongroom's to measure.
      if (!run.operation.isRevealing()) {
        await run.queue.enter(() => (run.operation.isRevealing() ? undefined : conclude(run, { by: 'person' })))
      }
      run.served?.emit('end', { code: 'CANCELLED' })
      await endProcess(run, 'hidden-by-person')
    },
    close: async () => {
      if (running !== null) await endProcess(running, 'app-quit')
    },
    view: () => (running === null ? null : viewRunning(running)),
    lastOutcome: () => lastOutcome,
  }
}
