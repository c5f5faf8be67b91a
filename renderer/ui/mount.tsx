/** Starts a window: its one root, wrapped so that a failure while drawing is said in words. */
import { StrictMode, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { FailureBoundary } from './failure-screen.tsx'

/** Draws `window` into the page's `#root`. Returns what takes it down again, leaving an empty page. */
export function mountWindow(window: ReactNode): () => void {
  const element = document.getElementById('root')
  if (element === null) throw new Error('the page has no #root')
  const root = createRoot(element)
  root.render(
    <StrictMode>
      <FailureBoundary>{window}</FailureBoundary>
    </StrictMode>,
  )
  return () => root.unmount()
}
