/** The alert that leaves with the people: a code that any phone reads, and the same as text. */
import { useState, type ReactNode } from 'react'
import { alertLink, type AlertWay } from './alert-links.ts'
import { AskDialog } from './ask-dialog.tsx'
import { ChooseOne } from './choices.tsx'
import { QrCode } from './qr-code.tsx'
import './tell-security.css'

interface Props {
  readonly isOpen: boolean
  readonly onClose: () => void
  /** Null while it is being written. */
  readonly text: string | null
  /** What else can be done with it. */
  readonly children?: ReactNode
}

const ways: readonly { readonly id: AlertWay; readonly name: string }[] = [
  { id: 'sms', name: 'Text message' },
  { id: 'mail', name: 'Mail' },
  { id: 'plain', name: 'Plain text' },
]

/** A panel over the window. */
export function TellSecurity({ isOpen, onClose, text, children }: Props): ReactNode {
  const [way, setWay] = useState<AlertWay>('sms')
  return (
    <AskDialog title="Tell security now" isOpen={isOpen} onClose={onClose}>
      <p>Scan the code with any phone and send what it offers. The last line is this station’s signature.</p>
      {text !== null && (
        <>
          <ChooseOne label="What the phone opens" options={ways} value={way} onChange={setWay} />
          <div className="tell-columns">
            <QrCode text={alertLink(way, text)} label="QR code of the alert" maxPixels={360} />
            <pre className="alert-text" tabIndex={0} aria-label="The alert as text">
              {text}
            </pre>
          </div>
        </>
      )}
      {children}
    </AskDialog>
  )
}
