/** A sentence that must not be missed, and an error as a sentence with its code in small print. */
import { useState, type ReactNode } from 'react'
import type { ErrorCode, ErrorDetail } from '../../shared/errors.ts'
import { Button } from './button.tsx'
import { copyText } from './copy-text.ts'
import { Icon, type IconName } from './pictures.tsx'
import { sentenceFor } from './sentences.ts'

type Tone = 'info' | 'ok' | 'warn' | 'bad'
const icons: Readonly<Record<Tone, IconName>> = { info: 'info', ok: 'check', warn: 'warn', bad: 'stop' }

interface NoticeProps {
  readonly tone: Tone
  readonly children: ReactNode
  /** `status` is read when the reader is free, `alert` at once, `none` where it was there from the start. */
  readonly live?: 'status' | 'alert' | 'none'
}

/** A box with a sign, so that colour alone says nothing. */
export function Notice({ tone, children, live = 'none' }: NoticeProps): ReactNode {
  return (
    <div className={`notice ${tone}`} {...(live === 'none' ? {} : { role: live })}>
      <Icon name={icons[tone]} size={24} />
      <div>{children}</div>
    </div>
  )
}

/** The code in small print, with a button that copies it. */
export function CodePrint({ code, label = 'Code' }: { readonly code: string; readonly label?: string }): ReactNode {
  const [copied, setCopied] = useState(false)
  return (
    <span className="code">
      <span>
        {label} <code>{code}</code>
      </span>
      <Button
        look="quiet"
        size="little"
        aria-label={copied ? 'Copied' : `Copy: ${label} ${code}`}
        onPress={() => setCopied(copyText(code))}
      >
        {copied ? 'Copied' : 'Copy'}
      </Button>
    </span>
  )
}

/** An error in words. */
export function ErrorNotice({
  code,
  detail = {},
}: {
  readonly code: ErrorCode
  readonly detail?: ErrorDetail
}): ReactNode {
  return (
    <Notice tone={code === 'CANCELLED' ? 'info' : 'bad'} live="alert">
      <p>{sentenceFor(code, detail)}</p>
      <CodePrint code={code} />
    </Notice>
  )
}
