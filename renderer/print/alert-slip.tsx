/** An alert on paper, for whoever leaves the room to hand on. */
import type { ReactNode } from 'react'
import type { PrintedOf } from '../../shared/contracts/print.ts'
import { QrCode } from '../ui/qr-code.tsx'
import { formatMoment } from '../ui/time.ts'

/** The slip. */
export function AlertSlip({ printed }: { readonly printed: PrintedOf<'alert-slip'> }): ReactNode {
  const { text, vaultName, madeAt } = printed
  return (
    <>
      <p className="kind">Alert to hand on: {vaultName}</p>
      <h1>Tell security now</h1>
      <p>
        Somebody is breaking the glass, and this station has no network. Scan the code and send it to security, or read
        the lines out by telephone.
      </p>
      <div className="slip">
        <div className="slip-code">
          <QrCode text={text} label="QR code of the text beside it" />
        </div>
        <pre>{text}</pre>
      </div>
      <p className="small">
        Printed {formatMoment(madeAt)}. Security checks it with “halligan verify-alert”, or in verify.html beside an
        export of the log: the last line is the station’s signature.
      </p>
    </>
  )
}
