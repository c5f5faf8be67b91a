/**
 * Ceremonies that did not go as they are told. Chain, tree, ratchet and checkpoints are perfect. Both verifiers are held to what
 * is expected here.
 */
import type { Minutes } from '../../../shared/domain/ceremony.ts'
import type { Problem } from '../../../shared/audit/report.ts'
import { createCeremonyWriter, makeStep, type CeremonyWriter } from './test-ceremonies.ts'
import type { SealedCredential, TestPerson } from './test-people.ts'
import type { TestVault } from './test-vault.ts'

interface CeremonyScene {
  readonly vault: TestVault
  readonly ada: TestPerson
  readonly grace: TestPerson
  readonly edsger: TestPerson
}

export interface CeremonyLie {
  readonly tell: (scene: CeremonyScene, credential: SealedCredential) => void
  /** What is found first; null: it is the truth. */
  readonly found: Problem['code'] | null
}

const confirm = makeStep({ kind: 'confirm' })
const otherId = 'A'.repeat(22)

/** A ceremony of confirmations only, to its last step. */
function confirmAll({ vault, ada, edsger }: CeremonyScene): CeremonyWriter {
  const writer = createCeremonyWriter(vault, ada, edsger)
  writer.open([confirm, makeStep({ kind: 'read-head' })])
  writer.step(ada)
  writer.step(edsger)
  return writer
}

/** Somebody with a key who holds nothing and may lead nothing. */
function addWitness({ vault }: Pick<CeremonyScene, 'vault'>): TestPerson {
  const outsider = vault.addPerson()
  vault.enrol(outsider, 'EdDSA')
  const manifest = vault.draftManifest()
  const [safe] = manifest.safes
  if (safe === undefined) throw new Error('no safe')
  safe.custodians = safe.custodians.filter(({ person }) => person !== outsider.id)
  for (const one of manifest.persons) if (one.id === outsider.id) one.roles = ['witness']
  vault.changeManifest(vault.people.slice(0, 2), manifest)
  return outsider
}

/** Minutes of {@link confirmAll}, bent before they are written and signed. */
const bendMinutes =
  (bend: (minutes: Minutes, scene: CeremonyScene) => Partial<Minutes>): CeremonyLie['tell'] =>
  (scene) => {
    const writer = confirmAll(scene)
    const honest = writer.compose()
    const minutes = { ...honest, ...bend(honest, scene) }
    writer.write(minutes)
    writer.close(minutes, [scene.ada, scene.edsger])
  }

const lie = (found: Problem['code'], tell: CeremonyLie['tell']): CeremonyLie => ({ found, tell })
const mismatch = (tell: CeremonyLie['tell']): CeremonyLie => lie('ceremony-mismatch', tell)

/** Opens a ceremony with one step for `task` and says that it is done. */
const claim = (
  task: (credential: SealedCredential, scene: CeremonyScene) => Parameters<typeof makeStep>[0],
): CeremonyLie =>
  mismatch((scene, credential) => {
    const writer = createCeremonyWriter(scene.vault, scene.ada, scene.edsger)
    writer.open([makeStep(task(credential, scene))])
    writer.step(scene.ada)
  })

export const ceremonyLies: Readonly<Record<string, CeremonyLie>> = {
  'the truth about a rotation': {
    found: null,
    tell: (scene, credential) => {
      const { vault, ada, grace, edsger } = scene
      const use = vault.reveal(ada, credential, [ada, grace])
      const writer = createCeremonyWriter(vault, ada, edsger)
      const { id } = credential
      writer.open([
        confirm,
        makeStep({ kind: 'seal', credential: id, after: 1 }),
        makeStep({ kind: 'prove', safe: vault.safe, credentials: [id] }),
        makeStep({ kind: 'safe-drill', safe: vault.safe, credential: id }),
        makeStep({ kind: 'destroy', credential: id, keep: 1 }),
        makeStep({ kind: 'destroy', credential: id }),
        makeStep({ kind: 'classify' }),
        makeStep({ kind: 'read-head' }),
      ])
      writer.step(ada)
      vault.seal(grace, credential)
      writer.step(grace)
      vault.log.rotate()
      vault.prove([ada, grace], [credential])
      writer.step(edsger)
      writer.except(edsger, { step: 3 })
      writer.step(ada, { result: 'excepted' })
      // One older version may stay by this step; by the next none.
      writer.step(grace)
      vault.destroy(grace, id, 1)
      writer.step(grace)
      vault.classify(ada, use.request)
      writer.step(ada)
      writer.step(ada)
      const minutes = writer.compose()
      writer.write(minutes)
      vault.log.rotate()
      writer.close(minutes, [edsger, grace, ada])
    },
  },
  'the truth about a change of custodians and a drill': {
    found: null,
    tell: ({ vault, ada, grace, edsger }) => {
      const writer = createCeremonyWriter(vault, ada, grace)
      const key = ada.keys[0]?.credentialId ?? ''
      writer.open([makeStep({ kind: 'reshare' }), makeStep({ kind: 'key-drill', person: ada.id, key })])
      vault.people.splice(2, 1)
      vault.changeManifest([ada, grace, edsger].slice(0, 2))
      writer.step(ada)
      const act = vault.writeAct(ada, { kind: 'key-drill', key, safes: [vault.safe] })
      const data = { kind: 'key' as const, ...act, signCount: 1, signCountWentBack: false }
      vault.log.append('drill.passed', data)
      writer.step(grace)
      const minutes = writer.compose()
      writer.write(minutes)
      writer.close(minutes, [ada, grace])
    },
  },
  'the truth about a table-top with somebody who leaves early': {
    found: null,
    tell: (scene, credential) => {
      const { vault, ada, grace, edsger } = scene
      const writer = createCeremonyWriter(vault, ada, edsger)
      writer.open([makeStep({ kind: 'practice', credential: credential.id }), makeStep({ kind: 'classify' })])
      const use = vault.reveal(ada, credential, [ada, grace])
      writer.step(ada)
      vault.classify(grace, use.request)
      writer.step(grace)
      writer.except(ada, { absent: grace.id })
      const minutes = writer.compose()
      writer.write(minutes)
      writer.close(minutes, [ada, edsger])
    },
  },
  'the truth about a lead who falls ill, and who takes over as well': {
    found: null,
    tell: ({ vault, ada, grace, edsger }) => {
      const writer = createCeremonyWriter(vault, ada, edsger)
      writer.open([confirm, confirm])
      writer.step(ada)
      writer.except(grace, { absent: ada.id })
      // Absent already: nobody takes over from her again.
      writer.except(grace, { absent: ada.id })
      writer.step(grace)
      writer.except(edsger, { absent: grace.id })
      const minutes = writer.compose()
      writer.write(minutes)
      writer.close(minutes, [edsger])
    },
  },
  'the truth about a ceremony that is given up, and the next one': {
    found: null,
    tell: (scene) => {
      const { vault, ada, grace, edsger } = scene
      const first = createCeremonyWriter(vault, ada, edsger)
      first.open([confirm])
      first.cancel(grace)
      const writer = confirmAll(scene)
      const minutes = writer.compose()
      writer.write(minutes)
      writer.close(minutes, [ada, edsger])
    },
  },
  'a script that the lead did not sign': lie('tap-statement-mismatch', ({ vault, ada, edsger }) => {
    createCeremonyWriter(vault, ada, edsger).open([confirm], { data: { script: [confirm, confirm] } })
  }),
  'an opening that somebody else signed': lie('tap-statement-mismatch', ({ vault, ada, grace, edsger }) => {
    createCeremonyWriter(vault, ada, edsger).open([confirm], { signer: grace })
  }),
  'an opening whose tap is about another title': lie('tap-statement-mismatch', ({ vault, ada, edsger }) => {
    createCeremonyWriter(vault, ada, edsger).open([confirm], { detail: { title: 'Tea' } })
  }),
  'a witness whom nobody knows': mismatch(({ vault, ada, edsger }) => {
    createCeremonyWriter(vault, ada, edsger).open([confirm], { data: { witnesses: [otherId] } })
  }),
  'two ceremonies at once': mismatch(({ vault, ada, edsger }) => {
    createCeremonyWriter(vault, ada, edsger).open([confirm])
    createCeremonyWriter(vault, ada, edsger).open([confirm])
  }),
  'a step of a ceremony that is not open': mismatch(({ vault, ada }) => {
    const data = { ceremony: otherId, step: 0, title: 'x', result: 'done' as const, person: ada.id, initials: 'AL' }
    vault.log.append('ceremony.step', { ...data, note: '' })
  }),
  'a step out of turn': mismatch(({ vault, ada, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm, confirm])
    writer.step(ada, { step: 1 })
  }),
  'a step under another title': mismatch(({ vault, ada, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.step(ada, { title: 'Something easier' })
  }),
  'a step by nobody': mismatch(({ vault, ada, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.step(ada, { person: otherId })
  }),
  'a step left out without an exception': mismatch(({ vault, ada, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm, confirm])
    writer.except(ada, { step: 1 })
    writer.step(ada, { result: 'excepted' })
  }),
  'a seal that was none': claim(({ id }) => ({ kind: 'seal', credential: id, after: 1 })),
  'a proof that was none': claim(({ id }, { vault }) => ({ kind: 'prove', safe: vault.safe, credentials: [id] })),
  'a drill of a key that was none': claim((_, { ada }) => ({
    kind: 'key-drill',
    person: ada.id,
    key: ada.keys[0]?.credentialId ?? '',
  })),
  'a drill of a safe that was none': claim(({ id }, { vault }) => ({
    kind: 'safe-drill',
    safe: vault.safe,
    credential: id,
  })),
  'a change that was none': claim(() => ({ kind: 'reshare' })),
  'a practice that was none': claim(({ id }) => ({ kind: 'practice', credential: id })),
  'an old version that is still there': mismatch(({ vault, ada, grace, edsger }, credential) => {
    vault.seal(grace, credential)
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([makeStep({ kind: 'destroy', credential: credential.id })])
    writer.step(ada)
  }),
  'a version too many that is still there': mismatch(({ vault, ada, grace, edsger }, credential) => {
    vault.seal(grace, credential)
    vault.seal(grace, credential)
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([makeStep({ kind: 'destroy', credential: credential.id, keep: 1 })])
    writer.step(ada)
  }),
  'a reveal that nobody classified': mismatch(({ vault, ada, grace, edsger }, credential) => {
    vault.reveal(ada, credential, [ada, grace])
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([makeStep({ kind: 'classify' })])
    writer.step(ada)
  }),
  'a proof from before the ceremony': mismatch(({ vault, ada, grace, edsger }, credential) => {
    vault.prove([ada, grace], [credential])
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([makeStep({ kind: 'prove', safe: vault.safe, credentials: [credential.id] })])
    writer.step(ada)
  }),
  'a lead who lets themselves go': mismatch(({ vault, ada, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.except(ada, { absent: ada.id })
  }),
  'a lead who goes, and somebody takes over who could not lead': mismatch((scene) => {
    const { vault, ada, edsger } = scene
    const outsider = addWitness(scene)
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.except(outsider, { absent: ada.id })
  }),
  'a lead who goes, and somebody takes over who has left before': mismatch(({ vault, ada, grace, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.except(ada, { absent: grace.id })
    writer.except(grace, { absent: ada.id })
  }),
  'a lead who goes, and comes back to lead': mismatch(({ vault, ada, grace, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.except(grace, { absent: ada.id })
    writer.except(ada, { absent: grace.id })
  }),
  'minutes that whoever took over did not sign': mismatch(({ vault, ada, grace, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.except(grace, { absent: ada.id })
    writer.step(grace)
    const minutes = writer.compose()
    writer.write(minutes)
    writer.close(minutes, [edsger])
  }),
  'minutes that leave out who took over': mismatch(({ vault, ada, grace, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.step(ada)
    writer.except(grace, { absent: ada.id })
    const honest = writer.compose()
    const minutes = { ...honest, participants: honest.participants.filter(({ person }) => person !== grace.id) }
    writer.write(minutes)
    writer.close(minutes, [edsger])
  }),
  'an exception decided by nobody': mismatch(({ vault, ada, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.except(ada, { decidedBy: otherId })
  }),
  'an exception of a step that is not there': mismatch(({ vault, ada, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.except(ada, { step: 1 })
  }),
  'a ceremony given up by an outsider': mismatch((scene) => {
    const { vault, ada, edsger } = scene
    const outsider = addWitness(scene)
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.cancel(outsider)
  }),
  'a tap on giving up another ceremony': lie('tap-statement-mismatch', ({ vault, ada, grace, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.cancel(grace, { ceremony: otherId })
  }),
  'minutes before the last step': mismatch(({ vault, ada, edsger }) => {
    const writer = createCeremonyWriter(vault, ada, edsger)
    writer.open([confirm])
    writer.write(writer.compose())
  }),
  'minutes written twice': mismatch((scene) => {
    const writer = confirmAll(scene)
    const minutes = writer.compose()
    writer.write(minutes)
    writer.write(minutes)
  }),
  'a step after the minutes': mismatch((scene) => {
    const writer = confirmAll(scene)
    writer.write(writer.compose())
    writer.step(scene.ada)
  }),
  'an exception after the minutes': mismatch((scene) => {
    const writer = confirmAll(scene)
    writer.write(writer.compose())
    writer.except(scene.ada)
  }),
  'minutes of another vault': mismatch(bendMinutes(() => ({ vault: otherId }))),
  'minutes with another name of the vault': mismatch(bendMinutes(() => ({ vaultName: 'Exemplary Power' }))),
  'minutes with another name of the station': mismatch(bendMinutes(() => ({ stationName: 'home' }))),
  'minutes under another title': mismatch(bendMinutes(() => ({ title: 'Tea' }))),
  'minutes of another kind': mismatch(bendMinutes(() => ({ kind: 'drill' }))),
  'minutes that name another lead': mismatch(bendMinutes((_, { grace }) => ({ lead: grace.id }))),
  'minutes that were opened at another time': mismatch(bendMinutes(() => ({ openedAt: '2026-11-23T03:00:00.000Z' }))),
  'minutes from the future': mismatch(bendMinutes(() => ({ writtenAt: '2036-11-23T03:00:00.000Z' }))),
  'minutes that leave a step out': mismatch(bendMinutes(({ steps }) => ({ steps: steps.slice(1) }))),
  'minutes with other initials': mismatch(
    bendMinutes(({ steps }) => ({ steps: steps.map((step) => ({ ...step, initials: 'ZZ' })) })),
  ),
  'minutes with an exception that was none': mismatch(
    bendMinutes((_, { ada }) => ({
      exceptions: [
        { step: null, what: 'Tea', decidedBy: ada.id, absent: null, at: '2026-11-23T03:00:00.000Z', seq: 9 },
      ],
    })),
  ),
  'minutes without a participant': mismatch(
    bendMinutes(({ participants }) => ({ participants: participants.slice(0, 1) })),
  ),
  'minutes that let somebody not sign': mismatch(
    bendMinutes(({ participants }, { edsger }) => ({
      participants: participants.map((one) => (one.person === edsger.id ? { ...one, signs: false } : one)),
    })),
  ),
  'minutes with another head before': mismatch(bendMinutes(({ headAfter }) => ({ headBefore: headAfter }))),
  'minutes with a head that never was': mismatch(
    bendMinutes(({ headAfter }) => ({ headAfter: { ...headAfter, root: 'A'.repeat(43) } })),
  ),
  'minutes whose head leaves out the end of the ceremony': mismatch(
    bendMinutes(({ headBefore }) => ({ headAfter: headBefore })),
  ),
  'minutes under another manifest': mismatch(
    bendMinutes(({ manifestAfter }) => ({ manifestBefore: { ...manifestAfter, version: 7 } })),
  ),
  'a ceremony closed without minutes': mismatch((scene) => {
    const writer = confirmAll(scene)
    writer.close(writer.compose(), [scene.ada, scene.edsger])
  }),
  'a ceremony closed with other minutes than were signed': mismatch((scene) => {
    const writer = confirmAll(scene)
    const minutes = writer.compose()
    writer.write(minutes)
    writer.close({ ...minutes, vaultName: 'x' }, [scene.ada, scene.edsger])
  }),
  'minutes that one of them did not sign': mismatch((scene) => {
    const writer = confirmAll(scene)
    const minutes = writer.compose()
    writer.write(minutes)
    writer.close(minutes, [scene.ada])
  }),
  'minutes that the lead did not sign': mismatch((scene) => {
    const writer = confirmAll(scene)
    const minutes = writer.compose()
    writer.write(minutes)
    writer.close(minutes, [scene.edsger])
  }),
  'taps on another statement than that of the minutes': mismatch((scene) => {
    const writer = confirmAll(scene)
    const minutes = writer.compose()
    writer.write(minutes)
    writer.close(minutes, [scene.ada, scene.edsger], { detail: { ceremony: otherId } })
  }),
  'a ceremony closed by a statement that nobody opened': mismatch((scene) => {
    const writer = confirmAll(scene)
    const minutes = writer.compose()
    writer.write(minutes)
    writer.close(minutes, [scene.ada, scene.edsger], { data: { act: otherId } })
  }),
  'a ceremony that goes on after its end': mismatch((scene) => {
    const writer = confirmAll(scene)
    const minutes = writer.compose()
    writer.write(minutes)
    writer.close(minutes, [scene.ada, scene.edsger])
    const data = { ceremony: writer.id, step: null, what: 'x', decidedBy: scene.ada.id, absent: null }
    scene.vault.log.append('ceremony.exception', data)
  }),
}
