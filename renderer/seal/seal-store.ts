/** What the seal page knows besides what is being entered (that lives in the form, and dies with it). */
import { fromUtf8, utf8 } from '../../shared/bytes.ts'
import type { Output } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { sealContract } from '../../shared/contracts/seal.ts'
import { asHalliganError, type ErrorDetail, type HalliganError } from '../../shared/errors.ts'
import { copyText, markerType } from '../ui/copy-text.ts'
import { createConnection } from '../ui/connection.ts'
import type { RandomBytes } from './generate/sample.ts'
import { readFields, wipeFields, type DraftField } from './draft.ts'

export type SealView = Output<typeof sealContract, 'begin'>

export interface SealState {
  readonly life: 'waiting' | 'open' | 'sent' | 'over'
  readonly view: SealView | null
  readonly busy: boolean
  readonly error: HalliganError | null
  /** What is wrong with which field of the form. */
  readonly problems: ReadonlyMap<number, string>
}

/** What the strongroom gives to make secrets of. */
export interface Makers {
  readonly random: RandomBytes
  readonly sshKey: () => Promise<{ readonly privateKey: string; readonly publicKey: string }>
  /** Null where the safe's policy does not allow it. */
  readonly copy: ((text: string) => Promise<boolean>) | null
}

export interface SealStore {
  readonly getState: () => SealState
  readonly subscribe: (listener: () => void) => () => void
  readonly attach: (port: Port) => void
  readonly makers: Makers
  /** Sends everything; afterwards `life` is `sent`, and the form must be gone. */
  readonly submit: (fields: readonly DraftField[], runbook: string) => Promise<void>
  readonly cancel: () => void
}

const none: ReadonlyMap<number, string> = new Map()
const start: SealState = { life: 'waiting', view: null, busy: false, error: null, problems: none }

/** Which of the fields sent an error speaks of: the strongroom names it by place or by label. */
function findField(detail: ErrorDetail, ids: readonly number[], labels: readonly string[]): number | undefined {
  const { field } = detail
  if (typeof field === 'number') return ids[field]
  const place = typeof field === 'string' ? labels.indexOf(field) : -1
  return ids[place]
}

/** The store of the seal page. */
export function createSealStore(): SealStore {
  let state = start
  const listeners = new Set<() => void>()
  const update = (change: Partial<SealState>): void => {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }
  const connection = createConnection(
    sealContract,
    {},
    (call) =>
      void call.begin({}).then(
        (view) => update({ life: 'open', view }),
        (error: unknown) => update({ error: asHalliganError(error) }),
      ),
    () => update({ life: 'over' }),
  )
  return {
    getState: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    attach: connection.attach,
    get makers(): Makers {
      const { view } = state
      return {
        random: async (length) => (await connection.getCalls().random({ length })).bytes,
        sshKey: async () => {
          const { privateKey, publicKey } = await connection.getCalls().sshKey({ comment: view?.name ?? 'halligan' })
          try {
            return { privateKey: fromUtf8(privateKey), publicKey }
          } finally {
            privateKey.fill(0)
          }
        },
        copy:
          view?.copyAllowed === true
            ? async (text) => copyText(text, { [markerType]: (await connection.getCalls().copy({})).marker })
            : null,
      }
    },
    submit: async (drafts, runbook) => {
      const { fields, ids, problems } = readFields(drafts)
      if (problems.size > 0) {
        wipeFields(fields)
        update({ problems, error: null })
        return
      }
      update({ busy: true, problems: none, error: null })
      const sent = { runbook: utf8(runbook), fields: [...fields] }
      try {
        await connection.getCalls().submit(sent)
        update({ life: 'sent', busy: false })
      } catch (thrown) {
        const error = asHalliganError(thrown)
        const labels = fields.map(({ label }) => label)
        const wrong = error.code === 'CREDENTIAL_INVALID' ? findField(error.detail, ids, labels) : undefined
        const beside =
          wrong === undefined
            ? none
            : new Map([[wrong, 'This value does not fit its field. Correct it and seal again.']])
        update({ busy: false, error, problems: beside })
      } finally {
        wipeFields(fields)
        sent.runbook.fill(0)
      }
    },
    cancel: () => {
      void connection
        .getCalls()
        .cancel({})
        .catch(() => undefined)
    },
  }
}
