/** The filter's choices of type: groups that people ask for, not every name. */
import type { EntryType } from '../../../shared/audit/entry.ts'

const groups = {
  requests: {
    name: 'Requests and windows',
    types: [
      'request.opened',
      'request.waiting',
      'request.resumed',
      'request.vetoed',
      'request.granted',
      'field.shown',
      'field.copied',
      'code.burned',
      'window.closed',
      'request.cancelled',
      'request.expired',
      'request.failed',
      'request.classified',
    ],
  },
  taps: { name: 'Taps', types: ['tap.accepted', 'tap.refused'] },
  refusals: { name: 'Refusals and failures', types: ['tap.refused', 'request.failed', 'log.verification-failed'] },
  sealing: { name: 'Sealing', types: ['credential.sealed'] },
  people: {
    name: 'People, keys and safes',
    types: ['vault.created', 'key.enrolled', 'manifest.signed', 'manifest.changed'],
  },
  checks: {
    name: 'Checks and exports',
    types: ['export.made', 'due.noticed', 'log.verification-failed', 'operation.ended'],
  },
  machine: {
    name: 'The app and this machine',
    types: ['app.opened', 'app.closed', 'log.key-rotated', 'clock.jumped', 'storage.ballast-released'],
  },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly types: readonly EntryType[] }>>

export type EntryGroup = keyof typeof groups | 'all'

/** As options of a list, everything first. */
export const entryGroups: readonly { readonly id: EntryGroup; readonly name: string }[] = [
  { id: 'all', name: 'Everything' },
  ...(Object.keys(groups) as (keyof typeof groups)[]).map((id) => ({ id, name: groups[id].name })),
]

/** The types of a group; none means every type. */
export const typesOf = (group: EntryGroup): EntryType[] => (group === 'all' ? [] : [...groups[group].types])
