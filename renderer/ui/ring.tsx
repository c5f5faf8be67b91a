/** The ring: how many of how many, or how much time is left. The words stand beside it; the ring is hidden from readers. */
import type { ReactNode } from 'react'

const radius = 42
const around = 2 * Math.PI * radius

/** One arc per custodian needed; with more than 12 the arcs would be dots, so it becomes one arc. */
function Segments({ have, need }: { readonly have: number; readonly need: number }): ReactNode {
  if (need > 12) return <Arc share={have / need} />
  const gap = need === 1 ? 0 : 7
  const length = around / need - gap
  return Array.from({ length: need }, (_, index) => (
    <circle
      key={index}
      className={index < have ? 'ring-on' : 'ring-off'}
      cx="50"
      cy="50"
      r={radius}
      strokeDasharray={`${length} ${around - length}`}
      strokeDashoffset={-(around / need) * index - gap / 2}
    />
  ))
}

function Arc({ share }: { readonly share: number }): ReactNode {
  const length = Math.max(0, Math.min(1, share)) * around
  return (
    <>
      <circle className="ring-off" cx="50" cy="50" r={radius} />
      {length > 0 && (
        <circle
          className="ring-on"
          cx="50"
          cy="50"
          r={radius}
          strokeDasharray={`${length} ${around}`}
          strokeLinecap="butt"
        />
      )}
    </>
  )
}

/** Custodians so far: a ring of `need` arcs, `have` of them filled, and the number in it. */
export function QuorumRing({ have, need }: { readonly have: number; readonly need: number }): ReactNode {
  return (
    <div className="ring" aria-hidden="true">
      <svg viewBox="0 0 100 100" fill="none" strokeWidth="11">
        <g transform="rotate(-90 50 50)">
          <Segments have={have} need={need} />
        </g>
      </svg>
      <span className="ring-text">{have}</span>
    </div>
  )
}

/** Time left: an arc of `share` (0..1), with `text` in it. `tone` warns near the end. */
export function TimeRing({
  share,
  text,
  tone,
}: {
  readonly share: number
  readonly text: string
  readonly tone: 'calm' | 'soon' | 'now'
}): ReactNode {
  return (
    <div className={`ring time-ring ${tone}`} aria-hidden="true">
      <svg viewBox="0 0 100 100" fill="none" strokeWidth="11">
        <g transform="rotate(-90 50 50)">
          <Arc share={share} />
        </g>
      </svg>
      <span className="ring-text">{text}</span>
    </div>
  )
}
