/** Serves the seal page: what is entered is encrypted in the same call and overwritten, whatever comes of it. */
import { toBase64Url } from '../../../shared/bytes.ts'
import { createHub, type Output } from '../../../shared/contracts/contract.ts'
import { sealContract } from '../../../shared/contracts/seal.ts'
import type { SealedRecord } from '../../../shared/domain/credential.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { Payload } from '../crypto/payload.ts'
import { indexEntered } from '../fields/entered.ts'
import { makeSshKeyPair } from '../fields/openssh.ts'
import { lend } from '../lend.ts'
import type { Session } from '../session.ts'

/** How long a generated value may stay in the clipboard: long enough to be set where it is for (ms). */
const clipboardMs = 30_000

/** The page hears that it worked before it is destroyed (ms). */
const answerMs = 20

/**
 * Opens the form and resolves with the sealed record once a submission fits; the page is gone by then.
 * @throws HalliganError CANCELLED when the person cancels or the page goes away.
 */
export async function fillForm(
  session: Session,
  about: Output<typeof sealContract, 'begin'>,
  encrypt: (payload: Payload) => SealedRecord,
): Promise<SealedRecord> {
  const { host, ending } = session
  let done = false
  let resolveFilled: (record: SealedRecord) => void = () => undefined
  const filled = new Promise<SealedRecord>((resolve) => {
    resolveFilled = resolve
  })
  session.onPagePort('seal', (port) => {
    createHub(port).serve(sealContract, {
      begin: () => about,
      random: ({ length }) => ({ bytes: lend(session.random(length)) }),
      sshKey: ({ comment }) => {
        const { privateKey, publicKey } = makeSshKeyPair(session.sodium, session.random, comment)
        return { privateKey: lend(privateKey), publicKey }
      },
      copy: async () => {
        if (!about.copyAllowed) throw new HalliganError('COPY_NOT_ALLOWED')
        const marker = toBase64Url(session.random(16))
        await host.clipboardMarked({ marker, clearAfterMs: clipboardMs })
        return { marker }
      },
      submit: ({ runbook, fields }) => {
        try {
          if (done || ending.cause() !== null) throw new HalliganError('OPERATION_ENDED')
          const index = indexEntered(runbook, fields)
          resolveFilled(encrypt({ index, runbook, values: fields.map(({ value }) => value) }))
          done = true
          return {}
        } finally {
          runbook.fill(0)
          for (const { value } of fields) value.fill(0)
        }
      },
      cancel: () => {
        ending.end({ code: 'CANCELLED', reason: 'window-closed' })
        return {}
      },
    })
  })
  session.onPageGone('seal', () => {
    if (!done) ending.end({ code: 'CANCELLED', reason: 'window-closed' })
  })
  await host.openPage({ page: 'seal', show: true, title: `Seal ${about.name}` })
  const record = await ending.orEnd(filled)
  await session.pause(answerMs)
  await host.closePage({ page: 'seal' })
  return record
}
