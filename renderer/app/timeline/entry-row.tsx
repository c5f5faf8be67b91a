/** One entry: when, what in words, and on request the exact record. */
import { memo, useState, type ReactNode } from 'react'
import type { Entry } from '../../../shared/audit/entry.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { fromUtf8 } from '../../../shared/bytes.ts'
import { Button } from '../../ui/button.tsx'
import { copyText } from '../../ui/copy-text.ts'
import { entryTone, entryTypeNames } from '../../../shared/audit/entry-sentences.ts'
import { Icon, type IconName } from '../../ui/pictures.tsx'
import { formatNumber } from '../../ui/time.ts'
import { When } from '../../ui/when.tsx'

const toneIcons: Readonly<Record<'warn' | 'bad', IconName>> = { warn: 'warn', bad: 'stop' }

function Record({ entry }: { readonly entry: Entry }): ReactNode {
  const [copied, setCopied] = useState(false)
  const text = fromUtf8(canonicalBytes(entry))
  return (
    <div className="record stack-tight">
      <pre tabIndex={0}>{text}</pre>
      <div className="row small soft">
        <Button size="little" onPress={() => setCopied(copyText(text))}>
          {copied ? 'Copied' : 'Copy the record'}
        </Button>
        <span>These exact bytes were hashed into the log.</span>
      </div>
    </div>
  )
}

function actorWords(entry: Entry): string {
  if (entry.actor.kind === 'station') return 'This machine'
  return entry.actor.proven ? `${entry.actor.name}, proven by key` : `${entry.actor.name}, as stated`
}

interface Props {
  readonly entry: Entry
  readonly sentence: string
}

/** A row of the timeline. */
export const EntryRow = memo(function EntryRow({ entry, sentence }: Props): ReactNode {
  const [open, setOpen] = useState(false)
  const tone = entryTone(entry)
  return (
    <li className={`entry ${tone}`}>
      <div className="entry-when">
        <When at={entry.at} day={false} />
      </div>
      <div className="entry-what">
        <p>
          {tone !== 'plain' && (
            <span className="entry-sign">
              <Icon name={toneIcons[tone]} size={18} />
              <span className="sr-only">{tone === 'bad' ? 'Grave: ' : 'Notable: '}</span>
            </span>
          )}
          {sentence}
        </p>
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary className="soft small">
            {entryTypeNames[entry.type]} · {actorWords(entry)} · entry {formatNumber(entry.seq)}
          </summary>
          {open && <Record entry={entry} />}
        </details>
      </div>
    </li>
  )
})
