/** Requests that waited, as an honest station tells of them: both verifiers must take them for what they are. */
import { passTime, toDelay, type DelayLie } from './delay-scene.ts'
import { delayMs } from './test-delays.ts'

const truth = toDelay(null)

export const delayTruths: Readonly<Record<string, DelayLie>> = {
  'the truth about a request that waited': truth(({ vault, ada, grace, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [grace, edsger])
    vault.log.wait(delayMs)
    const { request } = writer.open(waiting, [ada, edsger])
    vault.classify(grace, request)
  }),
  'the truth about clocks that were set while a request waited': truth(
    passTime(({ vault: { log } }) => {
      log.setWall(86_400_000)
      log.append('clock.jumped', { byMs: 86_400_000 })
      log.wait(delayMs)
      log.setWall(-86_400_000)
    }),
  ),
  'the truth about a clock that was set back': truth(
    passTime(({ vault: { log } }) => {
      log.setWall(-3_600_000)
      log.wait(delayMs + 3_600_000)
    }),
  ),
  'the truth about a request that was stopped': truth(({ vault, ada, grace, edsger, writer }, credential) => {
    const stopped = writer.wait(ada, credential, [ada, edsger])
    const other = writer.wait(edsger, credential, [ada, edsger])
    writer.veto(grace, stopped)
    vault.log.wait(delayMs + 60_000)
    writer.open(other, [grace, ada])
  }),
  'the truth about a request that was stopped when it was ready': truth(
    ({ vault, ada, grace, edsger, writer }, credential) => {
      const waiting = writer.wait(ada, credential, [ada, edsger])
      vault.log.wait(2 * delayMs)
      writer.veto(grace, waiting)
    },
  ),
  'the truth about one who can stop requests and holds no share': truth(
    ({ vault, ada, grace, edsger, writer }, credential) => {
      const watcher = vault.addPerson()
      vault.enrol(watcher)
      const manifest = vault.draftManifest()
      const [safe] = manifest.safes
      if (safe?.policy.delay === undefined) throw new Error('no delay')
      safe.custodians.pop()
      safe.policy.delay.vetoers = [watcher.id]
      vault.changeManifest([ada, grace], manifest)
      writer.veto(watcher, writer.wait(ada, credential, [ada, edsger]))
    },
  ),
  'the truth about requests that nobody opened': truth(({ vault, ada, grace, edsger, writer }, credential) => {
    const { request: late } = writer.wait(ada, credential, [ada, edsger]).first
    vault.log.wait(delayMs + 3_600_000)
    vault.log.append('request.expired', { request: late })
    const { request: withdrawn } = writer.wait(grace, credential, [ada, edsger]).first
    vault.log.append('request.cancelled', { request: withdrawn, reason: 'cancelled' })
    const again = writer.wait(grace, credential, [ada, edsger])
    vault.log.wait(delayMs)
    const second = writer.resume(again)
    vault.approve(second, edsger)
    vault.log.append('request.cancelled', { request: second.request, reason: 'cancelled' })
  }),
  'the truth about a wait that a start of the app ended': truth(({ vault, ada, grace, edsger, writer }, credential) => {
    const { request } = writer.wait(ada, credential, [ada, edsger]).first
    vault.log.append('app.closed', { reason: 'crash-recovered' })
    vault.log.rotate()
    vault.log.append('app.opened', { version: '0.1.0' })
    vault.log.append('request.cancelled', { request, reason: 'vault-died' })
    const waiting = writer.wait(ada, credential, [grace, edsger])
    vault.log.wait(delayMs)
    writer.open(waiting, [grace, edsger])
  }),
  'the truth about a wait for an older version, with another request between': truth(
    ({ vault, ada, grace, edsger, writer }, credential) => {
      const old = { ...credential }
      vault.seal(ada, credential)
      const waiting = writer.wait(ada, old, [ada, edsger], { ...vault.draftRequest(ada, old), newest: 2 })
      const other = writer.wait(grace, credential, [ada, grace])
      vault.log.wait(delayMs)
      vault.classify(ada, writer.open(other, [grace, edsger]).request)
      vault.classify(ada, writer.open(waiting, [ada, edsger]).request)
    },
  ),
  'the truth about a request that was outdated': truth(({ vault, ada, grace, edsger, writer }, credential) => {
    const { request } = writer.wait(ada, credential, [ada, edsger]).first
    vault.enrol(grace)
    vault.changeManifest([grace])
    vault.seal(ada, credential)
    vault.makeExport(edsger)
    vault.log.wait(delayMs)
    vault.log.append('request.cancelled', { request, reason: 'outdated' })
  }),
}
