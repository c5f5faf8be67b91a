/** What surrounds every screen: the name in the corner, where one can go, the status bar. */
import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { HalliganMark } from '../ui/pictures.tsx'
import { WaitingNotice } from './alerts/waiting-notice.tsx'
import { CeremonyNotice } from './ceremonies/ceremony-notice.tsx'
import { OutcomeNotice } from './outcome-notice.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { DivergenceNotice } from './sinks/divergence-notice.tsx'
import { StatusBar } from './status-bar.tsx'
import { useModel, useStore, useVaultState } from './use-app.ts'
import type { View } from './view.ts'

const places: readonly { readonly view: View; readonly label: string }[] = [
  { view: { name: 'credentials' }, label: 'Credentials' },
  { view: { name: 'after-use' }, label: 'After use' },
  { view: { name: 'ceremonies' }, label: 'Ceremonies' },
  { view: { name: 'timeline' }, label: 'Timeline' },
  { view: { name: 'people' }, label: 'People and safes' },
  { view: { name: 'sinks' }, label: 'Sinks' },
  { view: { name: 'alerts' }, label: 'Alerts' },
]

/** Which of the places a view belongs to. */
function placeOf(view: View): View['name'] {
  switch (view.name) {
    case 'break-glass':
    case 'seal':
    case 'due':
      return 'credentials'
    case 'plan-ceremony':
    case 'minutes':
      return 'ceremonies'
    case 'change':
      return 'people'
    case 'operation':
      return view.from.name === 'operation' ? 'credentials' : placeOf(view.from)
    default:
      return view.name
  }
}

function Navigation(): ReactNode {
  const { view } = useModel()
  const { owed } = useVaultState()
  const { go } = useStore()
  return (
    <nav aria-label="Main">
      <ul className="plain-list places">
        {places.map((place) => (
          <li key={place.view.name}>
            <button
              type="button"
              className="place"
              aria-current={placeOf(view) === place.view.name ? 'page' : undefined}
              onClick={() => go(place.view)}
            >
              {place.label}
              {place.view.name === 'after-use' && owed.length > 0 && (
                <span className="count">
                  {owed.length}
                  <span className="sr-only"> owed</span>
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** A request or another step goes on while somebody looks elsewhere. */
function UnderWay(): ReactNode {
  const { view } = useModel()
  const { operation } = useVaultState()
  const { go } = useStore()
  if (operation === null || view.name === 'operation') return null
  return (
    <Notice tone="warn" live="status">
      <div className="spread">
        <p>
          {operation.request === null
            ? 'Something is still under way.'
            : `The request for “${operation.request.credentialName}” is still under way.`}
        </p>
        <Button size="little" onPress={() => go({ name: 'operation', from: view })}>
          Return to it
        </Button>
      </div>
    </Notice>
  )
}

/** The window around a screen. `places` are only offered once there is a vault to look at. */
export function Frame({ children }: { readonly children: ReactNode }): ReactNode {
  const state = useVaultState()
  const hasPlaces = state.phase === 'ready' || state.phase === 'damaged'
  return (
    <div className="frame">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <div className="brand">
          <HalliganMark />
          <span className="brand-name">Halligan</span>
          {state.vault !== null && <span className="vault-name">{state.vault.name}</span>}
        </div>
        {hasPlaces && <Navigation />}
        <Shortcuts />
      </header>
      <main id="main" className="main" tabIndex={-1}>
        {hasPlaces && <UnderWay />}
        {hasPlaces && <CeremonyNotice />}
        {hasPlaces && <DivergenceNotice />}
        {hasPlaces && <WaitingNotice />}
        {state.phase !== 'none' && <OutcomeNotice />}
        {children}
      </main>
      <StatusBar />
    </div>
  )
}
