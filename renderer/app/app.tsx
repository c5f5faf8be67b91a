/** Which screen is shown. */
import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { HalliganMark } from '../ui/pictures.tsx'
import { AlertsScreen } from './alerts/alerts-screen.tsx'
import { AfterUseScreen } from './after-use-screen.tsx'
import { CeremoniesScreen } from './ceremonies/ceremonies-screen.tsx'
import { MinutesScreen } from './ceremonies/minutes-screen.tsx'
import { PlanScreen } from './ceremonies/plan-screen.tsx'
import { ChangeScreen } from './changes/change-screen.tsx'
import { DueScreen } from './due/due-screen.tsx'
import { BreakGlassScreen } from './break-glass-screen.tsx'
import { CredentialsScreen } from './credentials-screen.tsx'
import { DamageNotice } from './damage-notice.tsx'
import { FirstScreen } from './first-screen.tsx'
import { Frame } from './frame.tsx'
import { OperationScreen } from './operation-screen.tsx'
import { PeopleScreen } from './people-screen.tsx'
import { SealScreen } from './seal-screen.tsx'
import { SinksScreen } from './sinks/sinks-screen.tsx'
import { SetupScreen } from './setup/setup-screen.tsx'
import { TimelineScreen } from './timeline/timeline-screen.tsx'
import { useModel, useStore } from './use-app.ts'

function CurrentView(): ReactNode {
  const { view, credentials } = useModel()
  switch (view.name) {
    case 'credentials':
      return <CredentialsScreen />
    case 'break-glass': {
      const credential = credentials.find(({ id }) => id === view.credential)
      return credential === undefined ? (
        <CredentialsScreen />
      ) : (
        <BreakGlassScreen key={credential.id} credential={credential} />
      )
    }
    case 'seal': {
      const credential = credentials.find(({ id }) => id === view.credential)
      return <SealScreen key={view.credential ?? 'new'} credential={credential ?? null} />
    }
    case 'timeline':
      return <TimelineScreen />
    case 'people':
      return <PeopleScreen />
    case 'alerts':
      return <AlertsScreen />
    case 'sinks':
      return <SinksScreen />
    case 'after-use':
      return <AfterUseScreen />
    case 'due':
      return <DueScreen />
    case 'ceremonies':
      return <CeremoniesScreen />
    case 'plan-ceremony':
      return <PlanScreen key={view.kind} start={view} />
    case 'minutes':
      return <MinutesScreen key={view.ceremony} ceremony={view.ceremony} />
    case 'change':
      return <ChangeScreen />
    case 'operation':
      return <OperationScreen />
  }
}

/** The app window's content. */
export function App(): ReactNode {
  const { state, failure } = useModel()
  const { reload } = useStore()
  if (failure !== null && (state === null || failure.code === 'PORT_CLOSED'))
    return (
      <main className="opening">
        <HalliganMark size={56} />
        <h1>The vault does not answer</h1>
        <ErrorNotice code={failure.code} detail={failure.detail} />
        <Button look="primary" onPress={reload}>
          Try again
        </Button>
      </main>
    )
  if (state === null)
    return (
      <main className="opening" aria-busy="true">
        <HalliganMark size={56} />
        <h1>Opening the vault…</h1>
      </main>
    )
  return <Frame>{chooseScreen(state.phase)}</Frame>
}

function chooseScreen(phase: 'none' | 'setup' | 'ready' | 'damaged'): ReactNode {
  switch (phase) {
    case 'none':
      return <FirstScreen />
    case 'setup':
      return <SetupScreen />
    case 'ready':
      return <CurrentView />
    case 'damaged':
      return (
        <>
          <DamageNotice />
          <CurrentView />
        </>
      )
  }
}
