/** “Tell security now” on the page of a request; and the alarm in the room. */
import { useEffect, useState, type ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { TellSecurity } from '../ui/tell-security.tsx'
import { playTone } from '../ui/tone.ts'
import { useAction } from '../ui/use-action.ts'
import type { RequestView } from './request-words.ts'
import { useStore } from './use-app.ts'

/** Sounds when a request is on the screen for the first time, and once more when it is granted. Nothing turns it off. */
export function useAlarm({ id, grantedAt }: RequestView): void {
  const isGranted = grantedAt !== null
  useEffect(() => {
    playTone('alarm')
  }, [id, isGranted])
}

/** A button, and the panel that it opens. The text is written anew each time: it names the log's head of that moment. */
export function TellSecurityButton({ request }: { readonly request: RequestView }): ReactNode {
  const { call } = useStore()
  const reading = useAction()
  const printing = useAction()
  const [isOpen, setOpen] = useState(false)
  const [text, setText] = useState<string | null>(null)
  const [printedTo, setPrintedTo] = useState<string | null>(null)
  const open = (): void => {
    setOpen(true)
    setPrintedTo(null)
    void reading.run(async () => setText((await call['alerts.text']({ request: request.id })).text))
  }
  const print = (): void =>
    void printing.run(async () => {
      const made = await call['print.make']({ document: 'alert-slip', request: request.id })
      setPrintedTo(made?.path ?? null)
    })
  return (
    <>
      <Button onPress={open}>Tell security now</Button>
      <TellSecurity isOpen={isOpen} onClose={() => setOpen(false)} text={text}>
        {reading.error !== null && <ErrorNotice code={reading.error.code} detail={reading.error.detail} />}
        {printing.error !== null && <ErrorNotice code={printing.error.code} detail={printing.error.detail} />}
        {printedTo !== null && <p role="status">Saved as {printedTo}.</p>}
        <div className="row">
          <Button isDisabled={printing.busy || text === null} onPress={print}>
            Save as a slip to print
          </Button>
        </div>
      </TellSecurity>
    </>
  )
}
