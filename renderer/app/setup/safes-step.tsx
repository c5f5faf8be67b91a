/** Step 3: safes, how many custodians open each, and the rules of looking. */
import { useState, type ReactNode } from 'react'
import type { Plan } from '../../../shared/contracts/plan.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { ChooseMany, YesNo } from '../../ui/choices.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { NumberField } from '../../ui/number-field.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { formatSeconds } from '../../ui/time.ts'
import { useAction } from '../../ui/use-action.ts'
import { focusFirstInvalid } from '../../ui/focus-invalid.ts'
import { Screen } from '../screen.tsx'
import { useStore } from '../use-app.ts'
import { DelayChoice } from '../waiting/delay-choice.tsx'
import { setDelay } from '../waiting/waiting-words.ts'
import { windowSteps } from '../window-steps.ts'
import { ModelChoice, type KnownModels } from './model-choice.tsx'
import {
  allCustodians,
  askPassphrase,
  checkSafes,
  createSafe,
  fitQuorum,
  namedModels,
  nameModels,
  tidy,
  usualThreshold,
  type PlannedPerson,
  type PlannedSafe,
} from './plan.ts'

const times = windowSteps(limits.windowSecondsMin, limits.windowSecondsMax).map((seconds) => ({
  id: String(seconds),
  name: formatSeconds(seconds),
}))

/** A time from a plan made elsewhere may not be one of the usual ones. */
const timesWith = (seconds: number): typeof times =>
  times.some(({ id }) => id === String(seconds))
    ? times
    : [...times, { id: String(seconds), name: formatSeconds(seconds) }]

function describeThreshold(threshold: number, custodians: number): string {
  const spare = custodians - threshold
  if (spare <= 0)
    return `All ${custodians} must tap: one lost key or one absent person, and nothing opens. One fewer is safer.`
  return `Any ${threshold} of ${custodians} open it; it still opens when ${spare === 1 ? 'one of them is' : `${spare} of them are`} out of reach.`
}

interface CardProps {
  readonly safe: PlannedSafe
  readonly place: number
  readonly people: readonly PlannedPerson[]
  readonly problem: string | undefined
  readonly known: KnownModels
  readonly onReadModels: (known: KnownModels) => void
  readonly onChange: (safe: PlannedSafe) => void
  readonly onRemove: (() => void) | null
}

function SafeCard({ safe, place, people, problem, known, onReadModels, onChange, onRemove }: CardProps): ReactNode {
  const custodians = people.filter(({ roles }) => roles.includes('custodian'))
  const set = (change: Partial<PlannedSafe>): void => onChange({ ...safe, ...change })
  const setPolicy = (change: Partial<PlannedSafe['policy']>): void => set({ policy: { ...safe.policy, ...change } })
  const chooseCustodians = (chosen: string[]): void =>
    set({ custodians: chosen, threshold: Math.min(safe.threshold, Math.max(limits.thresholdMin, chosen.length)) })
  return (
    <li className="panel stack">
      <div className="spread">
        <h2>{tidy(safe.name) === '' ? `Safe ${place}` : tidy(safe.name)}</h2>
        {onRemove !== null && (
          <Button look="quiet" size="little" aria-label={`Remove safe ${place}`} onPress={onRemove}>
            <Icon name="cross" size={16} /> Remove
          </Button>
        )}
      </div>
      <TextField
        label={`Name of safe ${place}`}
        hint="For example: Production, or Company bank"
        value={safe.name}
        onChange={(name) => set({ name })}
        max={limits.nameLength}
        error={problem ?? null}
      />
      <ChooseMany
        label={`Custodians of safe ${place}`}
        options={custodians}
        value={safe.custodians}
        onChange={chooseCustodians}
      />
      <NumberField
        label={`How many of them must tap? (safe ${place})`}
        hint={describeThreshold(safe.threshold, safe.custodians.length)}
        value={safe.threshold}
        onChange={(threshold) => set({ threshold })}
        min={limits.thresholdMin}
        max={Math.max(limits.thresholdMin, safe.custodians.length)}
      />
      <div className="two">
        <Select
          label="Shortest viewing time"
          options={timesWith(safe.policy.windowSecondsMin)}
          value={String(safe.policy.windowSecondsMin)}
          onChange={(seconds) => setPolicy({ windowSecondsMin: Number(seconds) })}
        />
        <Select
          label="Longest viewing time"
          options={timesWith(safe.policy.windowSecondsMax)}
          value={String(safe.policy.windowSecondsMax)}
          onChange={(seconds) => setPolicy({ windowSecondsMax: Number(seconds) })}
        />
      </div>
      <div>
        <YesNo
          label="Whoever asks may also be one of the custodians who approve"
          value={safe.policy.requesterMayTap}
          onChange={(requesterMayTap) => setPolicy({ requesterMayTap })}
        />
        <YesNo
          label="Values may be copied to the clipboard (cleared after 10 seconds, always recorded)"
          value={safe.policy.copyAllowed}
          onChange={(copyAllowed) => setPolicy({ copyAllowed })}
        />
      </div>
      <div>
        <YesNo
          label="Each custodian’s key also needs a passphrase"
          value={safe.policy.passphrase === true}
          onChange={(isAsked) => set({ policy: askPassphrase(safe.policy, isAsked) })}
        />
        <p className="small soft">
          It helps when somebody steals a key and learns its PIN. But it must be remembered at 3 a.m. after months:
          whoever forgets it cannot tap with that key, and nobody can reset it.
        </p>
      </div>
      <DelayChoice
        safe={`safe ${String(place)}`}
        value={safe.policy.delay}
        people={people}
        onChange={(delay) => set({ policy: setDelay(safe.policy, delay) })}
      />
      <ModelChoice
        place={place}
        value={safe.policy.models}
        known={known}
        onChange={(models) => set({ policy: nameModels(safe.policy, models) })}
        onRead={onReadModels}
      />
    </li>
  )
}

/** `onSaved` goes on to the keys. */
export function SafesStep({ plan, onSaved }: { readonly plan: Plan; readonly onSaved: () => void }): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [safes, setSafes] = useState<readonly PlannedSafe[]>(() =>
    plan.safes.length > 0 ? plan.safes : [createSafe(plan.people, 'Emergency')],
  )
  const [quorum, setQuorum] = useState(() =>
    plan.safes.length > 0
      ? plan.quorum
      : usualThreshold(plan.people.filter(({ roles }) => roles.includes('custodian')).length),
  )
  const [checked, setChecked] = useState(false)
  const [known, setKnown] = useState<KnownModels>({ models: plan.models ?? [], source: null })
  const problems = checked ? checkSafes(safes) : new Map<string, string>()
  const save = async (): Promise<void> => {
    setChecked(true)
    if (checkSafes(safes).size > 0) return
    const tidied = safes.map((safe) => ({ ...safe, name: tidy(safe.name) }))
    const models = namedModels(tidied, known.models)
    const next = { people: plan.people, safes: tidied, quorum: fitQuorum(quorum, tidied) }
    if (await run(() => call['setup.plan'](models.length === 0 ? next : { ...next, models }))) onSaved()
  }
  return (
    <Screen
      title="Safes and policy"
      lead="A safe is a group of custodians and how many of them it takes. Every credential lies in one safe."
    >
      <form
        className="stack measure"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
          focusFirstInvalid(event.currentTarget)
        }}
      >
        <ul className="plain-list stack">
          {safes.map((safe, index) => (
            <SafeCard
              key={safe.id}
              safe={safe}
              place={index + 1}
              people={plan.people}
              problem={problems.get(safe.id)}
              known={known}
              onReadModels={setKnown}
              onChange={(next) => setSafes(safes.map((old) => (old.id === next.id ? next : old)))}
              onRemove={safes.length > 1 ? () => setSafes(safes.filter(({ id }) => id !== safe.id)) : null}
            />
          ))}
        </ul>
        <div className="row">
          <Button
            isDisabled={safes.length >= limits.safes}
            onPress={() => setSafes([...safes, createSafe(plan.people, '')])}
          >
            <Icon name="plus" size={16} /> Add a safe
          </Button>
        </div>
        <NumberField
          label="How many custodians must sign a later change of people or safes?"
          hint="This protects against somebody quietly adding themselves."
          value={quorum}
          onChange={setQuorum}
          min={limits.thresholdMin}
          max={Math.max(limits.thresholdMin, allCustodians(safes).length)}
        />
        {problems.size > 0 && (
          <Notice tone="bad" live="alert">
            <p>{problems.get('all') ?? 'Something is still missing; see the safe marked above.'}</p>
          </Notice>
        )}
        {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
        <div className="row">
          <Button look="primary" type="submit" isDisabled={busy}>
            Save safes
          </Button>
        </div>
      </form>
    </Screen>
  )
}
