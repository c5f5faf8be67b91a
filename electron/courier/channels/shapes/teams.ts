/**
 * Teams: an Adaptive Card for a workflow that begins with "When a Teams webhook request is received" (learn.microsoft.com,
 * "Create Incoming Webhooks with Workflows"). Text stands in `TextRun`s ("Markdown is not supported"), not in a `TextBlock` or a
 * `FactSet`, which read it as Markdown. No entity is declared, so nothing can be a mention.
 */
import type { AlertMessage } from '../../../../shared/domain/alert.ts'
import { describeAlert } from '../text.ts'

/** `{{DATE(…)}}` and `{{TIME(…)}}` are functions in any text of a card: a word joiner between the braces ends them. */
const escapeText = (text: string): string => text.replaceAll(/\{(?=\{)/g, '{\u2060')

const run = (text: string, more: object = {}) => ({ type: 'TextRun', text: escapeText(text), ...more })
const paragraph = (...inlines: object[]) => ({ type: 'RichTextBlock', inlines })

const colours = { info: 'Accent', warning: 'Warning', error: 'Attention', critical: 'Attention' } as const

export function makeTeamsBody(message: AlertMessage, max: number): object {
  const { title, lines, footer } = describeAlert(message, max)
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      paragraph(run(title, { weight: 'Bolder', size: 'Large', color: colours[message.severity] })),
      ...lines.map(({ label, value }) => paragraph(run(`${label}: `, { weight: 'Bolder' }), run(value))),
      paragraph(run(footer, { size: 'Small', isSubtle: true })),
    ],
    msteams: { width: 'Full' },
  }
  const contentType = 'application/vnd.microsoft.card.adaptive'
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] }
}
