/** How long to wait before the next try. */
import type { ErrorCode } from '../../../shared/errors.ts'

interface Pace {
  readonly firstMs: number
  readonly mostMs: number
}

/** A try that finds nobody is one packet: often enough that syncing begins within 5 s after the network is back. */
const nobodyThere: Pace = { firstMs: 250, mostMs: 3_500 }
/** Repeated refusals lock accounts and fill other people's logs. */
const refused: Pace = { firstMs: 5_000, mostMs: 300_000 }
/** Asked of nobody but the network: a captive portal answers with its own certificate, and nothing says when it has let us out. */
const stranger: Pace = { firstMs: 5_000, mostMs: 30_000 }
const usual: Pace = { firstMs: 1_000, mostMs: 60_000 }

function paceOf(code: ErrorCode): Pace {
  switch (code) {
    case 'SINK_UNREACHABLE':
    case 'CHANNEL_UNREACHABLE':
    case 'PORT_CLOSED':
      return nobodyThere
    case 'SINK_CERTIFICATE':
    case 'CHANNEL_CERTIFICATE':
      return stranger
    case 'SINK_LOGIN':
    case 'CHANNEL_LOGIN':
      return refused
    default:
      return usual
  }
}

/**
 * Milliseconds until the next try after `failures` (at least 1) in a row: doubled each time up to a bound, half of it random, so
 * that stations that lost the same server do not all come back at once.
 * @param random in [0, 1)
 */
export function backOffMs(code: ErrorCode, failures: number, random: number): number {
  const { firstMs, mostMs } = paceOf(code)
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 20))
  return Math.ceil(whole / 2 + (whole / 2) * random)
}
