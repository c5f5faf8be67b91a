/** The few pictures, drawn here: no image files, no network, both colour schemes. */
import type { ReactNode } from 'react'

/** The mark: a halligan bar, the firefighters' forcible-entry tool (adze and pick above, fork below). */
export function HalliganMark({ size = 28 }: { readonly size?: number }): ReactNode {
  return (
    <svg viewBox="-2 -2 36 36" width={size} height={size} aria-hidden="true" fill="currentColor">
      <g transform="rotate(40 16 16)">
        <rect x="14.4" y="4.5" width="3.2" height="19" rx="1" />
        <path d="M13 2h6v4.5h-6z" />
        <path d="M13 2.2 4.6 3.4c-.5.1-.5.9 0 1L13 6z" />
        <path d="M19 1.2h7.2c.7 0 .9 1 .2 1.3L19 5.6z" />
        <path d="M14.4 22.5 12.7 30.2c-.1.6.6.9 1 .4l2.3-4.2 2.3 4.2c.4.5 1.1.2 1-.4l-1.7-7.7z" />
      </g>
    </svg>
  )
}

/** A security key going into a port, and a finger on its contact. `active` lets the contact blink. */
export function KeyAndTouch({ active }: { readonly active: boolean }): ReactNode {
  return (
    <svg
      viewBox="0 0 260 132"
      className="key-and-touch"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="3"
    >
      <path className="machine" d="M0 34h34a8 8 0 0 1 8 8v48a8 8 0 0 1-8 8H0" />
      <rect className="machine" x="30" y="52" width="12" height="28" />
      <rect x="50" y="50" width="34" height="32" rx="2" />
      <path d="M60 60h8M60 72h8" />
      <rect className="body" x="84" y="38" width="116" height="56" rx="12" />
      <circle cx="184" cy="66" r="6" />
      <circle className={active ? 'contact blinking' : 'contact'} cx="134" cy="66" r="15" />
      <path
        className="finger"
        d="M134 66c-4-4 1-12 8-8l30 17c10-6 18-6 28 0l26 15c8 5 12 12 12 22v20h-58c-8-8-15-17-22-29-2-5 2-9 7-7l13 6z"
        strokeLinejoin="round"
      />
      {active && <path className="rays" d="M134 40v-10M152 46l7-8M116 46l-7-8" strokeLinecap="round" />}
    </svg>
  )
}

const iconPaths = {
  check: <path d="m4 12.5 5 5L20 6.5" />,
  cross: <path d="M6 6l12 12M18 6 6 18" />,
  warn: <path d="M12 4 2.5 20h19zM12 10v5M12 17.2v.3" strokeLinejoin="round" />,
  stop: <path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8zM12 7v6M12 16.2v.3" strokeLinejoin="round" />,
  info: <path d="M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19ZM12 11v6M12 7v.3" />,
  clock: <path d="M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19ZM12 7v5.5l3.5 2" />,
  down: <path d="m5 9 7 7 7-7" />,
  right: <path d="m9 5 7 7-7 7" />,
  plus: <path d="M12 4v16M4 12h16" />,
  minus: <path d="M4 12h16" />,
  lock: <path d="M5 10.5h14v10H5zM8 10.5V7a4 4 0 0 1 8 0v3.5" strokeLinejoin="round" />,
  waiting: <path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z" strokeDasharray="4 3.07" />,
  offline: (
    <path d="M3 3l18 18M5 12a10 10 0 0 1 4-2.6M2 8.5a15 15 0 0 1 4.5-3M19 12a10 10 0 0 0-3-2.200M22 8.500a15 15 0 0 0-9-4.300M9 15.500a5 5 0 0 1 6 0M12 19v.300" />
  ),
} as const

export type IconName = keyof typeof iconPaths

/** A small sign beside words; never alone, so it is hidden from screen readers. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }): ReactNode {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.5"
      strokeLinecap="round"
    >
      {iconPaths[name]}
    </svg>
  )
}
