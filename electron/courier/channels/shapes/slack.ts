/**
 * Slack's incoming web hooks (docs.slack.dev, "Sending messages using incoming webhooks", "Text object", "Formatting message
 * text"). Everything stands in `plain_text` objects, where nothing is markup; the control characters are escaped nevertheless,
 * for `text`, which notifications show, is read for `<!channel>` and the like.
 */
import type { AlertMessage } from '../../../../shared/domain/alert.ts'
import { cutText, describeAlert } from '../text.ts'

/** "The minimum length is 1 and maximum length is 3000 characters". An escaped `&` counts five. */
const textMax = 3000

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Escaped, and never cut within an escape. */
function fitText(text: string): string {
  for (let max = textMax; ; max = Math.floor(max / 2)) {
    const escaped = escapeText(cutText(text, max))
    if (escaped.length <= textMax) return escaped
  }
}

const plainText = (text: string) => ({ type: 'plain_text', text: fitText(text), emoji: false })

export function makeSlackBody(message: AlertMessage, max: number): object {
  const { title, lines, footer } = describeAlert(message, max)
  return {
    text: fitText(title),
    mrkdwn: false,
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'section', text: plainText(title) },
      ...lines.map(({ label, value }) => ({ type: 'section', text: plainText(`${label}: ${value}`) })),
      { type: 'context', elements: [plainText(footer)] },
    ],
  }
}
