/** Requests and grants that were none, one broken rule each. Both verifiers are held to what is expected here. */
import { personActor } from './test-people.ts'
import type { VersionLie } from './version-lies.ts'

type Tell = VersionLie['tell']
const mismatch = (tell: Tell): VersionLie => ({ found: 'tap-statement-mismatch', tell })
const quorum = (tell: Tell): VersionLie => ({ found: 'grant-without-quorum', tell })

const otherId = 'A'.repeat(22)

export const requestLies: Readonly<Record<string, VersionLie>> = {
  'a request from somebody whom nobody knows': mismatch(({ vault, ada }, credential) => {
    vault.openRequest(ada, credential, { ...vault.draftRequest(ada, credential), requester: otherId })
  }),
  'a second grant of one request': quorum(({ vault, ada, edsger }, credential) => {
    const statement = vault.openRequest(ada, credential)
    vault.approveAll(statement, [ada, edsger])
    vault.grant(statement, [ada, edsger])
    vault.grant(statement, [ada, edsger])
  }),
  'a grant of another window than was approved': quorum(({ vault, ada, edsger }, credential) => {
    const statement = vault.openRequest(ada, credential)
    vault.approveAll(statement, [ada, edsger])
    vault.grant({ ...statement, windowSeconds: 600 }, [ada, edsger])
  }),
  'a field shown before the grant': quorum(({ vault, ada, edsger }, credential) => {
    const statement = vault.openRequest(ada, credential)
    vault.approveAll(statement, [ada, edsger])
    vault.show(statement)
  }),
  'a field of another credential than was opened': quorum(({ vault, ada, edsger }, credential) => {
    const statement = vault.openRequest(ada, credential)
    vault.approveAll(statement, [ada, edsger])
    vault.grant(statement, [ada, edsger])
    const field = { request: statement.request, credential: otherId, field: 0, label: 'Password' }
    vault.log.append('field.shown', field, personActor(ada))
  }),
  'a tap that counts and is not of a custodian': mismatch(({ vault, ada, grace, edsger }, credential) => {
    const manifest = vault.draftManifest()
    const outsider = vault.addPerson()
    vault.enrol(outsider)
    manifest.persons = vault.draftManifest().persons
    vault.changeManifest([ada, grace], manifest)
    const statement = vault.openRequest(ada, credential)
    vault.approve(statement, edsger)
    vault.approve(statement, outsider)
  }),
  'a classification that shows another person asking': mismatch(({ vault, ada, grace, edsger }, credential) => {
    const { request } = vault.reveal(ada, credential, [grace, edsger])
    vault.classify(ada, request, { requester: grace.id })
  }),
  'a classification of what was never opened': mismatch(({ vault, ada, grace, edsger }, credential) => {
    const use = vault.useOf(vault.reveal(ada, credential, [grace, edsger]).request)
    const said = { outcome: 'drill' as const, note: '' }
    const act = vault.writeAct(ada, { kind: 'classify', request: otherId, ...use, ...said })
    vault.log.append('request.classified', { request: otherId, ...act }, personActor(ada))
  }),
  'a classification that is entered for another request': mismatch(({ vault, ada, grace, edsger }, credential) => {
    const { request } = vault.reveal(ada, credential, [grace, edsger])
    const said = { outcome: 'drill' as const, note: '' }
    const act = vault.writeAct(ada, { kind: 'classify', request: otherId, ...vault.useOf(request), ...said })
    vault.log.append('request.classified', { request, ...act }, personActor(ada))
  }),
}

/** In a vault whose safe keeps whoever asks out of the quorum. */
export const barredLies: typeof requestLies = {
  'a tap that counts of somebody who may not count': mismatch(({ vault, ada, edsger }, credential) => {
    vault.reveal(ada, credential, [ada, edsger], 0)
  }),
}
