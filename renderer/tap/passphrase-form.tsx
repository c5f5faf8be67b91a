/** Entering a passphrase, or choosing one. What is typed is read once, as bytes, and the fields are emptied at once. */
import { useRef, useState, type ReactNode, type RefObject } from 'react'
import { sameBytes } from '../../shared/bytes.ts'
import { Button } from '../ui/button.tsx'
import { YesNo } from '../ui/choices.tsx'
import type { PassphraseAsked } from './passphrase-desk.ts'
import { encodePassphrase, judgePassphrase, type Strength } from './passphrase-strength.ts'

/** Empties the field: the text that it held has no other owner here. */
function takeBytes({ current }: RefObject<HTMLInputElement | null>): Uint8Array<ArrayBuffer> {
  const bytes = encodePassphrase(current?.value ?? '')
  if (current !== null) current.value = ''
  return bytes
}

interface FieldProps {
  readonly id: string
  readonly label: string
  readonly hint?: string
  readonly field: RefObject<HTMLInputElement | null>
  readonly isShown: boolean
  readonly isInvalid?: boolean
  readonly onInput?: (text: string) => void
}

/** Not the usual text field: its value is never in a component's state. */
function SecretInput({ id, label, hint, field, isShown, isInvalid = false, onInput }: FieldProps): ReactNode {
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      {hint !== undefined && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <input
        ref={field}
        id={id}
        className="input mono"
        type={isShown ? 'text' : 'password'}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        aria-invalid={isInvalid}
        {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
        onInput={(event) => onInput?.(event.currentTarget.value)}
        autoFocus={id === 'passphrase'}
      />
    </div>
  )
}

type Give = (bytes: Uint8Array<ArrayBuffer> | null) => void

function EnterForm({ optional, onGive }: { readonly optional: boolean; readonly onGive: Give }): ReactNode {
  const field = useRef<HTMLInputElement>(null)
  const [isShown, setShown] = useState(false)
  const [isMissing, setMissing] = useState(false)
  const submit = (): void => {
    const bytes = takeBytes(field)
    if (bytes.length > 0) onGive(bytes)
    else if (optional) onGive(null)
    else setMissing(true)
  }
  return (
    <form
      className="passphrase stack"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <SecretInput
        id="passphrase"
        label="Passphrase of the key that you will touch"
        hint={
          optional
            ? 'Leave it empty if your key has none.'
            : 'You chose it when this key was enrolled or its passphrase was last changed.'
        }
        field={field}
        isShown={isShown}
        isInvalid={isMissing}
      />
      {isMissing && (
        <p className="field-error" role="alert">
          Enter the passphrase first.
        </p>
      )}
      <YesNo label="Show it while I type" value={isShown} onChange={setShown} />
      <Button look="primary" size="big" type="submit">
        Go on to the key
      </Button>
    </form>
  )
}

const strengthWords: Readonly<Record<Strength, string>> = {
  0: 'Guessed at once',
  1: 'Guessed easily',
  2: 'Still weak',
  3: 'Good',
  4: 'Very good',
}

function Meter({ strength }: { readonly strength: Strength }): ReactNode {
  return (
    <div className="strength" data-strength={strength}>
      <div className="strength-bar" aria-hidden="true">
        {[1, 2, 3, 4].map((step) => (
          <span key={step} className={step <= strength ? 'on' : 'off'} />
        ))}
      </div>
      <p className="small" role="status">
        Strength: {strengthWords[strength]}
      </p>
    </div>
  )
}

function ChooseForm({ onGive }: { readonly onGive: Give }): ReactNode {
  const first = useRef<HTMLInputElement>(null)
  const second = useRef<HTMLInputElement>(null)
  const [isShown, setShown] = useState(false)
  const [strength, setStrength] = useState<Strength>(0)
  const [problem, setProblem] = useState<string | null>(null)
  const submit = (): void => {
    const { problem: weak } = judgePassphrase(first.current?.value ?? '')
    if (weak !== null) {
      setProblem(weak)
      first.current?.focus()
      return
    }
    const [one, two] = [takeBytes(first), takeBytes(second)]
    const isSame = sameBytes(one, two)
    two.fill(0)
    if (isSame) {
      onGive(one)
      return
    }
    one.fill(0)
    setStrength(0)
    setProblem('The two were not the same. Enter both again.')
    first.current?.focus()
  }
  return (
    <form
      className="passphrase stack"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <SecretInput
        id="passphrase"
        label="New passphrase"
        hint="Four or five words that do not belong together. Nobody can reset it: whoever forgets it needs their other key, or the other custodians."
        field={first}
        isShown={isShown}
        isInvalid={problem !== null}
        onInput={(text) => {
          setStrength(judgePassphrase(text).strength)
          setProblem(null)
        }}
      />
      <Meter strength={strength} />
      <SecretInput id="passphrase-again" label="The same again" field={second} isShown={isShown} />
      {problem !== null && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <YesNo label="Show it while I type" value={isShown} onChange={setShown} />
      <Button look="primary" size="big" type="submit">
        Use this passphrase
      </Button>
    </form>
  )
}

/** The form for what is asked. */
export function PassphraseForm({
  asked,
  onGive,
}: {
  readonly asked: PassphraseAsked
  readonly onGive: Give
}): ReactNode {
  return asked.kind === 'choose' ? (
    <ChooseForm onGive={onGive} />
  ) : (
    <EnterForm optional={asked.optional} onGive={onGive} />
  )
}
