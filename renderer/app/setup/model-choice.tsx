/** Which models of security key the custodians of a safe may use: any, or some of a list that a file from FIDO holds. */
import { useState, type ReactNode } from 'react'
import type { KeyModel } from '../../../shared/domain/manifest.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { ChooseMany, ChooseOne } from '../../ui/choices.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useStore } from '../use-app.ts'
import { matchModels } from './plan.ts'

/** Models to choose from, and where they come from. */
export interface KnownModels {
  readonly models: readonly KeyModel[]
  /** "Issue 42 …"; null for those that were pinned before. */
  readonly source: string | null
}

interface Props {
  readonly place: number
  /** AAGUIDs; undefined: any model. */
  readonly value: readonly string[] | undefined
  readonly known: KnownModels
  readonly onChange: (models: string[] | undefined) => void
  readonly onRead: (known: KnownModels) => void
}

/** No list is read at a glance with more lines than this. */
const shown = 8

function ModelList({ place, value = [], known, onChange }: Omit<Props, 'onRead'>): ReactNode {
  const [search, setSearch] = useState('')
  const chosen = known.models.filter(({ aaguid }) => value.includes(aaguid))
  const found = matchModels(known.models, search).filter(({ aaguid }) => !value.includes(aaguid))
  const options = [...chosen, ...found.slice(0, shown)].map(({ aaguid, name }) => ({
    id: aaguid,
    name,
    hint: aaguid,
  }))
  return (
    <div className="stack">
      <TextField
        label={`Find a model (safe ${place})`}
        type="search"
        value={search}
        onChange={setSearch}
        max={limits.nameLength}
        hint={known.source ?? 'Models that this plan holds already.'}
      />
      <ChooseMany
        label={`Models allowed in safe ${place}`}
        options={options}
        value={value}
        onChange={(models) => onChange(models.slice(0, limits.models))}
      />
      <p className="small soft" role="status">
        {found.length === 0 ? 'No other model fits.' : `${found.length} other models fit`}
        {found.length > shown && `; ${shown} of them are shown. Type more of the name to find another.`}
      </p>
    </div>
  )
}

/** The choice for one safe. */
export function ModelChoice({ place, value, known, onChange, onRead }: Props): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const read = (): Promise<boolean> =>
    run(async () => {
      const file = await call['models.read']({})
      if (file === null) return
      // What was chosen before stays pinned as it is, also where the file no longer lists it.
      const kept = known.models.filter(({ aaguid }) => value?.includes(aaguid) === true)
      const fresh = file.models.filter(({ aaguid }) => !kept.some((one) => one.aaguid === aaguid))
      const source = `From FIDO’s metadata file no. ${file.number}, signature checked; the next was announced for ${file.nextUpdate}.`
      onRead({ models: [...kept, ...fresh], source })
    })
  return (
    <div className="stack">
      <ChooseOne
        label={`Which security keys may the custodians use? (safe ${place})`}
        hint="With “only these”, a key must prove its model when it is enrolled: nobody can slip in a phone or a program that plays a key."
        options={[
          { id: 'any', name: 'Any key that works' },
          { id: 'only', name: 'Only these models' },
        ]}
        value={value === undefined ? 'any' : 'only'}
        onChange={(choice) => onChange(choice === 'any' ? undefined : [])}
      />
      {value !== undefined && (
        <>
          {known.models.length > 0 && <ModelList place={place} value={value} known={known} onChange={onChange} />}
          <div className="row">
            <Button isDisabled={busy} onPress={() => void read()}>
              {known.models.length > 0 ? 'Read another metadata file…' : 'Read FIDO’s metadata file…'}
            </Button>
          </div>
          <p className="small soft">
            The file with all certified models is published at fidoalliance.org/metadata. Download it anywhere and bring
            it here; Halligan itself asks nobody.
          </p>
          {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
        </>
      )}
    </div>
  )
}
