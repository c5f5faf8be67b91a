/** A QR code of public text, drawn by us: dark on light whatever the theme, because many readers want it so. */
import type { ReactNode } from 'react'
import { encode } from 'uqr'
import './qr-code.css'

interface Props {
  readonly text: string
  /** What it is, for whoever does not see it; the text itself should stand beside it. */
  readonly label: string
  /** On a screen: its size at most, in pixels. Every module is a whole number of them, or readers stumble. Default: as large as its box. */
  readonly maxPixels?: number
}

/** Every run of dark modules in a row is one rectangle. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  const runs: string[] = []
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (row[x] !== true) continue
      const from = x
      while (row[x + 1] === true) x++
      runs.push(`M${String(from)} ${String(y)}h${String(x - from + 1)}v1h${String(from - x - 1)}z`)
    }
  }
  return runs.join('')
}

/** The code. */
export function QrCode({ text, label, maxPixels }: Props): ReactNode {
  // Four modules of quiet zone, as ISO/IEC 18004 asks.
  const { size, data } = encode(text, { ecc: 'L', boostEcc: true, border: 4 })
  return (
    <svg
      className="qr-code"
      {...(maxPixels === undefined ? {} : { style: { inlineSize: Math.max(1, Math.floor(maxPixels / size)) * size } })}
      viewBox={`0 0 ${String(size)} ${String(size)}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect className="qr-light" width={size} height={size} />
      <path className="qr-dark" d={pathOf(data)} />
    </svg>
  )
}
