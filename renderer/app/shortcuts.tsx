/** The list of keys, and the key that shows it. */
import { useEffect, useState, type ReactNode } from 'react'
import { AskDialog } from '../ui/ask-dialog.tsx'
import { Button } from '../ui/button.tsx'

const shortcuts = [
  { keys: 'Ctrl + L', what: 'Close everything sensitive at once' },
  { keys: 'Ctrl + /', what: 'Show this list' },
  { keys: 'Ctrl + + / − / 0', what: 'Larger, smaller, normal size' },
  { keys: 'Tab', what: 'Next field or button (with Shift: the one before)' },
  { keys: 'Enter or Space', what: 'Press the button' },
  { keys: '↑ ↓ ← →', what: 'Move within a list or a choice' },
  { keys: 'Esc', what: 'Close a list or a question, with nothing done' },
] as const

/** A button for the list; Ctrl+/ opens it from anywhere. */
export function Shortcuts(): ReactNode {
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== '/') return
      event.preventDefault()
      setOpen((open) => !open)
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  return (
    <>
      <Button look="quiet" size="little" aria-keyshortcuts="Control+/" onPress={() => setOpen(true)}>
        Keyboard
      </Button>
      <AskDialog title="Keyboard" isOpen={isOpen} onClose={() => setOpen(false)}>
        <dl className="facts">
          {shortcuts.map(({ keys, what }) => (
            <div key={keys} className="contents">
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </AskDialog>
    </>
  )
}
