/**
 * Google Chat's incoming web hooks (developers.google.com/workspace/chat, "Build a Google Chat app as a webhook", "Format
 * messages"). All text stands in a card, whose texts know a few HTML tags and nothing else: no mention, no preview of links.
 */
import type { AlertMessage } from '../../../../shared/domain/alert.ts'
import { describeAlert } from '../text.ts'

const escapeText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('\n', '<br>')

/** Shown by notifications in place of the card, by rules that nobody writes down: `<users/all>` may be none of it. */
const withoutBrackets = (text: string): string => text.replaceAll('<', '‹').replaceAll('>', '›')

export function makeGoogleChatBody(message: AlertMessage, max: number): object {
  const { title, lines, footer } = describeAlert(message, max)
  const widgets = [
    { textParagraph: { text: `<b>${escapeText(title)}</b>` } },
    ...lines.map(({ label, value }) => ({
      decoratedText: { topLabel: escapeText(label), text: escapeText(value), wrapText: true },
    })),
    { textParagraph: { text: escapeText(footer) } },
  ]
  return {
    fallbackText: withoutBrackets(title),
    cardsV2: [{ cardId: 'alert', card: { sections: [{ widgets }] } }],
    thread: { threadKey: message.group },
  }
}

/** `address` with what makes alerts of one group one thread, and of one alert that is sent twice one message. */
export function addGoogleChatOptions(address: URL, { key }: AlertMessage): URL {
  const url = new URL(address)
  const options = new URLSearchParams({
    messageReplyOption: 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD',
    requestId: key,
  })
  // Beside what stands there, which is the secret: it is not read and written again.
  url.search = url.search === '' ? options.toString() : `${url.search.slice(1)}&${options.toString()}`
  return url
}
