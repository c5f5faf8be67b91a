/** An alert text in the forms that a phone offers to send: what a QR code holds. */

export type AlertWay = 'sms' | 'mail' | 'plain'

/** Colons and commas may stand in a query (RFC 3986), and there are many: the code gets smaller. */
const encodeText = (text: string): string => encodeURIComponent(text).replaceAll('%3A', ':').replaceAll('%2C', ',')

/** @returns an address that opens the phone's own message, or the text itself */
export function alertLink(way: AlertWay, text: string): string {
  switch (way) {
    case 'sms':
      // Without a number: whom to send it to is the reader's to choose.
      return `sms:?body=${encodeText(text)}`
    case 'mail':
      // RFC 6068: lines of a body end in CR LF. Nothing of the text gets into the subject.
      return `mailto:?subject=${encodeURIComponent('Halligan alert')}&body=${encodeText(text.replaceAll('\n', '\r\n'))}`
    case 'plain':
      return text
  }
}
