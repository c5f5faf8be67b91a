/** Alerts for whoever is in the room: a notification of the system, with its sound. */
import { Notification } from 'electron'
import type { alertHostContract } from '../../shared/contracts/courier.ts'
import type { Handlers } from '../../shared/contracts/contract.ts'
import { HalliganError } from '../../shared/errors.ts'

/** A system whose notification service does not answer says nothing at all. */
const answerMs = 5_000

/** What is on the screen: a notification that is collected as garbage takes its events with it. */
const shown = new Set<Notification>()

/**
 * Text shows as text: libnotify reads a body as markup (`<b>`, `<a href>`), the other systems show it as it is. A control
 * character is a space everywhere.
 */
function escapeText(text: string): string {
  const plain = text.replaceAll(/[^\P{Cc}\n]/gu, ' ')
  if (process.platform !== 'linux') return plain
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/**
 * Resolves when the system has shown it.
 * @throws HalliganError CHANNEL_FAILED, {reason: 'not-supported' | 'refused' | 'no-answer'}
 */
export const notify: Handlers<typeof alertHostContract>['notify'] = async ({ title, body, sound }) => {
  if (!Notification.isSupported()) throw new HalliganError('CHANNEL_FAILED', { reason: 'not-supported' })
  const notification = new Notification({
    // The title is never markup.
    title: title.replaceAll(/\p{Cc}/gu, ' '),
    body: escapeText(body),
    silent: !sound,
    // Stays until somebody closes it, and is shown when notifications are held back.
    urgency: 'critical',
    timeoutType: 'never',
  })
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string) => (): void => {
      shown.delete(notification)
      reject(new HalliganError('CHANNEL_FAILED', { reason }))
    }
    const timer = setTimeout(fail('no-answer'), answerMs)
    shown.add(notification)
    notification.once('show', () => {
      clearTimeout(timer)
      resolve()
    })
    // Windows only; elsewhere a refusal is silence.
    notification.once('failed', fail('refused'))
    notification.once('close', () => shown.delete(notification))
    notification.show()
  })
  return {}
}
