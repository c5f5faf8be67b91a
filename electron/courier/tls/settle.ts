/** Finding out whether the other side wants us, before anything is said to it. */
import { HalliganError } from '../../../shared/errors.ts'
import { describeConnectionFailure, type Peer } from './failures.ts'
import type { Passage } from './passage.ts'

/** How often in a row it has to hang up on us for it to be no accident of the network. */
const refusals = 2

/**
 * Some servers let the handshake pass and hang up once they have looked at our certificate, or missed it. What was sent
 * meanwhile is lost, and whoever is sending feels a broken connection only. So a line is opened on which nothing is said.
 * @param openLine a new passage each time
 * @param holdMs how long the other side has to keep it, milliseconds
 * @param finish ends a line that was kept
 * @throws HalliganError SINK_LOGIN (reason `hung-up`) when it hangs up each time; otherwise why there is no line
 */
export async function settleLine(
  openLine: () => Passage,
  peer: Peer,
  holdMs: number,
  finish: (line: Passage) => Promise<void>,
): Promise<void> {
  for (let refused = 1; ; refused++) {
    const line = openLine()
    try {
      await line.opened
    } catch (error) {
      throw describeConnectionFailure(error, peer)
    }
    try {
      await line.hold(holdMs)
    } catch (error) {
      const failure = describeConnectionFailure(error, peer)
      if (failure.code !== 'SINK_UNREACHABLE' || failure.detail['reason'] === 'closed') throw failure
      if (refused === refusals) throw new HalliganError('SINK_LOGIN', { ...peer, reason: 'hung-up' }, error)
      continue
    }
    return finish(line)
  }
}
