/**
 * The entries as a list that only draws what is in sight. Rows are of one height, so that the millionth is found by
 * reckoning; a browser draws nothing beyond about 33 million pixels, which `limits.timelineFound` rows stay below.
 */
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { Entry } from '../../../shared/audit/entry.ts'
import { describeEntry, type Names } from '../../../shared/audit/entry-sentences.ts'
import { formatDate } from '../../ui/time.ts'
import { EntryRow, rowHeight } from './entry-row.tsx'
import type { Found } from './found.ts'

/** Rows drawn beyond what is in sight, so that a turn of the wheel does not show empty ones. */
const margin = 12

interface Props {
  readonly found: Found
  readonly entries: ReadonlyMap<number, Entry>
  readonly names: Names
  /** Number of the entry that is looked at. */
  readonly selected: number | null
  readonly onSelect: (seq: number) => void
  readonly onSight: (first: number, last: number) => void
}

const steps: Readonly<Record<string, (page: number) => number>> = {
  ArrowDown: () => 1,
  ArrowUp: () => -1,
  PageDown: (page) => page,
  PageUp: (page) => -page,
  Home: () => -Infinity,
  End: () => Infinity,
}

/** The list. */
export function EntryList({ found, entries, names, selected, onSelect, onSight }: Props): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const [sight, setSight] = useState({ top: 0, height: 600 })
  const first = Math.max(0, Math.floor(sight.top / rowHeight) - margin)
  const last = Math.min(found.total - 1, Math.ceil((sight.top + sight.height) / rowHeight) + margin)
  useEffect(() => onSight(first, last), [first, last, onSight, found])

  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const look = (): void => setSight({ top: element.scrollTop, height: element.clientHeight })
    look()
    const observer = new ResizeObserver(look)
    observer.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [])

  // New entries come in above: what somebody is reading stays where it is.
  const anchor = useRef({ found, seq: -1 })
  useLayoutEffect(() => {
    const element = box.current
    const before = anchor.current
    if (element !== null && before.found !== found && element.scrollTop > 0) {
      const place = found.placeOf(before.seq)
      const old = before.found.placeOf(before.seq)
      element.scrollTop = place < 0 ? 0 : element.scrollTop + (place - old) * rowHeight
    }
    anchor.current = { found, seq: found.seqAt(Math.floor((element?.scrollTop ?? 0) / rowHeight)) }
  }, [found, sight])

  const move = (event: KeyboardEvent): void => {
    const step = steps[event.key]
    const element = box.current
    if (step === undefined || element === null || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    const page = Math.max(1, Math.floor(element.clientHeight / rowHeight) - 1)
    const from = selected === null ? -1 : found.placeOf(selected)
    const place = Math.min(found.total - 1, Math.max(0, from + step(page)))
    const top = place * rowHeight
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + rowHeight - element.clientHeight
    }
    onSelect(found.seqAt(place))
  }

  /** The first row that is seen whole always says its day. */
  const top = Math.ceil(sight.top / rowHeight)
  const places = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at)
  const dayAt = (place: number): string | null => {
    const entry = entries.get(found.seqAt(place))
    return entry === undefined ? null : formatDate(entry.at)
  }
  return (
    <div
      ref={box}
      className="entries"
      role="listbox"
      tabIndex={0}
      aria-label="Entries, newest first"
      aria-activedescendant={selected === null || found.placeOf(selected) < 0 ? undefined : `entry-${selected}`}
      onKeyDown={move}
      onFocus={() => {
        if (selected === null && found.total > 0) onSelect(found.seqAt(Math.round(sight.top / rowHeight)))
      }}
    >
      <div role="presentation" className="entries-all" style={{ height: found.total * rowHeight }}>
        {/* Rows stand relative to what is in sight: at 30 million pixels a browser places things two pixels off. */}
        <div role="presentation" className="entries-sight">
          {places.map((place) => {
            const seq = found.seqAt(place)
            const entry = entries.get(seq)
            const day = dayAt(place)
            return (
              <EntryRow
                key={seq}
                seq={seq}
                entry={entry ?? null}
                sentence={entry === undefined ? '' : describeEntry(entry, names)}
                day={place === top || day !== dayAt(place - 1) ? day : null}
                place={place}
                top={place * rowHeight - sight.top}
                total={found.total}
                isSelected={seq === selected}
                onSelect={onSelect}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}
