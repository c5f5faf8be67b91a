/** Changing who is alerted of what: a change that a quorum signs. */
import { useState, type ReactNode } from 'react'
import type { AlertSettings } from '../../../shared/domain/alert.ts'
import { limits } from '../../../shared/limits.ts'
import { useAction } from '../../ui/use-action.ts'
import { DraftList, nameOfDraft, SignedForm } from '../signed-list.tsx'
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

const noProblems = new Map<never, never>()

/** Channels and rules as they will be. */
export function AlertsEditor({ settings, onClose }: Props): ReactNode {
  const { call } = useStore()
  const action = useAction()
  const [drafts, setDrafts] = useState<readonly ChannelDraft[]>(() => settings.channels.map(draftOf))
  const [routes, setRoutes] = useState<AlertSettings['routes'][number][]>(settings.routes)
  const [checked, setChecked] = useState(false)
  const change = (next: readonly ChannelDraft[]): void => {
    setDrafts(next)
    const isLeft = (id: string): boolean => next.some((draft) => draft.id === id)
    setRoutes(routes.map((route) => ({ ...route, channels: route.channels.filter(isLeft) })))
  }
  const sign = (): void => {
    setChecked(true)
    const channels = drafts.map(readDraft).flatMap((one) => ('settings' in one ? [one.settings] : []))
    if (channels.length < drafts.length || routes.some((route) => route.channels.length === 0)) return
    void action.run(() => call['alerts.set']({ channels, routes }))
  }
  return (
    <SignedForm action={action} onSign={sign} onClose={onClose}>
      <SettingsText
        settings={settings}
        onTake={(next) => {
          setDrafts(next.channels.map(draftOf))
          setRoutes(next.routes)
        }}
      />
      <DraftList
        drafts={drafts}
        kinds={kindNames}
        className="channel-form"
        addLabel="Add a channel"
        max={limits.channels}
        create={createDraft}
        onChange={change}
        form={(draft, onChange) => {
          const read = checked ? readDraft(draft) : { problems: noProblems }
          return (
            <ChannelForm draft={draft} problems={'problems' in read ? read.problems : noProblems} onChange={onChange} />
          )
        }}
      />
      <RoutesEditor
        routes={routes}
        channels={drafts.map((draft) => ({ id: draft.id, name: nameOfDraft(draft, kindNames) }))}
        checked={checked}
        onChange={(next) => setRoutes([...next])}
      />
      <p className="soft small measure">
        Tokens, passwords and the whole addresses of chats are not part of this: they are set on each machine, after the
        change is in force.
      </p>
    </SignedForm>
  )
}
