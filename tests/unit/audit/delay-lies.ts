/**
 * Requests that are only said to have waited. Chain, tree, ratchet and checkpoints are perfect, and each lie breaks one rule. Both
 * verifiers are held to what is expected here. The safe makes requests wait for ten minutes; Grace can stop them.
 */
import type { ActDetail, RequestStatement } from '../../../shared/domain/statements.ts'
import { passTime, toDelay, type DelayLie, type DelayScene } from './delay-scene.ts'
import { delayMs, delaySeconds, type DelayWriter } from './test-delays.ts'
import { personActor } from './test-people.ts'

const otherId = 'A'.repeat(22)
const zeros = 'A'.repeat(43)
const quorum = toDelay('grant-without-quorum')
const mismatch = toDelay('tap-statement-mismatch')

/** A request by Ada that waits, with something about its `request.waiting` bent. */
const bendWait = (change: Parameters<DelayWriter['startWait']>[2]): DelayLie =>
  quorum(({ vault, ada, edsger, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    vault.approveAll(first, [ada, edsger])
    writer.startWait(first, [ada, edsger], change)
  })

/** One that has waited and is resumed with another statement than it should. */
const bendStatement = (
  change: (draft: RequestStatement, scene: DelayScene) => Partial<RequestStatement>,
  tell = mismatch,
): DelayLie =>
  tell((scene, credential) => {
    const { vault, ada, edsger, writer } = scene
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.wait(delayMs)
    const draft = writer.draftResumed(waiting)
    writer.resume(waiting, { ...draft, ...change(draft, scene) })
  })

/** One that waits, and is stopped by an act that shows something else. */
const bendVeto = (change: Parameters<DelayWriter['veto']>[2], bend?: Parameters<DelayWriter['veto']>[3]): DelayLie =>
  mismatch(({ ada, grace, edsger, writer }, credential) => {
    writer.veto(grace, writer.wait(ada, credential, [ada, edsger]), change, bend)
  })

const noRequester = (statement: RequestStatement, { vault, grace, edsger }: DelayScene): void => {
  for (const person of [grace, edsger]) vault.approve(statement, person)
}

export const delayLies: Readonly<Record<string, DelayLie>> = {
  // Round one
  'a grant by one quorum that nobody waited for': quorum(({ vault, ada, edsger }, credential) => {
    const statement = vault.openRequest(ada, credential)
    vault.approveAll(statement, [ada, edsger])
    vault.grant(statement, [ada, edsger])
  }),
  'a request that says of itself that another was approved': mismatch(({ vault, ada }, credential) => {
    vault.openRequest(ada, credential, { ...vault.draftRequest(ada, credential), first: zeros })
  }),
  'a wait after one tap': quorum(({ vault, ada, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    vault.approveAll(first, [ada])
    writer.startWait(first, [ada])
  }),
  'a wait that counts one person twice': quorum(({ vault, ada, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    vault.approveAll(first, [ada])
    writer.startWait(first, [ada, ada])
  }),
  'a wait that counts somebody who did not tap': quorum(({ vault, ada, edsger, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    vault.approveAll(first, [ada])
    writer.startWait(first, [ada, edsger])
  }),
  'a wait that counts a tap that does not count': quorum(({ vault, ada, edsger, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    vault.approve(first, edsger, { counts: false })
    vault.approveAll(first, [ada])
    writer.startWait(first, [ada, edsger])
  }),
  'a wait without a tap of the person who asked': quorum((scene, credential) => {
    const { vault, ada, grace, edsger, writer } = scene
    const first = vault.openRequest(ada, credential)
    noRequester(first, scene)
    writer.startWait(first, [grace, edsger])
  }),
  'a shorter wait than the policy asks for': bendWait({ delaySeconds: delaySeconds - 1 }),
  'a longer wait than the policy asks for': bendWait({ delaySeconds: delaySeconds + 1 }),
  'a wait for another credential': bendWait({ credential: otherId }),
  'a wait for another version': bendWait({ version: 2 }),
  'a wait for a request that nobody opened': bendWait({ request: otherId }),
  'a wait for a request that is over': quorum(({ vault, ada, edsger, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    vault.approveAll(first, [ada, edsger])
    vault.log.append('request.cancelled', { request: first.request, reason: 'cancelled' })
    writer.startWait(first, [ada, edsger])
  }),
  'a wait that begins twice': quorum(({ ada, edsger, writer }, credential) => {
    const { first } = writer.wait(ada, credential, [ada, edsger])
    writer.startWait(first, [ada, edsger])
  }),
  'a second wait of a request that was resumed': quorum(({ vault, ada, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.wait(delayMs)
    const second = writer.resume(waiting)
    vault.approveAll(second, [ada, edsger])
    writer.startWait(second, [ada, edsger])
  }),
  'a wait that somebody else is said to have begun': mismatch(({ vault, ada, edsger, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    vault.approveAll(first, [ada, edsger])
    writer.startWait(first, [ada, edsger], {}, personActor(edsger))
  }),

  // While it waits
  'a tap on a request that waits': mismatch(({ vault, ada, grace, edsger, writer }, credential) => {
    vault.approve(writer.wait(ada, credential, [ada, edsger]).first, grace)
  }),
  'a grant of a request that waits': quorum(({ vault, ada, edsger, writer }, credential) => {
    const { first } = writer.wait(ada, credential, [ada, edsger])
    vault.log.wait(delayMs)
    vault.grant(first, [ada, edsger])
  }),
  'a grant of a request that waits under a policy that asks for no wait any more': quorum(
    ({ vault, ada, grace, edsger, writer }, credential) => {
      const { first } = writer.wait(ada, credential, [ada, edsger])
      const manifest = vault.draftManifest()
      delete manifest.safes[0]?.policy.delay
      vault.changeManifest([ada, grace], manifest)
      vault.grant(first, [ada, edsger])
    },
  ),

  // Its end
  'a wait that the monotonic clock knows to be short': quorum(
    passTime(({ vault: { log } }) => {
      log.setWall(delayMs)
      log.wait(delayMs - 1000)
    }),
  ),
  'a wait that the wall clock knows to be short': quorum(
    passTime(({ vault: { log } }) => {
      log.wait(delayMs)
      log.setWall(-1000)
    }),
  ),
  'a wait during which the clock was set back further than it ran': quorum(
    passTime(({ vault: { log } }) => {
      log.wait(delayMs)
      log.setWall(-delayMs)
    }),
  ),
  'a wait that was set back and forth to what it was': quorum(
    passTime(({ vault: { log } }) => {
      log.setWall(-86_400_000)
      log.wait(1000)
      log.setWall(86_400_000 + delayMs)
    }),
  ),
  'no wait at all': quorum(passTime(() => undefined)),
  'a wait that ends on a day that is none': quorum(
    passTime(({ vault: { log } }) => {
      log.wait(delayMs)
      log.forgeAt('2026-11-31T03:00:00.000Z')
    }),
  ),
  'a wait that ends at an hour that is none': quorum(
    passTime(({ vault: { log } }) => {
      log.wait(delayMs)
      log.forgeAt('2026-11-23T24:00:00.000Z')
    }),
  ),
  'a request resumed that does not wait': mismatch(({ vault, ada, edsger, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    vault.approveAll(first, [ada, edsger])
    vault.log.wait(delayMs)
    writer.resume({ first, credentialName: credential.name, since: vault.log.now() })
  }),
  'a request resumed twice': mismatch(({ vault, ada, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.wait(delayMs)
    writer.resume(waiting)
    writer.resume(waiting)
  }),
  'a request resumed that was given up': mismatch(({ vault, ada, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.append('request.cancelled', { request: waiting.first.request, reason: 'cancelled' })
    vault.log.wait(delayMs)
    writer.resume(waiting)
  }),
  'a request resumed that was stopped': mismatch(({ vault, ada, grace, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    writer.veto(grace, waiting)
    vault.log.wait(delayMs)
    writer.resume(waiting)
  }),
  'a request resumed after a new start': mismatch(({ vault, ada, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.rotate()
    vault.log.wait(delayMs)
    writer.resume(waiting)
  }),
  'a second statement that names no first': mismatch(({ vault, ada, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.wait(delayMs)
    const { first: _first, ...statement } = writer.draftResumed(waiting)
    writer.resume(waiting, statement)
  }),
  'a second statement that names another first': bendStatement(() => ({ first: zeros })),
  'a second statement of another request': bendStatement(() => ({ request: otherId })),
  'a second statement for another safe': bendStatement(() => ({ safe: otherId })),
  'a second statement for another credential': bendStatement(() => ({ credential: otherId })),
  'a second statement for another version': bendStatement(() => ({ version: 2 })),
  'a second statement for another record': bendStatement(() => ({ record: zeros })),
  'a second statement with another reason': bendStatement(() => ({ reason: 'Something else' })),
  'a second statement with another incident': bendStatement(() => ({ incident: null })),
  'a second statement with another window': bendStatement(() => ({ windowSeconds: 121 })),
  'a second statement by somebody else': bendStatement((_, { edsger }) => ({ requester: edsger.id })),
  'a second statement under another manifest': bendStatement(() => ({ manifest: zeros })),
  'a second statement of another vault': bendStatement(() => ({ vault: otherId })),
  'a second statement of another station': bendStatement(() => ({ station: otherId })),
  'a second statement that co-signs what the first did': mismatch(({ vault, ada, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.wait(delayMs)
    writer.resume(waiting, { ...writer.draftResumed(waiting), head: waiting.first.head })
  }),
  'a second statement under a manifest that came since': mismatch(
    ({ vault, ada, grace, edsger, writer }, credential) => {
      const waiting = writer.wait(ada, credential, [ada, edsger])
      vault.changeManifest([ada, grace])
      vault.log.wait(delayMs)
      writer.resume(waiting, {
        ...writer.draftResumed(waiting),
        manifest: vault.draftRequest(ada, credential).manifest,
      })
    },
  ),
  'a request resumed under a manifest that is in force no more': mismatch(
    ({ vault, ada, grace, edsger, writer }, credential) => {
      const waiting = writer.wait(ada, credential, [ada, edsger])
      vault.changeManifest([ada, grace])
      vault.log.wait(delayMs)
      writer.resume(waiting)
    },
  ),
  'a request resumed whose record was destroyed': mismatch(({ vault, ada, edsger, writer }, credential) => {
    const old = { ...credential }
    vault.seal(ada, credential)
    const waiting = writer.wait(ada, old, [ada, edsger], { ...vault.draftRequest(ada, old), newest: 2 })
    vault.destroy(ada, credential.id, old.version)
    vault.log.wait(delayMs)
    writer.resume(waiting)
  }),

  'a request resumed for what is the newest version no more': mismatch(({ vault, ada, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, { ...credential }, [ada, edsger])
    vault.seal(ada, credential)
    vault.log.wait(delayMs)
    writer.resume(waiting)
  }),
  'a second statement that names a newest version': bendStatement(() => ({ newest: 2 })),

  // Round two
  'a grant after a wait without a second quorum': quorum(({ vault, ada, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.wait(delayMs)
    const second = writer.resume(waiting)
    vault.grant(second, [ada, edsger])
  }),
  'a grant that counts a tap of round one': quorum(({ vault, ada, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.wait(delayMs)
    const second = writer.resume(waiting)
    vault.approveAll(second, [ada])
    vault.grant(second, [ada, edsger])
  }),
  'a second grant whose asker tapped in round one only': quorum((scene, credential) => {
    const { vault, ada, grace, edsger, writer } = scene
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.wait(delayMs)
    const second = writer.resume(waiting)
    noRequester(second, scene)
    vault.grant(second, [grace, edsger])
  }),
  'a tap of round one in round two': mismatch(({ vault, ada, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.wait(delayMs)
    writer.resume(waiting)
    vault.approve(waiting.first, edsger)
  }),

  // Stopping it
  'a request stopped by one who may not': mismatch(({ ada, edsger, writer }, credential) => {
    writer.veto(edsger, writer.wait(ada, credential, [ada, edsger]))
  }),
  'a request stopped that does not wait yet': mismatch(({ vault, ada, grace, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    writer.veto(grace, { first, credentialName: credential.name, since: vault.log.now() })
  }),
  'a request stopped that was resumed': mismatch(({ vault, ada, grace, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.wait(delayMs)
    writer.resume(waiting)
    writer.veto(grace, waiting)
  }),
  'a request stopped twice': mismatch(({ ada, grace, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    writer.veto(grace, waiting)
    writer.veto(grace, waiting)
  }),
  'a request stopped after a new start': mismatch(({ vault, ada, grace, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.log.rotate()
    writer.veto(grace, waiting)
  }),
  'a veto that shows another credential': bendVeto({ credential: otherId }),
  'a veto that shows another name': bendVeto({ credentialName: 'Coffee machine' }),
  'a veto that shows another version': bendVeto({ version: 2 }),
  'a veto that shows another requester': bendVeto({ requester: otherId }),
  'a veto that shows another time': bendVeto({ waitingSince: '2026-11-23T03:00:00.000Z' }),
  'a veto whose tap is about another request': bendVeto({ request: otherId }),
  'a veto that is entered for another request': bendVeto({}, { request: otherId }),
  'a veto with a tap for something else': mismatch(({ vault, ada, grace, edsger, writer }, credential) => {
    const waiting = writer.wait(ada, credential, [ada, edsger])
    const { size, root } = vault.log.head()
    const act: ActDetail = { kind: 'export', size, root }
    writer.veto(grace, waiting, {}, { act })
  }),
  'a veto that somebody else is said to have given': mismatch(({ ada, grace, edsger, writer }, credential) => {
    writer.veto(grace, writer.wait(ada, credential, [ada, edsger]), {}, { actor: edsger })
  }),
  'a veto with a key that was only enrolled': toDelay('tap-key-unknown')(
    ({ vault, ada, grace, edsger, writer }, credential) => {
      const forged = { ...grace, keys: [] }
      vault.enrol(forged)
      writer.veto(forged, writer.wait(ada, credential, [ada, edsger]))
    },
  ),
  'a veto by one who could stop requests once': mismatch(({ vault, ada, grace, edsger, writer }, credential) => {
    const manifest = vault.draftManifest()
    const delay = manifest.safes[0]?.policy.delay
    if (delay === undefined) throw new Error('no delay')
    delay.vetoers = [edsger.id]
    const waiting = writer.wait(ada, credential, [ada, edsger])
    vault.changeManifest([ada, grace], { ...manifest, createdAt: vault.log.now() })
    writer.veto(grace, waiting)
  }),

  // Who may stop requests
  'a vetoer listed twice': badVetoers(({ grace }) => [grace.id, grace.id]),
  'a vetoer whom nobody knows': badVetoers(() => [otherId]),
  'a vetoer without a key': badVetoers(({ vault }) => [vault.addPerson().id]),
}

/** A change of the policy to these vetoers. */
function badVetoers(vetoers: (scene: DelayScene) => string[]): DelayLie {
  return toDelay('manifest-malformed')((scene) => {
    const { vault, ada, grace } = scene
    const listed = vetoers(scene)
    const manifest = vault.draftManifest()
    const [safe] = manifest.safes
    if (safe?.policy.delay === undefined) throw new Error('no delay')
    // Whoever was added for this holds no share.
    safe.custodians.splice(3)
    safe.policy.delay.vetoers = listed
    vault.changeManifest([ada, grace], manifest)
  })
}

/** In a vault whose safe makes nobody wait. */
export const undelayedLies: Readonly<Record<string, DelayLie>> = {
  'a wait that no policy asks for': quorum(({ vault, ada, edsger, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    vault.approveAll(first, [ada, edsger])
    writer.startWait(first, [ada, edsger])
  }),
  'a wait after the grant, under a policy that came since': quorum(
    ({ vault, ada, grace, edsger, writer }, credential) => {
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [ada, edsger])
      vault.grant(statement, [ada, edsger])
      const manifest = vault.draftManifest()
      const [safe] = manifest.safes
      if (safe === undefined) throw new Error('no safe')
      safe.policy.delay = { seconds: delaySeconds, vetoers: [grace.id] }
      vault.changeManifest([ada, grace], manifest)
      writer.startWait(statement, [ada, edsger])
    },
  ),
  'a second statement where nothing waited': mismatch(({ vault, ada, edsger, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    vault.approveAll(first, [ada, edsger])
    writer.resume({ first, credentialName: credential.name, since: vault.log.now() })
  }),
  'a veto where nothing waited': mismatch(({ vault, ada, grace, writer }, credential) => {
    const first = vault.openRequest(ada, credential)
    writer.veto(grace, { first, credentialName: credential.name, since: vault.log.now() })
  }),
}
