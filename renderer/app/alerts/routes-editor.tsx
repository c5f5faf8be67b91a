/** Who hears of what: one line for each rule, all that fit are followed. */
import type { ReactNode } from 'react'
import type { AlertSettings, Severity } from '../../../shared/domain/alert.ts'
import { limits } from '../../../shared/limits.ts'
import { Button } from '../../ui/button.tsx'
import { ChooseMany, ChooseOne } from '../../ui/choices.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { useVaultState } from '../use-app.ts'
import { severityNames } from './alert-words.ts'

type Route = AlertSettings['routes'][number]

interface Props {
  readonly routes: readonly Route[]
  readonly channels: readonly { readonly id: string; readonly name: string }[]
  readonly checked: boolean
  readonly onChange: (routes: readonly Route[]) => void
}

/** No id of a safe is this: those are 22 characters. */
const everySafe = 'every'
const severities = (['critical', 'error', 'warning', 'info'] as const satisfies readonly Severity[]).map((id) => ({
  id,
  name: severityNames[id],
}))

/** The rules as they will be. */
export function RoutesEditor({ routes, channels, checked, onChange }: Props): ReactNode {
  const { safes } = useVaultState()
  const options = [{ id: everySafe, name: 'Every safe, and what concerns none' }, ...safes]
  const change = (index: number, next: Route): void => onChange(routes.map((old, at) => (at === index ? next : old)))
  return (
    <section className="stack" aria-label="Who hears of what">
      <h2>Who hears of what</h2>
      {routes.length === 0 && <p className="soft">Nobody hears of anything yet: add a rule.</p>}
      {routes.map((route, index) => (
        <fieldset key={index} className="panel stack channel-form">
          <legend>Rule {index + 1}</legend>
          <ChooseOne
            label="About"
            options={options}
            value={route.safe ?? everySafe}
            onChange={(id) => change(index, { ...route, safe: id === everySafe ? null : id })}
          />
          <ChooseOne
            label="How grave"
            options={severities}
            value={route.severity}
            onChange={(severity) => change(index, { ...route, severity })}
            hint="Whoever hears of a request also hears how it ended, and every drill."
          />
          <ChooseMany
            label="Over"
            options={channels}
            value={route.channels}
            onChange={(chosen) => change(index, { ...route, channels: chosen })}
            error={checked && route.channels.length === 0 ? 'Choose at least one channel.' : null}
          />
          <div>
            <Button
              look="quiet"
              size="little"
              aria-label={`Take it out: rule ${index + 1}`}
              onPress={() => onChange(routes.filter((_, at) => at !== index))}
            >
              <Icon name="cross" size={16} /> Take it out
            </Button>
          </div>
        </fieldset>
      ))}
      <div>
        <Button
          isDisabled={channels.length === 0 || routes.length >= limits.safes * 4}
          onPress={() =>
            onChange([...routes, { safe: null, severity: 'info', channels: channels.map(({ id }) => id) }])
          }
        >
          <Icon name="plus" size={16} /> Rule
        </Button>
      </div>
    </section>
  )
}
