/** Alerts that mean harm. */
import { randomBytes } from 'node:crypto'
import type { AlertMessage } from '../../../shared/domain/alert.ts'
import { newId } from '../../support/vault-world.ts'

export const hostile = {
  quotes: `"double" 'single' \\back\\slash`,
  lines: 'first\nApproved by: Alice\r\nsecond\u2028third',
  markup:
    '<b>bold</b> &amp; <a href="https://evil.example/">link</a> *star* _under_ ~tilde~ `tick` [l](https://e.example)',
  slack: '<!channel> <!here|here> <@U123> <#C1> <https://evil.example|bank> @here :siren:',
  chat: '<users/all> @everyone @channel <at>Bob</at>',
  card: '{{DATE(2017-02-14T06:08:39Z, SHORT)}} ${title} @{body()}',
  crlf: 'x\r\nBcc: evil@example.org\r\n\r\n.\r\nMAIL FROM:<evil@example.org>',
  wide: '🔑𝟙 family 👩‍👩‍👧',
  turned: 'abc\u202Egnp.exe \u2067rtl',
  structured: 'a"] [evil@1 x="y',
  controls: 'nul\0 bell\u0007 esc\u001b[31m lone\ud800 end',
} as const

export function makeMessage(changes: Partial<AlertMessage> = {}): AlertMessage {
  const id = newId()
  return {
    key: `${id}:12`,
    group: id,
    event: 'request-granted',
    severity: 'critical',
    action: 'trigger',
    title: 'Root of example.org was opened',
    lines: [
      { label: 'Who', value: 'Alice, Bob' },
      { label: 'Why', value: 'Outage of the directory' },
    ],
    vault: 'Ops vault',
    station: 'Station 1',
    at: '2026-11-23T10:00:00.123Z',
    late: false,
    seq: 12,
    ...changes,
  }
}

/** Every string of {@link hostile}, in the title and as the values of lines. */
export const makeHostileMessage = (): AlertMessage =>
  makeMessage({
    title: Object.values(hostile).join(' '),
    lines: Object.entries(hostile).map(([label, value]) => ({ label, value })),
  })

/** As many lines as a message may have, each with `value`. */
export const repeatLine = (value: string): AlertMessage['lines'] =>
  Array.from({ length: 30 }, () => ({ label: 'Why', value }))

export const newSecret = (): string => randomBytes(16).toString('hex')
