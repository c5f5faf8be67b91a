/** One thing that is due: what, why, and the one button that does it. */
import type { ReactNode } from 'react'
import type { Due } from '../../../shared/contracts/ceremony-views.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useModel, useStore, useVaultState } from '../use-app.ts'
import { describeDue, dueNames } from './due-words.ts'

interface Act {
  readonly label: string
  readonly press: () => unknown
  /** Why it cannot be done now. */
  readonly hindrance?: string
}

/** What can be done about `due`; calls that are refused end in `run`. */
function useAct(due: Due, run: (work: () => Promise<unknown>) => void): Act {
  const { persons } = useVaultState()
  const { credentials } = useModel()
  const { call, go } = useStore()
  switch (due.kind) {
    case 'rotate':
      return { label: 'Rotate', press: () => go({ name: 'seal', credential: due.id }) }
    case 'classify':
      return { label: 'Say what it was', press: () => go({ name: 'after-use' }) }
    case 'channel':
      return { label: 'Send a test', press: () => run(() => call['alerts.test']({ channel: due.id })) }
    case 'drill-person': {
      // The key that proved itself longest ago; one that never did comes first of all.
      const key = persons
        .find(({ id }) => id === due.id)
        ?.keys.toSorted((a, b) => ((a.lastProvenAt ?? '') < (b.lastProvenAt ?? '') ? -1 : 1))[0]
      if (key === undefined) return { label: 'Test', press: () => undefined, hindrance: 'They have no key.' }
      return { label: 'Test', press: () => run(() => call['keys.test']({ person: due.id, key: key.credentialId })) }
    }
    case 'drill-safe': {
      const credential = credentials.find(({ safe, damage }) => safe === due.id && damage === null)
      if (credential === undefined)
        return { label: 'Drill', press: () => undefined, hindrance: 'Seal a credential in it first.' }
      const input = { purpose: 'drill' as const, safe: due.id, credentials: [credential.id] }
      return { label: 'Drill', press: () => run(() => call['credential.prove'](input)) }
    }
  }
}

export function DueRow({ due, now }: { readonly due: Due; readonly now: number }): ReactNode {
  const { operation, phase } = useVaultState()
  const { run, busy, error } = useAction()
  const act = useAct(due, (work) => void run(work))
  return (
    <li className={due.isDue ? 'due-row now' : 'due-row'}>
      <Icon name={due.isDue ? 'warn' : 'clock'} size={20} />
      <div className="due-what">
        <p>
          <span className="soft">{dueNames[due.kind]}: </span>
          <strong>{due.name}</strong>
        </p>
        <p className="small soft">
          {describeDue(due, now)}
          {act.hindrance !== undefined && ` ${act.hindrance}`}
        </p>
        {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      </div>
      <Button
        size="little"
        aria-label={`${act.label}: ${due.name}`}
        isDisabled={busy || operation !== null || phase === 'damaged' || act.hindrance !== undefined}
        onPress={act.press}
      >
        {act.label}
      </Button>
    </li>
  )
}
