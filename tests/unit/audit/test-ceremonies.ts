/** Ceremonies as a vault writes them, and bent. */
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { createCeremonyTrack, type TrackedCeremony } from '../../../shared/audit/ceremony-track.ts'
import type { EntryData } from '../../../shared/audit/entry.ts'
import { manifestHash } from '../../../shared/audit/manifest.ts'
import { composeMinutes, minutesHash, scriptHash } from '../../../shared/audit/minutes.ts'
import type { Minutes, ScriptStep, Task } from '../../../shared/domain/ceremony.ts'
import type { ActDetail, JointDetail } from '../../../shared/domain/statements.ts'
import { parseEntry } from './tampering.ts'
import { personActor, type TestPerson } from './test-people.ts'
import type { TestVault } from './test-vault.ts'

type OpenDetail = Extract<ActDetail, { kind: 'ceremony-open' }>
type CancelDetail = Extract<ActDetail, { kind: 'ceremony-cancel' }>
type MinutesDetail = Extract<JointDetail, { kind: 'minutes' }>

export const makeStep = (task: Task, person: string | null = null): ScriptStep => ({
  title: `Step for ${task.kind}`,
  instruction: 'Do it.',
  role: 'custodian',
  person,
  task,
})

export interface CeremonyWriter {
  readonly id: string
  readonly open: (
    script: readonly ScriptStep[],
    bend?: {
      readonly data?: Partial<EntryData<'ceremony.opened'>>
      readonly detail?: Partial<OpenDetail>
      readonly signer?: TestPerson
    },
  ) => void
  readonly step: (person: TestPerson, bend?: Partial<EntryData<'ceremony.step'>>) => void
  readonly except: (decidedBy: TestPerson, bend?: Partial<EntryData<'ceremony.exception'>>) => void
  readonly cancel: (person: TestPerson, bend?: Partial<CancelDetail>) => void
  /** The minutes as they must be. */
  readonly compose: () => Minutes
  readonly write: (minutes: Minutes) => void
  readonly close: (
    minutes: Minutes,
    signers: readonly TestPerson[],
    bend?: { readonly detail?: Partial<MinutesDetail>; readonly data?: Partial<EntryData<'ceremony.closed'>> },
  ) => void
}

/** A ceremony that `lead` leads and `witness` watches. */
export function createCeremonyWriter(vault: TestVault, lead: TestPerson, witness: TestPerson): CeremonyWriter {
  const { log } = vault
  const id = log.newId()
  const title = 'Quarterly rotation'

  function tracked(): TrackedCeremony {
    const track = createCeremonyTrack()
    for (const bytes of log.entries) track.apply(parseEntry(bytes))
    const open = track.open()
    if (open === null) throw new Error('no ceremony is open')
    return open
  }

  return {
    id,
    open: (script, { data, detail, signer = lead } = {}) => {
      const act = vault.writeAct(signer, {
        kind: 'ceremony-open',
        ceremony: id,
        ceremonyKind: 'rotation',
        title,
        script: scriptHash(nodePrimitives, script),
        steps: script.length,
        ...detail,
      })
      const what = { ceremony: id, kind: 'rotation' as const, title, lead: lead.id, witnesses: [witness.id] }
      log.append('ceremony.opened', { ...what, script: [...script], ...act, ...data }, personActor(signer))
    },
    step: (person, bend = {}) => {
      const { steps, opened } = tracked()
      const on = opened.data.script[steps.length]
      const data = { ceremony: id, step: steps.length, title: on?.title ?? 'Nothing', result: 'done' as const }
      log.append(
        'ceremony.step',
        { ...data, person: person.id, initials: 'AL', note: 'All well', ...bend },
        personActor(person, false),
      )
    },
    except: (decidedBy, bend = {}) => {
      const data = {
        ceremony: id,
        step: null,
        what: 'The lamp went out',
        decidedBy: decidedBy.id,
        absent: null,
        ...bend,
      }
      log.append('ceremony.exception', data, personActor(decidedBy, false))
    },
    cancel: (person, bend = {}) => {
      const act = vault.writeAct(person, {
        kind: 'ceremony-cancel',
        ceremony: id,
        title,
        reason: 'Fire alarm',
        ...bend,
      })
      log.append('ceremony.cancelled', { ceremony: id, ...act }, personActor(person))
    },
    compose: () => {
      const open = tracked()
      const manifests = vault.chain.map(({ manifest }) => manifest)
      const after = manifests.at(-1)
      const before = manifests.find(({ version }) => version === open.manifestBefore?.version)
      if (after === undefined || before === undefined) throw new Error('no manifest')
      return composeMinutes(open, {
        vault: log.vault,
        vaultName: 'Example Power',
        station: log.station,
        stationName: 'ops-desk',
        writtenAt: log.now(),
        program: { version: '1.0.0', digest: null },
        headAfter: log.head(),
        manifestAfter: { version: after.version, hash: manifestHash(nodePrimitives, after) },
        before,
        after,
      })
    },
    write: (minutes) => {
      log.append('minutes.written', { ceremony: id, minutes })
    },
    close: (minutes, signers, { detail, data } = {}) => {
      const hash = minutesHash(nodePrimitives, minutes)
      const statement = vault.openJoint({ kind: 'minutes', ceremony: id, title, minutes: hash, ...detail })
      for (const person of signers) vault.signJoint(statement, person)
      log.append('ceremony.closed', { ceremony: id, minutes: hash, act: statement.act, ...data })
    },
  }
}
