/** One sink: how far it has come, what is wrong, and what this machine keeps for it. */
import type { ReactNode } from 'react'
import { ProgressBar } from 'react-aria-components/ProgressBar'
import type { SinkView } from '../../../shared/contracts/sink-views.ts'
import type { SinkSecret, SinkSettings } from '../../../shared/domain/sink.ts'
import { Button } from '../../ui/button.tsx'
import { CodePrint, ErrorNotice } from '../../ui/notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { SecretForm } from '../secret-form.tsx'
import { useStore } from '../use-app.ts'
import { Verdict } from '../verdict.tsx'
import { describeSecret, describeSink, kindNames, placeOf } from './sink-words.ts'

/** Which secret a sink of these settings asks for; null: none. */
function secretAsked(settings: SinkSettings): keyof SinkSecret | null {
  switch (settings.kind) {
    case 'postgresql':
      return 'password'
    case 'syslog':
      return settings.clientCertificate === undefined ? null : 'clientKey'
    case 'https':
      if (settings.auth === 'none') return null
      return settings.auth === 'token' ? 'token' : 'clientKey'
    case 'folder':
      return null
  }
}

const secretLabels: Readonly<Record<keyof SinkSecret, string>> = {
  password: 'Password',
  token: 'Token',
  clientKey: 'Key of our certificate (PEM)',
}

/** `settings` null: they are being read. */
export function SinkCard({
  sink,
  settings,
}: {
  readonly sink: SinkView
  readonly settings: SinkSettings | null
}): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const again = sink.state === 'diverged' ? 'It was looked into: try again' : 'Try now'
  const asked = settings === null ? null : secretAsked(settings)
  return (
    <li className="panel stack-tight sink">
      <div className="spread">
        <div>
          <h2 className="sink-name">{sink.name}</h2>
          <p className="soft small">
            {kindNames[sink.kind]}
            {settings !== null && <> · {placeOf(settings)}</>}
          </p>
        </div>
        {(sink.state === 'waiting' || sink.state === 'diverged') && (
          <Button
            isDisabled={busy}
            aria-label={`${again}: ${sink.name}`}
            onPress={() => void run(() => call['sync.retry']({ sink: sink.id }))}
          >
            {again}
          </Button>
        )}
      </div>
      <div role="status">
        <Verdict {...describeSink(sink)} />
      </div>
      {sink.problem !== null && <CodePrint code={sink.problem.code} />}
      {sink.divergence !== null && (
        <dl className="facts small">
          <dt>Compared at</dt>
          <dd>entry {sink.divergence.size}</dd>
          <dt>Here</dt>
          <dd className="mono">{sink.divergence.ours ?? 'no such entry'}</dd>
          <dt>There</dt>
          <dd className="mono">{sink.divergence.theirs ?? 'no such entry'}</dd>
        </dl>
      )}
      {sink.state !== 'current' && sink.size > 0 && (
        <ProgressBar
          className="progress"
          aria-label={`What ${sink.name} has`}
          value={sink.acknowledged}
          maxValue={Math.max(1, sink.size)}
        >
          {({ percentage = 0 }) => (
            <div className="track">
              <div className="fill" style={{ width: `${percentage}%` }} />
            </div>
          )}
        </ProgressBar>
      )}
      {asked !== null && (
        <div className="row small">
          <span className={sink.secret === 'missing' ? '' : 'soft'}>{describeSecret(sink.secret)}</span>
          <SecretForm
            of={sink.name}
            label={secretLabels[asked]}
            isMissing={sink.secret === 'missing'}
            isLong={asked === 'clientKey'}
            keep={(value) => call['sync.secret']({ sink: sink.id, secret: { [asked]: value } })}
          />
        </div>
      )}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </li>
  )
}
