/** What stands in a window when the window itself has failed or lost its connection. */
import { Component, type ReactNode } from 'react'
import { ErrorNotice } from './notice.tsx'

interface Props {
  readonly children: ReactNode
}

/** Catches a failure while drawing, so that no window is ever just empty. */
export class FailureBoundary extends Component<Props, { readonly failed: boolean }> {
  override readonly state = { failed: false }

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true }
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <main className="failure">
        <h1>This window stopped working</h1>
        <ErrorNotice code="INTERNAL" />
      </main>
    )
  }
}
