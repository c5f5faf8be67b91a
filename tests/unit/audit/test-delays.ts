/** Requests of a safe that makes them wait, as a vault writes them, and bent. */
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import type { EntryData } from '../../../shared/audit/entry.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { ActDetail, RequestStatement } from '../../../shared/domain/statements.ts'
import { personActor, type SealedCredential, type TestPerson } from './test-people.ts'
import type { TestVault } from './test-vault.ts'

/** Of the safe in every scene with a delay. */
export const delaySeconds = 600
export const delayMs = delaySeconds * 1000

type VetoDetail = Extract<ActDetail, { kind: 'veto' }>

/** A request that waits, and since when. */
export interface Waiting {
  readonly first: RequestStatement
  readonly credentialName: string
  readonly since: string
}

export type DelayWriter = ReturnType<typeof createDelayWriter>

export function createDelayWriter(vault: TestVault) {
  const requesterOf = ({ requester }: RequestStatement): TestPerson => {
    const person = vault.people.find(({ id }) => id === requester)
    if (person === undefined) throw new Error('nobody')
    return person
  }

  /** `request.waiting`, whatever was tapped. */
  function startWait(
    first: RequestStatement,
    approvals: readonly TestPerson[],
    change: Partial<EntryData<'request.waiting'>> = {},
    actor = personActor(requesterOf(first)),
  ): string {
    const { request, credential, version } = first
    const ids = approvals.map(({ id }) => id)
    const seq = vault.log.append(
      'request.waiting',
      { request, credential, version, approvals: ids, delaySeconds, ...change },
      actor,
    )
    const entry = JSON.parse(Buffer.from(vault.log.entries[seq] ?? []).toString()) as { at: string }
    return entry.at
  }

  /** Round one: opened, approved, waiting. */
  function wait(
    requester: TestPerson,
    credential: SealedCredential,
    approvers: readonly TestPerson[],
    statement?: RequestStatement,
  ): Waiting {
    const first = vault.openRequest(requester, credential, statement ?? vault.draftRequest(requester, credential))
    vault.approveAll(first, approvers)
    return { first, credentialName: credential.name, since: startWait(first, approvers) }
  }

  /** The statement of round two. */
  const draftResumed = ({ first }: Waiting): RequestStatement => ({
    ...first,
    createdAt: vault.log.now(),
    head: vault.log.head(),
    nonce: vault.log.nonce(),
    first: toBase64Url(challengeOf(nodePrimitives, 'request', first)),
  })

  function resume(waiting: Waiting, statement = draftResumed(waiting)): RequestStatement {
    vault.log.append('request.resumed', { statement }, personActor(requesterOf(statement), false))
    return statement
  }

  /** Round two: resumed, approved once more, opened, looked at. */
  function open(waiting: Waiting, approvers: readonly TestPerson[]): RequestStatement {
    const statement = resume(waiting)
    vault.approveAll(statement, approvers)
    vault.grant(statement, approvers)
    vault.show(statement)
    vault.log.append('window.closed', { request: statement.request, reason: 'hidden-by-person', openedMs: 61_000 })
    return statement
  }

  const detailOf = ({ first, credentialName, since }: Waiting): VetoDetail => ({
    kind: 'veto',
    request: first.request,
    credential: first.credential,
    credentialName,
    version: first.version,
    requester: first.requester,
    waitingSince: since,
    reason: 'Nobody called me about it',
  })

  function veto(
    person: TestPerson,
    waiting: Waiting,
    change: Partial<VetoDetail> = {},
    bend: { readonly request?: string; readonly actor?: TestPerson; readonly act?: ActDetail } = {},
  ): void {
    const act = vault.writeAct(person, bend.act ?? { ...detailOf(waiting), ...change })
    vault.log.append(
      'request.vetoed',
      { request: bend.request ?? waiting.first.request, ...act },
      personActor(bend.actor ?? person),
    )
  }

  return { startWait, wait, draftResumed, resume, open, veto }
}
