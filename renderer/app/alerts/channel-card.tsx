/** One channel: whether it works, what waits for it, and what this machine keeps for it. */
import type { ReactNode } from 'react'
import type { ChannelView } from '../../../shared/contracts/alert-views.ts'
import type { ChannelSettings } from '../../../shared/domain/alert.ts'
import { Button } from '../../ui/button.tsx'
import { CodePrint, ErrorNotice } from '../../ui/notice.tsx'
import { useAction } from '../../ui/use-action.ts'
import { SecretForm } from '../secret-form.tsx'
import { useStore } from '../use-app.ts'
import { Verdict } from '../verdict.tsx'
import {
  describeChannel,
  describeProof,
  describeSecret,
  kindNames,
  placeOf,
  secretAsked,
  secretLabels,
} from './alert-words.ts'

interface Props {
  readonly channel: ChannelView
  /** Null: they are being read. */
  readonly settings: ChannelSettings | null
}

/** The card of `channel`. */
export function ChannelCard({ channel, settings }: Props): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const asked = settings === null ? null : secretAsked(settings)
  const { id, name } = channel
  return (
    <li className="panel stack-tight channel">
      <div className="spread">
        <div>
          <h2 className="channel-name">{name}</h2>
          <p className="soft small">
            {kindNames[channel.kind]}
            {settings !== null && <> · {placeOf(settings)}</>}
          </p>
        </div>
        <div className="row">
          {channel.problem !== null && (
            <Button
              isDisabled={busy}
              aria-label={`Try now: ${name}`}
              onPress={() => void run(() => call['alerts.retry']({ channel: id }))}
            >
              Try now
            </Button>
          )}
          <Button
            isDisabled={busy}
            aria-label={`Fire a test alert: ${name}`}
            onPress={() => void run(() => call['alerts.test']({ channel: id }))}
          >
            Fire a test alert
          </Button>
        </div>
      </div>
      <div role="status" className="stack-tight">
        <Verdict {...describeProof(channel)} />
        <Verdict {...describeChannel(channel)} />
      </div>
      {channel.problem !== null && <CodePrint code={channel.problem.code} />}
      {asked !== null && (
        <div className="row small">
          <span className={channel.secret === 'missing' ? '' : 'soft'}>{describeSecret(channel.secret)}</span>
          <SecretForm
            of={name}
            label={secretLabels[asked]}
            isMissing={channel.secret === 'missing'}
            keep={(value) => call['alerts.secret']({ channel: id, secret: { [asked]: value } })}
          />
        </div>
      )}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </li>
  )
}
