/** Hands out fields, each only after its entry is durable. The window's end is checked before and after. */
import { toBase64Url } from '../../../shared/bytes.ts'
import type { Output } from '../../../shared/contracts/contract.ts'
import type { revealContract, Shown } from '../../../shared/contracts/reveal.ts'
import type { JobOf } from '../../../shared/contracts/strongroom.ts'
import type { PayloadField } from '../../../shared/domain/credential.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Payload } from '../crypto/payload.ts'
import { splitCodes } from '../fields/codes.ts'
import { computeRunningCode } from '../fields/totp.ts'
import type { Session } from '../session.ts'
import { lend } from '../lend.ts'

/** How long a copied value may stay in the clipboard (ms). */
const clipboardMs = 10_000

export interface FieldDesk {
  readonly list: () => Output<typeof revealContract, 'begin'>['fields']
  readonly runbook: () => Uint8Array
  readonly show: (id: number) => Promise<Shown>
  readonly refresh: (id: number) => Shown
  readonly copy: (id: number) => Promise<{ marker: string }>
}

/** The open window as the desk sees it. */
export interface DeskWindow {
  /** @throws HalliganError WINDOW_CLOSED. */
  readonly requireOpen: () => void
  /** Waits for an entry to be durable. If it cannot be written, the window is closed and nothing leaves. */
  readonly record: (entry: Promise<unknown>) => Promise<void>
  /** Milliseconds until the end. */
  readonly remainingMs: () => number
}

/** A desk over a decrypted payload, which the keeper owns. */
export function createFieldDesk(
  session: Session,
  job: JobOf<'unseal'>,
  payload: Payload,
  copyAllowed: boolean,
  { requireOpen, record, remainingMs }: DeskWindow,
): FieldDesk {
  const { vault, host, clock, random } = session
  const { fields } = payload.index
  const shown = new Set<number>()
  /** Codes burned before and in this window; a code is taken here before its entry is asked for, never twice. */
  const burned = new Set(job.burned.map(({ field, code }) => `${field}/${code}`))

  const find = (id: number): { field: PayloadField; value: Uint8Array } => {
    const at = fields.findIndex((field) => field.id === id)
    const [field, value] = [fields[at], payload.values[at]]
    if (field === undefined || value === undefined) throw new HalliganError('FIELD_UNKNOWN', { field: id })
    return { field, value }
  }
  const freshCodes = (id: number, value: Uint8Array): { code: Uint8Array; number: number }[] =>
    splitCodes(value)
      .map((code, number) => ({ code, number }))
      .filter(({ number }) => !burned.has(`${id}/${number}`))

  function showRunning({ totp }: PayloadField, seed: Uint8Array): Shown {
    if (totp === null) throw new HalliganError('RECORD_DAMAGED', { part: 'payload' })
    const { code, validForMs } = computeRunningCode(seed, totp, clock.wall())
    return { type: 'running-code', value: lend(code), validForMs }
  }

  async function burn({ id, label }: PayloadField, value: Uint8Array): Promise<Shown> {
    const [next] = freshCodes(id, value)
    if (next === undefined) throw new HalliganError('CODES_EXHAUSTED')
    burned.add(`${id}/${next.number}`)
    await record(vault.codeBurned({ field: id, label, code: next.number }))
    requireOpen()
    shown.add(id)
    const left = freshCodes(id, value).length
    return { type: 'burned-code', value: lend(next.code.slice()), number: next.number, left }
  }

  return {
    list: () =>
      fields.map((field) => ({
        ...field,
        codesLeft: field.type === 'codes' ? freshCodes(field.id, find(field.id).value).length : null,
      })),
    runbook: () => lend(payload.runbook.slice()),
    show: async (id) => {
      requireOpen()
      const { field, value } = find(id)
      if (field.type === 'codes') return burn(field, value)
      await record(vault.fieldShown({ field: id, label: field.label }))
      requireOpen()
      shown.add(id)
      return field.type === 'totp' ? showRunning(field, value) : { type: 'value', value: lend(value.slice()) }
    },
    refresh: (id) => {
      requireOpen()
      const { field, value } = find(id)
      if (field.type !== 'totp' || !shown.has(id)) throw new HalliganError('FIELD_UNKNOWN', { field: id })
      return showRunning(field, value)
    },
    copy: async (id) => {
      requireOpen()
      const { field } = find(id)
      const allowed = copyAllowed && shown.has(id) && field.type !== 'file'
      if (!allowed) throw new HalliganError('COPY_NOT_ALLOWED')
      await record(vault.fieldCopied({ field: id, label: field.label }))
      requireOpen()
      const marker = toBase64Url(random(16))
      await host.clipboardMarked({
        marker,
        clearAfterMs: Math.round(Math.min(clipboardMs, Math.max(0, remainingMs()))),
      })
      requireOpen()
      return { marker }
    },
  }
}
