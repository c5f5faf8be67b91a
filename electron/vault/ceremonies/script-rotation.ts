/** The script of a rotation: new versions sealed, proven, taken into use, and the old ones destroyed. */
import type { CredentialView } from '../../../shared/contracts/app.ts'
import type { CeremonyDraft } from '../../../shared/contracts/ceremony-views.ts'
import type { ScriptStep } from '../../../shared/domain/ceremony.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import {
  closingSteps,
  confirm,
  dayOf,
  nameIn,
  openingSteps,
  safeNameIn,
  step,
  type ScriptSources,
  type Wish,
} from './script-parts.ts'

/** One day's work; what is due beyond that is for the next ceremony. Four steps each stay far below the bound of a script. */
const rotatedMax = 60

const whyWords: Readonly<Record<CredentialView['rotation'], string>> = {
  fresh: 'it was chosen for this ceremony',
  due: 'its interval is over',
  used: 'it was opened since it was sealed',
  leaver: 'somebody who held a share of it has left',
}

/** The more somebody could know of it, the sooner. */
const urgency: readonly CredentialView['rotation'][] = ['leaver', 'used', 'due', 'fresh']

/** @throws HalliganError CREDENTIAL_UNKNOWN, CEREMONY_NOTHING_DUE, POLICY_INVALID {field: 'credentials'} */
function chooseCredentials({ credentials }: ScriptSources, wished: Wish['credentials']): CredentialView[] {
  if (wished !== null) {
    if (new Set(wished).size !== wished.length)
      throw new HalliganError('POLICY_INVALID', { field: 'credentials', why: 'twice' })
    if (wished.length > rotatedMax) {
      throw new HalliganError('POLICY_INVALID', { field: 'credentials', why: 'too-many' })
    }
    const found = wished.flatMap((id) => credentials.find((one) => one.id === id) ?? [])
    if (found.length < wished.length) throw new HalliganError('CREDENTIAL_UNKNOWN')
    if (found.length === 0) throw new HalliganError('CEREMONY_NOTHING_DUE')
    return found
  }
  const due = credentials.filter(({ rotation }) => rotation !== 'fresh')
  if (due.length === 0) throw new HalliganError('CEREMONY_NOTHING_DUE')
  return due
    .sort(
      (a, b) =>
        urgency.indexOf(a.rotation) - urgency.indexOf(b.rotation) || (a.rotationDueAt < b.rotationDueAt ? -1 : 1),
    )
    .slice(0, rotatedMax)
}

/** People whom a script names to be asked. */
const askedMax = 4

/** Who may know how it is rotated, where nothing says so: who sealed it, then who uses it. */
function whomToAsk({ manifest }: ScriptSources, { sealedBy, sealedAt, requesters, safe }: CredentialView): string {
  const listed = (id: string): boolean => manifest.persons.some((person) => person.id === id)
  const sealer = listed(sealedBy) ? [`${nameIn(manifest, sealedBy)}, who sealed it on ${sealedAt.slice(0, 10)}`] : []
  const users = requesters.filter((id) => id !== sealedBy && listed(id)).slice(0, askedMax)
  const names = users.map((id) => nameIn(manifest, id)).join(', ')
  return [
    ...sealer,
    ...(users.length === 0 ? [] : [`who may ask for it (${names})`]),
    ...(sealer.length + users.length > 0 ? [] : [`the custodians of “${safeNameIn(manifest, safe)}”`]),
  ].join(', or ')
}

/** How it is rotated: the note whole, at the end, so that nothing can be taken for a part of it. */
function tellRotation(sources: ScriptSources, credential: CredentialView): string {
  const { rotationNote, damage, version, sealedBy, sealedAt } = credential
  if (rotationNote !== null && damage === null) {
    const signer = nameIn(sources.manifest, sealedBy)
    return `How it is rotated, as ${signer} signed it with version ${version} on ${sealedAt.slice(0, 10)}:\n${rotationNote}`
  }
  const why =
    damage === null
      ? 'How it is rotated was not written down'
      : 'How it is rotated cannot be relied on, because this record is damaged'
  return `${why}. Ask ${whomToAsk(sources, credential)}. Write it down when the new version is sealed. Does nobody know? Then write an exception, and leave its steps out until somebody does.`
}

const sealSteps = (sources: ScriptSources, credential: CredentialView): ScriptStep[] => {
  const { name, version, rotation } = credential
  return [
    step(
      `Prepare “${name}”`,
      [
        `Version ${version} of “${name}” is replaced because ${whyWords[rotation]}.`,
        'Sign in to the system with an account of your own and go to the place where this secret is changed. Do not change it yet.',
        tellRotation(sources, credential),
      ].join('\n'),
      'custodian',
      confirm,
    ),
    sealStep(credential),
  ]
}

const sealStep = ({ id, name, version }: CredentialView): ScriptStep =>
  step(
    `Seal version ${version + 1} of “${name}”`,
    [
      'Let the seal window make the new secret, or type what the system has made. Put it into the system’s form as well, and do not save there yet.',
      'Write the runbook as a person who has never done it will need it at three in the morning. Then seal: one tap of whoever seals, no quorum.',
      'How it is rotated next time is no secret and stands outside the runbook. It stays as it is unless you change it here, before sealing.',
    ].join('\n'),
    'custodian',
    { kind: 'seal', credential: id, after: version },
  )

function proveSteps(sources: ScriptSources, chosen: readonly CredentialView[]): ScriptStep[] {
  const steps: ScriptStep[] = []
  for (const { id: safe, threshold } of sources.manifest.safes) {
    const own = chosen.filter((one) => one.safe === safe)
    for (let from = 0; from < own.length; from += limits.proofRecords) {
      const part = own.slice(from, from + limits.proofRecords)
      steps.push(
        step(
          `Prove the new versions in “${safeNameIn(sources.manifest, safe)}”`,
          `${threshold} custodians of this safe touch their keys, one after another. Their shares are opened and put together as in an emergency, up to the key that the secrets are sealed under; nothing is shown. If a share fails, the screen says whose: that custodian tries another key of theirs, or it becomes an exception.`,
          'custodian',
          { kind: 'prove', safe, credentials: part.map(({ id }) => id) },
        ),
      )
    }
  }
  return steps
}

/** What becomes of the older versions: until the new one is confirmed they all stay, then all go but the newest `keep`. */
function useSteps({ id, name, version, olderVersions }: CredentialView, keep: number): ScriptStep[] {
  const isOneErased = olderVersions.length + 1 > keep
  const afterwards = isOneErased
    ? 'after this what is older is erased for good'
    : 'until then the system may still have the old secret'
  const using = step(
    `Take “${name}” into use`,
    `Save the new secret in the system. Then sign out and sign in once with it, or do whatever else shows that the system takes the new one and refuses the old. Only then put your initials here: ${afterwards}. Clear the clipboard.`,
    'custodian',
    confirm,
  )
  if (!isOneErased) return [using]
  const what =
    keep === 0
      ? `Erases version ${version} and any that is older still`
      : `Erases all that is older, but for the newest ${keep} of the older versions`
  const destroying = step(
    `Destroy what is older of “${name}”`,
    `${what}: one tap for each. The version that was just confirmed stays. There is no way back.`,
    'custodian',
    { kind: 'destroy', credential: id, ...(keep === 0 ? {} : { keep }) },
  )
  return [using, destroying]
}

/** @throws HalliganError CREDENTIAL_UNKNOWN, CEREMONY_NOTHING_DUE, POLICY_INVALID {field, why} */
export function writeRotation(sources: ScriptSources, wish: Wish): CeremonyDraft {
  const chosen = chooseCredentials(sources, wish.credentials)
  const what = chosen.length === 1 ? '1 credential' : `${chosen.length} credentials`
  return {
    kind: 'rotation',
    title: `Rotation of ${what}, ${dayOf(sources.wallMs)}`,
    script: [
      ...openingSteps(sources, wish),
      ...chosen.flatMap((one) => sealSteps(sources, one)),
      ...proveSteps(sources, chosen),
      ...chosen.flatMap((one) => useSteps(one, wish.keep ?? 0)),
      ...closingSteps(),
    ],
  }
}
