/** The set-up as a ceremony: the script on the left, the step on the right. What is done is stored step by step. */
import { useState, type ReactNode } from 'react'
import type { AppState } from '../../../shared/contracts/app.ts'
import { useVaultState } from '../use-app.ts'
import { AcknowledgeStep } from './acknowledge-step.tsx'
import { KeysStep } from './keys-step.tsx'
import { PeopleStep } from './people-step.tsx'
import { SafesStep } from './safes-step.tsx'
import { StepList, type SetupStep } from './step-list.tsx'

type Setup = NonNullable<AppState['setup']>

/** The furthest step that what is stored allows. */
function reachedStep(setup: Setup): SetupStep {
  if (setup.step === 'acknowledge') return 'acknowledge'
  if (setup.step === 'keys') return 'keys'
  if (setup.plan.people.length === 0) return 'people'
  return setup.plan.safes.length === 0 ? 'safes' : 'keys'
}

/** Steps that can be gone to: planning closes with the first key. */
function openSteps(setup: Setup): readonly SetupStep[] {
  if (setup.step === 'acknowledge') return ['keys', 'acknowledge']
  if (setup.step === 'keys') return ['keys']
  const { people, safes } = setup.plan
  if (people.length === 0) return ['people']
  return safes.length === 0 ? ['people', 'safes'] : ['people', 'safes', 'keys']
}

/** The set-up, at the step where it stands or where the person went back to. */
export function SetupScreen(): ReactNode {
  const { setup } = useVaultState()
  const [chosen, setChosen] = useState<SetupStep | null>(null)
  if (setup === null) return null
  const open = openSteps(setup)
  const reached = reachedStep(setup)
  // A choice holds only while that step is open: the vault decides how far the set-up is.
  const current = chosen !== null && open.includes(chosen) ? chosen : reached
  return (
    <div className="ceremony">
      <StepList current={current} reached={reached} open={open} onGo={setChosen} />
      {current === 'people' && <PeopleStep key="people" plan={setup.plan} onSaved={() => setChosen('safes')} />}
      {current === 'safes' && <SafesStep key="safes" plan={setup.plan} onSaved={() => setChosen('keys')} />}
      {current === 'keys' && <KeysStep setup={setup} onDone={() => setChosen('acknowledge')} />}
      {current === 'acknowledge' && <AcknowledgeStep setup={setup} onBack={() => setChosen('keys')} />}
    </div>
  )
}
