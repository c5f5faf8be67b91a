/** Changing who is alerted of what: a change that a quorum signs. */
import { useState, type ReactNode } from 'react'
import type { AlertSettings, ChannelKind } from '../../../shared/domain/alert.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { focusFirstInvalid } from '../../ui/focus-invalid.ts'
import { ErrorNotice } from '../../ui/notice.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { useAction } from '../../ui/use-action.ts'
import { useStore } from '../use-app.ts'
import { kindNames } from './alert-words.ts'
import { ChannelForm } from './channel-form.tsx'
import { createDraft, draftOf, readDraft, type ChannelDraft } from './draft.ts'
import { RoutesEditor } from './routes-editor.tsx'
import { SettingsText } from './settings-text.tsx'

interface Props {
  readonly settings: AlertSettings
  readonly onClose: () => void
}

const kinds = Object.keys(kindNames) as ChannelKind[]
const noProblems = new Map<never, never>()
const nameOf = ({ name, kind }: ChannelDraft): string => (name.trim() === '' ? `new ${kindNames[kind]}` : name)

/** Channels and rules as they will be. */
export function AlertsEditor({ settings, onClose }: Props): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [drafts, setDrafts] = useState<readonly ChannelDraft[]>(() => settings.channels.map(draftOf))
  const [routes, setRoutes] = useState<AlertSettings['routes'][number][]>(settings.routes)
  const [checked, setChecked] = useState(false)
  const remove = (id: string): void => {
    setDrafts(drafts.filter((draft) => draft.id !== id))
    setRoutes(routes.map((route) => ({ ...route, channels: route.channels.filter((one) => one !== id) })))
  }
  const sign = async (): Promise<void> => {
    setChecked(true)
    const channels = drafts.map(readDraft).flatMap((one) => ('settings' in one ? [one.settings] : []))
    if (channels.length < drafts.length || routes.some((route) => route.channels.length === 0)) return
    await run(() => call['alerts.set']({ channels, routes }))
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void sign()
        focusFirstInvalid(event.currentTarget)
      }}
    >
      <SettingsText
        settings={settings}
        onTake={(next) => {
          setDrafts(next.channels.map(draftOf))
          setRoutes(next.routes)
        }}
      />
      {drafts.map((draft) => {
        const read = checked ? readDraft(draft) : { problems: noProblems }
        return (
          <fieldset key={draft.id} className="panel stack channel-form">
            <legend>
              {kindNames[draft.kind]}: {nameOf(draft)}
            </legend>
            <ChannelForm
              draft={draft}
              problems={'problems' in read ? read.problems : noProblems}
              onChange={(next) => setDrafts(drafts.map((old) => (old.id === next.id ? next : old)))}
            />
            <div>
              <Button
                look="quiet"
                size="little"
                aria-label={`Take it out: ${nameOf(draft)}`}
                onPress={() => remove(draft.id)}
              >
                <Icon name="cross" size={16} /> Take it out
              </Button>
            </div>
          </fieldset>
        )
      })}
      <div className="row" role="group" aria-label="Add a channel">
        {kinds.map((kind) => (
          <Button
            key={kind}
            isDisabled={drafts.length >= limits.channels}
            onPress={() => setDrafts([...drafts, createDraft(kind)])}
          >
            <Icon name="plus" size={16} /> {kindNames[kind]}
          </Button>
        ))}
      </div>
      <RoutesEditor
        routes={routes}
        channels={drafts.map((draft) => ({ id: draft.id, name: nameOf(draft) }))}
        checked={checked}
        onChange={(next) => setRoutes([...next])}
      />
      <p className="soft small measure">
        Tokens, passwords and the whole addresses of chats are not part of this: they are set on each machine, after the
        change is in force.
      </p>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
      <div className="row">
        <Button look="primary" type="submit" isDisabled={busy}>
          Have it signed
        </Button>
        <Button look="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  )
}
