/** Sleep and screen lock end what is open at once: nobody comes back to a secret on a screen. */
import { powerMonitor } from 'electron'
import type { CloseReason } from '../../shared/audit/entry.ts'

const idlePollMs = 5_000
const idleThresholdSeconds = 60

/** Calls `onEnd` when the machine sleeps or its screen is locked, `onShutdown` when the system goes down. */
export function watchPower(
  isAnyOpen: () => boolean,
  onEnd: (reason: CloseReason) => void,
  onShutdown: () => void,
): void {
  powerMonitor.on('suspend', () => onEnd('suspended'))
  // Woken without having been told of the sleep: time stood still, so nothing may still be open.
  powerMonitor.on('resume', () => onEnd('suspended'))
  powerMonitor.on('lock-screen', () => onEnd('screen-locked'))
  // Another user at the same machine sees another screen, but the windows are still there (macOS).
  powerMonitor.on('user-did-resign-active', () => onEnd('screen-locked'))
  powerMonitor.on('shutdown', (event?: { preventDefault?: () => void }) => {
    // Gives the quit a moment to end and record what is open.
    event?.preventDefault?.()
    onShutdown()
  })
  if (process.platform !== 'linux') return
  // Linux has no lock-screen event.
  setInterval(() => {
    if (isAnyOpen() && powerMonitor.getSystemIdleState(idleThresholdSeconds) === 'locked') onEnd('screen-locked')
  }, idlePollMs)
}
