/** Planning a ceremony: its kind, what is done in it, who leads and who watches; the script stands beside, to read and to print. */
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import type { Output } from '../../../shared/contracts/contract.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { CeremonyWish } from '../../../shared/contracts/ceremony-views.ts'
import type { CeremonyKind } from '../../../shared/domain/ceremony.ts'
import { asHalliganError, type HalliganError } from '../../../shared/errors.ts'
import { Button } from '../../ui/button.tsx'
import { ChooseMany } from '../../ui/choices.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Select } from '../../ui/select.tsx'
import { useAction } from '../../ui/use-action.ts'
import { Screen } from '../screen.tsx'
import { useModel, useStore, useVaultState } from '../use-app.ts'
import { kinds } from './ceremony-words.ts'
import { PlanSubject } from './plan-subject.tsx'
import { PrintButton } from './print-button.tsx'
import { DraftScript } from './script-list.tsx'

type Draft = Output<typeof appContract, 'ceremony.draft'>

/** The script for `wish`, made anew whenever that changes; null while it is not known. */
function useDraft(wish: CeremonyWish | null): { readonly draft: Draft | null; readonly error: HalliganError | null } {
  const { call } = useStore()
  const [found, setFound] = useState<{
    readonly key: string
    readonly draft: Draft | null
    readonly error: HalliganError | null
  }>({ key: '', draft: null, error: null })
  const key = wish === null ? '' : JSON.stringify(wish)
  useEffect(() => {
    if (key === '') return
    let isCurrent = true
    call['ceremony.draft'](JSON.parse(key) as CeremonyWish).then(
      (draft) => isCurrent && setFound({ key, draft, error: null }),
      (thrown: unknown) => isCurrent && setFound({ key, draft: null, error: asHalliganError(thrown) }),
    )
    return () => {
      isCurrent = false
    }
  }, [call, key])
  return found.key === key ? found : { draft: null, error: null }
}

const keptVersions = [
  { id: '0', name: 'Erase them once the new one is confirmed' },
  { id: '1', name: 'Keep the last one, erase what is older' },
  { id: '3', name: 'Keep the last three, erase what is older' },
] as const
type KeptVersions = (typeof keptVersions)[number]['id']

interface Choice {
  readonly lead: string | null
  readonly witnesses: readonly string[]
  readonly chosen: readonly string[]
  /** Older versions that stay. */
  readonly keep: number
}

/** What is asked for, or null while something is missing. */
function makeWish(kind: CeremonyKind, { lead, witnesses, chosen, keep }: Choice): CeremonyWish | null {
  if (lead === null) return null
  const isOfCredentials = kind === 'rotation' || kind === 'table-top'
  if (isOfCredentials && chosen.length === 0) return null
  return {
    kind,
    lead,
    witnesses: [...witnesses],
    credentials: isOfCredentials ? [...chosen] : null,
    safes: kind === 'drill' && chosen.length > 0 ? [...chosen] : null,
    ...(kind === 'rotation' && keep > 0 ? { keep } : {}),
  }
}

function Script({ wish }: { readonly wish: CeremonyWish | null }): ReactNode {
  const { draft, error } = useDraft(wish)
  return (
    <section className="panel stack-tight plan-script" aria-labelledby="script">
      <div className="spread">
        <h2 id="script">{draft === null ? 'Script' : draft.title}</h2>
        {wish !== null && draft !== null && (
          <div className="row">
            <PrintButton what={{ document: 'script', wish }} label="Print the script" size="little" />
          </div>
        )}
      </div>
      {wish === null && <p className="soft">The script stands here once it is plain what is done, and who leads.</p>}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      {draft !== null && (
        <>
          <p className="soft small">{draft.script.length} steps. Read them before you open it.</p>
          <DraftScript script={draft.script} />
        </>
      )}
    </section>
  )
}

function CancelPlan(): ReactNode {
  const { go } = useStore()
  return (
    <Button look="quiet" onPress={() => go({ name: 'ceremonies' })}>
      Go back
    </Button>
  )
}

/** `start`: the kind, and what was chosen elsewhere already. */
export function PlanScreen({
  start,
}: {
  readonly start: { readonly kind: CeremonyKind; readonly chosen: readonly string[] }
}): ReactNode {
  const { kind } = start
  const { persons, operation, due } = useVaultState()
  const { credentials } = useModel()
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const withKeys = persons.filter(({ keys }) => keys.length > 0)
  const called = withKeys.filter(({ roles }) => roles.includes('lead'))
  // Where nobody has the role, a custodian leads.
  const leads = called.length > 0 ? called : withKeys.filter(({ roles }) => roles.includes('custodian'))
  const [lead, setLead] = useState<string | null>(leads.length === 1 ? (leads[0]?.id ?? null) : null)
  const [witnesses, setWitnesses] = useState<readonly string[]>([])
  const [chosen, setChosen] = useState<readonly string[]>(() =>
    start.chosen.length > 0
      ? start.chosen
      : kind === 'rotation'
        ? due.filter((item) => item.kind === 'rotate' && item.isDue).map(({ id }) => id)
        : [],
  )
  const [keep, setKeep] = useState<KeptVersions>('0')
  const wish = useMemo(
    () => makeWish(kind, { lead, witnesses, chosen, keep: Number(keep) }),
    [kind, lead, witnesses, chosen, keep],
  )
  const witnessRole = withKeys.filter(({ roles }) => roles.includes('witness'))
  const watchers = (witnessRole.length > 0 ? witnessRole : withKeys).filter(({ id }) => id !== lead)
  return (
    <Screen title={`Plan a ceremony: ${kinds[kind].name.toLowerCase()}`} lead={kinds[kind].what}>
      <form
        className="plan-columns"
        onSubmit={(event) => {
          event.preventDefault()
          if (wish !== null) void run(() => call['ceremony.open'](wish))
        }}
      >
        <div className="stack">
          <PlanSubject kind={kind} credentials={credentials} chosen={chosen} onChange={setChosen} />
          {kind === 'rotation' && (
            <Select
              label="What becomes of older versions?"
              hint="All stay until somebody confirms that the system has taken the new one."
              options={keptVersions}
              value={keep}
              onChange={setKeep}
            />
          )}
          <Select
            label="Who leads it?"
            hint="Reads the script aloud and signs for it with their key."
            options={leads}
            value={lead}
            onChange={(next) => {
              setLead(next)
              setWitnesses(witnesses.filter((id) => id !== next))
            }}
            placeholder="Choose the person"
          />
          {watchers.length > 0 && (
            <ChooseMany label="Who watches?" options={watchers} value={witnesses} onChange={setWitnesses} />
          )}
          {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
          <div className="row">
            <Button look="primary" type="submit" isDisabled={busy || operation !== null || wish === null}>
              Sign and open it
            </Button>
            <CancelPlan />
          </div>
          <p className="small soft measure">
            One ceremony at a time. It may be interrupted, even for days: it goes on with the step that was on.
          </p>
        </div>
        <Script wish={wish} />
      </form>
    </Screen>
  )
}
