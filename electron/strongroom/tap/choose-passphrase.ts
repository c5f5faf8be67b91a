/** Has a person choose a new passphrase on the tap page. */
import { toBase64Url } from '../../../shared/bytes.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { Safe } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { createPassphrase, freshStretch, type PassphraseFactor } from '../crypto/passphrase.ts'
import type { Session } from '../session.ts'
import { codeOfBrowserError } from './ask.ts'
import { openTouchChannel } from './channel.ts'
import type { TapClient } from './tap-page.ts'

/** Whether a key of a custodian of these safes needs a passphrase. */
export const askForPassphrase = (safes: readonly Pick<Safe, 'policy'>[]): boolean =>
  safes.some(({ policy }) => policy.passphrase === true)

/**
 * A new passphrase. The page judges how easily it is guessed, and this process how short it is.
 * @param view what the page shows meanwhile, but for what to do now.
 * @throws HalliganError TAP_MALFORMED, and the code of what the page answered instead.
 */
export async function chooseFactor(
  session: Session,
  page: TapClient,
  view: Omit<TapView, 'instruction'>,
): Promise<PassphraseFactor> {
  const { orEnd } = session.ending
  await orEnd(
    page.show({ ...view, instruction: 'First choose a passphrase: it is entered before every tap of this key.' }),
  )
  const channel = await openTouchChannel(session.secrets)
  // Only ties the answer to this question: there is nothing to sign.
  const challenge = new Uint8Array(session.random(32))
  const asked = { challenge: toBase64Url(challenge), strongroomKey: channel.strongroomKey }
  const answer = await orEnd(page.choosePassphrase(asked))
  if (!answer.ok) throw new HalliganError(codeOfBrowserError(answer.name))
  const bytes = await channel.openPassphrase(answer.passphrase, challenge, limits.passphraseMin)
  const passphrase = await createPassphrase(session.secrets, bytes)
  return { passphrase, stretch: freshStretch(session.random, session.stretchCost) }
}
