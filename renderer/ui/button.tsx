/** The one kind of button: its weight says how much happens, its words say what. */
import type { ReactNode, Ref } from 'react'
import { Button as AriaButton, type ButtonProps } from 'react-aria-components/Button'

interface Props extends Omit<ButtonProps, 'className' | 'children'> {
  readonly look?: 'primary' | 'plain' | 'quiet' | 'danger'
  readonly size?: 'big' | 'normal' | 'little'
  readonly children: ReactNode
  readonly ref?: Ref<HTMLButtonElement>
}

/** `look`: primary for the one thing to do next, plain, quiet for side paths, danger for what cannot be undone. */
export function Button({ look = 'plain', size = 'normal', ...props }: Props): ReactNode {
  return <AriaButton {...props} className={`button ${look} ${size}`} />
}
