/** What a receiver gives as proof: an id or a line, from outside, on its way into the log. */
import { z } from 'zod'
import { fromUtf8 } from '../../../shared/bytes.ts'
import type { ChannelSecret } from '../../../shared/domain/alert.ts'

const receiptMax = 200

/** `text` as printable ASCII on one line; null when nothing is left, or when it gives back what is secret. */
export function makeReceipt(text: unknown, secret: ChannelSecret): string | null {
  if (typeof text !== 'string') return null
  const clean = text
    .slice(0, 2000)
    .replaceAll(/[^\x21-\x7e]+/g, ' ')
    .trim()
    .slice(0, receiptMax)
    .trim()
  // A receiver that repeats our token must not thereby publish it in the log.
  const isPart = (value: string): boolean => clean.length >= 8 && value.includes(clean)
  const isLeaky = Object.values(secret).some((value = '') => value !== '' && (text.includes(value) || isPart(value)))
  return clean === '' || isLeaky ? null : clean
}

/** The member `name` of a JSON answer, as a receipt. */
export function readReceipt(body: Uint8Array, name: string, secret: ChannelSecret): string | null {
  try {
    return makeReceipt(z.record(z.string(), z.unknown()).parse(JSON.parse(fromUtf8(body)))[name], secret)
  } catch {
    return null
  }
}
