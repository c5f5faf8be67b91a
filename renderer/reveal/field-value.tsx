/** A value that is on screen, each type in its own way. */
import { useEffect, useEffectEvent, useState, type ReactNode } from 'react'
import { fromUtf8 } from '../../shared/bytes.ts'
import { Button } from '../ui/button.tsx'
import { TimeRing } from '../ui/ring.tsx'
import { formatBytes, formatNumber } from '../ui/time.ts'
import { dumpHex, viewFile } from './file-view.ts'
import { GlyphText } from './glyphs.tsx'
import type { OnScreen, RevealedField } from './reveal-store.ts'

/** A code that changes: the code, and how long it is still good. */
function RunningCode({
  code,
  validForMs,
  at,
  period,
  onOver,
}: {
  readonly code: string
  readonly validForMs: number
  readonly at: number
  readonly period: number
  readonly onOver: () => void
}): ReactNode {
  const [now, setNow] = useState(at)
  const over = useEffectEvent(onOver)
  useEffect(() => {
    const timer = setInterval(() => {
      const next = performance.now()
      setNow(next)
      if (next - at >= validForMs) over()
    }, 250)
    return () => clearInterval(timer)
  }, [at, validForMs])
  const left = Math.max(0, validForMs - (now - at))
  const seconds = Math.ceil(left / 1000)
  return (
    <div className="running-code">
      <div className="running-code-value">
        <GlyphText value={code} />
      </div>
      <TimeRing share={left / (period * 1000)} text={`${seconds}`} tone={seconds <= 5 ? 'soon' : 'calm'} />
      <span className="sr-only" role="timer" aria-label="This code is good for">
        {seconds} seconds
      </span>
    </div>
  )
}

const pageBytes = 4096

function FileValue({ name, bytes }: { readonly name: string; readonly bytes: Uint8Array }): ReactNode {
  const [visible, setVisible] = useState(pageBytes)
  const view = viewFile(bytes)
  return (
    <div className="stack-tight">
      <p>
        <strong>{name}</strong>{' '}
        <span className="soft">
          {formatNumber(bytes.length)} {bytes.length === 1 ? 'byte' : 'bytes'},{' '}
          {view.kind === 'text' ? 'text' : 'not text, shown as bytes'}
        </span>
      </p>
      <pre className="value-lines" tabIndex={0}>
        {view.kind === 'text' ? view.text : dumpHex(bytes.subarray(0, visible))}
      </pre>
      {view.kind === 'bytes' && bytes.length > visible && (
        <div>
          <Button size="little" onPress={() => setVisible(visible + pageBytes)}>
            Show {formatBytes(Math.min(pageBytes, bytes.length - visible))} more
          </Button>
        </div>
      )}
    </div>
  )
}

interface Props {
  readonly field: RevealedField
  readonly shown: OnScreen
  readonly onRefresh: () => void
}

/** The value of `field` as it came from the strongroom. */
export function FieldValue({ field, shown, onRefresh }: Props): ReactNode {
  switch (shown.type) {
    case 'running-code':
      return (
        <RunningCode
          key={shown.at}
          code={fromUtf8(shown.value)}
          validForMs={shown.validForMs}
          at={shown.at}
          period={field.totp?.period ?? 30}
          onOver={onRefresh}
        />
      )
    case 'burned-code':
      return (
        <div className="stack-tight">
          <p className="soft small">Code number {shown.number}. It is used up now: write it down or use it at once.</p>
          <GlyphText value={fromUtf8(shown.value)} />
        </div>
      )
    case 'value':
      if (field.type === 'file') return <FileValue name={field.fileName ?? 'File'} bytes={shown.value} />
      // Bytes that are no text can only come from a damaged record; they are still shown as what they are.
      return viewFile(shown.value).kind === 'text' ? (
        <GlyphText value={fromUtf8(shown.value)} />
      ) : (
        <FileValue name={field.label} bytes={shown.value} />
      )
  }
}
