/** A moment, local first and UTC in small print. */
import type { ReactNode } from 'react'
import { readMoment } from './time.ts'

/** `at` as text; `day: false` where the day is plain from what stands around it. */
export function When({ at, day = true }: { readonly at: string; readonly day?: boolean }): ReactNode {
  const moment = readMoment(at)
  return (
    <time dateTime={at} className="when">
      {day && `${moment.date}, `}
      {moment.time}
      {moment.same ? ' UTC' : <span className="soft tiny"> ({moment.utc})</span>}
    </time>
  )
}
