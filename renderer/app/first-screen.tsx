/** No vault here yet: what this is, in three sentences, and the way in. */
import { useState, type ReactNode } from 'react'
import { limits } from '../../shared/limits.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { HalliganMark } from '../ui/pictures.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-action.ts'
import { Screen } from './screen.tsx'
import { StepList } from './setup/step-list.tsx'
import { useStore } from './use-app.ts'

function Welcome({ onCreate }: { readonly onCreate: () => void }): ReactNode {
  return (
    <div className="welcome">
      <HalliganMark size={72} />
      <Screen title="A vault for the worst day">
        <ol className="welcome-points">
          <li>
            Halligan keeps root and emergency credentials sealed on this machine, and works when everything else is
            down.
          </li>
          <li>Nobody opens one alone: several named people must each touch their own security key.</li>
          <li>Who asked, why, who approved and what was shown is written to a log that cannot be changed unnoticed.</li>
        </ol>
        <div className="row">
          <Button look="primary" size="big" onPress={onCreate}>
            Create a vault
          </Button>
        </div>
        <p className="soft small measure">
          Takes about 20 minutes. Have the custodians here, each with two security keys. You can stop after any step and
          go on later.
        </p>
      </Screen>
    </div>
  )
}

const trimmed = (text: string): string => text.trim().replace(/\s+/g, ' ')

function NameStep({ onBack }: { readonly onBack: () => void }): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [vaultName, setVaultName] = useState('')
  const [stationName, setStationName] = useState('')
  const isComplete = trimmed(vaultName) !== '' && trimmed(stationName) !== ''
  return (
    <div className="ceremony">
      <StepList current="name" reached="name" />
      <Screen
        title="Name the vault"
        lead="Both names stand in every record for good, so choose ones that will still make sense in ten years."
      >
        <form
          className="stack measure"
          onSubmit={(event) => {
            event.preventDefault()
            void run(() => call['setup.begin']({ vaultName: trimmed(vaultName), stationName: trimmed(stationName) }))
          }}
        >
          <TextField
            label="Name of the vault"
            hint="For example: Operations emergency access"
            value={vaultName}
            onChange={setVaultName}
            max={limits.nameLength}
          />
          <TextField
            label="Name of this machine"
            hint="For example: Safe room laptop 1"
            value={stationName}
            onChange={setStationName}
            max={limits.nameLength}
          />
          {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
          <div className="row">
            <Button look="primary" type="submit" isDisabled={!isComplete || busy}>
              Continue
            </Button>
            <Button look="quiet" onPress={onBack}>
              Go back
            </Button>
          </div>
        </form>
      </Screen>
    </div>
  )
}

/** The first screen, and the first step of the set-up behind its button. */
export function FirstScreen(): ReactNode {
  const [started, setStarted] = useState(false)
  return started ? <NameStep onBack={() => setStarted(false)} /> : <Welcome onCreate={() => setStarted(true)} />
}
