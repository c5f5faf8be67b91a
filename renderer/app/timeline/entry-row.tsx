/** One entry in the list, in one line: when, how grave, what in words. */
import { memo, type ReactNode } from 'react'
import type { Entry } from '../../../shared/audit/entry.ts'
import { entryTone } from '../../../shared/audit/entry-names.ts'
import { Icon, type IconName } from '../../ui/pictures.tsx'
import { readMoment } from '../../ui/time.ts'

/** Pixels; the style sheet gives rows the same. */
export const rowHeight = 32

const toneIcons: Readonly<Record<'warn' | 'bad', IconName>> = { warn: 'warn', bad: 'stop' }

interface Props {
  readonly seq: number
  /** Null while it is being read. */
  readonly entry: Entry | null
  readonly sentence: string
  /** The day, where it is another than the row's above. */
  readonly day: string | null
  readonly place: number
  /** Pixels from the upper edge of what is in sight. */
  readonly top: number
  readonly total: number
  readonly isSelected: boolean
  readonly onSelect: (seq: number) => void
}

/** A row of the timeline. */
export const EntryRow = memo(function EntryRow(props: Props): ReactNode {
  const { seq, entry, sentence, day, place, top, total, isSelected, onSelect } = props
  const tone = entry === null ? 'plain' : entryTone(entry)
  return (
    <div
      id={`entry-${seq}`}
      className={`entry ${tone}`}
      role="option"
      aria-selected={isSelected}
      aria-setsize={total}
      aria-posinset={place + 1}
      style={{ top }}
      onClick={() => onSelect(seq)}
    >
      <span className="entry-day">{day}</span>
      <span className="entry-time">{entry === null ? '' : readMoment(entry.at).time}</span>
      <span className="entry-sign">
        {tone !== 'plain' && (
          <>
            <Icon name={toneIcons[tone]} size={16} />
            <span className="sr-only">{tone === 'bad' ? 'Grave: ' : 'Notable: '}</span>
          </>
        )}
      </span>
      <span className="entry-what">{entry === null ? '…' : sentence}</span>
    </div>
  )
})
