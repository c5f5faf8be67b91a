/** What a ceremony is about: credentials, safes, or the change of people that was prepared. */
import type { ReactNode } from 'react'
import type { CredentialView } from '../../../shared/contracts/app.ts'
import type { CeremonyKind } from '../../../shared/domain/ceremony.ts'
import { Button } from '../../ui/button.tsx'
import { ChooseMany } from '../../ui/choices.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Select } from '../../ui/select.tsx'
import { ChangeLines } from '../changes/change-lines.tsx'
import { byRisk, describeRisk } from '../due/due-words.ts'
import { rotationOf } from '../status-words.ts'
import { useNow, useStore, useVaultState } from '../use-app.ts'

interface Props {
  readonly kind: CeremonyKind
  readonly credentials: readonly CredentialView[]
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}

/** Rows of credentials that are not due: a ceremony of more has no end. */
const mostFresh = 50

function Rotation({ credentials, chosen, onChange }: Omit<Props, 'kind'>): ReactNode {
  const now = useNow(60_000)
  const isDue = (credential: CredentialView): boolean => rotationOf(credential, now) !== 'fresh'
  const inOrder = credentials.toSorted(byRisk)
  const due = inOrder.filter(isDue)
  const fresh = inOrder.filter((credential) => !isDue(credential)).slice(0, mostFresh)
  const options = (some: readonly CredentialView[]): { id: string; name: string; hint: string }[] =>
    some.map((credential) => ({ id: credential.id, name: credential.name, hint: describeRisk(credential, now) }))
  const only = (some: readonly CredentialView[]): string[] =>
    chosen.filter((id) => some.some((credential) => credential.id === id))
  return (
    <>
      {due.length > 0 && (
        <ChooseMany
          label="Due, the most urgent first"
          options={options(due)}
          value={only(due)}
          onChange={(next) => onChange([...next, ...only(fresh)])}
        />
      )}
      {fresh.length > 0 && (
        <ChooseMany
          label={due.length === 0 ? 'Nothing is due. Which ones nevertheless?' : 'Not due yet'}
          options={options(fresh)}
          value={only(fresh)}
          onChange={(next) => onChange([...only(due), ...next])}
        />
      )}
      {credentials.length === 0 && <p>Nothing is sealed yet, so there is nothing to rotate.</p>}
    </>
  )
}

function Drill({ chosen, onChange }: Pick<Props, 'chosen' | 'onChange'>): ReactNode {
  const { safes } = useVaultState()
  return (
    <ChooseMany
      label="Which safes?"
      hint="With every key of their custodians. None chosen: all keys and safes that are due."
      options={safes.map(({ id, name, drilled }) => ({ id, name, hint: drilled ? 'drilled' : 'not yet drilled' }))}
      value={chosen}
      onChange={onChange}
    />
  )
}

function People(): ReactNode {
  const { change } = useVaultState()
  const { go } = useStore()
  if (change !== null) return <ChangeLines change={change} />
  return (
    <Notice tone="info">
      <p>First say what shall change. Then come back: the script is made from that.</p>
      <Button size="little" onPress={() => go({ name: 'change' })}>
        Change who holds what
      </Button>
    </Notice>
  )
}

export function PlanSubject({ kind, credentials, chosen, onChange }: Props): ReactNode {
  switch (kind) {
    case 'rotation':
      return <Rotation credentials={credentials} chosen={chosen} onChange={onChange} />
    case 'drill':
      return <Drill chosen={chosen} onChange={onChange} />
    case 'people':
      return <People />
    case 'table-top':
      return (
        <Select
          label="Which practice credential?"
          hint="Seal one whose secret is worth nothing; it is shown in the exercise."
          options={credentials}
          value={chosen[0] ?? null}
          onChange={(id) => onChange([id])}
          placeholder="Choose a credential"
        />
      )
  }
}
