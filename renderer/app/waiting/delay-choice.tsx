/** The time-delay lock of a safe: off, or how long a request waits and who can stop it meanwhile. */
import { useState, type ReactNode } from 'react'
import { limits } from '../../../shared/limits.ts'
import { ChooseMany, YesNo } from '../../ui/choices.tsx'
import { Notice } from '../../ui/notice.tsx'
import { NumberField } from '../../ui/number-field.tsx'
import { Select } from '../../ui/select.tsx'
import { formatSeconds } from '../../ui/time.ts'
import {
  countIn,
  joinWait,
  splitWait,
  unitsFor,
  usualWaitSeconds,
  waitBounds,
  type Delay,
  type WaitUnit,
} from './waiting-words.ts'

interface Props {
  /** Which safe, as its other fields name it: `safe 1`. */
  readonly safe: string
  readonly value: Delay | undefined
  /** Everybody who may be named; `hint` where something has to come first. */
  readonly people: readonly { readonly id: string; readonly name: string; readonly hint?: string }[]
  readonly onChange: (delay: Delay | undefined) => void
}

function WaitFields({ safe, value, people, onChange }: Props & { readonly value: Delay }): ReactNode {
  // Kept apart from the seconds: 60 minutes must not turn into an hour under somebody's hands.
  const [unit, setUnit] = useState<WaitUnit>(() => splitWait(value.seconds).unit)
  const count = countIn(value.seconds, unit)
  const bounds = waitBounds(unit)
  const setUnitTo = (next: WaitUnit): void => {
    setUnit(next)
    onChange({ ...value, seconds: joinWait({ count, unit: next }) })
  }
  return (
    <div className="stack delay-fields">
      <Notice tone="warn">
        <p>
          <strong>Not for credentials that you need in an outage.</strong> Nobody can shorten the wait, whatever has
          happened. It is for what is dangerous and never urgent, such as a signing key.
        </p>
      </Notice>
      <div className="two">
        <NumberField
          label={`How long does a request wait? (${safe})`}
          value={count}
          onChange={(next) => onChange({ ...value, seconds: joinWait({ count: next, unit }) })}
          min={bounds.min}
          max={bounds.max}
        />
        <Select label={`Minutes, hours or days (${safe})`} options={unitsFor(unit)} value={unit} onChange={setUnitTo} />
      </div>
      <ChooseMany
        label={`Who can stop a request while it waits? (${safe})`}
        hint="One tap of one of them is enough. They need a security key, and need not be custodians: choose people who will hear of it in time."
        options={people}
        value={value.vetoers}
        onChange={(vetoers) => onChange({ ...value, vetoers: vetoers.slice(0, limits.vetoers) })}
      />
      <p className="small soft">
        The quorum taps, then it waits {formatSeconds(value.seconds)} while Halligan is running, then a quorum taps once
        more within {formatSeconds(limits.openingSeconds)}.
      </p>
    </div>
  )
}

/** Off by default. */
export function DelayChoice(props: Props): ReactNode {
  const { safe, value, onChange } = props
  return (
    <div>
      <YesNo
        label={`Requests wait before anything is opened, and can be stopped meanwhile (${safe})`}
        value={value !== undefined}
        onChange={(isOn) => onChange(isOn ? { seconds: usualWaitSeconds, vetoers: [] } : undefined)}
      />
      {value === undefined ? (
        <p className="small soft">
          As a time lock of a bank: for what is dangerous and never urgent. Leave it off for credentials that you need
          in an outage.
        </p>
      ) : (
        <WaitFields {...props} value={value} />
      )}
    </div>
  )
}
