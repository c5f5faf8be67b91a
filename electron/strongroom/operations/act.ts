/** One person's tap on a statement that the vault process wrote: what a request was, an export. */
import { custodiansOf } from '../../../shared/audit/manifest-signers.ts'
import { scriptHash } from '../../../shared/audit/minutes.ts'
import { challengeOf } from '../../../shared/audit/tap.ts'
import { isPlainAct, type JobOf, type PlainAct } from '../../../shared/contracts/strongroom.ts'
import type { TapView } from '../../../shared/contracts/tap.ts'
import type { Manifest } from '../../../shared/domain/manifest.ts'
import type { ActStatement } from '../../../shared/domain/statements.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { nodePrimitives } from '../../platform/primitives.ts'
import type { Session } from '../session.ts'
import { askForTap, confirmTap, type ProvenTap } from '../tap/ask.ts'
import { findPerson, trustManifests } from '../trust/manifests.ts'
import { actLines, listed, touchNow } from './views.ts'

/** The only kinds that have no job of their own. */
const titles: Readonly<Record<PlainAct, string>> = {
  classify: 'Say what this request was',
  export: 'Sign for an export of the log',
  destroy: 'Destroy an old version for good',
  'ceremony-open': 'Open a ceremony',
  'ceremony-cancel': 'Give up a ceremony',
  veto: 'Stop a request that waits',
}

/**
 * Runs to the tap.
 * @throws HalliganError MANIFEST_INVALID, PERSON_UNKNOWN; MESSAGE_INVALID for a statement that has a job of its own.
 */
export async function act(session: Session, job: JobOf<'act'>): Promise<void> {
  const { current, hash } = await trustManifests(session.host, job)
  const { statement } = job
  const { kind } = statement.detail
  // Sealing is approved only over a record that this process made, drills and passphrases over wraps that it opened: never
  // over what the vault process names.
  if (!isPlainAct(kind)) throw new HalliganError('MESSAGE_INVALID', { kind })
  const title = titles[kind]
  if (statement.manifest !== hash || statement.vault !== job.vault) {
    throw new HalliganError('MANIFEST_INVALID', { detail: 'statement names another' })
  }
  const lines = [...actLines(statement, current), ...ceremonyLines(job, current)]
  const proven = await askPerson(session, current, statement, { kind, title, lines })
  await session.vault.acted({ tap: proven.tap })
  await confirmTap(session, proven.person)
}

/**
 * What a ceremony's opening signs for beyond its statement: every step, as the script has it.
 * @throws HalliganError MESSAGE_INVALID when the script is not the one that is signed for; TAP_NOT_CUSTODIAN when an outsider
 *   would give a ceremony up
 */
function ceremonyLines({ statement: { detail, person }, script }: JobOf<'act'>, manifest: Manifest): TapView['lines'] {
  if (detail.kind === 'ceremony-cancel') {
    const isInside = custodiansOf(manifest).has(person) || findPerson(manifest, person).roles.includes('lead')
    if (!isInside) throw new HalliganError('TAP_NOT_CUSTODIAN')
  }
  if (detail.kind !== 'ceremony-open') return []
  const isSame =
    script !== null && script.length === detail.steps && scriptHash(nodePrimitives, script) === detail.script
  if (!isSame) throw new HalliganError('MESSAGE_INVALID', { what: 'script' })
  return script.map(({ title, instruction }, at) => ({ label: `Step ${at + 1}`, value: `${title}\n${instruction}` }))
}

/** Asks the statement's person, and nobody else, for one tap on it. */
export async function askPerson(
  session: Session,
  manifest: Manifest,
  statement: ActStatement,
  about: Pick<TapView, 'kind' | 'title' | 'lines'>,
): Promise<ProvenTap> {
  const signer = findPerson(manifest, statement.person)
  session.progress('tap', 0, 1)
  return askForTap(session, {
    manifest,
    challenge: challengeOf(nodePrimitives, 'act', statement),
    view: () => ({
      ...about,
      people: [listed(signer, 'waiting')],
      have: 0,
      need: 1,
      instruction: `${signer.name}: ${touchNow.charAt(0).toLowerCase()}${touchNow.slice(1)}`,
    }),
    allow: () => signer.keys.map(({ credentialId, transports }) => ({ id: credentialId, transports, salts: null })),
    accept: (tap) => {
      if (tap.person.id !== signer.id) throw new HalliganError('TAP_NOT_THIS_PERSON')
      return tap
    },
  })
}
