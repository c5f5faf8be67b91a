/** The settings of this machine about where people tap. */
import type { ReactNode } from 'react'
import type { TapPlace, TapSettings } from '../../shared/domain/tap-place.ts'
import { Button } from '../ui/button.tsx'
import { ChooseOne } from '../ui/choices.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { Select } from '../ui/select.tsx'
import { describeTapPlace, tapPlaceHints } from './tap-place-words.ts'
import { useStore } from './use-app.ts'
import { useTapPlace } from './use-tap-place.ts'

const choices = [
  { id: 'automatic', name: 'Automatic' },
  { id: 'window', name: 'In Halligan’s window' },
  { id: 'browser', name: 'In the browser' },
] as const

/** Stands for "the first one found" in the list of programs; no path looks like it. */
const firstFound = ''

function programs({ browsers, browserPath }: TapPlace): { readonly id: string; readonly name: string }[] {
  const [first] = browsers
  const other = browserPath !== null && !browsers.some(({ path }) => path === browserPath) ? [browserPath] : []
  return [
    {
      id: firstFound,
      name: first === undefined ? 'The first one found (none now)' : `The first one found (${first.name})`,
    },
    ...browsers.map(({ name, path }) => ({ id: path, name: `${name}: ${path}` })),
    ...other.map((path) => ({ id: path, name: path })),
  ]
}

interface ProgramProps {
  readonly place: TapPlace
  readonly busy: boolean
  readonly onChange: (change: Partial<TapSettings>) => void
  readonly onChoose: () => void
}

function BrowserProgram({ place, busy, onChange, onChoose }: ProgramProps): ReactNode {
  return (
    <div className="tap-program">
      <Select
        label="Browser"
        options={programs(place)}
        value={place.browserPath ?? firstFound}
        onChange={(path) => onChange({ browserPath: path === firstFound ? null : path })}
      />
      <Button isDisabled={busy} onPress={onChoose}>
        Choose another program…
      </Button>
    </div>
  )
}

/** "Where taps take place": what holds now, the choice, and the browser. Every change holds from the next tap on. */
export function TapPlaceSection(): ReactNode {
  const { call } = useStore()
  const { place, action, set } = useTapPlace()
  if (place === null) return null
  const change = (changed: Partial<TapSettings>): void => {
    const { driver, browserPath } = place
    void set({ driver, browserPath, ...changed })
  }
  const choose = (): void =>
    void action.run(async () => {
      const { path } = await call['tap.chooseBrowser']({})
      if (path !== null) await set({ driver: place.driver, browserPath: path })
    })
  const { tone, text } = describeTapPlace(place)
  return (
    <section className="stack-tight tap-place" aria-labelledby="tap-place">
      <h2 id="tap-place">Where taps take place</h2>
      <p className="soft">On this machine only. A key enrolled in one place works in the other.</p>
      <Notice tone={tone} live="status">
        <p>{text}</p>
      </Notice>
      <ChooseOne
        label="Taps take place"
        options={choices}
        value={place.driver}
        onChange={(driver) => change({ driver })}
        hint={tapPlaceHints[place.driver]}
      />
      {place.driver !== 'window' && (
        <BrowserProgram place={place} busy={action.busy} onChange={change} onChoose={choose} />
      )}
      {action.error !== null && <ErrorNotice code={action.error.code} detail={action.error.detail} />}
    </section>
  )
}
