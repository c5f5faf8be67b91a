/** One channel: whether it works, what waits for it, and what this machine keeps for it. */
import { useState, type ReactNode } from 'react'
import type { ChannelView } from '../../../shared/contracts/alert-views.ts'
import type { ChannelSecret, ChannelSettings } from '../../../shared/domain/alert.ts'
import { Button } from '../../ui/button.tsx'
import { CodePrint, ErrorNotice } from '../../ui/notice.tsx'
import { Icon, type IconName } from '../../ui/pictures.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-action.ts'
import type { StatusWords } from '../status-words.ts'
import { useStore } from '../use-app.ts'
import {
  describeChannel,
  describeProof,
  describeSecret,
  kindNames,
  placeOf,
  secretAsked,
  secretLabels,
} from './alert-words.ts'

const icons: Readonly<Record<StatusWords['tone'], IconName>> = { plain: 'info', ok: 'check', warn: 'warn', bad: 'stop' }

interface SecretProps {
  readonly channel: ChannelView
  readonly asked: keyof ChannelSecret
}

function SecretForm({ channel, asked }: SecretProps): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [open, setOpen] = useState(false)
  const [value, setValue] = useState('')
  const close = (): void => {
    setValue('')
    setOpen(false)
  }
  const save = async (): Promise<void> => {
    if (await run(() => call['alerts.secret']({ channel: channel.id, secret: { [asked]: value } }))) close()
  }
  if (!open) {
    const set = channel.secret === 'missing' ? `Set the ${secretLabels[asked].toLowerCase()}` : 'Replace it'
    return (
      <Button size="little" aria-label={`${set}: ${channel.name}`} onPress={() => setOpen(true)}>
        {set}
      </Button>
    )
  }
  return (
    <form
      className="stack-tight"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <TextField
        label={secretLabels[asked]}
        value={value}
        onChange={setValue}
        autoFocus
        type="password"
        hint="It is kept on this machine only and cannot be read back here."
      />
      <div className="row">
        <Button look="primary" type="submit" isDisabled={busy || value === ''}>
          Keep it
        </Button>
        <Button look="quiet" onPress={close}>
          Not now
        </Button>
      </div>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </form>
  )
}

function Verdict({ tone, text }: StatusWords): ReactNode {
  return (
    <p className={`verdict ${tone}`}>
      <Icon name={icons[tone]} size={20} />
      <span>{text}</span>
    </p>
  )
}

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
          <SecretForm channel={channel} asked={asked} />
        </div>
      )}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </li>
  )
}
