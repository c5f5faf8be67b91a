/** A runbook: Markdown as elements, never as HTML; no pictures, and links as text (nothing leaves the app). */
import type { ReactNode } from 'react'
import Markdown, { type Components } from 'react-markdown'

// Headings one level down or more: the window has its own first two.
const components: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
  a: ({ children, href }) => (
    <span>
      {children} <span className="mono">({href})</span>
    </span>
  ),
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
}

/** `text` as a page of instructions. */
export function Runbook({ text }: { readonly text: string }): ReactNode {
  return (
    <div className="runbook">
      <Markdown skipHtml disallowedElements={['img']} components={components}>
        {text}
      </Markdown>
    </div>
  )
}
