/** The receipt of a mail that a server took for some of its recipients: whom it refused, then what it answered. Pure. */

/** As an entry holds it (UTF-16 units). */
const receiptMax = 200
/** No server's answer begins like this: it begins with three digits (RFC 5321 section 4.2). */
const mark = 'Refused: '

/** As many addresses as fit. */
function listAddresses(addresses: readonly string[]): string {
  for (let count = addresses.length; count > 0; count--) {
    const more = addresses.length - count
    const text = `${mark}${addresses.slice(0, count).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
    if (text.length <= receiptMax) return text
  }
  return `${mark}${addresses.length} addresses`
}

/** @param answer null: it gave nothing that may be kept */
export function writeMailReceipt(refused: readonly string[], answer: string | null): string | null {
  if (refused.length === 0) return answer
  const list = listAddresses(refused)
  return answer === null ? list : `${list}; ${answer}`.slice(0, receiptMax).trim()
}

/** Whom the mail server refused, as the receipt says it; null: it took the mail for all. */
export const readRefused = (receipt: string | null): string | null =>
  receipt?.startsWith(mark) === true ? (receipt.slice(mark.length).split(';')[0] ?? null) : null
