/** Ceremonies, changes of people and things that are due, for the screens. */
import type { AppState, CredentialView } from '../../../shared/contracts/app.ts'
import type { CeremonyView, Due } from '../../../shared/contracts/ceremony-views.ts'
import type { ChangeView } from '../../../shared/contracts/people-views.ts'
import type { Minutes, ScriptStep } from '../../../shared/domain/ceremony.ts'
import type { AppCan } from './fake-page.ts'
import { credentials, inDays, inSeconds, ready } from './canned-app.ts'
import { hash, idOf, persons, safes } from './canned-people.ts'

const due = (kind: Due['kind'], id: number, name: string, why: Due['why'], days: number): Due => ({
  kind,
  id: idOf(id),
  name,
  why,
  dueAt: inDays(days),
  isDue: days <= 0,
})

const everythingDue: Due[] = [
  due('rotate', 203, 'Backup encryption key', 'used', -1),
  due('rotate', 201, 'AWS root account', 'leaver', -2),
  due('rotate', 202, 'Domain registrar', 'interval', -6),
  due('classify', 302, 'Backup encryption key', 'used', -3),
  due('drill-safe', 101, 'Production', 'never', 0),
  due('drill-person', 3, 'Edsger Dijkstra', 'interval', -12),
  due('drill-person', 4, 'Maria-Fernanda von Hohenstein-Castellanos', 'never', 0),
  due('channel', 700, 'Security operations', 'interval', 0),
  due('drill-safe', 102, 'Company bank', 'interval', 41),
  due('rotate', 204, 'Bank signing codes', 'interval', 70),
]

export const withDue: AppState = { ...ready, due: everythingDue }
export const calm: AppState = {
  ...ready,
  safes: ready.safes.map((safe) => ({ ...safe, drilled: true })),
  due: everythingDue.filter(({ isDue }) => !isDue),
}

const step = (
  title: string,
  instruction: string,
  role: ScriptStep['role'],
  task: ScriptStep['task'] = { kind: 'confirm' },
  person: string | null = null,
): ScriptStep => ({ title, instruction, role, person, task })

export const script: ScriptStep[] = [
  step(
    'Welcome and roles',
    'Ada Byron leads: reads every step aloud before anybody does it, and puts initials to it when it is done.\nCustodians bring their security keys and touch them only when the tap page names what they sign.\nIf anything goes otherwise, stop and write down an exception.',
    'lead',
  ),
  step('Attendance', 'Everybody in the room says their name and shows that it is theirs.', 'all'),
  step('Witness: Rita Okafor', 'Rita Okafor puts initials to being here.', 'witness', { kind: 'confirm' }, idOf(5)),
  step(
    'Read the head of the log aloud',
    'Read the four words of the log’s head from the screen. A second person repeats them and writes them on paper.',
    'lead',
    { kind: 'read-head' },
  ),
  step('Prepare “AWS root account”', 'Sign in to the system and go to where this secret is changed.', 'custodian'),
  step(
    'Seal version 5 of “AWS root account”',
    'Let the seal window make the new secret, or type what the system has made. Put it into the system’s form as well, and do not save there yet.\nWrite the runbook as a person who has never done it will need it at three in the morning. Then seal: one tap of whoever seals, no quorum.',
    'custodian',
    { kind: 'seal', credential: idOf(201), after: 4 },
  ),
  step(
    'Prove the new versions in “Production”',
    '3 custodians of this safe touch their keys, one after another. Nothing is shown.',
    'custodian',
    { kind: 'prove', safe: idOf(101), credentials: [idOf(201)] },
  ),
  step(
    'Take “AWS root account” into use',
    'Save the new secret in the system, then sign in once with it.',
    'custodian',
  ),
  step(
    'Destroy what is older of “AWS root account”',
    'Erases version 4 and any that is older still: one tap for each. There is no way back.',
    'custodian',
    { kind: 'destroy', credential: idOf(201) },
  ),
  step('Enrol the keys of Barbara Liskov', 'Barbara Liskov alone touches and names each of their security keys.', 'custodian', { kind: 'enrol', person: idOf(7) }, idOf(7)), // prettier-ignore
  step('Seal everything anew', 'A quorum signs, then every new custodian checks their share.', 'custodian', { kind: 'reshare' }), // prettier-ignore
  step('Break the glass for “AWS root account”', 'Ask for it, let the quorum tap, read the fields.', 'custodian', { kind: 'practice', credential: idOf(201) }), // prettier-ignore
  step('Classify every reveal', 'Every credential that was opened must be called by its name.', 'all', { kind: 'classify' }), // prettier-ignore
  step('Read the head of the log aloud again', 'Read the four words once more.', 'lead', { kind: 'read-head' }),
]

const finishedBy = [1, 1, 5, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1]
const initials = ['', 'AB', 'GH', 'ED', 'MFH', 'RO']

/** The ceremony with so many steps finished; what is on is brought about or not. */
export function ceremonyAt(now: number, change: Partial<CeremonyView> = {}, isBroughtAbout?: boolean): CeremonyView {
  return {
    id: idOf(600),
    kind: 'rotation',
    title: 'Rotation of 1 credential, 2026-11-23',
    lead: idOf(1),
    witnesses: [idOf(5)],
    openedAt: inSeconds(-3600),
    now,
    steps: script.map((one, index) => {
      const person = finishedBy[index] ?? 1
      const isWord = one.task.kind === 'confirm' || one.task.kind === 'read-head'
      return {
        ...one,
        finished:
          index >= now
            ? null
            : {
                result: index === 2 ? ('excepted' as const) : ('done' as const),
                person: idOf(person),
                initials: initials[person] ?? 'XX',
                note: index === 1 ? 'Also in the room: the night guard.' : '',
                at: inSeconds(-3500 + index * 240),
              },
        isBroughtAbout: index < now || (index === now && isBroughtAbout === true) || isWord,
        state:
          one.task.kind === 'seal'
            ? index < now || isBroughtAbout === true
              ? 'Version 5 is sealed.'
              : 'The newest version is still version 4.'
            : null,
      }
    }),
    exceptions: [
      {
        step: 2,
        what: 'Rita was called away to an alarm; the night guard watches in her place.',
        decidedBy: idOf(1),
        absent: idOf(5),
        at: inSeconds(-3000),
      },
    ],
    unclassified: [],
    minutes: null,
    ...change,
  }
}

export const inCeremony = (ceremony: CeremonyView, change: Partial<AppState> = {}): AppState => ({
  ...ready,
  ceremony,
  ...change,
})

export const changing: ChangeView = {
  change: {
    people: [
      ...persons.filter(({ id }) => id !== idOf(3)).map(({ id, name, roles }) => ({ id, name, roles })),
      { id: idOf(7), name: 'Barbara Liskov', roles: ['custodian', 'requester'] },
    ],
    safes: safes.map(({ drilled: _drilled, ...safe }) => ({
      ...safe,
      custodians: safe.custodians.map((id) => (id === idOf(3) ? idOf(7) : id)),
    })),
    quorum: 3,
    moves: [],
  },
  lines: [
    { label: 'Joins', value: 'Barbara Liskov: custodian, requester' },
    { label: 'Leaves', value: 'Edsger Dijkstra' },
    { label: 'Production', value: '3 of Ada Byron, Grace Hopper, Barbara Liskov, Maria-Fernanda von Hohenstein-Castellanos' }, // prettier-ignore
  ],
  missing: [
    { person: idOf(7), name: 'Barbara Liskov', kind: 'new', safes: [idOf(101)] },
    { person: idOf(2), name: 'Grace Hopper', kind: 'join', safes: [idOf(102)] },
  ],
  enrolled: [],
  records: 20,
  leavers: [idOf(3)],
  signers: { quorum: 3, from: [1, 2, 3, 4].map(idOf) },
  checkers: [1, 2, 7, 4].map(idOf),
}

export const complete: ChangeView = {
  ...changing,
  missing: [],
  enrolled: [
    { person: idOf(7), labels: ['Main key', 'Spare key'] },
    { person: idOf(2), labels: [] },
  ],
}

/** Who left shared what is in the safe. */
export const afterLeaver: readonly CredentialView[] = credentials.map((credential, index) => ({
  ...credential,
  rotation: index === 2 ? 'used' : credential.safe === idOf(101) ? 'leaver' : 'fresh',
  provenAt: index === 0 ? inDays(-3) : null,
  olderVersions: index === 0 ? [3, 2].map((version) => ({ version, sealedAt: inDays(-90 * (5 - version)) })) : [],
}))

const minutes: Minutes = {
  format: 'halligan/minutes/v1',
  vault: idOf(900),
  vaultName: 'Northwind operations',
  station: idOf(901),
  stationName: 'Safe room laptop 1',
  ceremony: idOf(600),
  kind: 'rotation',
  title: 'Rotation of 1 credential, 2026-11-23',
  lead: idOf(1),
  openedAt: inSeconds(-3600),
  writtenAt: inSeconds(-60),
  program: { version: '0.1.0', digest: hash },
  manifestBefore: { version: 1, hash },
  manifestAfter: { version: 1, hash },
  headBefore: { size: 1284, root: hash },
  headAfter: { size: 1341, root: hash },
  participants: [1, 2, 4, 5].map((number) => {
    const { id, name, roles, keys } = persons[number - 1] ?? persons[0] ?? { id: '', name: '', roles: [], keys: [] }
    return {
      person: id,
      name,
      roles,
      keys: keys.slice(0, 1).map(({ credentialId, label }) => ({ credentialId, label })),
      signs: number !== 5,
    }
  }),
  steps: ceremonyAt(9).steps.flatMap(({ finished, title }, index) =>
    finished === null ? [] : [{ ...finished, title, step: index, seq: 1285 + index }],
  ),
  exceptions: ceremonyAt(9).exceptions.map((exception) => ({ ...exception, seq: 1290 })),
}

export const past: NonNullable<AppCan['pastCeremonies']> = [
  {
    id: idOf(600),
    kind: 'rotation',
    title: minutes.title,
    openedAt: minutes.openedAt,
    endedAt: inSeconds(-30),
    result: 'closed',
    minutes: {
      hash,
      words: ['velvet', 'anchor', 'pepper', 'north'],
      beforeWords: ['mango', 'night', 'ocean', 'piano'],
      afterWords: ['ivory', 'jelly', 'kayak', 'lemon'],
      content: minutes,
      signed: [1, 2, 4].map(idOf),
    },
  },
  {
    id: idOf(601),
    kind: 'drill',
    title: 'Drill of keys and safes, 2026-08-20',
    openedAt: inDays(-95),
    endedAt: inDays(-95),
    result: 'cancelled',
    minutes: null,
  },
]

export const draft: NonNullable<AppCan['ceremonyDraft']> = {
  kind: 'rotation',
  title: 'Rotation of 3 credentials, 2026-11-23',
  script,
}
