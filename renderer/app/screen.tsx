/** One screen of the app window: its heading takes the focus when the screen comes, so that readers start there. */
import { useEffect, useRef, type ReactNode } from 'react'

interface Props {
  readonly title: string
  readonly children: ReactNode
  /** Beside the heading: what can be done with the whole screen. */
  readonly actions?: ReactNode
  /** Below the heading, one sentence. */
  readonly lead?: ReactNode
  readonly className?: string
}

/** A heading and what belongs below it. */
export function Screen({ title, children, actions, lead, className = '' }: Props): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    document.title = `${title} - Halligan`
  }, [title])
  return (
    <div className={`screen ${className}`}>
      <div className="spread screen-head">
        <div className="stack-tight">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p className="soft measure">{lead}</p>}
        </div>
        {actions !== undefined && <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  )
}
