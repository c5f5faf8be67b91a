/** People, safes and ids for the screens: plausible, and long where long is hard. */
import type { AppState } from '../../../shared/contracts/app.ts'

/** The id for a small number. */
export const idOf = (number: number): string => `id${String(number).padStart(20, '0')}`

/** 32 bytes, base64url. */
export const hash = `${'A'.repeat(42)}E`

type Person = AppState['persons'][number]

const person = (number: number, name: string, roles: Person['roles'], keys = 2): Person => ({
  id: idOf(number),
  name,
  roles,
  keys: ['Main key', 'Spare key'].slice(0, keys).map((label, at) => ({
    credentialId: `keyk${String(number * 10 + at).padStart(40, '0')}`,
    label,
    enrolledAt: '2026-09-01T08:00:00.000Z',
    aaguid: '00000000-0000-0000-0000-000000000000',
    model: null,
    transports: ['usb' as const],
    lastProvenAt: label === 'Main key' ? '2026-11-02T08:00:00.000Z' : null,
    counterWentBack: false,
  })),
})

export const persons: readonly Person[] = [
  person(1, 'Ada Byron', ['custodian', 'requester', 'lead']),
  person(2, 'Grace Hopper', ['custodian', 'requester']),
  person(3, 'Edsger Dijkstra', ['custodian', 'requester'], 1),
  person(4, 'Maria-Fernanda von Hohenstein-Castellanos', ['custodian']),
  person(5, 'Rita Okafor', ['requester', 'witness']),
  person(6, 'Tomas Lindqvist', ['auditor']),
]

type Safe = AppState['safes'][number]

export const safes: readonly Safe[] = [
  {
    id: idOf(101),
    name: 'Production',
    threshold: 3,
    custodians: [idOf(1), idOf(2), idOf(3), idOf(4)],
    policy: { windowSecondsMin: 30, windowSecondsMax: 300, requesterMayTap: true, copyAllowed: false },
    drilled: false,
  },
  {
    id: idOf(102),
    name: 'Company bank',
    threshold: 2,
    custodians: [idOf(1), idOf(4)],
    policy: { windowSecondsMin: 15, windowSecondsMax: 120, requesterMayTap: false, copyAllowed: true },
    drilled: true,
  },
]
