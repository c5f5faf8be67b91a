/** Scripts of drills: every key and every safe that is due, or the whole flow on a practice credential. */
import type { CeremonyDraft } from '../../../shared/contracts/ceremony-views.ts'
import type { ScriptStep } from '../../../shared/domain/ceremony.ts'
import type { Person, Safe } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import {
  closingSteps,
  confirm,
  dayOf,
  openingSteps,
  safeNameIn,
  step,
  type ScriptSources,
  type Wish,
} from './script-parts.ts'

const dayMs = 86_400_000

function keyStep({ id, name, keys }: Person, key: Person['keys'][number]): ScriptStep {
  return step(
    `Key drill: ${name}, “${key.label}”`,
    [
      `${name} fetches this key from where it is kept and touches it${keys.length > 1 ? ` (it is one of ${keys.length})` : ''}. It opens its own wraps and nothing else.`,
      'A key that fails is an exception: write down what happened and who decided, and enrol another in its place soon.',
    ].join('\n'),
    'custodian',
    { kind: 'key-drill', person: id, key: key.credentialId },
    id,
  )
}

/** A drill needs something that is sealed; which one says nothing, so the one proven longest ago. */
function safeStep({ credentials }: ScriptSources, { id: safe, name, threshold }: Safe): ScriptStep[] {
  const [credential] = credentials
    .filter((one) => one.safe === safe && one.damage === null)
    .sort((a, b) => ((a.provenAt ?? '') < (b.provenAt ?? '') ? -1 : 1))
  if (credential === undefined) return []
  return [
    step(
      `Drill of “${name}”`,
      `${threshold} custodians touch their keys as in an emergency. Their shares of “${credential.name}” are put together up to the key it is sealed under; nothing is decrypted, nothing is shown. Choose custodians who did not do it last time.`,
      'custodian',
      { kind: 'safe-drill', safe, credential: credential.id },
    ),
  ]
}

const needsDrill = ({ lastProvenAt, wallMs }: ScriptSources, { keys }: Person): boolean =>
  keys.some(({ credentialId }) => {
    const at = lastProvenAt(credentialId)
    return at === null || Date.parse(at) + limits.drillDays * dayMs <= wallMs
  })

interface Drilled {
  readonly people: readonly Person[]
  readonly safes: readonly Safe[]
}

/** @throws HalliganError POLICY_INVALID {field: 'safes'} */
function chooseWished({ manifest }: ScriptSources, wished: readonly string[]): Drilled {
  const safes = manifest.safes.filter(({ id }) => wished.includes(id))
  if (safes.length !== new Set(wished).size)
    throw new HalliganError('POLICY_INVALID', { field: 'safe', why: 'unknown' })
  const held = new Set(safes.flatMap(({ custodians }) => custodians.map(({ person }) => person)))
  return { safes, people: manifest.persons.filter(({ id }) => held.has(id)) }
}

function chooseDue(sources: ScriptSources): Drilled {
  const { manifest, isDrilled } = sources
  const held = new Set(manifest.safes.flatMap(({ custodians }) => custodians.map(({ person }) => person)))
  return {
    safes: manifest.safes.filter(({ id }) => !isDrilled(id)),
    people: manifest.persons.filter((person) => held.has(person.id) && needsDrill(sources, person)),
  }
}

/** @throws HalliganError CEREMONY_NOTHING_DUE, POLICY_INVALID {field, why} */
export function writeDrill(sources: ScriptSources, wish: Wish): CeremonyDraft {
  const { people, safes } = wish.safes === null ? chooseDue(sources) : chooseWished(sources, wish.safes)
  const drills = [
    ...people.flatMap((person) => person.keys.map((key) => keyStep(person, key))),
    ...safes.flatMap((safe) => safeStep(sources, safe)),
  ]
  if (drills.length === 0) throw new HalliganError('CEREMONY_NOTHING_DUE')
  const script = [...openingSteps(sources, wish), ...drills, ...closingSteps()]
  if (script.length > limits.ceremonySteps)
    throw new HalliganError('POLICY_INVALID', { field: 'safes', why: 'too-many' })
  return { kind: 'drill', title: `Drill of keys and safes, ${dayOf(sources.wallMs)}`, script }
}

/** @throws HalliganError CREDENTIAL_UNKNOWN, POLICY_INVALID {field: 'credentials'} unless it is exactly one */
export function writeTableTop(sources: ScriptSources, wish: Wish): CeremonyDraft {
  const [id, ...others] = wish.credentials ?? []
  if (id === undefined || others.length > 0) {
    throw new HalliganError('POLICY_INVALID', { field: 'credentials', why: 'one-practice-credential' })
  }
  const credential = sources.credentials.find((one) => one.id === id)
  if (credential === undefined) throw new HalliganError('CREDENTIAL_UNKNOWN')
  const safe = safeNameIn(sources.manifest, credential.safe)
  return {
    kind: 'table-top',
    title: `Table-top with “${credential.name}”, ${dayOf(sources.wallMs)}`,
    script: [
      ...openingSteps(sources, wish),
      step(
        'Tell the scenario',
        [
          'Say what is supposed to have happened, as an alarm would: what is down, since when, what nobody can reach any more. Write it into the note.',
          'Everybody plays what they would be that night. The lead watches the time from here to the open window, and what people look for and do not find.',
        ].join('\n'),
        'lead',
        confirm,
      ),
      step(
        `Break the glass for “${credential.name}”`,
        `It must hold nothing that opens anything. Ask for it from “${safe}” with the scenario as the reason, let the quorum tap, read the fields, follow the runbook as far as it goes, and close the window or let it end.`,
        'custodian',
        { kind: 'practice', credential: credential.id },
      ),
      step(
        'What was slow, what was missing',
        'Each says one thing that held them up: a key that was not at hand, a number that nobody had, a word on the screen that was not clear. Write into the note what will be changed, by whom, and by when.',
        'all',
        confirm,
      ),
      ...closingSteps(),
    ],
  }
}
