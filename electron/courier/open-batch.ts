/** From what travels between processes to what a sink takes: lines apart, each with its leaf hash. */
import { leafHash } from '../../shared/audit/merkle.ts'
import { toBase64Url } from '../../shared/bytes.ts'
import type { courierContract } from '../../shared/contracts/courier.ts'
import type { Input } from '../../shared/contracts/contract.ts'
import { HalliganError } from '../../shared/errors.ts'
import { nodePrimitives } from '../platform/primitives.ts'
import type { SinkBatch, SinkEntry } from './sink.ts'

const newline = 0x0a

type Delivery = Omit<Input<typeof courierContract, 'deliver'>, 'sink'>

/** @throws HalliganError MESSAGE_INVALID when the lines are not whole lines, or there is none */
export function openBatch({ lines, from, ...rest }: Delivery): SinkBatch {
  const entries: SinkEntry[] = []
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(newline, start)
    if (end <= start) throw new HalliganError('MESSAGE_INVALID', { method: 'deliver' })
    const bytes = lines.subarray(start, end)
    entries.push({ seq: from + entries.length, bytes, hash: toBase64Url(leafHash(nodePrimitives, bytes)) })
    start = end + 1
  }
  if (entries.length === 0) throw new HalliganError('MESSAGE_INVALID', { method: 'deliver' })
  return { ...rest, entries }
}
